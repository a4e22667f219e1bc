#include "tests/unit/core/raft_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, raft_rig_setup, raft_rig_teardown)

static void a_voter_refuses_within_one_base_of_its_start_and_says_how_long(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message request = raft_rig_vote(rig, RAFT_PREVOTE, 2, 0);
    raft_rig_tick(rig, 400);
    raft_rig_message(rig, &request);
    const struct raft_message *reply = raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 2);
    assert_false(reply->as.vote_reply.granted);
    assert_int_equal(reply->as.vote_reply.retry_ms, 600);
    assert_int_equal(reply->as.vote_reply.nonce, 42);
    raft_rig_tick(rig, 1000);
    raft_rig_message(rig, &request);
    assert_true(raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 2)->as.vote_reply.granted);
}

/* Its clock jumped: the leader that it heard a moment ago still rests its lease on it. */
static void a_voter_in_doubt_about_time_keeps_its_promise_for_one_base(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 0);
    struct event doubt = {.kind = EVENT_TIME_DOUBT, .now_ms = 5000};
    raft_rig_tick(rig, 1000);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    update_clear(&rig->update);
    raft_step(&rig->raft, &doubt, &rig->update);
    raft_rig_tick(rig, 5999);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 0);
    struct raft_message request = raft_rig_vote(rig, RAFT_PREVOTE, 3, 1);
    raft_rig_message(rig, &request);
    const struct raft_message *reply = raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 3);
    assert_false(reply->as.vote_reply.granted);
    assert_int_equal(reply->as.vote_reply.retry_ms, 1);
    raft_rig_tick(rig, 6000);
    raft_rig_message(rig, &request);
    assert_true(raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 3)->as.vote_reply.granted);
}

static void a_vote_leaves_only_when_its_ticket_is_down(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, 1000);
    struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 2, 1);
    raft_rig_message(rig, &request);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 0);
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 1);
    const struct persist_job *job = &raft_rig_effect(rig, EFFECT_PERSIST, 0)->as.persist;
    assert_true(job->has_vote && job->term == 1 && job->voted_for == 2);
    raft_rig_persisted(rig, job->ticket);
    assert_true(raft_rig_sent(rig, RAFT_VOTE_REPLY, 2)->as.vote_reply.granted);
    raft_rig_message(rig, &request); /* the answer was lost */
    assert_true(raft_rig_sent(rig, RAFT_VOTE_REPLY, 2)->as.vote_reply.granted);
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 0);
}

static void a_second_candidate_of_the_term_is_denied(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, 1000);
    struct raft_message first = raft_rig_vote(rig, RAFT_VOTE, 2, 1);
    struct raft_message second = raft_rig_vote(rig, RAFT_VOTE, 3, 1);
    raft_rig_message(rig, &first);
    raft_rig_message(rig, &second);
    assert_false(raft_rig_sent(rig, RAFT_VOTE_REPLY, 3)->as.vote_reply.granted);
    assert_int_equal(rig->raft.voted_for, 2);
}

static void a_candidate_with_an_older_log_is_denied(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 3);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    raft_rig_tick(rig, 1000);
    struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 3, 2);
    request.as.vote.last_index = 2;
    raft_rig_message(rig, &request);
    assert_false(raft_rig_sent(rig, RAFT_VOTE_REPLY, 3)->as.vote_reply.granted);
    assert_int_equal(rig->raft.term, 2);
}

static void a_request_that_loyalty_refuses_is_not_heard_at_all(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, 5);
    struct raft_message append = raft_rig_append(rig, 2, 4, 0, 0, 0);
    raft_rig_message(rig, &append);
    raft_rig_tick(rig, 1004);
    struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 3, 9);
    raft_rig_message(rig, &request);
    assert_int_equal(rig->raft.term, 4);
    assert_int_equal(rig->update.count, 0);
    raft_rig_tick(rig, 1005);
    raft_rig_message(rig, &request);
    assert_int_equal(rig->raft.term, 9);
}

static void a_pre_vote_changes_no_term_and_no_timer(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_tick(rig, 1000);
    time_ms election_at_ms = rig->raft.election_at_ms;
    struct raft_message request = raft_rig_vote(rig, RAFT_PREVOTE, 2, 50);
    raft_rig_message(rig, &request);
    assert_true(raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 2)->as.vote_reply.granted);
    assert_int_equal(rig->raft.term, 0);
    assert_int_equal(rig->raft.election_at_ms, election_at_ms);
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 0);
}

static void a_candidate_asks_again_when_the_denial_said(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_wait(rig);
    assert_non_null(raft_rig_sent(rig, RAFT_PREVOTE, 2));
    struct raft_message denial = {.kind = RAFT_PREVOTE_REPLY, .from = 2, .to = 1};
    denial.as.vote_reply.nonce = rig->raft.nonce;
    denial.as.vote_reply.retry_ms = 70;
    raft_rig_message(rig, &denial);
    time_ms asked_ms = rig->now_ms;
    assert_int_equal(rig->update.deadline_ms, asked_ms + 70);
    raft_rig_tick(rig, asked_ms + 69);
    assert_null(raft_rig_sent(rig, RAFT_PREVOTE, 2));
    raft_rig_tick(rig, asked_ms + 70);
    assert_non_null(raft_rig_sent(rig, RAFT_PREVOTE, 2));
    assert_null(raft_rig_sent(rig, RAFT_PREVOTE, 3));
    assert_int_equal(rig->raft.term, 0);
}

static void a_pre_vote_of_an_earlier_campaign_does_not_count(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_wait(rig);
    struct raft_message reply = {.kind = RAFT_PREVOTE_REPLY, .from = 2, .to = 1};
    reply.as.vote_reply.granted = true;
    reply.as.vote_reply.nonce = rig->raft.nonce + 1;
    raft_rig_message(rig, &reply);
    assert_int_equal(rig->raft.role, RAFT_PRECANDIDATE);
}

static void requests_leave_only_when_the_own_vote_is_down(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_wait(rig);
    raft_rig_grant(rig, 2);
    assert_int_equal(rig->raft.role, RAFT_CANDIDATE);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 0);
    raft_rig_tick(rig, rig->now_ms + 10);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 0);
    raft_rig_persist_all(rig);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 2);
    raft_rig_grant(rig, 3);
    assert_int_equal(rig->raft.role, RAFT_LEADER);
    assert_int_equal(raft_rig_effect(rig, EFFECT_PROPOSE, 0)->as.propose.kind, COMMAND_NOOP);
}

static void timeouts_are_staggered_by_rank_within_a_tenth_and_a_fifth(void **state)
{
    struct raft_rig *rig = *state;
    for (node_id self = 1; self <= 15; self++) {
        raft_rig_start(rig, self, 15);
        time_ms rank_ms = RIG_ELECTION_MS * (self - 1) / 140;
        assert_in_range(rig->raft.election_at_ms, RIG_ELECTION_MS + rank_ms,
                        RIG_ELECTION_MS + rank_ms + RIG_ELECTION_MS / 5);
    }
}

static void a_single_voter_leads_by_itself(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_start(rig, 1, 1);
    raft_rig_wait(rig);
    raft_rig_persist_all(rig);
    assert_int_equal(rig->raft.role, RAFT_LEADER);
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    raft_rig_persist_all(rig);
    raft_rig_apply(rig);
    assert_true(raft_is_ready(&rig->raft));
    for (int i = 0; i < 30; i++)
        raft_rig_wait(rig);
    assert_int_equal(rig->raft.role, RAFT_LEADER);
    assert_int_equal(raft_lease_until_ms(&rig->raft), rig->now_ms + RIG_ELECTION_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_voter_refuses_within_one_base_of_its_start_and_says_how_long),
        TEST(a_voter_in_doubt_about_time_keeps_its_promise_for_one_base),
        TEST(a_vote_leaves_only_when_its_ticket_is_down),
        TEST(a_second_candidate_of_the_term_is_denied),
        TEST(a_candidate_with_an_older_log_is_denied),
        TEST(a_request_that_loyalty_refuses_is_not_heard_at_all),
        TEST(a_pre_vote_changes_no_term_and_no_timer),
        TEST(a_candidate_asks_again_when_the_denial_said),
        TEST(a_pre_vote_of_an_earlier_campaign_does_not_count),
        TEST(requests_leave_only_when_the_own_vote_is_down),
        TEST(timeouts_are_staggered_by_rank_within_a_tenth_and_a_fifth),
        TEST(a_single_voter_leads_by_itself),
    };
    return cmocka_run_group_tests_name("raft_vote", tests, NULL, NULL);
}
