/* Who votes: changes one at a time, effective at append; learners; folders that are gone. */
#include "tests/unit/core/raft_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "node/core/raft_parts.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, raft_rig_setup, raft_rig_teardown)

enum { OLD = 31, NEW = 32 };

static const struct member lost = {.node = 3, .voter = false, .incarnation = NEW};
static const struct member back = {.node = 3, .voter = true, .incarnation = NEW};

static void propose(struct raft_rig *rig, const struct member *member)
{
    struct event event = {.kind = EVENT_PROPOSE, .now_ms = rig->now_ms};
    event.as.propose.kind = COMMAND_MEMBER;
    event.as.propose.length = 8;
    event.as.propose.handle = 77;
    event.as.propose.member = *member;
    update_clear(&rig->update);
    raft_step(&rig->raft, &event, &rig->update);
}

static void ack(struct raft_rig *rig, node_id from, uint64_t incarnation, log_index match_index)
{
    struct raft_message message = {
        .kind = RAFT_APPEND_REPLY, .from = from, .to = 1, .term = rig->raft.term};
    message.incarnation = incarnation;
    message.as.append_reply.matched = true;
    message.as.append_reply.match_index = match_index;
    message.as.append_reply.round = rig->raft.round;
    raft_rig_message(rig, &message);
}

static struct raft_message with_member(struct raft_message append, uint32_t place,
                                       const struct member *member)
{
    append.as.append.entries[place].kind = COMMAND_MEMBER;
    append.as.append.entries[place].member = *member;
    return append;
}

/* Leads three, and node 3 is a learner. */
static void lead_with_a_learner(struct raft_rig *rig)
{
    raft_rig_lead(rig);
    propose(rig, &lost);
    raft_rig_persist_all(rig);
    raft_rig_ack(rig, 2, 2);
    raft_rig_apply(rig);
}

static void a_change_counts_from_its_append_on(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    propose(rig, &lost);
    assert_int_equal(raft_voter_count(&rig->raft), 2);
    raft_rig_persist_all(rig);
    ack(rig, 3, NEW, 2);
    assert_int_equal(rig->raft.commit_index, 1); /* a learner's answer commits nothing */
    raft_rig_ack(rig, 2, 2);
    assert_int_equal(rig->raft.commit_index, 2);
}

static void the_next_change_waits_for_the_last_to_be_committed(void **state)
{
    struct raft_rig *rig = *state;
    struct member other = {.node = 4, .voter = false, .incarnation = 41};
    raft_rig_start(rig, 1, 5);
    raft_rig_lead(rig);
    propose(rig, &lost);
    propose(rig, &other);
    assert_int_equal(rig->raft.log.last_index, 2);
    raft_rig_persist_all(rig);
    raft_rig_ack(rig, 2, 2);
    raft_rig_ack(rig, 5, 2);
    propose(rig, &other);
    assert_int_equal(rig->raft.log.last_index, 3);
}

static void nothing_is_changed_before_an_entry_of_this_term_is_committed(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_wait(rig);
    raft_rig_grant(rig, 2);
    raft_rig_persist_all(rig);
    raft_rig_grant(rig, 2);
    raft_rig_propose(rig, COMMAND_NOOP, 8);
    raft_rig_persist_all(rig);
    assert_int_equal(raft_member_gate(&rig->raft, &lost, rig->now_ms), WHY_TERM_NOT_APPLIED);
    propose(rig, &lost);
    assert_int_equal(rig->raft.log.last_index, 1);
    raft_rig_ack(rig, 2, 1);
    assert_int_equal(raft_member_gate(&rig->raft, &lost, rig->now_ms), WHY_NONE);
}

static void the_voters_stay_a_majority_of_the_nodes(void **state)
{
    struct raft_rig *rig = *state;
    struct member other = {.node = 2, .voter = false, .incarnation = 21};
    lead_with_a_learner(rig);
    assert_int_equal(raft_member_gate(&rig->raft, &other, rig->now_ms), WHY_TOO_FEW_VOTERS);
}

static void answers_of_the_folder_that_is_gone_count_for_nothing(void **state)
{
    struct raft_rig *rig = *state;
    raft_rig_lead(rig);
    ack(rig, 3, OLD, 1);
    assert_int_equal(rig->raft.peers[3].match_index, 1);
    propose(rig, &lost);
    assert_int_equal(rig->raft.peers[3].match_index, 0);
    ack(rig, 3, OLD, 1);
    assert_int_equal(rig->raft.peers[3].match_index, 0);
    assert_int_equal(rig->raft.outdated, 1);
    ack(rig, 3, NEW, 1);
    assert_int_equal(rig->raft.peers[3].match_index, 1);
}

static void a_learner_is_made_a_voter_when_it_has_caught_up(void **state)
{
    struct raft_rig *rig = *state;
    lead_with_a_learner(rig);
    for (int i = 0; i < 2 * RAFT_CAUGHT_UP; i++)
        raft_rig_propose(rig, COMMAND_TICK, 8);
    ack(rig, 3, NEW, 2);
    assert_int_equal(raft_member_gate(&rig->raft, &back, rig->now_ms), WHY_TOO_EARLY);
    ack(rig, 3, NEW, 2 + RAFT_CAUGHT_UP);
    assert_int_equal(raft_member_gate(&rig->raft, &back, rig->now_ms), WHY_NONE);
    propose(rig, &back);
    assert_int_equal(raft_voter_count(&rig->raft), 3);
    raft_rig_persist_all(rig);
    ack(rig, 3, NEW, rig->raft.log.last_index);
    assert_int_equal(rig->raft.commit_index, rig->raft.log.last_index);
}

static void a_learner_holds_no_lease_and_no_quorum_up(void **state)
{
    struct raft_rig *rig = *state;
    lead_with_a_learner(rig);
    time_ms lease_ms = raft_lease_until_ms(&rig->raft);
    raft_rig_wait(rig);
    ack(rig, 3, NEW, 2);
    assert_int_equal(raft_lease_until_ms(&rig->raft), lease_ms);
    raft_rig_tick(rig, lease_ms + RIG_HEARTBEAT_MS);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
}

static void a_leader_that_is_no_voter_any_more_stands_down_once_that_is_committed(void **state)
{
    struct raft_rig *rig = *state;
    struct member self = {.node = 1, .voter = false, .incarnation = 11};
    raft_rig_lead(rig);
    propose(rig, &self);
    raft_rig_persist_all(rig);
    raft_rig_ack(rig, 2, 2);
    assert_int_equal(rig->raft.commit_index, 1); /* 2 and 3 are the voters; itself does not count */
    raft_rig_ack(rig, 3, 2);
    raft_rig_apply(rig);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
    raft_rig_wait(rig);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
}

static void a_change_that_is_cut_from_the_log_is_undone(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 3);
    append = with_member(append, 2, &lost);
    raft_rig_message(rig, &append);
    assert_int_equal(raft_voter_count(&rig->raft), 2);
    append = raft_rig_append(rig, 3, 2, 2, 1, 1);
    raft_rig_message(rig, &append);
    assert_int_equal(raft_voter_count(&rig->raft), 3);
    assert_int_equal(rig->raft.members.incarnation[3], 0);
}

static void start_as_novice(struct raft_rig *rig)
{
    struct raft_settings settings = rig->raft.settings;
    settings.incarnation = 12;
    settings.novice = true;
    raft_init(&rig->raft, &settings, 0);
}

static void a_novice_neither_votes_nor_campaigns(void **state)
{
    struct raft_rig *rig = *state;
    start_as_novice(rig);
    raft_rig_wait(rig);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
    assert_int_equal(raft_rig_count(rig, EFFECT_SEND), 0);
    raft_rig_tick(rig, 3 * RIG_ELECTION_MS);
    struct raft_message ask = raft_rig_vote(rig, RAFT_PREVOTE, 2, 1);
    raft_rig_message(rig, &ask);
    assert_false(raft_rig_sent(rig, RAFT_PREVOTE_REPLY, 2)->as.vote_reply.granted);
    ask = raft_rig_vote(rig, RAFT_VOTE, 2, 1);
    raft_rig_message(rig, &ask);
    raft_rig_persist_all(rig);
    assert_int_equal(rig->raft.voted_for, 0);
}

/* By the folder that is gone it may have voted for somebody else in this very term. */
static void a_novice_pledges_its_vote_to_the_leader_that_it_hears(void **state)
{
    struct raft_rig *rig = *state;
    start_as_novice(rig);
    struct raft_message append = raft_rig_append(rig, 2, 4, 0, 0, 1);
    raft_rig_message(rig, &append);
    assert_int_equal(rig->raft.voted_for, 2);
    assert_null(raft_rig_sent(rig, RAFT_APPEND_REPLY, 2)); /* not before that is on disk */
    raft_rig_persist_all(rig);
    assert_non_null(raft_rig_sent(rig, RAFT_APPEND_REPLY, 2));
}

static void a_novice_campaigns_once_its_log_holds_its_own_promotion(void **state)
{
    struct raft_rig *rig = *state;
    struct member changes[] = {{1, false, 11}, {1, true, 11}, {1, false, 12}, {1, true, 12}};
    start_as_novice(rig);
    for (uint32_t i = 0; i < 4; i++) {
        struct raft_message append = raft_rig_append(rig, 2, 4, i, i == 0 ? 0 : 4, 1);
        append = with_member(append, 0, &changes[i]);
        raft_rig_message(rig, &append);
        raft_rig_persist_all(rig);
        assert_int_equal(raft_is_voter(&rig->raft), i == 3);
    }
    raft_rig_wait(rig);
    assert_int_equal(rig->raft.role, RAFT_PRECANDIDATE);
}

/* The leader that made it a voter may be gone for good before the learner heard of it: without this
 * vote nobody could follow. */
static void a_learner_votes_for_who_may_know_of_its_promotion(void **state)
{
    struct raft_rig *rig = *state;
    struct member demotion = {1, false, 12};
    start_as_novice(rig);
    struct raft_message append = raft_rig_append(rig, 2, 4, 0, 0, 1);
    append = with_member(append, 0, &demotion);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    raft_rig_tick(rig, 3 * RIG_ELECTION_MS);
    assert_int_equal(rig->raft.role, RAFT_FOLLOWER);
    struct raft_message ask = raft_rig_vote(rig, RAFT_VOTE, 3, 5);
    ask.as.vote.last_index = 2;
    ask.as.vote.last_term = 4;
    raft_rig_message(rig, &ask);
    raft_rig_persist_all(rig);
    assert_int_equal(rig->raft.voted_for, 3);
    assert_true(raft_rig_sent(rig, RAFT_VOTE_REPLY, 3)->as.vote_reply.granted);
}

static void the_members_of_a_snapshot_and_of_what_follows_it_are_restored(void **state)
{
    struct raft_rig *rig = *state;
    struct members members = {.learners = UINT32_C(1) << 3};
    struct raft_entry entries[] = {{.index = 11, .term = 2, .kind = COMMAND_TICK},
                                   {.index = 12, .term = 2, .kind = COMMAND_MEMBER}};
    members.incarnation[3] = NEW;
    entries[1].member = back;
    raft_seed_members(&rig->raft, &members);
    assert_int_equal(raft_voter_count(&rig->raft), 2);
    assert_int_equal(raft_restore(&rig->raft, 2, 0, 10, 2, entries, 2), 0);
    assert_int_equal(raft_voter_count(&rig->raft), 3);
    assert_false(members_is_voter(&rig->raft.settled, 3));
}

static void the_vote_of_a_folder_that_was_replaced_is_not_counted(void **state)
{
    struct raft_rig *rig = *state;
    struct members members = {.learners = 0};
    members.incarnation[2] = NEW;
    raft_seed_members(&rig->raft, &members);
    raft_rig_wait(rig);
    raft_rig_grant(rig, 2); /* says nothing of its folder */
    assert_int_equal(rig->raft.role, RAFT_PRECANDIDATE);
    raft_rig_grant(rig, 3);
    assert_int_equal(rig->raft.role, RAFT_CANDIDATE);
}

static void a_folder_that_came_back_may_read_on_to_its_end(void **state)
{
    struct raft_rig *rig = *state;
    lead_with_a_learner(rig);
    struct raft_message refusal = {
        .kind = RAFT_APPEND_REPLY, .from = 3, .to = 1, .term = rig->raft.term};
    refusal.incarnation = OLD;
    refusal.as.append_reply.hint_index = 1;
    refusal.as.append_reply.round = rig->raft.round;
    raft_rig_message(rig, &refusal);
    const struct raft_message *append = raft_rig_sent(rig, RAFT_APPEND, 3);
    assert_non_null(append);
    assert_int_equal(append->as.append.entries[0].kind, COMMAND_MEMBER);
    assert_int_equal(rig->raft.peers[3].match_index, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_change_counts_from_its_append_on),
        TEST(the_next_change_waits_for_the_last_to_be_committed),
        TEST(nothing_is_changed_before_an_entry_of_this_term_is_committed),
        TEST(the_voters_stay_a_majority_of_the_nodes),
        TEST(answers_of_the_folder_that_is_gone_count_for_nothing),
        TEST(a_learner_is_made_a_voter_when_it_has_caught_up),
        TEST(a_learner_holds_no_lease_and_no_quorum_up),
        TEST(a_leader_that_is_no_voter_any_more_stands_down_once_that_is_committed),
        TEST(a_change_that_is_cut_from_the_log_is_undone),
        TEST(a_novice_neither_votes_nor_campaigns),
        TEST(a_novice_pledges_its_vote_to_the_leader_that_it_hears),
        TEST(a_novice_campaigns_once_its_log_holds_its_own_promotion),
        TEST(a_learner_votes_for_who_may_know_of_its_promotion),
        TEST(the_members_of_a_snapshot_and_of_what_follows_it_are_restored),
        TEST(the_vote_of_a_folder_that_was_replaced_is_not_counted),
        TEST(a_folder_that_came_back_may_read_on_to_its_end),
    };
    return cmocka_run_group_tests_name("raft_members", tests, NULL, NULL);
}
