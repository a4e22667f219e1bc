/* The loop's clocks: the boot-time clock for logic, the wall-clock for display, and the doubt about
 * both. Never decides what follows from a jump; the core does. Called by the control loop. */
#ifndef QUORATE_IO_LOOP_CLOCK_H
#define QUORATE_IO_LOOP_CLOCK_H

#include <stdbool.h>

#include "common/duration.h"

time_ms clock_boot_ms(void);
int64_t clock_boot_us(void);
int64_t clock_wall_ms(void);

/* Watches for time that went by without the loop: a stop, a suspension, a step of the wall-clock.
 */
struct clock_watch {
    time_ms last_ms;
    int64_t last_wall_ms;
    time_ms expected_ms; /* when the loop meant to wake at the latest */
};

void clock_watch_init(struct clock_watch *watch);
/* Called at each waking. True where the loop woke more than `late_ms` after it meant to, or where
 * the wall-clock moved by more than a second against the boot-time clock. ret_late_ms is how late.
 */
bool clock_watch_wake(struct clock_watch *watch, time_ms late_ms, time_ms *ret_late_ms);
/* Called before each sleep with the time at which the loop means to wake at the latest. */
void clock_watch_sleep(struct clock_watch *watch, time_ms wake_ms);

#endif
