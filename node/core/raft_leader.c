#include "node/core/raft_parts.h"

#include "common/check.h"

/* The quorum-th largest of a value that each voter has. */
static int64_t quorum_value(const struct raft *raft, const int64_t values[NODE_COUNT_MAX + 1])
{
    int64_t sorted[NODE_COUNT_MAX];
    uint8_t count = 0;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        if (!raft_counts(raft, id))
            continue;
        uint8_t at = count++;
        for (; at > 0 && sorted[at - 1] < values[id]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = values[id];
    }
    return sorted[raft_quorum(count) - 1];
}

/* Rounds are opened sparsely enough for those of one base to be remembered; what is sent in between
 * counts with the round before it, which only makes the lease shorter. While a successor is told to
 * campaign no newer round may contradict the permission. */
uint64_t raft_round(struct raft *raft, bool fresh, time_ms now_ms)
{
    time_ms spacing_ms = raft->settings.election_ms / (RAFT_ROUNDS_MAX / 2);
    time_ms newest_ms = raft->round_sent_ms[raft->round % RAFT_ROUNDS_MAX];
    if (raft->transfer.told || (!fresh && now_ms - newest_ms <= spacing_ms))
        return raft->round;
    raft->round++;
    raft->round_sent_ms[raft->round % RAFT_ROUNDS_MAX] = now_ms;
    return raft->round;
}

void raft_note_answer(struct raft *raft, node_id from, uint64_t round, time_ms now_ms)
{
    struct raft_peer *peer = &raft->peers[from];
    peer->heard_ms = now_ms;
    if (round < raft->first_round || round > raft->round || raft->round - round >= RAFT_ROUNDS_MAX)
        return;
    time_ms sent_ms = raft->round_sent_ms[round % RAFT_ROUNDS_MAX];
    if (sent_ms > peer->answered_ms)
        peer->answered_ms = sent_ms;
}

time_ms raft_quorum_answered_ms(const struct raft *raft)
{
    int64_t values[NODE_COUNT_MAX + 1] = {0};
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        values[id] = raft->peers[id].answered_ms;
    values[raft->settings.self] = raft->round_sent_ms[raft->round % RAFT_ROUNDS_MAX];
    return quorum_value(raft, values);
}

time_ms raft_quorum_until_ms(const struct raft *raft)
{
    time_ms since_ms = raft_quorum_answered_ms(raft);
    if (raft->quorum_since_ms > since_ms)
        since_ms = raft->quorum_since_ms;
    return since_ms + raft->settings.election_ms;
}

static void propose_noop(struct update *update)
{
    struct effect *effect = update_add(update, EFFECT_PROPOSE);
    effect->as.propose.kind = COMMAND_NOOP;
    effect->as.propose.service = SERVICE_SLOT_NONE;
}

static void send_heartbeats(struct raft *raft, time_ms now_ms, struct update *update)
{
    raft_round(raft, true, now_ms);
    raft->heartbeat_at_ms = now_ms + raft->settings.heartbeat_ms;
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        if (id != raft->settings.self)
            raft_send_append(raft, id, now_ms, update);
}

void raft_forget_peer(struct raft *raft, node_id id)
{
    raft->peers[id] = (struct raft_peer){.next_index = raft->log.last_index + 1,
                                         .window_index = raft->log.last_index,
                                         .answered_ms = RAFT_NEVER_MS,
                                         .heard_ms = RAFT_NEVER_MS};
}

void raft_become_leader(struct raft *raft, time_ms now_ms, struct update *update)
{
    CHECK(raft->role == RAFT_CANDIDATE && raft_vote_is_durable(raft));
    raft->role = RAFT_LEADER;
    raft->leader = raft->settings.self;
    raft->quorum_since_ms = now_ms;
    raft->first_round = raft->round + 1;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        time_ms heard_ms = raft->peers[id].heard_ms;
        raft_forget_peer(raft, id);
        raft->peers[id].heard_ms = heard_ms;
    }
    send_heartbeats(raft, now_ms, update);
    propose_noop(update);
}

void raft_leader_tick(struct raft *raft, time_ms now_ms, struct update *update)
{
    raft_transfer_tick(raft, now_ms);
    if (now_ms >= raft_quorum_until_ms(raft)) {
        raft_become_follower(raft, now_ms);
        return;
    }
    if (now_ms < raft->heartbeat_at_ms)
        return;
    send_heartbeats(raft, now_ms, update);
    raft_transfer_repeat(raft, update);
    if (raft->noop_index == 0)
        propose_noop(update); /* the first one found no room */
}

/* The term's first entry is the no-op; its room is kept free, for without it nothing older is ever
 * committed. */
static bool may_append(const struct raft *raft, const struct event *event)
{
    uint8_t kind = event->as.propose.kind;
    if (raft->role != RAFT_LEADER || raft->transfer.target != 0)
        return false;
    if (!raft_job_has_room(raft, false) || raft_log_room(&raft->log) == 0)
        return false;
    if (kind == COMMAND_NOOP)
        return raft->noop_index == 0;
    if (kind == COMMAND_MEMBER &&
        raft_member_gate(raft, &event->as.propose.member, event->now_ms) != WHY_NONE)
        return false;
    return raft->noop_index != 0 &&
           raft->log.last_index - raft->commit_index < RAFT_UNCOMMITTED_MAX;
}

void raft_on_propose(struct raft *raft, const struct event *event, struct update *update)
{
    if (!may_append(raft, event))
        return;
    struct raft_entry entry = {.index = raft->log.last_index + 1,
                               .term = raft->term,
                               .kind = event->as.propose.kind,
                               .length = event->as.propose.length,
                               .handle = event->as.propose.handle,
                               .member = event->as.propose.member};
    struct persist_job *job = raft_job_add_entries(raft, update);
    raft_job_entry(raft, job, &entry);
    entry.handle = 0; /* from here on the driver finds the payload by index */
    CHECK(raft_log_append(&raft->log, &entry) == 0);
    raft_member_appended(raft, &entry);
    if (entry.kind == COMMAND_NOOP)
        raft->noop_index = entry.index;
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        if (id != raft->settings.self)
            raft_replicate(raft, id, event->now_ms, update);
}

/* Only entries of the own term are counted; what precedes them is committed with them (Ongaro,
 * section 3.6.2). */
void raft_advance_commit(struct raft *raft, struct update *update)
{
    int64_t values[NODE_COUNT_MAX + 1] = {0};
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        values[id] = (int64_t)raft->peers[id].match_index;
    values[raft->settings.self] = (int64_t)raft->persisted_index;
    log_index index = (log_index)quorum_value(raft, values);
    term_id term = 0;
    if (index <= raft->commit_index || raft_log_term(&raft->log, index, &term) != 0)
        return;
    if (term == raft->term)
        raft_commit_to(raft, index, update);
}
