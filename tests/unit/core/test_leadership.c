/* To whom, and how often, a leader that cannot act gives leadership. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "node/core/parts.h"

enum { NOW_MS = 1000000, PROOF_MS = 60000, SELF = 1 };

struct rig {
    struct core core;
    struct update update;
};

/* A leader of three whose last two proofs failed; both followers could act. */
static int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct core_settings settings = {.self = SELF,
                                     .node_count = 3,
                                     .election_ms = 1000,
                                     .heartbeat_ms = 100,
                                     .actuator_proof_ms = PROOF_MS};
    core_init(&rig->core, &settings, NULL, NOW_MS);
    rig->core.raft.role = RAFT_LEADER;
    rig->core.raft.leader = SELF;
    rig->core.raft.log.last_index = 9; /* nobody has all of it: the successor is not told yet */
    rig->core.proof.failures = PROOF_FAILURES;
    rig->core.proof.result = ROUTE_RESULT_NOT_SENT;
    rig->core.ledger.service_count = 1;
    for (node_id node = 2; node <= 3; node++) {
        rig->core.peers[node].hello_ms = NOW_MS - 500;
        rig->core.peers[node].can_act = true;
        rig->core.raft.peers[node].heard_ms = NOW_MS - 50;
        rig->core.raft.peers[node].match_index = node;
    }
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static node_id given_to(struct rig *rig)
{
    update_clear(&rig->update);
    leadership_tick(&rig->core, &rig->update);
    return rig->core.raft.transfer.target;
}

static void leadership_goes_to_the_longest_log_that_can_act(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(given_to(rig), 3);
    assert_int_equal(rig->core.handover.to, 3);
    assert_int_equal(rig->update.effects[0].kind, EFFECT_NOTICE);
    assert_int_equal(rig->update.effects[0].as.notice.why, WHY_CANNOT_ACT);
}

static void one_failed_proof_is_not_believed(void **state)
{
    struct rig *rig = *state;
    rig->core.proof.failures = PROOF_FAILURES - 1;
    assert_int_equal(given_to(rig), 0);
}

static void who_cannot_act_is_silent_or_learns_gets_nothing(void **state)
{
    struct rig *rig = *state;
    rig->core.peers[3].can_act = false;
    assert_int_equal(given_to(rig), 2);
    rig->core.raft.transfer.target = 0;
    rig->core.handover.count = 0;
    rig->core.peers[2].hello_ms = NOW_MS - PEER_FRESH_MS - 1;
    assert_int_equal(given_to(rig), 0);
    rig->core.peers[2].hello_ms = NOW_MS;
    rig->core.raft.peers[2].heard_ms = NOW_MS - 1000;
    assert_int_equal(given_to(rig), 0);
    rig->core.raft.peers[2].heard_ms = NOW_MS;
    rig->core.ledger.members.learners = UINT32_C(1) << 2;
    assert_int_equal(given_to(rig), 0);
    rig->core.ledger.members.learners = 0;
    assert_int_equal(given_to(rig), 2);
}

static const enum route_result faults_of_all[] = {
    ROUTE_RESULT_FORBIDDEN,    ROUTE_RESULT_NOT_FOUND,    ROUTE_RESULT_REJECTED,
    ROUTE_RESULT_RATE_LIMITED, ROUTE_RESULT_SERVER_ERROR, ROUTE_RESULT_CONFLICT,
};

static void what_every_leader_would_meet_moves_nothing(void **state)
{
    struct rig *rig = *state;
    for (size_t i = 0; i < sizeof faults_of_all / sizeof faults_of_all[0]; i++) {
        rig->core.proof.result = faults_of_all[i];
        assert_int_equal(given_to(rig), 0);
    }
}

static void a_write_under_way_is_waited_for(void **state)
{
    struct rig *rig = *state;
    rig->core.leads[0].runner.state = RUNNER_WRITING;
    assert_int_equal(given_to(rig), 0);
    rig->core.leads[0].runner.state = RUNNER_BACKOFF;
    assert_int_equal(given_to(rig), 3);
}

static void leadership_that_came_back_is_not_given_away_at_once(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(given_to(rig), 3);
    rig->core.raft.transfer.target = 0; /* the successor did not come, or gave it back */
    assert_int_equal(given_to(rig), 0);
    assert_int_equal(rig->update.deadline_ms, NOW_MS + PROOF_MS);
    rig->core.now_ms += PROOF_MS;
    for (node_id node = 2; node <= 3; node++) {
        rig->core.peers[node].hello_ms += PROOF_MS;
        rig->core.raft.peers[node].heard_ms += PROOF_MS;
    }
    assert_int_equal(given_to(rig), 3);
    assert_int_equal(rig->core.handover.count, 2);
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_RIG(leadership_goes_to_the_longest_log_that_can_act),
        WITH_RIG(one_failed_proof_is_not_believed),
        WITH_RIG(who_cannot_act_is_silent_or_learns_gets_nothing),
        WITH_RIG(what_every_leader_would_meet_moves_nothing),
        WITH_RIG(a_write_under_way_is_waited_for),
        WITH_RIG(leadership_that_came_back_is_not_given_away_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
