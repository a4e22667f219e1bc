#include "node/io/act/clock.h"

void clock_wait_until(pthread_cond_t *changed, pthread_mutex_t *mutex, time_ms until_ms)
{
    struct timespec at = {0};
    time_ms left_ms = until_ms - clock_now_ms();
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(left_ms / 1000);
    at.tv_nsec += (long)(left_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    (void)pthread_cond_timedwait(changed, mutex, &at);
}
