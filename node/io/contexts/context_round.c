#include "node/io/contexts/context_round.h"

#include "common/check.h"

uint8_t context_majority(uint8_t node_count)
{
    return (uint8_t)(node_count / 2 + 1);
}

void context_round_init(struct context_round *ret_round, uint8_t node_count)
{
    *ret_round = (struct context_round){.node_count = node_count};
}

uint8_t context_round_count(uint32_t nodes)
{
    uint8_t count = 0;
    for (; nodes != 0; nodes &= nodes - 1)
        count++;
    return count;
}

/* Returns the node's bit, or 0 where it is no node or has answered. */
static uint32_t answer(struct context_round *round, node_id node, bool complete)
{
    if (node == 0 || node > round->node_count || !context_round_lacks_answer(round, node))
        return 0;
    uint32_t bit = UINT32_C(1) << node;
    round->answered |= bit;
    if (complete)
        round->counted |= bit;
    return bit;
}

bool context_round_held(struct context_round *round, node_id node, bool complete,
                        enum context_outcome outcome)
{
    uint32_t bit = answer(round, node, complete);
    uint32_t counted = bit & round->counted;
    switch (outcome) {
    case CONTEXT_STORED:
    case CONTEXT_SAME:
        round->has |= counted;
        break;
    case CONTEXT_OLDER:
        round->beaten |= counted;
        round->older |= counted != 0;
        break;
    case CONTEXT_CONFLICT:
        round->beaten |= counted;
        break;
    case CONTEXT_FULL:
        round->full |= bit != 0;
        break;
    case CONTEXT_FAILED:
        round->failed |= bit != 0;
        break;
    case CONTEXT_OUTCOME_N:
        CHECK(false);
    }
    return bit != 0;
}

bool context_round_entry(struct context_round *round, node_id node, bool complete)
{
    return answer(round, node, complete) != 0;
}

void context_round_has(struct context_round *round, node_id node)
{
    round->has |= answer(round, node, true);
}

static uint8_t silent(const struct context_round *round)
{
    return (uint8_t)(round->node_count - context_round_count(round->answered));
}

enum context_verdict context_round_written(const struct context_round *round)
{
    uint8_t majority = context_majority(round->node_count);
    uint8_t has = context_round_count(round->has);
    uint8_t good = (uint8_t)(has + context_round_count(round->beaten));
    if (has >= majority)
        return CONTEXT_ON_DISK;
    if (good >= majority)
        return round->older ? CONTEXT_SUPERSEDED : CONTEXT_DIFFERS;
    if (good + silent(round) >= majority)
        return CONTEXT_WAITS;
    if (round->full)
        return CONTEXT_NO_ROOM;
    return round->failed ? CONTEXT_BROKEN : CONTEXT_WAITS;
}

enum context_verdict context_round_read(const struct context_round *round)
{
    return context_round_count(round->counted) >= context_majority(round->node_count)
               ? CONTEXT_KNOWN
               : CONTEXT_WAITS;
}
