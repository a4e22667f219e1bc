/* Several routes of a service as one unit: what their readings amount to, and how jobs read and
 * write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "node/io/act/unit.h"
#include "tests/unit/act/fixture.h"

static struct unit_part part_of(enum route_state state, uint64_t version)
{
    return (struct unit_part){.state = state,
                              .version = version,
                              .versioned = true,
                              .body_hash = {0, version + 100, version + 200, version + 300}};
}

struct amount {
    enum route_state parts[3];
    enum route_state whole;
};

static void a_unit_is_what_its_parts_amount_to(void **state)
{
    static const struct amount amounts[] = {
        {{ROUTE_PRIMARY, ROUTE_PRIMARY, ROUTE_PRIMARY}, ROUTE_PRIMARY},
        {{ROUTE_PAUSED, ROUTE_PAUSED, ROUTE_PAUSED}, ROUTE_PAUSED},
        {{ROUTE_PRIMARY, ROUTE_PRIMARY, ROUTE_STANDBY}, ROUTE_MIXED},
        {{ROUTE_PAUSED, ROUTE_PRIMARY, ROUTE_PRIMARY}, ROUTE_MIXED},
        {{ROUTE_PRIMARY, ROUTE_FOREIGN, ROUTE_STANDBY}, ROUTE_FOREIGN},
        {{ROUTE_FOREIGN, ROUTE_PRIMARY, ROUTE_UNKNOWN}, ROUTE_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        struct unit_part parts[3];
        for (size_t k = 0; k < 3; k++)
            parts[k] = part_of(amounts[i].parts[k], k);
        struct route_view view = unit_view(parts, 3);
        assert_int_equal(view.state, amounts[i].whole);
        assert_int_equal(view.parts.count, 3);
        assert_int_equal(view.parts.part[2].state, amounts[i].parts[2]);
    }
}

static void one_route_is_itself(void **state)
{
    (void)state;
    struct unit_part part = part_of(ROUTE_STANDBY, 7);
    struct route_view view = unit_view(&part, 1);
    assert_int_equal(view.parts.count, 0);
    assert_int_equal(view.version, 7);
    assert_int_equal(view.body_hash[ROUTE_SWITCH][SIDE_PRIMARY], 107);
    assert_int_equal(view.body_hash[ROUTE_RESUME][SIDE_STANDBY], 207);
    assert_int_equal(view.body_hash[ROUTE_PAUSE][SIDE_STANDBY], 307);
}

static void each_part_makes_the_units_version_and_bodies(void **state)
{
    (void)state;
    struct unit_part parts[2] = {part_of(ROUTE_PRIMARY, 7), part_of(ROUTE_PRIMARY, 9)};
    struct route_view view = unit_view(parts, 2);
    assert_int_not_equal(view.version, 0);
    parts[1].version = 10;
    assert_int_not_equal(unit_view(parts, 2).version, view.version);
    parts[1].version = 9;
    parts[0].body_hash[ROUTE_STANDBY]++;
    struct route_view other = unit_view(parts, 2);
    assert_int_equal(other.version, view.version);
    assert_int_not_equal(other.body_hash[ROUTE_SWITCH][SIDE_STANDBY],
                         view.body_hash[ROUTE_SWITCH][SIDE_STANDBY]);
    assert_int_equal(other.body_hash[ROUTE_SWITCH][SIDE_PRIMARY],
                     view.body_hash[ROUTE_SWITCH][SIDE_PRIMARY]);
    parts[1].versioned = false;
    assert_int_equal(unit_view(parts, 2).version, 0);
    parts[1].body_hash[ROUTE_PAUSED] = 0; /* it cannot be paused: nor can the unit */
    assert_int_equal(unit_view(parts, 2).body_hash[ROUTE_PAUSE][SIDE_PRIMARY], 0);
}

static void script_readings(struct fixture *fixture, const char *first, const char *second)
{
    const struct reply replies[] = {{.status = 200, .body = first},
                                    {.status = 200, .body = second}};
    server_script(fixture->server, CHANNEL_READ, replies, 2);
}

static void script_writes(struct fixture *fixture, struct reply first, struct reply second)
{
    const struct reply replies[] = {first, second};
    server_script(fixture->server, CHANNEL_WRITE, replies, 2);
}

static void a_read_asks_for_each_route(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_STANDBY("3"));
    struct route_view view = fixture_read(fixture);
    assert_int_equal(view.state, ROUTE_MIXED);
    assert_int_equal(view.parts.count, 2);
    assert_int_equal(view.parts.part[0].version, 7);
    assert_int_equal(view.parts.part[1].state, ROUTE_STANDBY);
    assert_string_equal(server_seen(fixture->server, CHANNEL_READ, 0)->path,
                        "/api/v2/routing/plans/plan-1");
    assert_string_equal(server_seen(fixture->server, CHANNEL_READ, 1)->path,
                        "/api/v2/routing/plans/plan-2");
}

static void a_unit_of_which_one_route_cannot_be_read_is_not_read(void **state)
{
    struct fixture *fixture = *state;
    const struct reply replies[] = {{.status = 200, .body = PLAN_NORMAL("7")}, {.status = 403}};
    server_script(fixture->server, CHANNEL_READ, replies, 2);
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    assert_int_equal(result.result, ROUTE_RESULT_FORBIDDEN);
    assert_int_equal(result.view.state, ROUTE_UNKNOWN);
    assert_non_null(strstr(result.why.bytes, "chat: "));
}

static void a_write_has_a_key_and_a_body_for_each_route(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_writes(fixture, (struct reply){.status = 200, .body = PLAN_STANDBY("8")},
                  (struct reply){.status = 200, .body = PLAN_STANDBY("4")});
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_int_equal(result.view.state, ROUTE_STANDBY);
    assert_int_equal(result.view.parts.part[1].version, 4);
    const struct seen *first = server_seen(fixture->server, CHANNEL_WRITE, 0);
    const struct seen *second = server_seen(fixture->server, CHANNEL_WRITE, 1);
    assert_string_equal(first->path, "/api/v2/routing/plans/plan-1");
    assert_true(seen_has_header(first, "Idempotency-Key: support/17.2.1/voice"));
    assert_non_null(strstr(first->body, "\"version\":7"));
    assert_string_equal(second->path, "/api/v2/routing/plans/plan-2");
    assert_true(seen_has_header(second, "Idempotency-Key: support/17.2.1/chat"));
    assert_non_null(strstr(second->body, "\"version\":3"));
}

static void a_write_stops_at_the_first_request_that_does_not_end_well(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_writes(fixture, (struct reply){.status = 409}, (struct reply){.status = 200});
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_CONFLICT);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 1);
    script_writes(fixture, (struct reply){.status = 200, .body = PLAN_STANDBY("8")},
                  (struct reply){.status = 403});
    result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_FORBIDDEN);
    assert_int_equal(result.view.state, ROUTE_UNKNOWN);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 3);
}

static void what_is_right_already_is_not_written(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_STANDBY("8"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_writes(fixture, (struct reply){.status = 200, .body = PLAN_STANDBY("4")},
                  (struct reply){.status = 500});
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_int_equal(result.view.state, ROUTE_STANDBY);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 1);
    result = fixture_run(fixture, fixture_switch(&result.view)); /* nothing is left to write */
    assert_int_equal(result.result, ROUTE_RESULT_OK);
    assert_int_equal(result.view.state, ROUTE_STANDBY);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 1);
}

/* An attempt's bodies are the intent's: of a half-written unit it makes none any more. */
static void a_half_written_unit_needs_another_intent(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_readings(fixture, PLAN_STANDBY("8"), PLAN_NORMAL("3"));
    (void)fixture_read(fixture);
    script_readings(fixture, PLAN_STANDBY("8"), PLAN_NORMAL("3"));
    struct actuator_result result = fixture_run(fixture, fixture_switch(&view));
    assert_int_equal(result.result, ROUTE_RESULT_NOT_SENT);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 0);
}

static void no_part_is_begun_after_the_lease(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_writes(fixture,
                  (struct reply){.status = 200, .body = PLAN_STANDBY("8"), .delay_ms = 400},
                  (struct reply){.status = 200, .body = PLAN_STANDBY("4")});
    struct actuator_job job = fixture_switch(&view);
    job.start_before_ms = fixture_now_ms() + 200;
    struct actuator_result result = fixture_run(fixture, job);
    assert_int_equal(result.result, ROUTE_RESULT_CANCELED);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 1);
}

static void no_part_is_begun_once_leadership_is_over(void **state)
{
    struct fixture *fixture = *state;
    script_readings(fixture, PLAN_NORMAL("7"), PLAN_NORMAL("3"));
    struct route_view view = fixture_read(fixture);
    script_writes(fixture,
                  (struct reply){.status = 200, .body = PLAN_STANDBY("8"), .delay_ms = 300},
                  (struct reply){.status = 200, .body = PLAN_STANDBY("4")});
    actuator_lead(fixture->actuator, 42);
    uint64_t ticket = fixture_submit(fixture, fixture_switch(&view));
    assert_true(server_await_count(fixture->server, CHANNEL_WRITE, 1));
    actuator_lead(fixture->actuator, 0);
    assert_int_equal(fixture_await(fixture, ticket).result, ROUTE_RESULT_CANCELED);
    assert_int_equal(server_count(fixture->server, CHANNEL_WRITE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup_unit, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_unit_is_what_its_parts_amount_to),
        cmocka_unit_test(one_route_is_itself),
        cmocka_unit_test(each_part_makes_the_units_version_and_bodies),
        TEST(a_read_asks_for_each_route),
        TEST(a_unit_of_which_one_route_cannot_be_read_is_not_read),
        TEST(a_write_has_a_key_and_a_body_for_each_route),
        TEST(a_write_stops_at_the_first_request_that_does_not_end_well),
        TEST(what_is_right_already_is_not_written),
        TEST(a_half_written_unit_needs_another_intent),
        TEST(no_part_is_begun_after_the_lease),
        TEST(no_part_is_begun_once_leadership_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
