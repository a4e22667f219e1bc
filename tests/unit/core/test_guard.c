#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "node/core/guard.h"

enum { NOW_MS = 1000000, WITHIN_MS = 120000, WINDOW_MS = 500000 };

static void put_ballot(struct service_record *service, enum side side, enum ballot_result result,
                       enum severity severity)
{
    service->rolling[side].count = 1;
    service->rolling[side].records[0] =
        (struct ballot_record){.result = result, .severity = severity, .closed_ms = NOW_MS - 1000};
}

/* A ledger of one service whose primary is down, whose standby is well, and against whose move
 * nothing stands. */
static int setup(void **state)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    struct service_record *service = &ledger->services[0];
    ledger->now_ms = NOW_MS;
    ledger->service_count = 1;
    service->mode = MODE_ACT;
    service->route = ROUTE_PRIMARY;
    service->settings = (struct service_settings){.within_ms = WITHIN_MS,
                                                  .budget_window_ms = WINDOW_MS,
                                                  .budget_moves = 2,
                                                  .max_aborts = 2,
                                                  .max_concurrent = 1,
                                                  .priority = 100};
    put_ballot(service, SIDE_PRIMARY, BALLOT_FAIL, SEVERITY_DOWN);
    put_ballot(service, SIDE_STANDBY, BALLOT_PASS, SEVERITY_DOWN);
    *state = ledger;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static const struct move_opening to_standby = {.to = SIDE_STANDBY};

static void assert_answer(struct guard_answer answer, enum why why, time_ms earliest_ms)
{
    if (answer.why != why)
        fail_msg("%s instead of %s", why_code(answer.why), why_code(why));
    assert_int_equal(answer.earliest_ms, earliest_ms);
}

static void a_move_may_be_opened_where_nothing_stands_against_it(void **state)
{
    struct ledger *ledger = *state;
    assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), WHY_NONE, TIME_UNKNOWN);
}

static void add_move(struct ledger *ledger)
{
    ledger->services[0].move.state = MOVE_DRAINING;
}

static void add_observe(struct ledger *ledger)
{
    ledger->services[0].mode = MODE_OBSERVE;
}

static void add_hold(struct ledger *ledger)
{
    ledger->services[0].hold = (struct hold_record){.active = true, .until_ms = NOW_MS + 5000};
}

static void add_cooldown(struct ledger *ledger)
{
    ledger->services[0].cooldown_until_ms = NOW_MS + 7000;
}

static void add_moves(struct ledger *ledger)
{
    ledger->services[0].moves =
        (struct time_list){.count = 3, .at_ms = {NOW_MS - 450000, NOW_MS - 400000, NOW_MS - 10}};
}

static void add_aborts(struct ledger *ledger)
{
    ledger->services[0].aborts =
        (struct time_list){.count = 2, .at_ms = {NOW_MS - 300000, NOW_MS - 10}};
}

static void add_bad_destination(struct ledger *ledger)
{
    put_ballot(&ledger->services[0], SIDE_STANDBY, BALLOT_FAIL, SEVERITY_DOWN);
}

static void add_crowd(struct ledger *ledger)
{
    ledger->service_count = 2;
    ledger->services[1].move.state = MOVE_VERIFYING;
}

static void add_foreign(struct ledger *ledger)
{
    ledger->services[0].route = ROUTE_FOREIGN;
}

/* The obstacles in the order in which they are named, each with the time at which it may be over.
 */
static const struct {
    void (*add)(struct ledger *ledger);
    enum why why;
    time_ms earliest_ms;
} obstacles[] = {
    {add_move, WHY_MOVE_OPEN, TIME_UNKNOWN},
    {add_observe, WHY_OBSERVE_MODE, TIME_UNKNOWN},
    {add_hold, WHY_ON_HOLD, NOW_MS + 5000},
    {add_cooldown, WHY_COOLDOWN, NOW_MS + 7000},
    {add_moves, WHY_BUDGET, NOW_MS + 100000},
    {add_aborts, WHY_ABORTS, NOW_MS + 200000},
    {add_bad_destination, WHY_DESTINATION_NOT_BETTER, TIME_UNKNOWN},
    {add_crowd, WHY_CONCURRENT, TIME_UNKNOWN},
    {add_foreign, WHY_ROUTE_FOREIGN, TIME_UNKNOWN},
};

static void the_first_obstacle_is_named_with_its_earliest_time(void **state)
{
    struct ledger *ledger = *state;
    for (size_t i = sizeof obstacles / sizeof obstacles[0]; i > 0; i--) {
        obstacles[i - 1].add(ledger);
        assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), obstacles[i - 1].why,
                      obstacles[i - 1].earliest_ms);
    }
}

static void an_indefinite_hold_has_no_earliest_time(void **state)
{
    struct ledger *ledger = *state;
    ledger->services[0].hold = (struct hold_record){.active = true, .indefinite = true};
    assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), WHY_ON_HOLD, TIME_UNKNOWN);
}

static void what_left_the_budgets_window_does_not_count(void **state)
{
    struct ledger *ledger = *state;
    struct service_record *service = &ledger->services[0];
    service->moves = (struct time_list){.count = 2, .at_ms = {NOW_MS - WINDOW_MS, NOW_MS - 10}};
    assert_answer(guard_open(ledger, service, &to_standby), WHY_NONE, TIME_UNKNOWN);
    service->moves.at_ms[0]++;
    assert_answer(guard_open(ledger, service, &to_standby), WHY_BUDGET, NOW_MS + 1);
}

static void the_way_back_from_an_unverified_switch_ignores_the_cooldown(void **state)
{
    struct ledger *ledger = *state;
    add_cooldown(ledger);
    ledger->services[0].reverse_exempt = true;
    assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), WHY_NONE, TIME_UNKNOWN);
}

static void a_route_that_was_never_read_is_not_moved(void **state)
{
    struct ledger *ledger = *state;
    ledger->services[0].route = ROUTE_UNKNOWN;
    assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), WHY_ROUTE_UNREAD,
                  TIME_UNKNOWN);
}

static void the_side_that_serves_already_is_no_destination(void **state)
{
    struct ledger *ledger = *state;
    struct move_opening opening = {.to = SIDE_PRIMARY};
    assert_answer(guard_open(ledger, &ledger->services[0], &opening), WHY_ALREADY_SERVING,
                  TIME_UNKNOWN);
}

/* Sides by their last ballot: D, S, U, and ? where none is young. */
struct destination_row {
    char here;
    char there;
    enum why why;
};

static const struct destination_row destination_rows[] = {
    {'D', 'U', WHY_NONE},
    {'D', 'S', WHY_NONE},
    {'S', 'U', WHY_NONE},
    {'D', 'D', WHY_DESTINATION_NOT_BETTER},
    {'S', 'S', WHY_DESTINATION_NOT_BETTER},
    {'S', 'D', WHY_DESTINATION_NOT_BETTER},
    {'U', 'U', WHY_DESTINATION_NOT_BETTER},
    {'U', 'S', WHY_DESTINATION_NOT_BETTER},
    {'D', '?', WHY_DESTINATION_UNKNOWN},
    {'?', '?', WHY_DESTINATION_UNKNOWN},
    {'?', 'U', WHY_NONE},
    {'?', 'S', WHY_DESTINATION_NOT_BETTER},
};

static void put_letter(struct service_record *service, enum side side, char letter)
{
    put_ballot(service, side, letter == 'U' ? BALLOT_PASS : BALLOT_FAIL,
               letter == 'D' ? SEVERITY_DOWN : SEVERITY_SLOW);
    if (letter == '?')
        service->rolling[side].records[0].closed_ms = NOW_MS - WITHIN_MS;
}

static void the_destination_must_be_strictly_better(void **state)
{
    struct ledger *ledger = *state;
    struct service_record *service = &ledger->services[0];
    for (size_t i = 0; i < sizeof destination_rows / sizeof destination_rows[0]; i++) {
        put_letter(service, SIDE_PRIMARY, destination_rows[i].here);
        put_letter(service, SIDE_STANDBY, destination_rows[i].there);
        enum why why = guard_destination(ledger, service, SIDE_STANDBY);
        if (why != destination_rows[i].why)
            fail_msg("%c to %c: %s", destination_rows[i].here, destination_rows[i].there,
                     why_code(why));
        service->move.to = SIDE_STANDBY;
        assert_int_equal(guard_switch(ledger, service), why);
    }
}

static void an_operator_is_held_back_by_less(void **state)
{
    struct ledger *ledger = *state;
    struct service_record *service = &ledger->services[0];
    struct move_opening opening = {.to = SIDE_STANDBY, .cause = CAUSE_OPERATOR};
    add_aborts(ledger);
    add_moves(ledger);
    add_cooldown(ledger);
    add_hold(ledger);
    add_observe(ledger);
    put_letter(service, SIDE_PRIMARY, 'U');
    assert_answer(guard_open(ledger, service, &opening), WHY_NONE, TIME_UNKNOWN);
    put_letter(service, SIDE_STANDBY, '?');
    assert_answer(guard_open(ledger, service, &opening), WHY_NONE, TIME_UNKNOWN);
    put_letter(service, SIDE_STANDBY, 'S');
    assert_answer(guard_open(ledger, service, &opening), WHY_DESTINATION_NOT_BETTER,
                  NOW_MS - 1000 + WITHIN_MS);
    opening.force = true;
    assert_answer(guard_open(ledger, service, &opening), WHY_NONE, TIME_UNKNOWN);
    service->route = ROUTE_FOREIGN;
    assert_answer(guard_open(ledger, service, &opening), WHY_ROUTE_FOREIGN, TIME_UNKNOWN);
}

static void a_switch_of_a_foreign_route_is_never_begun(void **state)
{
    struct ledger *ledger = *state;
    struct service_record *service = &ledger->services[0];
    service->move =
        (struct move_record){.to = SIDE_STANDBY, .cause = CAUSE_OPERATOR, .force = true};
    assert_int_equal(guard_switch(ledger, service), WHY_NONE);
    service->route = ROUTE_FOREIGN;
    assert_int_equal(guard_switch(ledger, service), WHY_ROUTE_FOREIGN);
}

static void a_blocked_move_takes_no_place(void **state)
{
    struct ledger *ledger = *state;
    ledger->service_count = 3;
    ledger->services[1].move.state = MOVE_BLOCKED;
    ledger->services[2].move.state = MOVE_DONE;
    assert_int_equal(guard_moving_count(ledger), 0);
    assert_answer(guard_open(ledger, &ledger->services[0], &to_standby), WHY_NONE, TIME_UNKNOWN);
}

static void who_waits_for_a_place_with_a_lower_priority_number_goes_first(void **state)
{
    struct ledger *ledger = *state;
    struct service_record *service = &ledger->services[0];
    struct service_record *other = &ledger->services[1];
    ledger->service_count = 2;
    other->settings.priority = 50;
    other->inquiry.convicted[SIDE_PRIMARY] = true;
    other->inquiry.gate = WHY_CONCURRENT;
    assert_answer(guard_open(ledger, service, &to_standby), WHY_CONCURRENT, TIME_UNKNOWN);
    other->settings.priority = 100;
    assert_answer(guard_open(ledger, service, &to_standby), WHY_NONE, TIME_UNKNOWN);
    other->settings.priority = 50;
    other->inquiry.gate = WHY_ON_HOLD;
    assert_answer(guard_open(ledger, service, &to_standby), WHY_NONE, TIME_UNKNOWN);
}

#define GUARD_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GUARD_TEST(a_move_may_be_opened_where_nothing_stands_against_it),
        GUARD_TEST(the_first_obstacle_is_named_with_its_earliest_time),
        GUARD_TEST(an_indefinite_hold_has_no_earliest_time),
        GUARD_TEST(what_left_the_budgets_window_does_not_count),
        GUARD_TEST(the_way_back_from_an_unverified_switch_ignores_the_cooldown),
        GUARD_TEST(a_route_that_was_never_read_is_not_moved),
        GUARD_TEST(the_side_that_serves_already_is_no_destination),
        GUARD_TEST(the_destination_must_be_strictly_better),
        GUARD_TEST(an_operator_is_held_back_by_less),
        GUARD_TEST(a_switch_of_a_foreign_route_is_never_begun),
        GUARD_TEST(a_blocked_move_takes_no_place),
        GUARD_TEST(who_waits_for_a_place_with_a_lower_priority_number_goes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
