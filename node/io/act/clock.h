/* The boot-time clock, which counts suspension, in milliseconds.
 * Never the wall-clock.
 * Called within node/io/act, by the preflight and by the route command. */
#ifndef QUORATE_IO_ACT_CLOCK_H
#define QUORATE_IO_ACT_CLOCK_H

#include <pthread.h>
#include <time.h>

#include "common/duration.h"

static inline time_ms clock_now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (time_ms)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Waits for `changed` (made for CLOCK_MONOTONIC, as no condition waits on this clock) for as long
 * as is left until then; the caller looks at the clock again. The mutex is the caller's, locked. */
void clock_wait_until(pthread_cond_t *changed, pthread_mutex_t *mutex, time_ms until_ms);

#endif
