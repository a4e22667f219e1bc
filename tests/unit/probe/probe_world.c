#include "tests/unit/probe/probe_world.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/errors.h"

int64_t probe_world_now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void probe_world_pause_ms(int pause_ms)
{
    (void)poll(NULL, 0, pause_ms);
}

void probe_world_init(struct probe_world *world)
{
    memset(world, 0, sizeof *world);
    (void)pthread_mutex_init(&world->lock, NULL);
    (void)pthread_cond_init(&world->arrived, NULL);
    world->config.timing.prober_threads = 1;
}

static void on_done(const struct probe_done *done, void *data)
{
    struct probe_world *world = data;
    (void)pthread_mutex_lock(&world->lock);
    int block_ms = world->block_ms;
    world->block_ms = 0;
    world->done_us[done->ticket] = probe_world_now_us();
    world->samples[done->ticket] = done->sample;
    world->last_done = *done;
    world->done_count[done->ticket] += 1;
    (void)pthread_cond_broadcast(&world->arrived);
    (void)pthread_mutex_unlock(&world->lock);
    if (block_ms > 0) {
        (void)poll(NULL, 0, block_ms);
    }
}

int probe_world_start(struct probe_world *world)
{
    struct text why = {0};
    return prober_new(&world->config, on_done, world, &world->prober, &why);
}

void probe_world_fini(struct probe_world *world)
{
    prober_free(&world->prober);
    (void)pthread_cond_destroy(&world->arrived);
    (void)pthread_mutex_destroy(&world->lock);
}

struct probe_config probe_world_target(const char *format, ...)
{
    struct probe_config target = {.connect_timeout_ms = 500,
                                  .timeout_ms = 300,
                                  .latency_ms = 100,
                                  .expect_status = {.ranges = {{200, 200}}, .count = 1}};
    va_list list;
    va_start(list, format);
    (void)vsnprintf(target.url, sizeof target.url, format, list);
    va_end(list);
    return target;
}

int probe_world_submit(struct probe_world *world, const struct probe_config *target,
                       uint64_t *ret_ticket)
{
    (void)pthread_mutex_lock(&world->lock);
    const struct probe_job job = {
        .ticket = world->next_ticket, .target = target, .token = world->token};
    world->submitted_us[job.ticket] = probe_world_now_us();
    (void)pthread_mutex_unlock(&world->lock);
    int rc = prober_submit(world->prober, &job);
    if (rc == 0) {
        world->next_ticket += 1;
        *ret_ticket = job.ticket;
    }
    return rc;
}

int probe_world_wait(struct probe_world *world, uint64_t ticket, struct sample *ret_sample)
{
    struct timespec until = {0};
    int code = 0;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PROBE_WORLD_DEADLINE_S;
    (void)pthread_mutex_lock(&world->lock);
    while (world->done_count[ticket] == 0 && code == 0) {
        code = pthread_cond_timedwait(&world->arrived, &world->lock, &until);
    }
    *ret_sample = world->samples[ticket];
    (void)pthread_mutex_unlock(&world->lock);
    return code == 0 ? 0 : ERR_TIMEOUT;
}

int64_t probe_world_took_ms(const struct probe_world *world, uint64_t ticket)
{
    return (world->done_us[ticket] - world->submitted_us[ticket]) / 1000;
}
