#include "node/io/act/unit.h"

#include "common/check.h"
#include "common/hash.h"

static enum route_state combined_state(const struct unit_part parts[], uint8_t count)
{
    bool foreign = false;
    bool mixed = false;
    for (uint8_t i = 0; i < count; i++) {
        if (parts[i].state == ROUTE_UNKNOWN)
            return ROUTE_UNKNOWN;
        foreign = foreign || parts[i].state == ROUTE_FOREIGN;
        mixed = mixed || parts[i].state == ROUTE_MIXED || parts[i].state != parts[0].state;
    }
    if (foreign)
        return ROUTE_FOREIGN;
    return mixed ? ROUTE_MIXED : parts[0].state;
}

static uint64_t never_zero(uint64_t hash)
{
    return hash == 0 ? 1 : hash;
}

static uint64_t combined_version(const struct unit_part parts[], uint8_t count)
{
    uint64_t hash = HASH_SEED;
    for (uint8_t i = 0; i < count; i++) {
        if (!parts[i].versioned)
            return 0;
        hash = hash_u64(hash, parts[i].version);
    }
    return never_zero(hash);
}

static uint64_t combined_body(const struct unit_part parts[], uint8_t count,
                              enum route_state target)
{
    uint64_t hash = HASH_SEED;
    for (uint8_t i = 0; i < count; i++) {
        if (parts[i].body_hash[target] == 0)
            return 0;
        hash = hash_u64(hash, parts[i].body_hash[target]);
    }
    return never_zero(hash);
}

/* The ledger has no word for a part that differs in itself. */
static enum route_state told_state(const struct unit_part *part)
{
    return part->state == ROUTE_MIXED ? ROUTE_FOREIGN : part->state;
}

struct route_view unit_view(const struct unit_part parts[], uint8_t count)
{
    struct route_view view = {.state = combined_state(parts, count)};
    bool single = count == 1;
    CHECK(count >= 1 && count <= ROUTE_PART_COUNT_MAX);
    view.version = single ? parts[0].version : combined_version(parts, count);
    for (int step = 0; step < ROUTE_STEP_N; step++)
        for (int side = 0; side < SIDE_N; side++) {
            enum route_state target = route_state_after((enum route_step)step, (enum side)side);
            view.body_hash[step][side] =
                single ? parts[0].body_hash[target] : combined_body(parts, count, target);
        }
    for (uint8_t i = 0; i < count && !single; i++)
        view.parts.part[i] =
            (struct route_part){.state = told_state(&parts[i]), .version = parts[i].version};
    view.parts.count = single ? 0 : count;
    return view;
}

bool unit_part_is_done(const struct unit_part *part, uint8_t count, enum route_state target)
{
    return count > 1 && part->state == target;
}
