#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "proto/level.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

uint64_t stage_store_command(struct stage *stage, const struct command *command)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    size_t length;
    if (command_encode(command, NULL, 0, bytes, sizeof bytes, &length) != 0)
        stage_fail(stage, "a %s cannot be encoded", command_kind_name(command->kind));
    return stage_store_payload(stage, bytes, length);
}

static void perform_send(struct stage *stage, node_id node, const struct raft_message *asked)
{
    struct raft_message message = *asked;
    if (message.kind == RAFT_APPEND)
        for (uint32_t i = 0; i < message.as.append.entry_count; i++) {
            struct raft_entry *entry = &message.as.append.entries[i];
            entry->handle = *stage_payload_at(stage, node, entry->index);
        }
    if (message.kind == RAFT_SNAPSHOT)
        stage_snapshot_fill(stage, node, &message);
    checks_on_sent(stage, node, &message);
    stage_send(stage, &message);
}

static void perform_propose(struct stage *stage, node_id node, const struct command *command)
{
    struct actor *actor = &stage->actors[node];
    CHECK(actor->proposal_count < STAGE_PROPOSALS_MAX);
    actor->proposals[actor->proposal_count++] = (struct proposal){
        .kind = (uint8_t)command->kind, .handle = stage_store_command(stage, command)};
}

bool stage_springs(struct stage *stage, node_id node, enum trap trap, enum route_step step,
                   enum move_state state)
{
    if (stage->trap != trap || trap == TRAP_NONE)
        return false;
    if (trap == TRAP_STATE ? stage->trap_state != state : stage->trap_step != step)
        return false;
    stage->trap = TRAP_NONE;
    stage->trapped = node;
    return true;
}

static void perform_applied(struct stage *stage, node_id node, const struct applied *applied,
                            const struct command *command)
{
    const struct core *core = stage->actors[node].core;
    if (checks_on_applied(stage, node, applied, command))
        lines_applied(stage, node, applied, command);
    if (!applied->accepted || applied->service >= core->ledger.service_count)
        return;
    const struct move_record *move = &core->ledger.services[applied->service].move;
    bool leads = core->raft.role == RAFT_LEADER;
    bool intended = move->intent.index == applied->index;
    bool entered = applied->move_after != applied->move_before;
    if ((leads && intended && stage_springs(stage, node, TRAP_ACCEPTED, move->intent.step, 0)) ||
        (leads && entered && stage_springs(stage, node, TRAP_STATE, 0, applied->move_after)))
        stage_crash(stage, node);
}

static void perform(struct stage *stage, node_id node, const struct effect *effect,
                    const struct command *command)
{
    switch (effect->kind) {
    case EFFECT_SEND:
        perform_send(stage, node, &effect->as.send);
        break;
    case EFFECT_PERSIST:
        stage_persist(stage, node, &effect->as.persist);
        break;
    case EFFECT_APPLY:
        stage->actors[node].apply_to = effect->as.apply.last;
        break;
    case EFFECT_PROPOSE:
        perform_propose(stage, node, &effect->as.propose);
        break;
    case EFFECT_PROBE:
        stage_probe(stage, node, effect);
        break;
    case EFFECT_VOTE:
        stage_vote(stage, node, effect->as.vote.to, &effect->as.vote.vote);
        break;
    case EFFECT_CALL:
        stage_call(stage, node, &effect->as.call);
        break;
    case EFFECT_ROUTE:
        stage_route(stage, node, &effect->as.route);
        break;
    case EFFECT_NOTICE:
        lines_notice(stage, node, effect);
        break;
    case EFFECT_REPLY:
        lines_reply(stage, node, effect);
        break;
    case EFFECT_APPLIED:
        CHECK(command != NULL);
        perform_applied(stage, node, &effect->as.applied, command);
        break;
    case EFFECT_EXCHANGE: /* the stage's platform has client credentials */
    case EFFECT_TOKEN:
    case EFFECT_SNAPSHOT_TAKE:
        stage_snapshot_take(stage, node, effect);
        break;
    case EFFECT_SNAPSHOT_CHUNK:
        stage_snapshot_chunk(stage, node, effect);
        break;
    case EFFECT_SNAPSHOT_INSTALL:
        stage_snapshot_install(stage, node, effect);
        break;
    case EFFECT_ADMIT: /* no folder is lost here */
    case EFFECT_KIND_N:
        CHECK(false);
    }
}

/* The payloads of new entries are in the driver's memory before anything is done with them. */
static void learn_payloads(struct stage *stage, node_id node)
{
    const struct update *update = stage->actors[node].update;
    for (size_t i = 0; i < update->count; i++) {
        if (update->effects[i].kind != EFFECT_PERSIST)
            continue;
        const struct persist_job *job = &update->effects[i].as.persist;
        for (uint32_t j = 0; j < job->entry_count; j++)
            *stage_payload_at(stage, node, job->entries[j].index) = job->entries[j].handle;
        checks_on_persist(stage, node, job);
    }
}

static bool dies_now(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    if (actor->effects_left == 0 || --actor->effects_left > 0)
        return false;
    stage_crash(stage, node);
    return true;
}

/* Ends early where an effect was the node's last. */
static void step_once(struct stage *stage, node_id node, struct event *event)
{
    struct actor *actor = &stage->actors[node];
    uint32_t incarnation = actor->incarnation;
    event->now_ms = stage_own_ms(stage, node);
    core_step(actor->core, event, actor->update);
    stage->step_count++;
    const struct command *command =
        event->kind == EVENT_COMMITTED ? event->as.committed.command : NULL;
    learn_payloads(stage, node);
    checks_on_step(stage, node);
    lines_role(stage, node);
    for (size_t i = 0; i < actor->update->count; i++) {
        if (dies_now(stage, node))
            return;
        perform(stage, node, &actor->update->effects[i], command);
        if (!actor->up || actor->incarnation != incarnation)
            return;
    }
    actor->deadline_ms = stage_time_of(stage, node, actor->update->deadline_ms);
}

static void feed_committed(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    log_index index = actor->core->raft.applied_index + 1;
    const struct raft_entry *entry = raft_log_get(&actor->core->raft.log, index);
    CHECK(entry != NULL);
    const struct payload *payload = stage->payloads[*stage_payload_at(stage, node, index)];
    struct command command;
    const uint8_t *evidence;
    size_t evidence_length;
    int code =
        command_decode(payload->bytes, payload->length, &command, &evidence, &evidence_length);
    CHECK(code == 0);
    struct event event = {.kind = EVENT_COMMITTED};
    event.as.committed.index = index;
    event.as.committed.term = entry->term;
    event.as.committed.command = &command;
    step_once(stage, node, &event);
}

static void feed_proposal(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    struct proposal proposal = actor->proposals[0];
    actor->proposal_count--;
    memmove(&actor->proposals[0], &actor->proposals[1],
            actor->proposal_count * sizeof actor->proposals[0]);
    struct event event = {.kind = EVENT_PROPOSE};
    event.as.propose.kind = proposal.kind;
    event.as.propose.length = (uint32_t)stage->payloads[proposal.handle]->length;
    event.as.propose.handle = proposal.handle;
    step_once(stage, node, &event);
}

void stage_step(struct stage *stage, node_id node, struct event *event)
{
    struct actor *actor = &stage->actors[node];
    uint32_t incarnation = actor->incarnation;
    step_once(stage, node, event);
    while (actor->up && actor->incarnation == incarnation) {
        if (actor->core->raft.applied_index < actor->apply_to)
            feed_committed(stage, node);
        else if (actor->proposal_count > 0)
            feed_proposal(stage, node);
        else
            return;
    }
}

static void configure(struct stage *stage, node_id node)
{
    for (uint16_t i = 0; i < stage->service_count && stage->actors[node].up; i++) {
        struct event event = {.kind = EVENT_CONFIGURED};
        event.as.configured.name = &stage->services[i].name;
        event.as.configured.settings = &stage->services[i].settings;
        stage_step(stage, node, &event);
    }
}

void stage_start(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    struct core_settings settings = {
        .self = node,
        .cluster_id = {1, 2, 3},
        .node_count = stage->node_count,
        .reference_count = STAGE_REFERENCES,
        .level = PROTO_LEVEL_NEWEST,
        .trust = {.timer_late_ms = 100, .inflation_minimum_ms = 100, .inflation_factor = 3},
        .election_ms = stage->setup.election_ms,
        .heartbeat_ms = stage->setup.heartbeat_ms,
        .actuator_deadline_ms = STAGE_DEADLINE_MS,
        .actuator_proof_ms = 60000,
        .rate_limit_max_ms = 60000,
        .seed = prng_next(&stage->prng),
        .snapshot_every = stage->setup.snapshot_every,
        .snapshot_trailing = stage->setup.snapshot_trailing};
    memcpy(settings.nodes, stage->nodes, sizeof settings.nodes);
    actor->up = true;
    stage->rafts.nodes[node].up = true;
    actor->stopped_until_ms = 0;
    actor->incarnation++;
    actor->proposal_count = 0;
    actor->effects_left = 0;
    actor->receipt.received = 0;
    actor->disk_free_ms = stage->now_ms;
    checks_on_start(stage, node);
    stage_disk_load(stage, node, &settings);
    actor->apply_to = stage_disk(stage, node)->snapshot.index;
    configure(stage, node);
    stage_later(stage, 500, ITEM_PING, node)->incarnation = actor->incarnation;
}
