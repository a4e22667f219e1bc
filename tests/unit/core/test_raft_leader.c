#include "tests/unit/core/raft_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/check.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, raft_rig_setup, raft_rig_teardown)

static void a_leader_sends_before_its_own_write_is_down_but_counts_itself_afterwards(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_start(rig, 1, 5);
    raft_rig_lead(rig);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    assert_int_equal(rig->update.effects[0].kind, EFFECT_PERSIST);
    assert_int_equal(rig->update.effects[0].as.persist.entries[0].handle, 77);
    assert_int_equal(raft_rig_sent(rig, RAFT_APPEND, 2)->as.append.entry_count, 1);
    raft_rig_ack(rig, 2, 2);
    raft_rig_ack(rig, 3, 2);
    assert_int_equal(rig->raft.commit_index, 1);
    raft_rig_persist_all(rig);
    assert_int_equal(raft_rig_effect(rig, EFFECT_APPLY, 0)->as.apply.last, 2);
}

static void entries_of_older_terms_are_committed_with_one_of_its_own_only(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 3);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    raft_rig_wait(rig);
    raft_rig_grant(rig, 2);
    raft_rig_persist_all(rig);
    raft_rig_grant(rig, 2);
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    raft_rig_persist_all(rig);
    raft_rig_ack(rig, 2, 3);
    raft_rig_ack(rig, 3, 3);
    assert_int_equal(rig->raft.commit_index, 0);
    raft_rig_ack(rig, 3, 4);
    assert_int_equal(rig->raft.commit_index, 4);
}

static void the_lease_counts_from_the_sending_of_the_round_that_a_majority_answered(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_start(rig, 1, 5);
    raft_rig_lead(rig);
    raft_rig_wait(rig);
    time_ms sent_ms = rig->now_ms;
    uint64_t round = rig->raft.round;
    struct raft_message reply = {.kind = RAFT_APPEND_REPLY, .to = 1, .term = rig->raft.term};
    reply.as.append_reply.matched = true;
    reply.as.append_reply.match_index = 1;
    reply.as.append_reply.round = round;
    raft_rig_tick(rig, sent_ms + 60);
    reply.from = 2;
    raft_rig_message(rig, &reply);
    time_ms before_ms = raft_lease_until_ms(&rig->raft);
    assert_true(before_ms < sent_ms + RIG_ELECTION_MS);
    reply.from = 3;
    raft_rig_message(rig, &reply);
    assert_int_equal(raft_lease_until_ms(&rig->raft), sent_ms + RIG_ELECTION_MS);
    reply.from = 4;
    reply.as.append_reply.round = round + 1; /* not sent yet */
    raft_rig_message(rig, &reply);
    assert_int_equal(raft_lease_until_ms(&rig->raft), sent_ms + RIG_ELECTION_MS);
}

static void a_leader_that_no_majority_answers_steps_down_as_its_lease_ends(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    time_ms until_ms = raft_lease_until_ms(&rig->raft);
    while (rig->now_ms < until_ms - RIG_HEARTBEAT_MS)
        raft_rig_wait(rig);
    raft_rig_tick(rig, until_ms - 1);
    assert_int_equal(rig->raft.role, RAFT_LEADER);
    assert_int_equal(rig->update.deadline_ms, until_ms);
    raft_rig_tick(rig, until_ms);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
    assert_int_equal(raft_lease_until_ms(&rig->raft), 0);
}

static void nothing_is_taken_before_the_no_op_or_from_a_follower(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_propose(rig, COMMAND_TICK, 8);
    assert_int_equal(rig->raft.log.last_index, 0);
    raft_rig_wait(rig);
    raft_rig_grant(rig, 2);
    raft_rig_persist_all(rig);
    raft_rig_grant(rig, 2);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    assert_int_equal(rig->raft.log.last_index, 0);
    raft_rig_wait(rig);
    assert_int_equal(raft_rig_count(rig, EFFECT_PROPOSE), 1); /* it asks for the no-op again */
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    assert_int_equal(rig->raft.log.last_index, 1);
}

static void messages_are_bounded_in_entries_bytes_and_flight(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    raft_rig_ack(rig, 3, 1);
    for (int i = 0; i < 3; i++)
        raft_rig_propose(rig, COMMAND_TICK, COMMAND_BYTES_MAX);
    for (int i = 0; i < 40; i++)
        raft_rig_propose(rig, COMMAND_TICK, 100);
    struct raft_message refusal = {.kind = RAFT_APPEND_REPLY, .from = 3, .to = 1};
    refusal.term = rig->raft.term;
    refusal.as.append_reply.hint_index = 1;
    refusal.as.append_reply.round = rig->raft.round;
    raft_rig_message(rig, &refusal);
    assert_int_equal(raft_rig_sent(rig, RAFT_APPEND, 3)->as.append.entry_count, 1);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 1); /* one at a time until it matches */
    raft_rig_ack(rig, 3, 2);
    assert_true(raft_rig_count(rig, EFFECT_SEND) > 2);
    for (size_t n = 0; n < raft_rig_count(rig, EFFECT_SEND); n++) {
        const struct raft_message *sent = &raft_rig_effect(rig, EFFECT_SEND, n)->as.send;
        uint32_t bytes = 0;
        for (uint32_t i = 0; i < sent->as.append.entry_count; i++)
            bytes += sent->as.append.entries[i].length;
        assert_in_range(bytes, 1, RAFT_ENTRIES_BYTES_MAX);
    }
}

static void a_silent_follower_is_sent_no_more_than_the_window(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    for (int i = 0; i < 2 * RAFT_IN_FLIGHT_MAX; i++) {
        raft_rig_propose(rig, COMMAND_TICK, 8);
        raft_rig_persist_all(rig);
    }
    assert_int_equal(rig->raft.peers[3].next_index - 1, RAFT_IN_FLIGHT_MAX);
    raft_rig_wait(rig);
    assert_int_equal(raft_rig_sent(rig, RAFT_APPEND, 3)->as.append.entry_count, 0);
}

static void a_leader_without_commits_takes_a_bounded_number_of_entries(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    for (int i = 0; i < RAFT_UNCOMMITTED_MAX + 10; i++) {
        raft_rig_propose(rig, COMMAND_TICK, 8);
        raft_rig_persist_all(rig);
    }
    assert_int_equal(rig->raft.log.last_index, 1 + RAFT_UNCOMMITTED_MAX);
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 0);
    raft_rig_ack(rig, 2, 11);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    assert_int_equal(rig->raft.log.last_index, 2 + RAFT_UNCOMMITTED_MAX);
}

static void a_snapshot_is_taken_each_so_many_entries_and_a_trail_is_kept(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    for (log_index index = 2; index <= RAFT_SNAPSHOT_EVERY; index++) {
        raft_rig_propose(rig, COMMAND_TICK, 8);
        raft_rig_persist_all(rig);
        raft_rig_ack(rig, 2, index);
        raft_rig_apply(rig);
    }
    const struct effect *effect = raft_rig_effect(rig, EFFECT_SNAPSHOT_TAKE, 0);
    assert_non_null(effect);
    assert_int_equal(effect->as.snapshot_take.index, RAFT_SNAPSHOT_EVERY);
    assert_int_equal(effect->as.snapshot_take.compact_to,
                     RAFT_SNAPSHOT_EVERY - RAFT_SNAPSHOT_TRAILING);
    struct raft_message refusal = {.kind = RAFT_APPEND_REPLY, .from = 3, .to = 1};
    refusal.term = rig->raft.term;
    refusal.as.append_reply.round = rig->raft.round;
    raft_rig_message(rig, &refusal);
    const struct raft_message *chunk = raft_rig_sent(rig, RAFT_SNAPSHOT, 3);
    assert_int_equal(chunk->as.snapshot.index, RAFT_SNAPSHOT_EVERY);
    assert_int_equal(chunk->as.snapshot.offset, 0);
}

static void a_transfer_stops_proposals_and_the_lease(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    raft_rig_transfer(rig, 2);
    assert_null(raft_rig_sent(rig, RAFT_TIMEOUT_NOW, 2));
    assert_false(raft_is_ready(&rig->raft));
    assert_true(raft_lease_until_ms(&rig->raft) > 0);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    assert_int_equal(rig->raft.log.last_index, 2);
    raft_rig_ack(rig, 2, 2);
    assert_non_null(raft_rig_sent(rig, RAFT_TIMEOUT_NOW, 2));
    assert_int_equal(raft_lease_until_ms(&rig->raft), 0);
}

static void a_transfer_goes_to_the_best_follower_where_none_is_named(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    raft_rig_propose(rig, COMMAND_TICK, 8);
    raft_rig_ack(rig, 2, 1);
    raft_rig_ack(rig, 3, 2);
    raft_rig_transfer(rig, 0);
    assert_int_equal(rig->raft.transfer.target, 3);
    raft_rig_tick(rig, rig->now_ms + 1);
    raft_rig_transfer(rig, 200);
    assert_int_equal(rig->raft.transfer.target, 3);
}

/* The voter knows whether the permission is still the leader's newest word. */
static void a_permission_that_later_rounds_took_back_is_worth_nothing(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, RIG_ELECTION_MS);
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 0);
    append.as.append.round = 8;
    raft_rig_message(rig, &append);
    struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 3, 2);
    request.as.vote.transfer = true;
    request.as.vote.round = 7;
    raft_rig_message(rig, &request);
    assert_int_equal(rig->raft.term, 1);
    request.as.vote.round = 8;
    raft_rig_message(rig, &request);
    assert_int_equal(rig->raft.term, 2);
    assert_int_equal(rig->raft.voted_for, 3);
}

static void a_follower_campaigns_at_once_when_its_leader_says_so(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, RIG_ELECTION_MS);
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 0);
    raft_rig_message(rig, &append);
    struct raft_message now = {.kind = RAFT_TIMEOUT_NOW, .from = 3, .to = 1, .term = 1};
    now.as.timeout_now.round = 1;
    raft_rig_message(rig, &now);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
    now.from = 2;
    raft_rig_message(rig, &now);
    assert_int_equal(rig->raft.role, RAFT_CANDIDATE);
    raft_rig_persist_all(rig);
    assert_true(raft_rig_sent(rig, RAFT_VOTE, 2)->as.vote.transfer);
}

static void voters_that_answered_within_a_base_are_live(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_start(rig, 1, 5);
    raft_rig_lead(rig);
    time_ms heard_ms = rig->now_ms;
    assert_int_equal(raft_live_voters(&rig->raft, heard_ms), 3);
    raft_rig_tick(rig, heard_ms + 500);
    raft_rig_ack(rig, 5, 0);
    assert_int_equal(raft_live_voters(&rig->raft, heard_ms + 500), 4);
    assert_int_equal(raft_live_voters(&rig->raft, heard_ms + RIG_ELECTION_MS), 2);
}

/* The worst steps fit into an update: everybody is sent everything at once. */
static void the_widest_cluster_fits_into_one_update(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_start(rig, 1, NODE_COUNT_MAX);
    raft_rig_lead(rig);
    raft_rig_wait(rig);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), NODE_COUNT_MAX - 1);
    for (int i = 0; i < RAFT_UNCOMMITTED_MAX; i++) {
        raft_rig_propose(rig, COMMAND_TICK, COMMAND_BYTES_MAX);
        raft_rig_persist_all(rig);
    }
    raft_rig_ack(rig, 9, 2 + RAFT_IN_FLIGHT_MAX - 1);
    assert_in_range(raft_rig_count(rig, EFFECT_SEND), RAFT_IN_FLIGHT_MAX / 4, EFFECT_COUNT_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_leader_sends_before_its_own_write_is_down_but_counts_itself_afterwards),
        TEST(entries_of_older_terms_are_committed_with_one_of_its_own_only),
        TEST(the_lease_counts_from_the_sending_of_the_round_that_a_majority_answered),
        TEST(a_leader_that_no_majority_answers_steps_down_as_its_lease_ends),
        TEST(nothing_is_taken_before_the_no_op_or_from_a_follower),
        TEST(messages_are_bounded_in_entries_bytes_and_flight),
        TEST(a_silent_follower_is_sent_no_more_than_the_window),
        TEST(a_leader_without_commits_takes_a_bounded_number_of_entries),
        TEST(a_snapshot_is_taken_each_so_many_entries_and_a_trail_is_kept),
        TEST(a_transfer_stops_proposals_and_the_lease),
        TEST(a_transfer_goes_to_the_best_follower_where_none_is_named),
        TEST(a_permission_that_later_rounds_took_back_is_worth_nothing),
        TEST(a_follower_campaigns_at_once_when_its_leader_says_so),
        TEST(voters_that_answered_within_a_base_are_live),
        TEST(the_widest_cluster_fits_into_one_update),
    };
    return cmocka_run_group_tests_name("raft_leader", tests, NULL, NULL);
}
