#include "tests/sim/core/stage_parts.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "proto/level.h"
#include "tests/sim/core/checks.h"

uint64_t stage_store_payload(struct stage *stage, const struct command *command)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    size_t length;
    if (command_encode(command, NULL, 0, bytes, sizeof bytes, &length) != 0)
        stage_fail(stage, "a %s cannot be encoded", command_kind_name(command->kind));
    if (stage->payload_count == stage->payload_capacity) {
        stage->payload_capacity = stage->payload_capacity * 2 + 256;
        stage->payloads =
            realloc(stage->payloads, stage->payload_capacity * sizeof *stage->payloads);
        CHECK(stage->payloads != NULL);
    }
    struct payload *payload = malloc(sizeof *payload + length);
    CHECK(payload != NULL);
    payload->length = length;
    memcpy(payload->bytes, bytes, length);
    if (stage->payload_count == 0)
        stage->payloads[stage->payload_count++] = NULL;
    stage->payloads[stage->payload_count] = payload;
    return stage->payload_count++;
}

static uint64_t *handle_at(struct actor *actor, log_index index)
{
    if (index >= actor->handle_capacity) {
        actor->handle_capacity = (size_t)index * 2 + 64;
        actor->handles = realloc(actor->handles, actor->handle_capacity * sizeof *actor->handles);
        CHECK(actor->handles != NULL);
    }
    return &actor->handles[index];
}

static void perform_send(struct stage *stage, node_id node, const struct raft_message *asked)
{
    struct raft_message message = *asked;
    if (message.kind == RAFT_APPEND)
        for (uint32_t i = 0; i < message.as.append.entry_count; i++) {
            struct raft_entry *entry = &message.as.append.entries[i];
            entry->handle = *handle_at(&stage->actors[node], entry->index);
        }
    stage_send(stage, &message);
}

static void perform_persist(struct stage *stage, node_id node, const struct persist_job *persist)
{
    struct actor *actor = &stage->actors[node];
    struct disk_job job = {.kind = DISK_JOB_PERSIST, .persist = *persist};
    for (uint32_t i = 0; i < persist->entry_count; i++)
        *handle_at(actor, persist->entries[i].index) = persist->entries[i].handle;
    disk_enqueue(&actor->disk, &job);
    if (actor->disk_free_ms < stage->now_ms)
        actor->disk_free_ms = stage->now_ms;
    actor->disk_free_ms += STAGE_PERSIST_MS;
    struct stage_item *item =
        stage_later(stage, actor->disk_free_ms - stage->now_ms, ITEM_DISK, node);
    item->incarnation = actor->incarnation;
}

void stage_disk_done(struct stage *stage, node_id node)
{
    struct disk_job job = disk_complete(&stage->actors[node].disk);
    struct event event = {.kind = EVENT_PERSISTED};
    event.as.persisted.ticket = job.persist.ticket;
    stage_step(stage, node, &event);
}

static void perform_propose(struct stage *stage, node_id node, const struct command *command)
{
    struct actor *actor = &stage->actors[node];
    CHECK(actor->proposal_count < STAGE_PROPOSALS_MAX);
    actor->proposals[actor->proposal_count++] = (struct proposal){
        .kind = (uint8_t)command->kind, .handle = stage_store_payload(stage, command)};
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
        perform_persist(stage, node, &effect->as.persist);
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
    case EFFECT_SNAPSHOT_CHUNK:
    case EFFECT_SNAPSHOT_INSTALL:
    case EFFECT_KIND_N:
        CHECK(false); /* scenarios are shorter than a snapshot's distance */
    }
}

/* Ends early where an effect was the node's last. */
static void step_once(struct stage *stage, node_id node, struct event *event)
{
    struct actor *actor = &stage->actors[node];
    uint32_t incarnation = actor->incarnation;
    event->now_ms = stage->now_ms;
    core_step(actor->core, event, actor->update);
    const struct command *command =
        event->kind == EVENT_COMMITTED ? event->as.committed.command : NULL;
    lines_role(stage, node);
    for (size_t i = 0; i < actor->update->count; i++) {
        perform(stage, node, &actor->update->effects[i], command);
        if (!actor->up || actor->incarnation != incarnation)
            return;
    }
    actor->deadline_ms = actor->update->deadline_ms;
}

static void feed_committed(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    log_index index = actor->core->raft.applied_index + 1;
    const struct raft_entry *entry = raft_log_get(&actor->core->raft.log, index);
    CHECK(entry != NULL);
    const struct payload *payload = stage->payloads[*handle_at(actor, index)];
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
    step_once(stage, node, event);
    while (actor->up) {
        if (actor->core->raft.applied_index < actor->apply_to)
            feed_committed(stage, node);
        else if (actor->proposal_count > 0)
            feed_proposal(stage, node);
        else
            return;
    }
}

static void restore(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    const struct disk *disk = &actor->disk;
    size_t count = (size_t)(disk->last_index + 1 - disk->first_index);
    const struct raft_entry *entries = count == 0 ? NULL : &disk->entries[disk->first_index];
    for (size_t i = 0; i < count; i++)
        *handle_at(actor, entries[i].index) = entries[i].handle;
    int code = raft_restore(&actor->core->raft, disk->term, disk->voted_for, 0, 0, entries, count);
    CHECK(code == 0);
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
        .election_ms = STAGE_ELECTION_MS,
        .heartbeat_ms = 100,
        .actuator_deadline_ms = STAGE_DEADLINE_MS,
        .actuator_proof_ms = 60000,
        .seed = prng_next(&stage->prng)};
    memcpy(settings.nodes, stage->nodes, sizeof settings.nodes);
    actor->up = true;
    actor->stopped_until_ms = 0;
    actor->incarnation++;
    actor->apply_to = 0;
    actor->proposal_count = 0;
    actor->disk_free_ms = stage->now_ms;
    core_init(actor->core, &settings, NULL, stage->now_ms);
    restore(stage, node);
    struct event event = {.kind = EVENT_CONFIGURED};
    event.as.configured.name = &stage->service;
    event.as.configured.settings = &stage->settings;
    stage_step(stage, node, &event);
    stage_later(stage, 500, ITEM_PING, node)->incarnation = actor->incarnation;
}
