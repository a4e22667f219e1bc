/* One Raft voter on the bench: events go in by hand, effects are looked at one by one.
 * Never answers an effect by itself.
 * Used by the unit tests of Raft. */
#ifndef QUORATE_TESTS_UNIT_CORE_RAFT_RIG_H
#define QUORATE_TESTS_UNIT_CORE_RAFT_RIG_H

#include "node/core/raft.h"

enum { RIG_ELECTION_MS = 1000, RIG_HEARTBEAT_MS = 100 };

struct raft_rig {
    struct raft raft;
    struct update update; /* of the last step */
    time_ms now_ms;
};

/* For cmocka: *state is a rig of voter 1 of 3, started at 0 ms, with an empty disk. */
int raft_rig_setup(void **state);
int raft_rig_teardown(void **state);
/* Starts it anew. */
void raft_rig_start(struct raft_rig *rig, node_id self, node_id voter_count);

void raft_rig_tick(struct raft_rig *rig, time_ms now_ms);
/* Lets the rig's own timer fire. */
void raft_rig_wait(struct raft_rig *rig);
void raft_rig_persisted(struct raft_rig *rig, uint64_t ticket);
/* All tickets so far are down. */
void raft_rig_persist_all(struct raft_rig *rig);
void raft_rig_persist_fails(struct raft_rig *rig);
void raft_rig_propose(struct raft_rig *rig, uint8_t kind, uint32_t length);
void raft_rig_transfer(struct raft_rig *rig, node_id node);
/* Committed entries first..last are applied, as the effects of the last step asked. */
void raft_rig_apply(struct raft_rig *rig);
void raft_rig_message(struct raft_rig *rig, const struct raft_message *message);

/* Messages to the rig in its own term or another. */
struct raft_message raft_rig_vote(const struct raft_rig *rig, enum raft_message_kind kind,
                                  node_id from, term_id term);
/* With `count` entries of the message's term after prev_index. */
struct raft_message raft_rig_append(const struct raft_rig *rig, node_id from, term_id term,
                                    log_index prev_index, term_id prev_term, uint32_t count);
/* The follower answers the newest round: all up to `match_index` is on its disk. */
void raft_rig_ack(struct raft_rig *rig, node_id from, log_index match_index);
void raft_rig_grant(struct raft_rig *rig, node_id from);

/* The rig becomes leader of the next term, by the votes of 2 (and so on up to a quorum), its no-op
 * in the log, on disk and committed. */
void raft_rig_lead(struct raft_rig *rig);

/* The n-th effect of the kind in the last step, counted from 0; NULL where there are fewer. */
const struct effect *raft_rig_effect(const struct raft_rig *rig, enum effect_kind kind, size_t n);
size_t raft_rig_count(const struct raft_rig *rig, enum effect_kind kind);
/* The first message of the kind to the node in the last step; NULL where there is none. */
const struct raft_message *raft_rig_sent(const struct raft_rig *rig, enum raft_message_kind kind,
                                         node_id to);

#endif
