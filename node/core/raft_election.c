#include "node/core/raft_parts.h"

#include "common/check.h"

time_ms raft_loyal_until_ms(const struct raft *raft)
{
    if (raft->role == RAFT_LEADER)
        return raft_quorum_until_ms(raft);
    time_ms since_ms = raft->heard_ms > raft->start_ms ? raft->heard_ms : raft->start_ms;
    return since_ms + raft->settings.election_ms;
}

/* The leader itself asked for this campaign and has sent no newer round since, so no lease rests on
 * this voter's loyalty. A voter that has just started no longer knows which rounds it answered. */
static bool is_permitted_transfer(const struct raft *raft, const struct raft_message *message,
                                  time_ms now_ms)
{
    if (!message->as.vote.transfer || message->term != raft->term + 1)
        return false;
    if (now_ms < raft->start_ms + raft->settings.election_ms)
        return false;
    uint64_t newest = raft->role == RAFT_LEADER ? raft->round : raft->heard_round;
    return message->as.vote.round >= newest;
}

bool raft_refuses_vote(const struct raft *raft, const struct raft_message *message, time_ms now_ms)
{
    return now_ms < raft_loyal_until_ms(raft) && !is_permitted_transfer(raft, message, now_ms);
}

static bool is_up_to_date(const struct raft *raft, const struct raft_message *message)
{
    term_id last_term = raft_log_last_term(&raft->log);
    if (message->as.vote.last_term != last_term)
        return message->as.vote.last_term > last_term;
    return message->as.vote.last_index >= raft->log.last_index;
}

/* Asks whoever has not granted and whose time has come; a lost request is repeated after two
 * heartbeats. */
static void ask_voters(struct raft *raft, time_ms now_ms, struct update *update)
{
    enum raft_message_kind kind = raft->role == RAFT_CANDIDATE ? RAFT_VOTE : RAFT_PREVOTE;
    raft->asked = true;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        struct raft_peer *peer = &raft->peers[id];
        if (id == raft->settings.self || !raft_counts(raft, id) || peer->granted ||
            now_ms < peer->ask_ms)
            continue;
        peer->ask_ms = now_ms + 2 * raft->settings.heartbeat_ms;
        struct raft_message *message = raft_send(raft, update, kind, id);
        message->as.vote.last_index = raft->log.last_index;
        message->as.vote.last_term = raft_log_last_term(&raft->log);
        message->as.vote.nonce = raft->nonce;
        message->as.vote.transfer = raft->campaign_transfer;
        message->as.vote.round = raft->campaign_round;
    }
}

static void open_campaign(struct raft *raft, enum raft_role role, bool transfer, uint64_t round,
                          time_ms now_ms)
{
    raft->role = role;
    raft->leader = 0;
    raft->nonce = prng_next(&raft->prng);
    raft->campaign_transfer = transfer;
    raft->campaign_round = round;
    raft->asked = false;
    for (node_id id = 1; id <= raft->settings.node_count; id++) {
        raft->peers[id].granted = false;
        raft->peers[id].ask_ms = now_ms;
        raft->peers[id].heard_ms = RAFT_NEVER_MS;
    }
    raft_reset_election(raft, now_ms);
}

static bool has_won(const struct raft *raft)
{
    uint8_t granted = 1;
    for (node_id id = 1; id <= raft->settings.node_count; id++)
        if (id != raft->settings.self && raft_counts(raft, id) && raft->peers[id].granted)
            granted++;
    return granted >= raft_quorum(raft_voter_count(raft));
}

void raft_campaign_prevote(struct raft *raft, time_ms now_ms, struct update *update)
{
    open_campaign(raft, RAFT_PRECANDIDATE, false, 0, now_ms);
    if (has_won(raft))
        raft_campaign_vote(raft, false, 0, now_ms, update);
    else
        ask_voters(raft, now_ms, update);
}

/* The requests leave when the term and the own vote are on disk: raft_campaign_go_on. */
void raft_campaign_vote(struct raft *raft, bool transfer, uint64_t round, time_ms now_ms,
                        struct update *update)
{
    if (!raft_job_has_room(raft, true) || raft->term >= RAFT_TERM_MAX)
        return;
    raft_adopt_term(raft, raft->term + 1, now_ms);
    raft->voted_for = raft->settings.self;
    raft_job_add_vote(raft, update);
    open_campaign(raft, RAFT_CANDIDATE, transfer, round, now_ms);
}

void raft_campaign_go_on(struct raft *raft, time_ms now_ms, struct update *update)
{
    if (raft->role == RAFT_PRECANDIDATE) {
        ask_voters(raft, now_ms, update);
        return;
    }
    if (raft->role != RAFT_CANDIDATE || !raft_vote_is_durable(raft))
        return;
    if (has_won(raft))
        raft_become_leader(raft, now_ms, update);
    else
        ask_voters(raft, now_ms, update);
}

void raft_on_prevote(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                     struct update *update)
{
    time_ms loyal_ms = raft_loyal_until_ms(raft) - now_ms;
    bool granted = raft_is_known(raft) && loyal_ms <= 0 && message->term >= raft->term &&
                   is_up_to_date(raft, message);
    struct raft_message *reply = raft_send(raft, update, RAFT_PREVOTE_REPLY, message->from);
    reply->as.vote_reply.granted = granted;
    reply->as.vote_reply.nonce = message->as.vote.nonce;
    reply->as.vote_reply.retry_ms = loyal_ms > 0 ? loyal_ms : 0;
}

static void send_vote_reply(struct raft *raft, node_id to, bool granted, struct update *update)
{
    struct raft_message *reply = raft_send(raft, update, RAFT_VOTE_REPLY, to);
    reply->as.vote_reply.granted = granted;
}

void raft_on_vote(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                  struct update *update)
{
    bool may_vote = raft->voted_for == 0 || raft->voted_for == message->from;
    bool granted = raft_is_known(raft) && message->term == raft->term &&
                   raft->role != RAFT_LEADER && may_vote && is_up_to_date(raft, message);
    if (granted && raft->voted_for == 0) {
        if (!raft_job_has_room(raft, true))
            granted = false;
        else
            raft->vote_dirty = true;
    }
    if (granted) {
        raft_become_follower(raft, now_ms);
        raft->voted_for = message->from;
        raft_reset_election(raft, now_ms);
    }
    raft_job_add_vote(raft, update);
    if (!granted) {
        send_vote_reply(raft, message->from, false, update);
        return;
    }
    raft->vote_reply_to = message->from;
    raft_release_vote(raft, update);
}

void raft_release_vote(struct raft *raft, struct update *update)
{
    if (raft->vote_reply_to == 0 || !raft_vote_is_durable(raft))
        return;
    send_vote_reply(raft, raft->vote_reply_to, true, update);
    raft->vote_reply_to = 0;
}

void raft_on_vote_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                        struct update *update)
{
    bool answers_prevote = message->kind == RAFT_PREVOTE_REPLY && raft->role == RAFT_PRECANDIDATE &&
                           message->as.vote_reply.nonce == raft->nonce;
    bool answers_vote = message->kind == RAFT_VOTE_REPLY && raft->role == RAFT_CANDIDATE &&
                        raft->asked && message->term == raft->term;
    if (!answers_prevote && !answers_vote)
        return;
    if (raft_is_outdated(raft, message)) {
        raft->outdated++;
        return;
    }
    struct raft_peer *peer = &raft->peers[message->from];
    if (!message->as.vote_reply.granted) {
        time_ms retry_ms = message->as.vote_reply.retry_ms;
        bool asks_again = retry_ms > 0 && retry_ms <= raft->settings.election_ms;
        peer->ask_ms = asks_again ? now_ms + retry_ms : TIME_NEVER;
        return;
    }
    peer->granted = true;
    peer->heard_ms = now_ms;
    if (!has_won(raft))
        return;
    if (raft->role == RAFT_PRECANDIDATE)
        raft_campaign_vote(raft, false, 0, now_ms, update);
    else
        raft_become_leader(raft, now_ms, update);
}
