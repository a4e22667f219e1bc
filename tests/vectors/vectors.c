#include "tests/vectors/vectors.h"

#include "common/check.h"
#include "proto/level.h"

static int encode_leaf(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct vote vote = example_vote(2, 0, VOTE_DOWN);
    return vote_encode(&vote, buffer, size, ret_length);
}

/* With what wire level 3 says. */
static int encode_leaf_3(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct vote vote = example_vote(2, 0, VOTE_DOWN);
    struct side_vote *primary = &vote.side[SIDE_PRIMARY];
    primary->reason = VOTE_REASON_BOT;
    primary->sample =
        (struct sample){SAMPLE_BOT, 0, 0, 0, 81000, 82000, 0, 200, true, "Exit Error"};
    vote.side[SIDE_STANDBY].value = VOTE_CANNOT_TELL;
    vote.side[SIDE_STANDBY].reason = VOTE_REASON_PLATFORM;
    vote.side[SIDE_STANDBY].sample.result = SAMPLE_PLATFORM;
    return vote_encode(&vote, buffer, size, ret_length);
}

static int leaf_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                       size_t *ret_length, bool *ret_dirty)
{
    struct vote vote;
    int error = vote_decode(bytes, length, &vote);
    *ret_dirty = error != 0 && !all_zero(&vote, sizeof vote);
    return error != 0 ? error : vote_encode(&vote, buffer, size, ret_length);
}

/* What the voter of frame-votes signs. */
static int encode_message(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct votes votes;
    CHECK(size >= VOTES_MESSAGE_BYTES);
    example_votes(2, 3, VOTE_DOWN, &votes);
    *ret_length = VOTES_MESSAGE_BYTES;
    return votes_message(&votes, buffer);
}

static int encode_evidence(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct evidence_list list;
    example_evidence(&list);
    return evidence_list_encode(&list, buffer, size, ret_length);
}

static int evidence_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                           size_t *ret_length, bool *ret_dirty)
{
    struct evidence_list list;
    int error = evidence_list_decode(bytes, length, &list);
    *ret_dirty = error != 0 && !all_zero(&list, sizeof list);
    return error != 0 ? error : evidence_list_encode(&list, buffer, size, ret_length);
}

static int encode_ledger(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct ledger ledger;
    example_ledger(&ledger);
    return ledger_encode(&ledger, buffer, size, ret_length);
}

/* The same in the words of wire level 2. */
static void fill_ledger_2(struct ledger *ledger)
{
    example_ledger(ledger);
    ledger->level = PROTO_LEVEL_HELLO;
    ledger->services[0].settings_level = PROTO_LEVEL_HELLO;
    ledger->members.incarnation[3] = UINT64_C(0x0123456789abcdef);
    ledger->members.learners = UINT32_C(1) << 3;
    ledger->services[0].late =
        (struct late_list){1, {{ROUTE_PAUSE, SIDE_STANDBY, 1, {12, 0x1112131415161718}, 76000}}};
    ledger->services[0].failovers = (struct time_list){1, {10000}};
    ledger->services[0].failback_from_ms = 10000;
    ledger->hold = (struct hold_record){.active = true, .until_ms = 7200000};
    example_name(&ledger->hold.actor, "operator-3");
    example_token(ledger);
}

static int encode_ledger_2(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct ledger ledger;
    fill_ledger_2(&ledger);
    return ledger_encode(&ledger, buffer, size, ret_length);
}

/* ... of wire level 3. */
static int encode_ledger_3(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct ledger ledger;
    fill_ledger_2(&ledger);
    ledger.level = PROTO_LEVEL_STEPS;
    ledger.services[0].settings_level = PROTO_LEVEL_STEPS;
    ledger.services[0].settings.drain_every_ms = 5000;
    ledger.services[0].move.steps[ROUTE_PAUSE] =
        (struct step_record){.attempt = 1,
                             .outcome = OUTCOME_APPLIED,
                             .correlation = "6f0e9b4a-51c2-4d0b-8f13-7a2c9d5e1b04"};
    ledger.services[0].parts = (struct route_parts){2, {{ROUTE_PAUSED, 13}, {ROUTE_PAUSED, 0}}};
    return ledger_encode(&ledger, buffer, size, ret_length);
}

static int ledger_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                         size_t *ret_length, bool *ret_dirty)
{
    struct ledger ledger;
    int error = ledger_decode(bytes, length, &ledger);
    *ret_dirty = error != 0 && !all_zero(&ledger, sizeof ledger);
    return error != 0 ? error : ledger_encode(&ledger, buffer, size, ret_length);
}

const struct vector vectors[] = {
    {"vote-leaf", encode_leaf, leaf_recode},
    {"vote-leaf-3", encode_leaf_3, leaf_recode},
    {"votes-message", encode_message, NULL},
    {"frame-votes", encode_votes, frame_recode},
    {"frame-call", encode_call, frame_recode},
    {"frame-ping", encode_ping, frame_recode},
    {"frame-pong", encode_pong, frame_recode},
    {"frame-init-ask", encode_init_ask, frame_recode},
    {"frame-init-answer", encode_init_answer, frame_recode},
    {"frame-init-set", encode_init_set, frame_recode},
    {"frame-init-done", encode_init_done, frame_recode},
    {"frame-operate", encode_operate, frame_recode},
    {"frame-operate-all", encode_operate_all, frame_recode},
    {"frame-operated", encode_operated, frame_recode},
    {"frame-hello", encode_hello, frame_recode},
    {"frame-join", encode_join, frame_recode},
    {"frame-admit", encode_admit, frame_recode},
    {"frame-raft-prevote", encode_prevote, frame_recode},
    {"frame-raft-prevote-reply", encode_prevote_reply, frame_recode},
    {"frame-raft-vote", encode_vote, frame_recode},
    {"frame-raft-vote-reply", encode_vote_reply, frame_recode},
    {"frame-raft-append", encode_append, frame_recode},
    {"frame-raft-append-reply", encode_append_reply, frame_recode},
    {"frame-raft-snapshot", encode_snapshot, frame_recode},
    {"frame-raft-snapshot-reply", encode_snapshot_reply, frame_recode},
    {"frame-raft-timeout-now", encode_timeout_now, frame_recode},
    {"context-put", encode_context_put, context_recode},
    {"context-put-deleted", encode_context_put_deleted, context_recode},
    {"context-held", encode_context_held, context_recode},
    {"context-get", encode_context_get, context_recode},
    {"context-entry", encode_context_entry, context_recode},
    {"context-entry-none", encode_context_entry_none, context_recode},
    {"context-page-ask", encode_context_page_ask, context_recode},
    {"context-page", encode_context_page, context_recode},
    {"context-hello", encode_context_hello, context_recode},
    {"context-written", encode_context_written, context_recode},
    {"command-noop", encode_noop, command_recode},
    {"command-cluster", encode_cluster, command_recode},
    {"command-service-set", encode_service_set, command_recode},
    {"command-inquiry-open", encode_inquiry_open, command_recode},
    {"command-ballot-close", encode_ballot_close, command_recode},
    {"command-inquiry-lapse", encode_inquiry_lapse, command_recode},
    {"command-move-open", encode_move_open, command_recode},
    {"command-intent", encode_intent, command_recode},
    {"command-outcome", encode_outcome, command_recode},
    {"command-move-input", encode_move_input, command_recode},
    {"command-outcome-unit", encode_outcome_unit, command_recode},
    {"command-route-seen", encode_route_seen, command_recode},
    {"command-route-seen-3", encode_route_seen_3, command_recode},
    {"command-hold", encode_hold, command_recode},
    {"command-release", encode_release, command_recode},
    {"command-arm", encode_arm, command_recode},
    {"command-disarm", encode_disarm, command_recode},
    {"command-tick", encode_tick, command_recode},
    {"command-ack", encode_ack, command_recode},
    {"command-level", encode_level, command_recode},
    {"command-member", encode_member, command_recode},
    {"command-service-set-2", encode_service_set_2, command_recode},
    {"command-outcome-2", encode_outcome_2, command_recode},
    {"command-service-set-3", encode_service_set_3, command_recode},
    {"command-outcome-3", encode_outcome_3, command_recode},
    {"command-hold-all", encode_hold_all, command_recode},
    {"command-release-all", encode_release_all, command_recode},
    {"command-token-intent", encode_token_intent, command_recode},
    {"command-token-set", encode_token_set, command_recode},
    {"command-token-locked-out", encode_token_locked_out, command_recode},
    {"evidence-list", encode_evidence, evidence_recode},
    {"ledger", encode_ledger, ledger_recode},
    {"ledger-2", encode_ledger_2, ledger_recode},
    {"ledger-3", encode_ledger_3, ledger_recode},
};

const size_t vector_count = ARRAY_COUNT(vectors);
