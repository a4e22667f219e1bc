#include "tests/unit/core/raft_rig.h"

#include <stdlib.h>

#include "common/check.h"

static void step(struct raft_rig *rig, const struct event *event)
{
    update_clear(&rig->update);
    raft_step(&rig->raft, event, &rig->update);
}

void raft_rig_start(struct raft_rig *rig, node_id self, node_id voter_count)
{
    struct raft_settings settings = {.self = self,
                                     .node_count = voter_count,
                                     .election_ms = RIG_ELECTION_MS,
                                     .heartbeat_ms = RIG_HEARTBEAT_MS,
                                     .seed = 1};
    rig->now_ms = 0;
    update_clear(&rig->update);
    raft_init(&rig->raft, &settings, 0);
}

int raft_rig_setup(void **state)
{
    struct raft_rig *rig = calloc(1, sizeof *rig);
    if (rig == NULL)
        return -1;
    raft_rig_start(rig, 1, 3);
    *state = rig;
    return 0;
}

int raft_rig_teardown(void **state)
{
    free(*state);
    return 0;
}

void raft_rig_tick(struct raft_rig *rig, time_ms now_ms)
{
    rig->now_ms = now_ms;
    struct event event = {.kind = EVENT_TICK, .now_ms = now_ms};
    step(rig, &event);
}

void raft_rig_wait(struct raft_rig *rig)
{
    raft_rig_tick(rig, rig->raft.role == RAFT_LEADER ? rig->raft.heartbeat_at_ms
                                                     : rig->raft.election_at_ms);
}

void raft_rig_persisted(struct raft_rig *rig, uint64_t ticket)
{
    struct event event = {.kind = EVENT_PERSISTED, .now_ms = rig->now_ms};
    event.as.persisted.ticket = ticket;
    step(rig, &event);
}

void raft_rig_persist_all(struct raft_rig *rig)
{
    raft_rig_persisted(rig, rig->raft.next_ticket - 1);
}

void raft_rig_persist_fails(struct raft_rig *rig)
{
    struct event event = {.kind = EVENT_PERSIST_FAILED, .now_ms = rig->now_ms};
    step(rig, &event);
}

void raft_rig_propose(struct raft_rig *rig, uint8_t kind, uint32_t length)
{
    struct event event = {.kind = EVENT_PROPOSE, .now_ms = rig->now_ms};
    event.as.propose.kind = kind;
    event.as.propose.length = length;
    event.as.propose.handle = 77;
    step(rig, &event);
}

void raft_rig_transfer(struct raft_rig *rig, node_id node)
{
    struct event event = {.kind = EVENT_TRANSFER, .now_ms = rig->now_ms};
    event.as.transfer.node = node;
    step(rig, &event);
}

void raft_rig_apply(struct raft_rig *rig)
{
    const struct effect *effect = raft_rig_effect(rig, EFFECT_APPLY, 0);
    CHECK(effect != NULL);
    log_index last = effect->as.apply.last;
    for (log_index index = effect->as.apply.first; index <= last; index++) {
        struct event event = {.kind = EVENT_COMMITTED, .now_ms = rig->now_ms};
        event.as.committed.index = index;
        step(rig, &event);
    }
}

void raft_rig_message(struct raft_rig *rig, const struct raft_message *message)
{
    struct event event = {.kind = EVENT_RAFT_MESSAGE, .now_ms = rig->now_ms};
    event.as.message = message;
    step(rig, &event);
}

static struct raft_message message_of(const struct raft_rig *rig, enum raft_message_kind kind,
                                      node_id from, term_id term)
{
    return (struct raft_message){
        .kind = kind, .from = from, .to = rig->raft.settings.self, .term = term};
}

struct raft_message raft_rig_vote(const struct raft_rig *rig, enum raft_message_kind kind,
                                  node_id from, term_id term)
{
    struct raft_message message = message_of(rig, kind, from, term);
    message.as.vote.last_index = rig->raft.log.last_index;
    message.as.vote.last_term = raft_log_last_term(&rig->raft.log);
    message.as.vote.nonce = 42;
    return message;
}

struct raft_message raft_rig_append(const struct raft_rig *rig, node_id from, term_id term,
                                    log_index prev_index, term_id prev_term, uint32_t count)
{
    struct raft_message message = message_of(rig, RAFT_APPEND, from, term);
    message.as.append.prev_index = prev_index;
    message.as.append.prev_term = prev_term;
    message.as.append.round = 1;
    message.as.append.entry_count = count;
    for (uint32_t i = 0; i < count && i < RAFT_ENTRIES_MAX; i++)
        message.as.append.entries[i] = (struct raft_entry){.index = prev_index + 1 + i,
                                                           .term = term,
                                                           .kind = COMMAND_TICK,
                                                           .length = 8,
                                                           .handle = i};
    return message;
}

void raft_rig_ack(struct raft_rig *rig, node_id from, log_index match_index)
{
    struct raft_message message = message_of(rig, RAFT_APPEND_REPLY, from, rig->raft.term);
    message.as.append_reply.matched = true;
    message.as.append_reply.match_index = match_index;
    message.as.append_reply.round = rig->raft.round;
    raft_rig_message(rig, &message);
}

void raft_rig_grant(struct raft_rig *rig, node_id from)
{
    bool early = rig->raft.role == RAFT_PRECANDIDATE;
    struct raft_message message =
        message_of(rig, early ? RAFT_PREVOTE_REPLY : RAFT_VOTE_REPLY, from, rig->raft.term);
    message.as.vote_reply.granted = true;
    message.as.vote_reply.nonce = rig->raft.nonce;
    raft_rig_message(rig, &message);
}

void raft_rig_lead(struct raft_rig *rig)
{
    uint8_t needed = raft_quorum(raft_voter_count(&rig->raft));
    raft_rig_wait(rig);
    for (node_id id = 2; id <= needed; id++)
        raft_rig_grant(rig, id);
    raft_rig_persist_all(rig);
    for (node_id id = 2; id <= needed; id++)
        raft_rig_grant(rig, id);
    CHECK(rig->raft.role == RAFT_LEADER);
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    raft_rig_persist_all(rig);
    for (node_id id = 2; id <= needed; id++)
        raft_rig_ack(rig, id, rig->raft.noop_index);
    raft_rig_apply(rig);
    CHECK(raft_is_ready(&rig->raft));
}

const struct effect *raft_rig_effect(const struct raft_rig *rig, enum effect_kind kind, size_t n)
{
    for (size_t i = 0; i < rig->update.count; i++)
        if (rig->update.effects[i].kind == kind && n-- == 0)
            return &rig->update.effects[i];
    return NULL;
}

size_t raft_rig_count(const struct raft_rig *rig, enum effect_kind kind)
{
    size_t count = 0;
    while (raft_rig_effect(rig, kind, count) != NULL)
        count++;
    return count;
}

const struct raft_message *raft_rig_sent(const struct raft_rig *rig, enum raft_message_kind kind,
                                         node_id to)
{
    for (size_t i = 0; i < rig->update.count; i++) {
        const struct effect *effect = &rig->update.effects[i];
        if (effect->kind == EFFECT_SEND && effect->as.send.kind == kind && effect->as.send.to == to)
            return &effect->as.send;
    }
    return NULL;
}
