#include "tests/unit/probe/probe_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

enum { TOLERANCE_MS = 50 };

int probe_case_enter(void **state)
{
    struct probe_world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    probe_world_init(world);
    *state = world;
    return 0;
}

int probe_case_leave(void **state)
{
    struct probe_world *world = *state;
    probe_world_fini(world);
    free(world);
    return 0;
}

struct sample probe_once(struct probe_world *world, const struct probe_config *target,
                         int64_t *ret_took_ms)
{
    uint64_t ticket = 0;
    struct sample sample = {0};
    if (world->prober == NULL) {
        assert_int_equal(probe_world_start(world), 0);
    }
    assert_int_equal(probe_world_submit(world, target, &ticket), 0);
    assert_int_equal(probe_world_wait(world, ticket, &sample), 0);
    if (ret_took_ms != NULL) {
        *ret_took_ms = probe_world_took_ms(world, ticket);
    }
    return sample;
}

struct sample probe_script(struct probe_world *world, const struct server_step *steps, size_t count,
                           struct probe_config *target, int64_t *ret_took_ms)
{
    struct server server;
    server_start(&server, steps, count);
    (void)snprintf(target->url, sizeof target->url, "http://127.0.0.1:%u/canary",
                   (unsigned)server.port);
    struct sample sample = probe_once(world, target, ret_took_ms);
    prober_free(&world->prober);
    server_stop(&server);
    return sample;
}

void assert_deadline(int64_t took_ms, int64_t deadline_ms, const struct sample *sample)
{
    assert_in_range(took_ms, deadline_ms, deadline_ms + TOLERANCE_MS + sample->late_ms);
}
