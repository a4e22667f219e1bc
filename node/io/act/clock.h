/* The boot-time clock, which counts suspension, in milliseconds.
 * Never the wall-clock.
 * Called within node/io/act and by the route command. */
#ifndef QUORATE_IO_ACT_CLOCK_H
#define QUORATE_IO_ACT_CLOCK_H

#include <time.h>

#include "common/duration.h"

static inline time_ms clock_now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (time_ms)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

#endif
