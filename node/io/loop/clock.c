#include "node/io/loop/clock.h"

#include <time.h>

enum { WALL_STEP_MS = 1000 };

static int64_t read_us(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_boot_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

time_ms clock_boot_ms(void)
{
    return clock_boot_us() / 1000;
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

void clock_watch_init(struct clock_watch *watch)
{
    watch->last_ms = clock_boot_ms();
    watch->last_wall_ms = clock_wall_ms();
    watch->expected_ms = INT64_MAX;
}

bool clock_watch_wake(struct clock_watch *watch, time_ms late_ms, time_ms *ret_late_ms)
{
    time_ms now_ms = clock_boot_ms();
    int64_t wall_ms = clock_wall_ms();
    int64_t step_ms = (wall_ms - watch->last_wall_ms) - (now_ms - watch->last_ms);
    *ret_late_ms = now_ms > watch->expected_ms ? now_ms - watch->expected_ms : 0;
    watch->last_ms = now_ms;
    watch->last_wall_ms = wall_ms;
    watch->expected_ms = INT64_MAX;
    return *ret_late_ms > late_ms || step_ms > WALL_STEP_MS || step_ms < -WALL_STEP_MS;
}

void clock_watch_sleep(struct clock_watch *watch, time_ms wake_ms)
{
    watch->expected_ms = wake_ms;
}
