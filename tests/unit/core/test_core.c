/* What one whole core asks for: room in an update, operators' answers, calls, complaints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/level.h"
#include "tests/unit/core/core_rig.h"

static void assert_all_serve(const struct core_rig *rig, enum side side)
{
    for (uint16_t slot = 0; slot < rig->core.ledger.service_count; slot++)
        assert_int_equal(rig->core.ledger.services[slot].serving, side);
}

static void an_update_has_room_for_as_many_services_and_references_as_can_be(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(SERVICE_COUNT_MAX, REFERENCE_COUNT_MAX);
    /* a process that was stopped finds everything due at once */
    for (int i = 0; i < 4; i++) {
        rig->now_ms += 300000;
        core_rig_run(rig, 10000);
    }
    rig->result[SIDE_PRIMARY] = SAMPLE_REFUSED;
    rig->now_ms += 300000;
    core_rig_run(rig, 90000);
    assert_all_serve(rig, SIDE_STANDBY);
    assert_int_equal(rig->writes, SERVICE_COUNT_MAX);
    assert_in_range(rig->largest, EFFECT_COUNT_MAX / 4, EFFECT_COUNT_MAX);
    core_rig_free(&rig);
}

static void all_services_may_be_blind_at_once(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(SERVICE_COUNT_MAX, REFERENCE_COUNT_MAX);
    rig->result[SIDE_PRIMARY] = SAMPLE_LOCAL;
    rig->result[SIDE_STANDBY] = SAMPLE_LOCAL;
    rig->now_ms += 400000;
    core_rig_run(rig, 400000);
    assert_int_equal(rig->notices[NOTICE_BLIND], SERVICE_COUNT_MAX);
    core_rig_free(&rig);
}

static void a_changed_file_sets_only_what_changed(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(3, 3);
    struct service_settings settings = core_rig_settings();
    size_t before = rig->core.ledger.index;
    core_rig_configure(rig, 1, &settings);
    core_rig_run(rig, 100);
    assert_int_equal(rig->core.ledger.index, before);
    settings.config_hash = 2;
    settings.rule_fail = 4;
    core_rig_configure(rig, 1, &settings);
    core_rig_run(rig, 100);
    assert_int_equal(rig->core.ledger.index, before + 1);
    assert_int_equal(rig->core.ledger.services[1].settings.rule_fail, 4);
    core_rig_free(&rig);
}

static void an_operators_request_is_answered_once_it_is_applied(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_operate(rig, OPERATION_HOLD, 5);
    assert_int_equal(rig->count[EFFECT_REPLY], 0);
    core_rig_run(rig, 100);
    assert_int_equal(rig->count[EFFECT_REPLY], 1);
    assert_true(rig->reply.as.reply.accepted);
    assert_int_equal(rig->reply.as.reply.request_id, 5);
    assert_true(rig->core.ledger.services[0].hold.active);
    core_rig_free(&rig);
}

static void an_ack_reaches_the_ledger_and_comes_back_refused(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_operate(rig, OPERATION_ACK, 5);
    core_rig_run(rig, 100);
    assert_int_equal(rig->count[EFFECT_REPLY], 1);
    assert_false(rig->reply.as.reply.accepted);
    assert_int_equal(rig->reply.as.reply.why, WHY_NO_MOVE);
    core_rig_free(&rig);
}

static void a_request_that_comes_again_gets_the_same_answer(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 100);
    log_index move = rig->reply.as.reply.move;
    core_rig_run(rig, 60000);
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    assert_int_equal(rig->count[EFFECT_REPLY], 2);
    assert_true(rig->reply.as.reply.accepted);
    assert_int_equal(rig->reply.as.reply.move, move);
    assert_int_equal(rig->writes, 1);
    core_rig_free(&rig);
}

static void an_operators_move_ends_verified(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 30000);
    assert_int_equal(rig->core.ledger.services[0].move.state, MOVE_DONE);
    assert_int_equal(rig->notices[NOTICE_MOVE_OPENED], 1);
    assert_int_equal(rig->notices[NOTICE_MOVE_DONE], 1);
    assert_int_equal(rig->notices[NOTICE_CONVICTED], 0);
    core_rig_free(&rig);
}

/* A slow commit: the leader lost patience and reads the route when its intent is applied after all.
 */
static void an_intent_that_is_applied_during_a_read_is_adopted_first(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    const struct move_record *move = &rig->core.ledger.services[0].move;
    struct runner *runner = &rig->core.leads[0].runner;
    core_rig_operate(rig, OPERATION_FAILOVER, 7);
    for (int i = 0; i < 1000 && runner->state != RUNNER_WRITING; i++)
        core_rig_run(rig, 1);
    assert_int_equal(runner->state, RUNNER_WRITING);
    *runner = (struct runner){.state = RUNNER_READING, .move = move->id, .ticket = 99};
    rig->route[0] = ROUTE_PRIMARY;
    rig->version[0] = move->intent.base.version;
    struct event event = {.kind = EVENT_ROUTE};
    event.as.route.ticket = 99;
    event.as.route.result = ROUTE_RESULT_OK;
    event.as.route.has_view = true;
    event.as.route.view = core_rig_view(rig, 0);
    core_rig_step(rig, &event);
    assert_int_equal(runner->attempt, move->intent.attempt);
    assert_true(runner->wrote);
    core_rig_run(rig, 60000);
    assert_int_equal(rig->writes, 2); /* the one that the rig took back, and this */
    core_rig_free(&rig);
}

/* A new move must not be based on what the route was before the last one's request. */
static void a_reading_from_before_the_last_request_is_forgotten(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    const struct lead *lead = &rig->core.leads[0];
    struct event event = {.kind = EVENT_ROUTE};
    event.as.route.kind = ROUTE_JOB_READ;
    event.as.route.result = ROUTE_RESULT_OK;
    event.as.route.has_view = true;
    event.as.route.view = core_rig_view(rig, 0);
    core_rig_operate(rig, OPERATION_FAILOVER, 7);
    for (int i = 0; i < 1000 && lead->runner.state != RUNNER_WRITING; i++)
        core_rig_run(rig, 1);
    event.as.route.ticket = rig->core.next_ticket - 1; /* asked for before the request was over */
    core_rig_run(rig, 200);
    assert_int_equal(lead->view.state, ROUTE_STANDBY);
    core_rig_step(rig, &event);
    assert_int_equal(lead->view.state, ROUTE_STANDBY);
    event.as.route.ticket = rig->core.next_ticket;
    core_rig_step(rig, &event);
    assert_int_equal(lead->view.state, ROUTE_PRIMARY);
    core_rig_free(&rig);
}

static void a_node_that_does_not_lead_says_so(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    rig->core.raft.role = RAFT_FOLLOWER;
    rig->core.raft.leader = 2;
    core_rig_operate(rig, OPERATION_HOLD, 5);
    assert_int_equal(rig->reply.as.reply.why, WHY_NOT_LEADER);
    rig->core.raft.leader = 0;
    core_rig_operate(rig, OPERATION_HOLD, 6);
    assert_int_equal(rig->reply.as.reply.why, WHY_NO_QUORUM);
    core_rig_free(&rig);
}

static void a_call_of_somebody_who_does_not_lead_is_dropped(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    struct call call = {.caller = 2, .service = 0, .term = rig->core.raft.term, .ballot = 1};
    struct event event = {.kind = EVENT_CALL};
    size_t probes = rig->count[EFFECT_PROBE];
    event.as.call = &call;
    core_rig_step(rig, &event);
    call.caller = 1;
    call.term++;
    core_rig_step(rig, &event);
    call.term--;
    call.service = 1;
    core_rig_step(rig, &event);
    assert_int_equal(rig->core.dropped_calls, 3);
    assert_int_equal(rig->count[EFFECT_PROBE], probes);
    core_rig_free(&rig);
}

static void votes_of_strangers_are_dropped(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    static const struct vote votes[] = {
        {.voter = 0}, {.voter = 1}, {.voter = 2}, {.voter = 200}, {.voter = 1, .service = 1}};
    for (size_t i = 0; i < sizeof votes / sizeof votes[0]; i++) {
        struct event event = {.kind = EVENT_VOTE};
        event.as.vote = &votes[i];
        core_rig_step(rig, &event);
    }
    assert_int_equal(rig->core.dropped_votes, sizeof votes / sizeof votes[0]);
    core_rig_free(&rig);
}

static void an_answer_to_a_job_that_nobody_asked_for_changes_nothing(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    rig->result[SIDE_PRIMARY] = SAMPLE_REFUSED;
    while (rig->writes == 0)
        core_rig_run(rig, 10);
    log_index before = rig->core.raft.log.last_index;
    struct event event = {.kind = EVENT_ROUTE};
    event.as.route.ticket = 999999;
    event.as.route.kind = ROUTE_JOB_WRITE;
    event.as.route.result = ROUTE_RESULT_FORBIDDEN;
    core_rig_step(rig, &event);
    assert_int_equal(rig->core.raft.log.last_index, before);
    core_rig_free(&rig);
}

static void references_that_answer_after_the_vote_still_teach_how_far_they_are(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_run(rig, 31000);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rolling_minimum_get(&rig->core.reference[i]), 15000);
    core_rig_free(&rig);
}

static void ledger_time_goes_on_while_a_timer_is_open(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    time_ms before_ms = rig->core.ledger.now_ms;
    core_rig_run(rig, 60000);
    assert_int_equal(rig->core.ledger.now_ms, before_ms); /* nothing to wait for */
    core_rig_operate(rig, OPERATION_HOLD, 5);
    core_rig_run(rig, 61000);
    assert_false(rig->core.ledger.services[0].hold.active);
    core_rig_free(&rig);
}

/* Both sides are down and the move waits; then the whole cluster is away while both recover. */
static struct core_rig *restarted_with_a_gated_conviction(void)
{
    static struct ledger ledger;
    struct core_rig *rig = core_rig_new(1, 3);
    struct service_settings service = core_rig_settings();
    struct core_settings settings = rig->core.settings;
    rig->result[SIDE_PRIMARY] = SAMPLE_REFUSED;
    rig->result[SIDE_STANDBY] = SAMPLE_REFUSED;
    core_rig_run(rig, 60000);
    ledger = rig->core.ledger;
    assert_true(ledger.services[0].inquiry.convicted[SIDE_PRIMARY]);
    struct rolling *standby = &ledger.services[0].rolling[SIDE_STANDBY];
    for (uint8_t i = 0; i < standby->count; i++)
        standby->records[i].result = BALLOT_PASS;
    rig->result[SIDE_PRIMARY] = SAMPLE_OK;
    rig->result[SIDE_STANDBY] = SAMPLE_OK;
    term_id term = rig->core.raft.term;
    rig->event_count = 0;
    core_init(&rig->core, &settings, &ledger, rig->now_ms);
    int code = raft_restore(&rig->core.raft, term, 1, ledger.index, ledger.term, NULL, 0);
    assert_int_equal(code, 0);
    rig->apply_to = ledger.index;
    core_rig_configure(rig, 0, &service);
    return rig;
}

/* What convicted is young by ledger time, which stood still: DESIGN 3, After. */
static void a_restarted_node_moves_nothing_by_what_it_remembers(void **state)
{
    (void)state;
    struct core_rig *rig = restarted_with_a_gated_conviction();
    assert_true(rig->core.in_doubt);
    core_rig_run(rig, 120000);
    assert_true(core_is_leading(&rig->core));
    assert_int_equal(rig->writes, 0);
    assert_false(rig->core.in_doubt);
    core_rig_free(&rig);
}

static void an_operators_move_ends_the_doubt_by_a_ballot(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    struct event event = {.kind = EVENT_TIME_DOUBT};
    core_rig_step(rig, &event);
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 2000);
    assert_true(rig->reply.as.reply.accepted);
    assert_int_equal(rig->writes, 1);
    core_rig_free(&rig);
}

static void a_hold_of_all_needs_every_voters_level(void **state)
{
    (void)state;
    struct core_rig *rig = core_rig_new(1, 3);
    core_rig_operate(rig, OPERATION_HOLD_ALL, 5);
    assert_int_equal(rig->reply.as.reply.why, WHY_LEVEL);
    rig->core.ledger.level = PROTO_LEVEL_HELLO;
    core_rig_operate(rig, OPERATION_HOLD_ALL, 6);
    core_rig_run(rig, 100);
    assert_true(rig->reply.as.reply.accepted);
    assert_true(rig->core.ledger.hold.active);
    core_rig_operate(rig, OPERATION_RELEASE_ALL, 7);
    core_rig_run(rig, 100);
    assert_false(rig->core.ledger.hold.active);
    core_rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_update_has_room_for_as_many_services_and_references_as_can_be),
        cmocka_unit_test(all_services_may_be_blind_at_once),
        cmocka_unit_test(a_changed_file_sets_only_what_changed),
        cmocka_unit_test(an_operators_request_is_answered_once_it_is_applied),
        cmocka_unit_test(an_ack_reaches_the_ledger_and_comes_back_refused),
        cmocka_unit_test(a_request_that_comes_again_gets_the_same_answer),
        cmocka_unit_test(an_operators_move_ends_verified),
        cmocka_unit_test(an_intent_that_is_applied_during_a_read_is_adopted_first),
        cmocka_unit_test(a_reading_from_before_the_last_request_is_forgotten),
        cmocka_unit_test(a_node_that_does_not_lead_says_so),
        cmocka_unit_test(a_call_of_somebody_who_does_not_lead_is_dropped),
        cmocka_unit_test(votes_of_strangers_are_dropped),
        cmocka_unit_test(an_answer_to_a_job_that_nobody_asked_for_changes_nothing),
        cmocka_unit_test(references_that_answer_after_the_vote_still_teach_how_far_they_are),
        cmocka_unit_test(a_restarted_node_moves_nothing_by_what_it_remembers),
        cmocka_unit_test(an_operators_move_ends_the_doubt_by_a_ballot),
        cmocka_unit_test(a_hold_of_all_needs_every_voters_level),
        cmocka_unit_test(ledger_time_goes_on_while_a_timer_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
