#include "node/core/parts.h"

/* A number of silent voters holds the level where it is: one that is down may be an older build. */
static uint8_t level_of_all(const struct core *core)
{
    uint8_t level = core->settings.level;
    for (node_id node = 1; node <= core->settings.node_count; node++) {
        const struct peer *peer = &core->peers[node];
        if (node == core->settings.self)
            continue;
        if (peer->hello_ms == 0 || core->now_ms - peer->hello_ms > PEER_FRESH_MS)
            return 0;
        if (peer->level < level)
            level = peer->level;
    }
    return level;
}

void level_on_hello(struct core *core, const struct event *event)
{
    node_id node = event->as.hello.node;
    if (node == 0 || node > core->settings.node_count || node == core->settings.self)
        return;
    struct peer *peer = &core->peers[node];
    peer->hello_ms = core->now_ms;
    peer->level = event->as.hello.level;
    peer->can_act = event->as.hello.can_act;
    /* It asked to join while its folder was getting the cluster's id by an init. */
    if (members_is_voter(&core->ledger.members, node))
        peer->join_ms = 0;
}

void level_tick(struct core *core, struct update *update)
{
    uint8_t level = level_of_all(core);
    bool waits = core->level_proposed_ms != 0 &&
                 core->now_ms - core->level_proposed_ms < PROPOSAL_PATIENCE_MS;
    if (level <= core->ledger.level || waits)
        return;
    struct command command = {.kind = COMMAND_LEVEL, .service = SERVICE_SLOT_NONE};
    command.as.level.level = level;
    core->level_proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}
