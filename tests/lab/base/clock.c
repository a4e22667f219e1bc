#include "tests/lab/base/clock.h"

#include <time.h>

static time_ms clock_read(clockid_t id)
{
    struct timespec now = {0};

    (void)clock_gettime(id, &now);
    return (time_ms)now.tv_sec * 1000 + (time_ms)(now.tv_nsec / 1000000);
}

time_ms clock_boot_ms(void)
{
    return clock_read(CLOCK_BOOTTIME);
}

time_ms clock_wall_ms(void)
{
    return clock_read(CLOCK_REALTIME);
}
