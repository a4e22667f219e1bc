/* The smallest brain: Raft alone, without a ledger around it. */
#include "tests/sim/world.h"

static void raft_brain_init(void *self, const struct raft_settings *settings, time_ms now_ms)
{
    raft_init(self, settings, now_ms);
}

static struct raft *raft_brain_raft(void *self)
{
    return self;
}

static void raft_brain_step(void *self, const struct event *event, struct update *update)
{
    raft_step(self, event, update);
}

static void raft_brain_effect(struct world *world, node_id node, const struct effect *effect)
{
    invariants_fail(world, "n%u: bare Raft asks for effect %d", node, (int)effect->kind);
}

const struct world_brain world_brain_raft = {.bytes = sizeof(struct raft),
                                             .init = raft_brain_init,
                                             .raft = raft_brain_raft,
                                             .step = raft_brain_step,
                                             .effect = raft_brain_effect};
