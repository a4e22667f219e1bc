#include "node/core/raft_parts.h"

#include <stddef.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

void raft_init(struct raft *raft, const struct raft_settings *settings, time_ms now_ms)
{
    CHECK(settings->node_count >= 1 && settings->node_count <= NODE_COUNT_MAX);
    CHECK(settings->self >= 1 && settings->self <= settings->node_count);
    CHECK(settings->heartbeat_ms > 0 && settings->election_ms > settings->heartbeat_ms);
    memset(raft, 0, offsetof(struct raft, log));
    raft->settings = *settings;
    if (raft->settings.snapshot_every == 0)
        raft->settings.snapshot_every = RAFT_SNAPSHOT_EVERY;
    if (raft->settings.snapshot_trailing == 0)
        raft->settings.snapshot_trailing = RAFT_SNAPSHOT_TRAILING;
    raft_log_init(&raft->log);
    ring_init(&raft->job_ring, RAFT_JOBS_MAX);
    prng_init(&raft->prng, settings->seed);
    raft->next_ticket = 1;
    raft->start_ms = now_ms;
    raft->heard_ms = RAFT_NEVER_MS;
    raft_reset_election(raft, now_ms);
}

/* What the snapshot covers may be on disk as well, for laggards; without the entry before it, the
 * oldest one serves as the log's base only. */
static int restore_entries(struct raft *raft, const struct raft_entry *entries, size_t entry_count)
{
    struct raft_log *log = &raft->log;
    if (entry_count == 0)
        return 0;
    if (entries[0].index == 0 || entries[0].index > log->snapshot_index + 1)
        return ERR_INVALID;
    if (entries[entry_count - 1].index < log->snapshot_index)
        return 0;
    if (entries[0].index <= log->snapshot_index) {
        log->first_index = entries[0].index + 1;
        log->last_index = entries[0].index;
        log->base_term = entries[0].term;
        entries++;
        entry_count--;
    }
    for (size_t i = 0; i < entry_count; i++) {
        if (entries[i].index != log->last_index + 1 || entries[i].term < raft_log_last_term(log))
            return ERR_INVALID;
        int error = raft_log_append(log, &entries[i]);
        if (error != 0)
            return error;
    }
    return 0;
}

int raft_restore(struct raft *raft, term_id term, node_id voted_for, log_index snapshot_index,
                 term_id snapshot_term, const struct raft_entry *entries, size_t entry_count)
{
    if (term > RAFT_TERM_MAX || snapshot_term > term || voted_for > raft->settings.node_count)
        return ERR_INVALID;
    raft_log_reset(&raft->log, snapshot_index, snapshot_term);
    int error = restore_entries(raft, entries, entry_count);
    if (error != 0)
        return error;
    for (log_index at = snapshot_index + 1; at <= raft->log.last_index; at++)
        raft_member_appended(raft, raft_log_get(&raft->log, at));
    term_id found = 0;
    if (raft_log_term(&raft->log, snapshot_index, &found) != 0 || found != snapshot_term)
        return ERR_INVALID;
    if (raft_log_last_term(&raft->log) > term)
        return ERR_INVALID;
    raft->term = term;
    raft->voted_for = voted_for;
    raft->commit_index = snapshot_index;
    raft->emitted_index = snapshot_index;
    raft->applied_index = snapshot_index;
    raft->persisted_index = raft->log.last_index;
    return 0;
}

/* Ranks spread over a tenth of the base keep two voters from losing patience at once; jitter breaks
 * what is left. */
void raft_reset_election(struct raft *raft, time_ms now_ms)
{
    time_ms base_ms = raft->settings.election_ms;
    time_ms rank_ms = 0;
    if (raft->settings.node_count > 1)
        rank_ms = base_ms * (raft->settings.self - 1) / (10 * (raft->settings.node_count - 1));
    time_ms jitter_ms = (time_ms)prng_below(&raft->prng, (uint64_t)(base_ms / 5) + 1);
    raft->election_at_ms = now_ms + base_ms + rank_ms + jitter_ms;
}

void raft_become_follower(struct raft *raft, time_ms now_ms)
{
    if (raft->role == RAFT_LEADER) {
        raft_reset_election(raft, now_ms);
        raft->leader = 0;
    }
    raft->role = RAFT_FOLLOWER;
    raft->noop_index = 0;
    raft->asked = false;
    raft->transfer = (struct raft_transfer){0};
}

void raft_adopt_term(struct raft *raft, term_id term, time_ms now_ms)
{
    CHECK(term > raft->term);
    raft_become_follower(raft, now_ms);
    raft->term = term;
    raft->voted_for = 0;
    raft->vote_dirty = true;
    raft->leader = 0;
    raft->heard_round = 0;
    raft->matched_index = 0;
    raft->vote_reply_to = 0;
    raft->ack_due = false;
    if (!raft->receipt.installing)
        raft->receipt = (struct raft_receipt){0};
}

void raft_hear_leader(struct raft *raft, node_id leader, uint64_t round, time_ms now_ms)
{
    raft_become_follower(raft, now_ms);
    raft->leader = leader;
    raft->heard_ms = now_ms;
    if (round > raft->heard_round)
        raft->heard_round = round;
    raft_reset_election(raft, now_ms);
}

struct raft_message *raft_send(struct raft *raft, struct update *update,
                               enum raft_message_kind kind, node_id to)
{
    struct raft_message *message = &update_add(update, EFFECT_SEND)->as.send;
    message->kind = kind;
    message->from = raft->settings.self;
    message->to = to;
    message->term = raft->term;
    return message;
}

void raft_commit_to(struct raft *raft, log_index index, struct update *update)
{
    if (index > raft->commit_index)
        raft->commit_index = index;
    if (raft->commit_index <= raft->emitted_index)
        return;
    struct effect *effect = update_add(update, EFFECT_APPLY);
    effect->as.apply.first = raft->emitted_index + 1;
    effect->as.apply.last = raft->commit_index;
    raft->emitted_index = raft->commit_index;
}

/* While a snapshot replaces the log this node could not lead by it. */
/* A node that may not campaign only forgets who leads. */
static void lose_patience(struct raft *raft, time_ms now_ms, struct update *update)
{
    if (raft_is_voter(raft)) {
        raft_campaign_prevote(raft, now_ms, update);
        return;
    }
    raft->leader = 0;
    raft_reset_election(raft, now_ms);
}

static void on_tick(struct raft *raft, time_ms now_ms, struct update *update)
{
    if (raft->role == RAFT_LEADER)
        raft_leader_tick(raft, now_ms, update);
    else if (raft->receipt.installing && now_ms >= raft->election_at_ms)
        raft_reset_election(raft, now_ms);
    else if (now_ms >= raft->election_at_ms)
        lose_patience(raft, now_ms, update);
    else
        raft_campaign_go_on(raft, now_ms, update);
}

/* A voter that lost its disk still follows who leads, for its status; it holds no more than that.
 */
static void listen_only(struct raft *raft, const struct raft_message *message, time_ms now_ms)
{
    if (message->kind != RAFT_APPEND && message->kind != RAFT_SNAPSHOT)
        return;
    if (message->term < raft->term)
        return;
    raft->term = message->term;
    raft->leader = message->from;
    raft->heard_ms = now_ms;
}

static void dispatch_message(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                             struct update *update)
{
    switch (message->kind) {
    case RAFT_PREVOTE:
        raft_on_prevote(raft, message, now_ms, update);
        break;
    case RAFT_VOTE:
        raft_on_vote(raft, message, now_ms, update);
        break;
    case RAFT_PREVOTE_REPLY:
    case RAFT_VOTE_REPLY:
        raft_on_vote_reply(raft, message, now_ms, update);
        break;
    case RAFT_APPEND:
        raft_on_append(raft, message, now_ms, update);
        break;
    case RAFT_APPEND_REPLY:
        raft_on_append_reply(raft, message, now_ms, update);
        break;
    case RAFT_SNAPSHOT:
        raft_on_snapshot(raft, message, now_ms, update);
        break;
    case RAFT_SNAPSHOT_REPLY:
        raft_on_snapshot_reply(raft, message, now_ms, update);
        break;
    case RAFT_TIMEOUT_NOW:
        raft_on_timeout_now(raft, message, now_ms, update);
        break;
    case RAFT_MESSAGE_N:
        break;
    }
}

/* A newer term is adopted from every message but two: a pre-vote changes nobody's term, and a vote
 * request that loyalty refuses is not heard at all (Ongaro, section 4.2.3). */
static void on_message(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                       struct update *update)
{
    if (!raft_message_is_sound(raft, message)) {
        raft->rejected++;
        return;
    }
    if (raft->failed) {
        listen_only(raft, message, now_ms);
        return;
    }
    if (message->kind == RAFT_VOTE && raft_refuses_vote(raft, message, now_ms))
        return;
    if (message->term > raft->term && message->kind != RAFT_PREVOTE) {
        if (!raft_job_has_room(raft, true))
            return; /* as if it was lost on the way */
        raft_adopt_term(raft, message->term, now_ms);
        if (message->kind != RAFT_VOTE)
            raft_job_add_vote(raft, update);
    }
    dispatch_message(raft, message, now_ms, update);
}

static void on_persisted(struct raft *raft, uint64_t ticket, time_ms now_ms, struct update *update)
{
    if (raft->failed || !raft_job_finish(raft, ticket))
        return;
    raft_release_vote(raft, update);
    if (raft->role == RAFT_LEADER)
        raft_advance_commit(raft, update);
    else if (raft->role == RAFT_CANDIDATE)
        raft_campaign_go_on(raft, now_ms, update);
    else if (raft->ack_due && raft->leader != 0)
        raft_send_ack(raft, update);
}

static void on_persist_failed(struct raft *raft, time_ms now_ms)
{
    raft_become_follower(raft, now_ms);
    raft->failed = true;
    raft->vote_reply_to = 0;
    raft->ack_due = false;
}

static void on_committed(struct raft *raft, log_index index, struct update *update)
{
    CHECK(index == raft->applied_index + 1 && index <= raft->commit_index);
    raft->applied_index = index;
    raft_members_settle(raft, index);
    if (index - raft->log.snapshot_index >= raft->settings.snapshot_every)
        raft_take_snapshot(raft, update);
}

/* The clock may have jumped, so that what was promised to a leader looks older than it is, and a
 * lease rests on it: the promise counts from here, as after a start. */
static void on_time_doubt(struct raft *raft, time_ms now_ms)
{
    if (raft->role == RAFT_LEADER)
        return; /* its own lease is over all the sooner */
    raft->start_ms = now_ms;
    raft_reset_election(raft, now_ms);
}

static void set_deadline(const struct raft *raft, struct update *update)
{
    if (raft->failed)
        return;
    if (raft->role == RAFT_LEADER) {
        update_deadline(update, raft->heartbeat_at_ms);
        update_deadline(update, raft_quorum_until_ms(raft));
        if (raft->transfer.target != 0)
            update_deadline(update, raft->transfer.until_ms);
        return;
    }
    update_deadline(update, raft->election_at_ms);
    if (raft->role == RAFT_FOLLOWER || !raft->asked)
        return;
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        if (id != raft->settings.self && raft_counts(raft, id) && !raft->peers[id].granted)
            update_deadline(update, raft->peers[id].ask_ms);
}

void raft_step(struct raft *raft, const struct event *event, struct update *update)
{
    switch (event->kind) {
    case EVENT_TICK:
        if (!raft->failed)
            on_tick(raft, event->now_ms, update);
        break;
    case EVENT_RAFT_MESSAGE:
        on_message(raft, event->as.message, event->now_ms, update);
        break;
    case EVENT_PERSISTED:
        on_persisted(raft, event->as.persisted.ticket, event->now_ms, update);
        break;
    case EVENT_PERSIST_FAILED:
        on_persist_failed(raft, event->now_ms);
        break;
    case EVENT_PROPOSE:
        raft_on_propose(raft, event, update);
        break;
    case EVENT_COMMITTED:
        on_committed(raft, event->as.committed.index, update);
        raft_members_step_down(raft, event->now_ms);
        break;
    case EVENT_SNAPSHOT_INSTALLED:
        raft_on_installed(raft, event, update);
        break;
    case EVENT_TIME_DOUBT:
        on_time_doubt(raft, event->now_ms);
        break;
    case EVENT_TRANSFER:
        raft_on_transfer(raft, event->as.transfer.node, event->now_ms, update);
        break;
    case EVENT_CONFIGURED:
    case EVENT_SAMPLE:
    case EVENT_VOTE:
    case EVENT_CALL:
    case EVENT_ROUTE:
    case EVENT_EXCHANGED:
    case EVENT_PEER:
    case EVENT_HELLO:
    case EVENT_JOIN:
    case EVENT_OPERATE:
    case EVENT_KIND_N:
        break;
    }
    set_deadline(raft, update);
}
