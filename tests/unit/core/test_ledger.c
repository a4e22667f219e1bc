/* The ledger's apply: time, requests, services, inquiries, operators. Moves are in
 * test_ledger_move.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/core/ledger_rig.h"

static int setup(void **state)
{
    *state = ledger_rig_new();
    return 0;
}

static int teardown(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_free(&rig);
    return 0;
}

static void ledger_time_is_the_sum_of_what_passed_on_leaders(void **state)
{
    struct ledger_rig *rig = *state;
    time_ms start_ms = rig->ledger.now_ms;
    ledger_rig_wait(rig, 250);
    ledger_rig_wait(rig, 0);
    struct command noop = {.kind = COMMAND_NOOP, .service = SERVICE_SLOT_NONE};
    rig->term = 2;
    ledger_rig_accept(rig, &noop);
    assert_int_equal(rig->ledger.now_ms, start_ms + 250);
    assert_int_equal(rig->ledger.term, 2);
    ledger_rig_wait(rig, -5);
    assert_int_equal(rig->ledger.now_ms, start_ms + 250);
}

static void the_voters_are_set_once(void **state)
{
    struct ledger_rig *rig = *state;
    struct command cluster = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    cluster.as.cluster.node_count = 5;
    ledger_rig_refuse(rig, &cluster, WHY_DUPLICATE);
}

static void commands_about_an_unknown_service_are_refused(void **state)
{
    struct ledger_rig *rig = *state;
    for (int kind = 0; kind < COMMAND_KIND_N; kind++) {
        if (kind == COMMAND_NOOP || kind == COMMAND_TICK || kind == COMMAND_CLUSTER ||
            kind == COMMAND_SERVICE_SET || kind >= COMMAND_LEVEL)
            continue;
        struct command command = ledger_rig_command((enum command_kind)kind);
        command.service = 1;
        ledger_rig_refuse(rig, &command, WHY_UNKNOWN_SERVICE);
    }
}

static void a_service_keeps_its_slot_when_it_is_set_again(void **state)
{
    struct ledger_rig *rig = *state;
    struct command set = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    set.as.service_set.name = ledger_rig_service(rig)->name;
    set.as.service_set.settings = ledger_rig_service(rig)->settings;
    set.as.service_set.settings.rule_fail = 2;
    ledger_rig_accept(rig, &set);
    assert_int_equal(rig->applied.service, 0);
    assert_int_equal(rig->ledger.service_count, 1);
    assert_int_equal(ledger_rig_service(rig)->settings.rule_fail, 2);
    assert_int_equal(ledger_rig_service(rig)->route, ROUTE_PRIMARY);
}

static void a_ledger_full_of_services_takes_no_more(void **state)
{
    struct ledger_rig *rig = *state;
    struct command set = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    for (char place = 1; place < SERVICE_COUNT_MAX; place++) {
        set.as.service_set.name =
            (struct name){.text = {'s', (char)('0' + place / 10), (char)('0' + place % 10)}};
        ledger_rig_accept(rig, &set);
        assert_int_equal(rig->applied.service, place);
    }
    set.as.service_set.name = (struct name){.text = "one-too-many"};
    ledger_rig_refuse(rig, &set, WHY_FULL);
}

static void an_armed_mode_stands_until_the_files_mode_changes(void **state)
{
    struct ledger_rig *rig = *state;
    struct command disarm = ledger_rig_command(COMMAND_DISARM);
    struct command set = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    ledger_rig_accept(rig, &disarm);
    assert_int_equal(ledger_rig_service(rig)->mode, MODE_OBSERVE);
    set.as.service_set.name = ledger_rig_service(rig)->name;
    set.as.service_set.settings = ledger_rig_service(rig)->settings;
    ledger_rig_accept(rig, &set);
    assert_int_equal(ledger_rig_service(rig)->mode, MODE_OBSERVE);
    struct command arm = ledger_rig_command(COMMAND_ARM);
    ledger_rig_accept(rig, &arm);
    assert_int_equal(ledger_rig_service(rig)->mode, MODE_ACT);
    set.as.service_set.settings.mode = MODE_OBSERVE;
    ledger_rig_accept(rig, &set);
    assert_int_equal(ledger_rig_service(rig)->mode, MODE_OBSERVE);
}

static void a_hold_expires_in_ledger_time(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    hold.as.hold.for_ms = 5000;
    ledger_rig_accept(rig, &hold);
    ledger_rig_wait(rig, 4999);
    assert_true(ledger_rig_service(rig)->hold.active);
    ledger_rig_wait(rig, 1);
    assert_false(ledger_rig_service(rig)->hold.active);
}

static void an_indefinite_hold_lasts_until_its_release(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    ledger_rig_wait(rig, INT64_C(1) << 40);
    assert_true(ledger_rig_service(rig)->hold.active);
    ledger_rig_accept(rig, &release);
    assert_false(ledger_rig_service(rig)->hold.active);
}

static void a_request_is_carried_out_once(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    struct command release = ledger_rig_command(COMMAND_RELEASE);
    hold.request_id = 42;
    hold.as.hold.indefinite = true;
    ledger_rig_accept(rig, &hold);
    ledger_rig_accept(rig, &release);
    ledger_rig_accept(rig, &hold);
    assert_int_equal(rig->applied.why, WHY_DUPLICATE);
    assert_false(ledger_rig_service(rig)->hold.active);
}

static void a_refused_request_is_refused_again_for_the_same_reason(void **state)
{
    struct ledger_rig *rig = *state;
    struct command move = ledger_rig_operator_move(SIDE_PRIMARY, 43);
    ledger_rig_refuse(rig, &move, WHY_ALREADY_SERVING);
    move.as.move_open.move.to = SIDE_STANDBY;
    ledger_rig_refuse(rig, &move, WHY_ALREADY_SERVING);
}

static void a_request_is_forgotten_after_as_many_others(void **state)
{
    struct ledger_rig *rig = *state;
    struct command arm = ledger_rig_command(COMMAND_ARM);
    for (uint64_t id = 1; id <= REQUEST_COUNT_MAX; id++) {
        arm.request_id = id;
        ledger_rig_accept(rig, &arm);
    }
    assert_non_null(ledger_request(&rig->ledger, 1));
    arm.request_id = 1000;
    ledger_rig_accept(rig, &arm);
    assert_null(ledger_request(&rig->ledger, 1));
    assert_non_null(ledger_request(&rig->ledger, 2));
    assert_null(ledger_request(&rig->ledger, 0));
}

static void a_service_has_one_inquiry_at_a_time(void **state)
{
    struct ledger_rig *rig = *state;
    struct command open = ledger_rig_open(2, SIDE_STANDBY);
    ledger_rig_inquire(rig);
    ledger_rig_refuse(rig, &open, WHY_STALE);
    assert_int_equal(ledger_rig_service(rig)->inquiry.voter, 1);
}

static void closes_of_another_inquiry_or_an_older_ballot_are_stale(void **state)
{
    struct ledger_rig *rig = *state;
    struct command close = ledger_rig_close(rig, "PP");
    ledger_rig_refuse(rig, &close, WHY_STALE);
    ledger_rig_inquire(rig);
    ledger_rig_refuse(rig, &close, WHY_STALE);
    close = ledger_rig_close(rig, "FP");
    ledger_rig_accept(rig, &close);
    ledger_rig_refuse(rig, &close, WHY_STALE);
    assert_int_equal(ledger_rig_service(rig)->rolling[SIDE_PRIMARY].count, 1);
}

static void the_sides_of_a_ballot_may_close_one_after_the_other(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    struct command close = ledger_rig_close(rig, "-P");
    ledger_rig_accept(rig, &close);
    rig->ballot--;
    close = ledger_rig_close(rig, "FF");
    ledger_rig_accept(rig, &close);
    assert_int_equal(ledger_rig_service(rig)->rolling[SIDE_PRIMARY].count, 1);
    assert_int_equal(ledger_rig_service(rig)->rolling[SIDE_STANDBY].count, 1);
    assert_int_equal(ledger_rig_service(rig)->rolling[SIDE_STANDBY].records[0].result, BALLOT_PASS);
}

static void a_void_ballot_counts_as_a_call_but_not_in_the_row(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    struct command close = ledger_rig_close(rig, "VV");
    ledger_rig_accept(rig, &close);
    assert_int_equal(ledger_rig_service(rig)->inquiry.ballots, 1);
    assert_int_equal(ledger_rig_service(rig)->rolling[SIDE_PRIMARY].count, 0);
}

static void an_inquiry_ends_when_both_sides_are_decided(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "PV", 1);
    ledger_rig_close_all(rig, "PP", 2);
    assert_true(ledger_rig_service(rig)->inquiry.index != 0);
    ledger_rig_close_all(rig, "PP", 1);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
}

static void a_standby_that_is_convicted_ends_the_inquiry_without_a_move(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "PF", 3);
    assert_true(rig->applied.convicted);
    assert_int_equal(rig->applied.side, SIDE_STANDBY);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_NONE);
}

static void ballots_of_earlier_inquiries_do_not_answer_a_new_complaint(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "PP", 3);
    assert_int_equal(ledger_rig_service(rig)->inquiry.index, 0);
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "-P", 1);
    assert_true(ledger_rig_service(rig)->inquiry.index != 0);
    rig->ballot--;
    ledger_rig_close_all(rig, "F-", 1);
    assert_true(ledger_rig_service(rig)->inquiry.index != 0);
}

static void a_close_that_convicts_both_sides_names_the_serving_one(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FF", 3);
    assert_true(rig->applied.convicted);
    assert_int_equal(rig->applied.side, SIDE_PRIMARY);
    assert_true(ledger_rig_service(rig)->inquiry.convicted[SIDE_STANDBY]);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_DESTINATION_NOT_BETTER);
}

static void an_inquiry_lapses_after_its_time_or_its_calls(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    struct command lapse = ledger_rig_command(COMMAND_INQUIRY_LAPSE);
    lapse.as.lapse.inquiry = ledger_rig_service(rig)->inquiry.index;
    ledger_rig_refuse(rig, &lapse, WHY_TOO_EARLY);
    ledger_rig_wait(rig, 120000);
    ledger_rig_accept(rig, &lapse);
    assert_int_equal(ledger_rig_service(rig)->blind, WHY_NONE);
    ledger_rig_refuse(rig, &lapse, WHY_STALE);
    ledger_rig_inquire(rig);
    for (int i = 0; i < 10; i++)
        ledger_rig_close_all(rig, "VV", 1);
    lapse.as.lapse.inquiry = ledger_rig_service(rig)->inquiry.index;
    ledger_rig_accept(rig, &lapse);
}

static void a_lapse_that_held_a_fail_is_blind(void **state)
{
    struct ledger_rig *rig = *state;
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FP", 1);
    ledger_rig_close_all(rig, "VV", 1);
    struct command lapse = ledger_rig_command(COMMAND_INQUIRY_LAPSE);
    lapse.as.lapse.inquiry = ledger_rig_service(rig)->inquiry.index;
    ledger_rig_wait(rig, 120000);
    ledger_rig_accept(rig, &lapse);
    assert_int_equal(ledger_rig_service(rig)->blind, WHY_LAPSED);
}

static void observe_mode_records_what_it_would_have_done(void **state)
{
    struct ledger_rig *rig = *state;
    struct command disarm = ledger_rig_command(COMMAND_DISARM);
    ledger_rig_accept(rig, &disarm);
    ledger_rig_inquire(rig);
    ledger_rig_close_all(rig, "FF", 3);
    assert_false(ledger_rig_service(rig)->would_have_moved); /* nowhere to go */
    ledger_rig_close_all(rig, "FP", 1);
    assert_true(rig->applied.would_have_moved);
    assert_true(ledger_rig_service(rig)->would_have_moved);
    assert_int_equal(ledger_rig_service(rig)->inquiry.gate, WHY_OBSERVE_MODE);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_NONE);
}

static struct command member_command(node_id node, uint64_t incarnation, bool voter)
{
    struct command command = {.kind = COMMAND_MEMBER, .service = SERVICE_SLOT_NONE};
    command.as.member = (struct member){node, voter, incarnation};
    return command;
}

static void a_node_that_lost_its_data_is_a_learner_until_that_folder_is_promoted(void **state)
{
    struct ledger_rig *rig = *state;
    struct command command = member_command(2, 77, false);
    ledger_rig_accept(rig, &command);
    assert_false(members_is_voter(&rig->ledger.members, 2));
    ledger_rig_refuse(rig, &command, WHY_STALE);
    command = member_command(2, 76, true);
    ledger_rig_refuse(rig, &command, WHY_STALE);
    command = member_command(2, 78, false); /* it lost its data again meanwhile */
    ledger_rig_accept(rig, &command);
    command = member_command(2, 77, true);
    ledger_rig_refuse(rig, &command, WHY_STALE);
    command = member_command(2, 78, true);
    ledger_rig_accept(rig, &command);
    assert_true(members_is_voter(&rig->ledger.members, 2));
    assert_int_equal(rig->ledger.members.incarnation[2], 78);
}

static void unknown_nodes_and_too_few_voters_are_refused(void **state)
{
    struct ledger_rig *rig = *state;
    node_id count = rig->ledger.node_count;
    struct command command = member_command((node_id)(count + 1), 77, false);
    ledger_rig_refuse(rig, &command, WHY_ILLEGAL);
    command = member_command(1, 0, false);
    ledger_rig_refuse(rig, &command, WHY_ILLEGAL);
    node_id node = 1;
    for (; count - node >= count / 2 + 1; node++) {
        command = member_command(node, 77, false);
        ledger_rig_accept(rig, &command);
    }
    command = member_command(node, 77, false);
    ledger_rig_refuse(rig, &command, WHY_TOO_FEW_VOTERS);
}

static void a_timer_is_open_while_ledger_time_can_end_something(void **state)
{
    struct ledger_rig *rig = *state;
    struct command hold = ledger_rig_command(COMMAND_HOLD);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), 0);
    hold.as.hold.for_ms = 5000;
    ledger_rig_accept(rig, &hold);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), LEDGER_TICK_MS);
    ledger_rig_wait(rig, 5000);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), 0);
    ledger_rig_inquire(rig);
    assert_int_equal(ledger_tick_every_ms(&rig->ledger), LEDGER_TICK_MS);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_TEST(ledger_time_is_the_sum_of_what_passed_on_leaders),
        RIG_TEST(the_voters_are_set_once),
        RIG_TEST(commands_about_an_unknown_service_are_refused),
        RIG_TEST(a_service_keeps_its_slot_when_it_is_set_again),
        RIG_TEST(a_ledger_full_of_services_takes_no_more),
        RIG_TEST(an_armed_mode_stands_until_the_files_mode_changes),
        RIG_TEST(a_hold_expires_in_ledger_time),
        RIG_TEST(an_indefinite_hold_lasts_until_its_release),
        RIG_TEST(a_request_is_carried_out_once),
        RIG_TEST(a_refused_request_is_refused_again_for_the_same_reason),
        RIG_TEST(a_request_is_forgotten_after_as_many_others),
        RIG_TEST(a_service_has_one_inquiry_at_a_time),
        RIG_TEST(closes_of_another_inquiry_or_an_older_ballot_are_stale),
        RIG_TEST(the_sides_of_a_ballot_may_close_one_after_the_other),
        RIG_TEST(a_void_ballot_counts_as_a_call_but_not_in_the_row),
        RIG_TEST(an_inquiry_ends_when_both_sides_are_decided),
        RIG_TEST(a_standby_that_is_convicted_ends_the_inquiry_without_a_move),
        RIG_TEST(ballots_of_earlier_inquiries_do_not_answer_a_new_complaint),
        RIG_TEST(a_close_that_convicts_both_sides_names_the_serving_one),
        RIG_TEST(an_inquiry_lapses_after_its_time_or_its_calls),
        RIG_TEST(a_lapse_that_held_a_fail_is_blind),
        RIG_TEST(observe_mode_records_what_it_would_have_done),
        RIG_TEST(a_node_that_lost_its_data_is_a_learner_until_that_folder_is_promoted),
        RIG_TEST(unknown_nodes_and_too_few_voters_are_refused),
        RIG_TEST(a_timer_is_open_while_ledger_time_can_end_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
