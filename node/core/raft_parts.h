/* What the parts of Raft ask of each other: roles, jobs, elections, replication, snapshots.
 * Never used outside of raft*.c; raft.h is the module's face.
 * Each part changes struct raft and adds effects; `now_ms` is the event's time. */
#ifndef QUORATE_CORE_RAFT_PARTS_H
#define QUORATE_CORE_RAFT_PARTS_H

#include "node/core/raft.h"

/* raft_message_check.c: fields that a sound voter can have sent to this one. */
bool raft_message_is_sound(const struct raft *raft, const struct raft_message *message);

/* raft.c: roles and messages out. */
void raft_become_follower(struct raft *raft, time_ms now_ms);
void raft_adopt_term(struct raft *raft, term_id term, time_ms now_ms);
/* The leader of this term spoke: follow it, and be loyal to it for one base. */
void raft_hear_leader(struct raft *raft, node_id leader, uint64_t round, time_ms now_ms);
void raft_reset_election(struct raft *raft, time_ms now_ms);
struct raft_message *raft_send(struct raft *raft, struct update *update,
                               enum raft_message_kind kind, node_id to);
/* Commits up to `index` (already known to be committed) and asks for what was not applied yet. */
void raft_commit_to(struct raft *raft, log_index index, struct update *update);

/* raft_members.c: who votes. */
/* Whether the newest members have the node as a voter. */
static inline bool raft_counts(const struct raft *raft, node_id node)
{
    return members_is_voter(&raft->members, node);
}
/* The entry was appended. */
void raft_member_appended(struct raft *raft, const struct raft_entry *entry);
/* Entries from `index` on were cut. */
void raft_members_cut(struct raft *raft, log_index index);
/* The entry was applied. */
void raft_members_settle(struct raft *raft, log_index index);
/* The answer is of another folder than the recorded one: what it says of the disk is gone. Whoever
 * has a newer folder than recorded here was made a voter by an entry that is missing here, and has
 * nothing to grant. */
bool raft_is_outdated(const struct raft *raft, const struct raft_message *message);
/* The newest members record this very folder, as a voter's or a learner's. It may grant votes: a
 * candidate that counts a learner holds its promotion, which the learner may lack yet; and one that
 * lacks its demotion is behind the learner's log, for the demotion was committed before the folder
 * was admitted. */
bool raft_is_known(const struct raft *raft);
/* A leader that is no voter any more stands down once that is committed. */
void raft_members_step_down(struct raft *raft, time_ms now_ms);
/* DESIGN 3, First start: a novice may have voted in this term by the folder that is gone. It
 * pledges its vote to the term's leader and so never grants another. False: no room for the write,
 * and the message is as good as lost. */
bool raft_pledge(struct raft *raft, node_id leader, struct update *update);

/* raft_job.c: writes and their tickets. */
bool raft_job_has_room(const struct raft *raft, bool for_vote);
void raft_job_add_vote(struct raft *raft, struct update *update);
/* A job for entries; the caller fills in the entries, then says how far they go. */
struct persist_job *raft_job_add_entries(struct raft *raft, struct update *update);
void raft_job_entry(struct raft *raft, struct persist_job *job, const struct raft_entry *entry);
/* What later jobs replace does not count when earlier ones come down. */
void raft_job_cut(struct raft *raft, log_index from_index);
bool raft_job_finish(struct raft *raft, uint64_t ticket);
bool raft_vote_is_durable(const struct raft *raft);

/* raft_election.c */
time_ms raft_loyal_until_ms(const struct raft *raft);
bool raft_refuses_vote(const struct raft *raft, const struct raft_message *message, time_ms now_ms);
void raft_campaign_prevote(struct raft *raft, time_ms now_ms, struct update *update);
void raft_campaign_vote(struct raft *raft, bool transfer, uint64_t round, time_ms now_ms,
                        struct update *update);
void raft_campaign_go_on(struct raft *raft, time_ms now_ms, struct update *update);
void raft_on_prevote(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                     struct update *update);
void raft_on_vote(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                  struct update *update);
void raft_on_vote_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                        struct update *update);
void raft_release_vote(struct raft *raft, struct update *update);

/* raft_leader.c */
/* What a leader knows of a node of which it has heard nothing. */
void raft_forget_peer(struct raft *raft, node_id id);
void raft_become_leader(struct raft *raft, time_ms now_ms, struct update *update);
void raft_leader_tick(struct raft *raft, time_ms now_ms, struct update *update);
void raft_on_propose(struct raft *raft, const struct event *event, struct update *update);
void raft_advance_commit(struct raft *raft, struct update *update);
/* A round number for what is sent now; `fresh` opens a new one in any case. */
uint64_t raft_round(struct raft *raft, bool fresh, time_ms now_ms);
void raft_note_answer(struct raft *raft, node_id from, uint64_t round, time_ms now_ms);
/* When the newest round was sent that a majority has answered; RAFT_NEVER_MS where there is none.
 */
time_ms raft_quorum_answered_ms(const struct raft *raft);
time_ms raft_quorum_until_ms(const struct raft *raft);

/* raft_replication.c */
void raft_send_append(struct raft *raft, node_id to, time_ms now_ms, struct update *update);
void raft_replicate(struct raft *raft, node_id to, time_ms now_ms, struct update *update);
/* The peer has persisted the log up to `index`. */
void raft_match_to(struct raft *raft, node_id id, log_index index);
void raft_on_append_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                          struct update *update);

/* raft_follower.c */
void raft_on_append(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                    struct update *update);
/* How far the log equals the leader's and is on disk; what is not yet follows when its ticket comes
 * down. */
void raft_send_ack(struct raft *raft, struct update *update);
/* The sender's term is over, or the logs differ at what it sent. */
void raft_send_refusal(struct raft *raft, node_id to, log_index hint_index, uint64_t round,
                       struct update *update);

/* raft_snapshot.c */
void raft_take_snapshot(struct raft *raft, struct update *update);
void raft_send_snapshot(struct raft *raft, node_id to, uint32_t offset, time_ms now_ms,
                        struct update *update);
void raft_retry_snapshot(struct raft *raft, node_id to, time_ms now_ms, struct update *update);
void raft_on_snapshot(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                      struct update *update);
void raft_on_snapshot_reply(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                            struct update *update);
void raft_on_installed(struct raft *raft, const struct event *event, struct update *update);

/* raft_transfer.c */
void raft_on_transfer(struct raft *raft, node_id target, time_ms now_ms, struct update *update);
void raft_transfer_go_on(struct raft *raft, time_ms now_ms, struct update *update);
void raft_transfer_repeat(struct raft *raft, struct update *update);
void raft_transfer_tick(struct raft *raft, time_ms now_ms);
void raft_on_timeout_now(struct raft *raft, const struct raft_message *message, time_ms now_ms,
                         struct update *update);

#endif
