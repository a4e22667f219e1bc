#include "tests/sim/core/platform.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/hash.h"

void platform_init(struct platform *platform, bool versioned)
{
    memset(platform, 0, sizeof *platform);
    platform->state = ROUTE_PRIMARY;
    platform->paused_ms = -1;
    platform->versioned = versioned;
    platform->version = versioned ? 1 : 0;
}

void platform_fini(struct platform *platform)
{
    free(platform->writes);
}

void platform_add_fault(struct platform *platform, enum platform_fault fault, size_t count)
{
    platform->fault_count -= platform->fault_first;
    memmove(&platform->faults[0], &platform->faults[platform->fault_first],
            platform->fault_count * sizeof platform->faults[0]);
    platform->fault_first = 0;
    CHECK(platform->fault_count + count <= PLATFORM_FAULTS_MAX);
    while (count-- > 0)
        platform->faults[platform->fault_count++] = fault;
}

bool platform_takes_fault(struct platform *platform, enum platform_fault fault)
{
    if (platform->fault_first == platform->fault_count ||
        platform->faults[platform->fault_first] != fault)
        return false;
    platform->fault_first++;
    return true;
}

static void set_state(struct platform *platform, enum route_state state)
{
    if (state != ROUTE_PAUSED)
        platform->paused_ms = -1;
    platform->state = state;
    if (platform->versioned)
        platform->version++;
}

void platform_edit(struct platform *platform, enum route_state state)
{
    if (state != platform->state)
        platform->by_human = true;
    set_state(platform, state);
    platform->edit++;
}

enum route_result platform_read(const struct platform *platform, struct prng *prng)
{
    static const enum route_result troubles[] = {ROUTE_RESULT_UNKNOWN, ROUTE_RESULT_SERVER_ERROR,
                                                 ROUTE_RESULT_RATE_LIMITED};
    if (platform->read_trouble_permille == 0 ||
        prng_below(prng, 1000) >= platform->read_trouble_permille)
        return ROUTE_RESULT_OK;
    return troubles[prng_below(prng, ARRAY_COUNT(troubles))];
}

uint64_t platform_live(const struct platform *platform, time_ms now_ms)
{
    time_ms age_ms = now_ms - platform->paused_ms;
    time_ms straggler_ms = age_ms - platform->straggle_ms;
    if (platform->paused_ms < 0)
        return platform->state == ROUTE_PAUSED ? 0 : 5;
    if (age_ms < platform->linger_ms)
        return 3;
    return straggler_ms >= 0 && straggler_ms < platform->linger_ms ? 1 : 0;
}

struct route_view platform_view(const struct platform *platform)
{
    struct route_view view = {.state = platform->state, .version = platform->version};
    for (uint64_t step = 0; step < ROUTE_STEP_N; step++)
        for (uint64_t side = 0; side < SIDE_N; side++) {
            uint64_t body = step == ROUTE_PAUSE ? SIDE_N : side;
            view.body_hash[step][side] =
                hash_u64(hash_u64(HASH_SEED, platform->edit + 1), step * 16 + body);
        }
    return view;
}

static enum route_state state_after(const struct route_job *job)
{
    return job->step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(job->to);
}

static enum route_result answer(struct platform *platform, enum platform_fault fault,
                                const struct route_job *job, bool *ret_effective)
{
    *ret_effective = false;
    switch (fault) {
    case PLATFORM_RATE_LIMIT:
        return ROUTE_RESULT_RATE_LIMITED;
    case PLATFORM_SERVER_ERROR:
        return ROUTE_RESULT_SERVER_ERROR;
    case PLATFORM_FORBIDDEN:
        return ROUTE_RESULT_FORBIDDEN;
    case PLATFORM_DROP:
        return ROUTE_RESULT_UNKNOWN;
    case PLATFORM_EDITED:
        platform_edit(platform, platform->state);
        break;
    case PLATFORM_WELL:
    case PLATFORM_APPLY_THEN_DROP:
    case PLATFORM_SLOW:
    case PLATFORM_LATE:
    case PLATFORM_FAULT_N:
        break;
    }
    if (job->base.version != platform->version)
        return ROUTE_RESULT_CONFLICT;
    platform->by_human = false;
    set_state(platform, state_after(job));
    *ret_effective = true;
    return fault == PLATFORM_APPLY_THEN_DROP ? ROUTE_RESULT_UNKNOWN : ROUTE_RESULT_OK;
}

const struct platform_write *platform_write(struct platform *platform, time_ms now_ms, node_id node,
                                            const struct route_job *job)
{
    if (platform->write_count == platform->write_capacity) {
        platform->write_capacity = platform->write_capacity * 2 + 16;
        platform->writes =
            realloc(platform->writes, platform->write_capacity * sizeof *platform->writes);
        CHECK(platform->writes != NULL);
    }
    struct platform_write *write = &platform->writes[platform->write_count++];
    *write = (struct platform_write){.at_ms = now_ms, .node = node, .job = *job};
    if (platform->fault_first < platform->fault_count)
        write->fault = platform->faults[platform->fault_first++];
    write->result = answer(platform, write->fault, job, &write->effective);
    write->state = platform->state;
    if (write->effective && platform->state == ROUTE_PAUSED && platform->paused_ms < 0)
        platform->paused_ms = now_ms;
    return write;
}

const char *platform_fault_name(enum platform_fault fault)
{
    static const char *const names[PLATFORM_FAULT_N] = {
        [PLATFORM_WELL] = "well",
        [PLATFORM_APPLY_THEN_DROP] = "apply-then-drop",
        [PLATFORM_DROP] = "drop",
        [PLATFORM_EDITED] = "edited",
        [PLATFORM_RATE_LIMIT] = "rate-limit",
        [PLATFORM_SERVER_ERROR] = "server-error",
        [PLATFORM_FORBIDDEN] = "forbidden",
        [PLATFORM_SLOW] = "slow",
        [PLATFORM_LATE] = "late",
    };
    return names[fault];
}
