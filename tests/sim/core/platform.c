#include "tests/sim/core/platform.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/hash.h"
#include "node/io/act/unit.h"

static void refresh(struct platform *platform)
{
    struct route_view view = platform_view(platform);
    platform->state = view.state;
    platform->version = view.version;
    platform->by_human = false;
    for (uint8_t i = 0; i < platform->part_count; i++)
        platform->by_human = platform->by_human || platform->parts[i].by_human;
}

void platform_init_unit(struct platform *platform, uint8_t part_count, uint32_t versioned)
{
    memset(platform, 0, sizeof *platform);
    CHECK(part_count >= 1 && part_count <= PLATFORM_PARTS_MAX);
    platform->part_count = part_count;
    platform->paused_ms = -1;
    platform->versioned = true;
    for (uint8_t i = 0; i < part_count; i++) {
        struct platform_part *part = &platform->parts[i];
        part->state = ROUTE_PRIMARY;
        part->versioned = ((versioned >> i) & 1) != 0;
        part->version = part->versioned ? 1 : 0;
        platform->versioned = platform->versioned && part->versioned;
    }
    refresh(platform);
}

void platform_init(struct platform *platform, bool versioned)
{
    platform_init_unit(platform, 1, versioned ? 1 : 0);
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

static void set_state(struct platform *platform, uint8_t part, enum route_state state)
{
    platform->parts[part].state = state;
    if (platform->parts[part].versioned)
        platform->parts[part].version++;
    refresh(platform);
    if (platform->state != ROUTE_PAUSED)
        platform->paused_ms = -1;
}

void platform_edit_part(struct platform *platform, uint8_t part, enum route_state state)
{
    if (state != platform->parts[part].state)
        platform->parts[part].by_human = true;
    platform->parts[part].edit++;
    set_state(platform, part, state);
}

void platform_edit(struct platform *platform, enum route_state state)
{
    for (uint8_t i = 0; i < platform->part_count; i++)
        platform_edit_part(platform, i, state);
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

struct route_view platform_view_of(const struct platform_part parts[], uint8_t count)
{
    struct unit_part seen[PLATFORM_PARTS_MAX] = {0};
    for (uint8_t i = 0; i < count; i++) {
        seen[i] = (struct unit_part){
            .state = parts[i].state, .version = parts[i].version, .versioned = parts[i].versioned};
        for (uint64_t state = ROUTE_PRIMARY; state <= ROUTE_PAUSED; state++)
            seen[i].body_hash[state] = hash_u64(hash_u64(HASH_SEED, parts[i].edit + 1), state);
    }
    return unit_view(seen, count);
}

struct route_view platform_view(const struct platform *platform)
{
    return platform_view_of(platform->parts, platform->part_count);
}

bool platform_is_done(const struct platform_part *part, uint8_t count, const struct route_job *job)
{
    const struct unit_part seen = {.state = part->state};
    return unit_part_is_done(&seen, count, route_state_after(job->step, job->to));
}

static enum route_result answer(struct platform *platform, enum platform_fault fault,
                                const struct platform_write *write, uint64_t version,
                                bool *ret_effective)
{
    const struct platform_part *part = &platform->parts[write->part];
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
        platform_edit_part(platform, write->part, part->state);
        break;
    case PLATFORM_WELL:
    case PLATFORM_APPLY_THEN_DROP:
    case PLATFORM_SLOW:
    case PLATFORM_LATE:
    case PLATFORM_FAULT_N:
        break;
    }
    if (version != part->version)
        return ROUTE_RESULT_CONFLICT;
    platform->parts[write->part].by_human = false;
    set_state(platform, write->part, route_state_after(write->job.step, write->job.to));
    *ret_effective = true;
    return fault == PLATFORM_APPLY_THEN_DROP ? ROUTE_RESULT_UNKNOWN : ROUTE_RESULT_OK;
}

const struct platform_write *platform_write(struct platform *platform, time_ms now_ms, node_id node,
                                            const struct route_job *job, uint8_t part,
                                            uint64_t version)
{
    if (platform->write_count == platform->write_capacity) {
        platform->write_capacity = platform->write_capacity * 2 + 16;
        platform->writes =
            realloc(platform->writes, platform->write_capacity * sizeof *platform->writes);
        CHECK(platform->writes != NULL);
    }
    struct platform_write *write = &platform->writes[platform->write_count++];
    *write = (struct platform_write){.at_ms = now_ms, .node = node, .job = *job, .part = part};
    if (platform->fault_first < platform->fault_count)
        write->fault = platform->faults[platform->fault_first++];
    write->result = answer(platform, write->fault, write, version, &write->effective);
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
