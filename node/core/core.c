#include "node/core/core.h"

#include <string.h>

#include "common/check.h"
#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "proto/level.h"

static void number_zones(struct core *core)
{
    const struct core_settings *settings = &core->settings;
    uint8_t next = 0;
    core->electorate.voter_count = settings->node_count;
    for (uint8_t i = 0; i < settings->node_count; i++) {
        uint8_t same = 0;
        while (same < i && !name_equal(&settings->nodes[same].zone, &settings->nodes[i].zone))
            same++;
        core->electorate.zone[i + 1] = same < i ? core->electorate.zone[same + 1] : next++;
    }
}

void core_init(struct core *core, const struct core_settings *settings, const struct ledger *ledger,
               time_ms now_ms)
{
    memset(core, 0, sizeof *core);
    core->settings = *settings;
    core->now_ms = now_ms;
    core->next_ticket = 1;
    core->next_round = 1;
    core->has_quorum = true;
    core->quorum_lost_ms = now_ms;
    core->in_doubt = true; /* what the ledger remembers may be long ago */
    core->doubt_ms = now_ms;
    prng_init(&core->prng, settings->seed);
    number_zones(core);
    if (ledger != NULL)
        core->ledger = *ledger;
    else
        ledger_init(&core->ledger);
    for (node_id node = 0; node <= NODE_COUNT_MAX; node++)
        core->peers[node].rtt_us = -1;
    struct raft_settings raft = {.self = settings->self,
                                 .node_count = settings->node_count,
                                 .incarnation = settings->incarnation,
                                 .novice = settings->novice,
                                 .election_ms = settings->election_ms,
                                 .heartbeat_ms = settings->heartbeat_ms,
                                 .seed = settings->seed,
                                 .snapshot_every = settings->snapshot_every,
                                 .snapshot_trailing = settings->snapshot_trailing};
    raft_init(&core->raft, &raft, now_ms);
    raft_seed_members(&core->raft, &core->ledger.members);
}

bool core_is_leading(const struct core *core)
{
    return raft_is_ready(&core->raft);
}

struct watch *core_watch_by_slot(struct core *core, service_slot slot)
{
    for (uint16_t i = 0; i < core->watch_count; i++)
        if (core->watches[i].slot == slot)
            return &core->watches[i];
    return NULL;
}

time_ms core_ledger_now(const struct core *core, time_ms now_ms)
{
    if (!core->leading)
        return core->ledger.now_ms;
    return core->ledger.now_ms + core->proposed_sum_ms + (now_ms - core->proposed_ms);
}

enum why core_leader_gate(const struct core *core)
{
    if (core->raft.role != RAFT_LEADER)
        return core->raft.leader == 0 ? WHY_NO_QUORUM : WHY_NOT_LEADER;
    if (!core_is_leading(core))
        return WHY_TERM_NOT_APPLIED;
    return core->in_doubt ? WHY_TIME_IN_DOUBT : WHY_NONE;
}

uint64_t core_ticket(struct core *core)
{
    return core->next_ticket++;
}

/* DESIGN 3, Ledger time: each command carries what passed on this leader since its previous entry.
 */
void core_propose(struct core *core, struct command *command, struct update *update)
{
    uint8_t kind_level = command_kind_level(command->kind);
    command->level = core->ledger.level > kind_level ? core->ledger.level : kind_level;
    command->elapsed_ms = core->now_ms - core->proposed_ms;
    core->proposed_ms = core->now_ms;
    core->proposed_sum_ms += command->elapsed_ms;
    update_add(update, EFFECT_PROPOSE)->as.propose = *command;
}

void core_notice(struct core *core, enum notice_kind kind, service_slot slot, enum side side,
                 enum why why, struct update *update)
{
    struct effect *effect = update_add(update, EFFECT_NOTICE);
    effect->as.notice.kind = kind;
    effect->as.notice.service = slot;
    effect->as.notice.side = side;
    effect->as.notice.why = why;
    if (slot < core->ledger.service_count)
        effect->as.notice.move = core->ledger.services[slot].move.id;
}

static void propose_cluster(struct core *core, struct update *update)
{
    struct command command = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    struct command_cluster *cluster = &command.as.cluster;
    memcpy(cluster->cluster_id, core->settings.cluster_id, sizeof cluster->cluster_id);
    memcpy(cluster->nodes, core->settings.nodes, sizeof cluster->nodes);
    cluster->node_count = core->settings.node_count;
    core_propose(core, &command, update);
}

/* D is every service's, and in no service's hash. */
static bool has_deadline(const struct core *core, const struct service_record *known,
                         const struct watch *watch)
{
    return core->ledger.level < PROTO_LEVEL_HELLO ||
           known->settings.actuator_deadline_ms == watch->settings.actuator_deadline_ms;
}

/* The leader's file is the cluster's: a service that the ledger does not know, knows otherwise, or
 * knows in the words of a lower wire level, is set. */
static void propose_service(struct core *core, const struct watch *watch, struct update *update)
{
    service_slot slot = ledger_find(&core->ledger, &watch->name);
    const struct service_record *known =
        slot == SERVICE_SLOT_NONE ? NULL : &core->ledger.services[slot];
    if (known != NULL && known->settings.config_hash == watch->settings.config_hash &&
        known->settings_level >= core->ledger.level && has_deadline(core, known, watch))
        return;
    struct command command = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    command.as.service_set.name = watch->name;
    command.as.service_set.settings = watch->settings;
    core_propose(core, &command, update);
}

/* What the leader's file has and the ledger has not; said again until the ledger has it. */
static void propose_file(struct core *core, struct update *update)
{
    core->file_proposed_ms = core->now_ms;
    if (core->ledger.node_count == 0)
        propose_cluster(core, update);
    for (uint16_t i = 0; i < core->watch_count; i++)
        propose_service(core, &core->watches[i], update);
}

static void begin_leading(struct core *core, struct update *update)
{
    core->leading = true;
    core->leading_term = core->raft.term;
    core->by_transfer = core->raft.campaign_transfer;
    core->leading_since_ms = core->now_ms;
    core->leading_index = core->ledger.index;
    core->proposed_ms = core->now_ms;
    core->proposed_sum_ms = 0;
    core->level_proposed_ms = 0;
    core->member_proposed_ms = 0;
    memset(core->leads, 0, sizeof core->leads);
    memset(core->exchanges, 0, sizeof core->exchanges);
    for (uint16_t slot = 0; slot < SERVICE_COUNT_MAX; slot++)
        core->leads[slot].informative_ms = core->now_ms;
    propose_file(core, update);
}

static void end_leading(struct core *core)
{
    core->leading = false;
    memset(core->leads, 0, sizeof core->leads);
}

static void follow_leadership(struct core *core, struct update *update)
{
    bool ready = core_is_leading(core);
    if (core->leading && (!ready || core->leading_term != core->raft.term))
        end_leading(core);
    if (ready && !core->leading)
        begin_leading(core, update);
}

/* What the file and the routes say is said again in the words that are new. */
static void follow_level(struct core *core, struct update *update)
{
    propose_file(core, update);
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++)
        if (core->leads[slot].view_ms != 0)
            proof_forget_view(core, slot);
}

static void on_committed(struct core *core, const struct event *event, struct update *update)
{
    const struct command *command = event->as.committed.command;
    struct applied applied =
        ledger_apply(&core->ledger, event->as.committed.index, event->as.committed.term, command);
    if (core->leading && applied.term == core->leading_term && command->kind != COMMAND_NOOP)
        core->proposed_sum_ms -= command->elapsed_ms;
    /* Nothing is on its way any more: what was lost on it does not count. */
    if (core->proposed_sum_ms < 0 || core->raft.log.last_index == applied.index)
        core->proposed_sum_ms = 0;
    if (command->kind == COMMAND_SERVICE_SET)
        patrol_map(core);
    if (command->kind == COMMAND_LEVEL && core->leading)
        follow_level(core, update);
    update_add(update, EFFECT_APPLIED)->as.applied = applied;
    if (!core->leading)
        return;
    inquiry_on_applied(core, &applied, update);
    membership_on_applied(core, &applied, update);
    notices_on_applied(core, &applied, update);
    token_on_applied(core, &applied, update);
    if (applied.request_id != 0)
        operate_reply(applied.request_id, applied.why, applied.move, 0, update);
}

/* Below level 3 the ledger has no word for a unit that differs: it is none of our states. */
static void lower_view(const struct core *core, struct route_view *view)
{
    if (core->ledger.level >= PROTO_LEVEL_STEPS)
        return;
    if (view->state == ROUTE_MIXED)
        view->state = ROUTE_FOREIGN;
    view->parts = (struct route_parts){0};
}

static void on_route(struct core *core, const struct event *answered, struct update *update)
{
    struct event event = *answered;
    lower_view(core, &event.as.route.view);
    proof_on_route(core, &event, update);
    token_on_route(core, &event);
    for (service_slot slot = 0; core->leading && slot < core->ledger.service_count; slot++)
        if (runner_on_route(core, slot, &event, update))
            return;
}

static void on_vote(struct core *core, const struct vote *vote, struct update *update)
{
    if (vote->voter == 0 || vote->voter > core->settings.node_count ||
        vote->voter == core->settings.self || vote->service >= core->ledger.service_count) {
        core->dropped_votes++;
        return;
    }
    patrol_on_peer_vote(core, vote);
    inquiry_on_vote(core, vote, update);
}

static void on_peer(struct core *core, const struct event *event)
{
    if (event->as.peer.node == 0 || event->as.peer.node > core->settings.node_count)
        return;
    struct peer *peer = &core->peers[event->as.peer.node];
    peer->heard_ms = event->now_ms;
    peer->rtt_us = event->as.peer.rtt_us;
    if (!vote_is_inflated(peer->rtt_us, rolling_minimum_get(&peer->minimum), &core->settings.trust))
        rolling_minimum_add(&peer->minimum, peer->rtt_us);
}

static void on_snapshot(struct core *core, const struct event *event)
{
    core->ledger = *event->as.snapshot.ledger;
    patrol_map(core);
}

static void on_configured(struct core *core, const struct event *event, struct update *update)
{
    struct watch *watch =
        patrol_configure(core, event->as.configured.name, event->as.configured.settings);
    if (watch != NULL && event->as.configured.platform <= core->settings.platform_count)
        watch->platform = event->as.configured.platform;
    patrol_map(core);
    if (core->leading && watch != NULL)
        propose_service(core, watch, update);
}

/* DESIGN 3: a node that was away first drains its sockets and opens no move until a full round was
 * heard. */
static void on_time_doubt(struct core *core)
{
    core->in_doubt = true;
    core->doubt_ms = core->now_ms;
    inquiry_abandon_calls(core);
}

static void dispatch(struct core *core, const struct event *event, struct update *update)
{
    switch (event->kind) {
    case EVENT_TICK:
    case EVENT_RAFT_MESSAGE:
    case EVENT_PERSISTED:
    case EVENT_PERSIST_FAILED:
    case EVENT_PROPOSE:
    case EVENT_TRANSFER:
        break;
    case EVENT_COMMITTED:
        on_committed(core, event, update);
        break;
    case EVENT_SNAPSHOT_INSTALLED:
        on_snapshot(core, event);
        break;
    case EVENT_CONFIGURED:
        on_configured(core, event, update);
        break;
    case EVENT_SAMPLE:
        patrol_on_sample(core, event, update);
        break;
    case EVENT_VOTE:
        on_vote(core, event->as.vote, update);
        break;
    case EVENT_CALL:
        patrol_on_call(core, event->as.call, update);
        break;
    case EVENT_ROUTE:
        on_route(core, event, update);
        break;
    case EVENT_EXCHANGED:
        token_on_exchanged(core, event, update);
        break;
    case EVENT_PEER:
        on_peer(core, event);
        break;
    case EVENT_HELLO:
        level_on_hello(core, event);
        break;
    case EVENT_JOIN:
        membership_on_join(core, event, update);
        break;
    case EVENT_OPERATE:
        operate_on_request(core, event->as.operation, update);
        break;
    case EVENT_TIME_DOUBT:
        on_time_doubt(core);
        break;
    case EVENT_KIND_N:
        CHECK(false);
    }
}

/* A tick keeps ledger time going while a timer is open and nothing else is proposed. */
static void tick_ledger(struct core *core, struct update *update)
{
    time_ms every_ms = ledger_tick_every_ms(&core->ledger);
    if (every_ms == 0)
        return;
    if (core->now_ms - core->proposed_ms >= every_ms) {
        struct command command = {.kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE};
        core_propose(core, &command, update);
    }
    update_deadline(update, core->proposed_ms + every_ms);
}

static void lead(struct core *core, struct update *update)
{
    if (core->now_ms - core->file_proposed_ms >= PROPOSAL_PATIENCE_MS)
        propose_file(core, update);
    level_tick(core, update);
    membership_tick(core, update);
    token_tick(core, update);
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++) {
        if (update_room(update) < EFFECT_COUNT_MAX / 4) {
            update_deadline(update, core->now_ms);
            break;
        }
        inquiry_tick(core, slot, update);
        runner_tick(core, slot, update);
        operate_tick(core, slot, update);
        failback_tick(core, slot, update);
        late_tick(core, slot, update);
        gated_tick(core, slot, update);
    }
    leadership_tick(core, update);
    tick_ledger(core, update);
}

void core_step(struct core *core, const struct event *event, struct update *update)
{
    update_clear(update);
    if (event->now_ms > core->now_ms)
        core->now_ms = event->now_ms;
    raft_step(&core->raft, event, update);
    follow_leadership(core, update);
    dispatch(core, event, update);
    if (event->kind == EVENT_COMMITTED && core->raft.applied_index < core->raft.commit_index)
        return; /* the driver feeds the rest before anything else */
    patrol_tick(core, update);
    token_tell(core, update);
    proof_tick(core, update);
    if (core->leading)
        lead(core, update);
    notices_tick(core, update);
}
