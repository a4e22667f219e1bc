#include "proto/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/vectors/vectors.h"

static int encode(const struct ledger *ledger)
{
    static const size_t size = LEDGER_BYTES_MAX;
    CLEANUP(cleanup_free) uint8_t *bytes = malloc(size);
    size_t length = 0;
    assert_non_null(bytes);
    return ledger_encode(ledger, bytes, size, &length);
}

static void an_empty_ledger_comes_back(void **state)
{
    static struct ledger empty;
    static struct ledger again;
    uint8_t bytes[4096];
    size_t length = 0;
    (void)state;
    assert_int_equal(ledger_encode(&empty, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_int_equal(again.level, PROTO_LEVEL_FIRST);
    again.level = 0;
    assert_true(all_zero(&again, sizeof again));
}

static void all_fields_come_back(void **state)
{
    static struct ledger ledger;
    static struct ledger again;
    uint8_t bytes[8192];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_int_equal(again.index, 4725);
    assert_int_equal(again.services[0].move.intent.base.version, 13);
    assert_int_equal(again.services[0].rolling[SIDE_PRIMARY].records[2].closed_ms, 60000);
    assert_true(again.services[0].inquiry.convicted[SIDE_PRIMARY]);
    assert_string_equal(again.services[0].hold.actor.text, "operator-2");
    assert_int_equal(again.services[0].moves.at_ms[1], 61000);
    assert_int_equal(again.services[1].settings.blind_after_ms, 300000);
    assert_int_equal(again.requests[1].why, WHY_MOVE_OPEN);
}

static void what_lies_behind_a_count_makes_no_difference(void **state)
{
    static struct ledger ledger;
    uint8_t bytes[2][8192];
    size_t length[2] = {0, 0};
    (void)state;
    example_ledger(&ledger);
    assert_int_equal(ledger_encode(&ledger, bytes[0], sizeof bytes[0], &length[0]), 0);
    ledger.services[0].rolling[SIDE_PRIMARY].records[3].ballot = 99;
    ledger.services[0].moves.at_ms[5] = 99;
    ledger.services[2].route_version = 99;
    ledger.nodes[7].id = 9;
    assert_int_equal(ledger_encode(&ledger, bytes[1], sizeof bytes[1], &length[1]), 0);
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], length[0]);
}

static void fill_service(struct service_record *service)
{
    memset(service->name.text, 's', NAME_BYTES_MAX);
    service->settings = example_settings();
    service->settings.drain_ms[0] = INT64_C(1) << 40;
    service->route_version = UINT64_MAX;
    service->route_ms = INT64_MAX;
    for (int side = 0; side < SIDE_N; side++) {
        service->rolling[side].count = ROLLING_COUNT_MAX;
        for (int i = 0; i < ROLLING_COUNT_MAX; i++)
            service->rolling[side].records[i] = (struct ballot_record){
                INT64_MAX - 1, INT64_MAX - 1, UINT32_MAX, BALLOT_FAIL, SEVERITY_DOWN, INT64_MAX};
    }
    service->inquiry.index = service->move.id = INT64_MAX - 1;
    memset(service->move.actor.text, 'a', NAME_BYTES_MAX);
    memset(service->move.reason, 'r', REASON_BYTES_MAX);
    memset(service->hold.reason, 'r', REASON_BYTES_MAX);
    for (int step = 0; step < ROUTE_STEP_N; step++)
        memset(service->move.steps[step].correlation, 'c', CORRELATION_BYTES_MAX);
    service->moves.count = service->aborts.count = MOVE_TIME_COUNT_MAX;
    service->failovers.count = MOVE_TIME_COUNT_MAX;
    for (int i = 0; i < MOVE_TIME_COUNT_MAX; i++)
        service->moves.at_ms[i] = service->aborts.at_ms[i] = service->failovers.at_ms[i] =
            INT64_MAX;
    service->late.count = LATE_COUNT_MAX;
    service->parts.count = ROUTE_PART_COUNT_MAX;
    for (int i = 0; i < ROUTE_PART_COUNT_MAX; i++)
        service->parts.part[i] = (struct route_part){ROUTE_FOREIGN, UINT64_MAX};
}

static void the_fullest_ledger_is_far_below_its_limit(void **state)
{
    static struct ledger ledger;
    static struct ledger again;
    static uint8_t bytes[LEDGER_BYTES_MAX / 4];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    ledger.level = PROTO_LEVEL_NEWEST;
    ledger.service_count = SERVICE_COUNT_MAX;
    for (int i = 0; i < SERVICE_COUNT_MAX; i++)
        fill_service(&ledger.services[i]);
    for (int i = 0; i < TOKEN_COUNT_MAX; i++) {
        example_token(&ledger);
        ledger.tokens[i].sealed_length = SEALED_BYTES_MAX;
    }
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_int_equal(again.service_count, SERVICE_COUNT_MAX);
    assert_int_equal(again.token_count, TOKEN_COUNT_MAX);
    assert_memory_equal(again.tokens, ledger.tokens, sizeof ledger.tokens);
}

static void another_version_is_told_apart_from_damage(void **state)
{
    static struct ledger ledger;
    uint8_t bytes[8192];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    bytes[1] = PROTO_LEVEL_NEWEST + 1;
    assert_int_equal(ledger_decode(bytes, length, &ledger), ERR_VERSION);
    assert_true(all_zero(&ledger, sizeof ledger));
}

static void members_come_back_from_level_2_on(void **state)
{
    static struct ledger ledger;
    static struct ledger again;
    uint8_t bytes[8192];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    ledger.members.incarnation[2] = 77;
    ledger.members.learners = UINT32_C(1) << 2;
    ledger.level = PROTO_LEVEL_HELLO;
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_memory_equal(&again.members, &ledger.members, sizeof ledger.members);
    ledger.level = PROTO_LEVEL_FIRST;
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_true(all_zero(&again.members, sizeof again.members));
}

static void steps_and_counting_come_back_from_level_3_on(void **state)
{
    static struct ledger ledger;
    static struct ledger again;
    uint8_t bytes[8192];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    struct step_record *step = &ledger.services[0].move.steps[ROUTE_SWITCH];
    *step = (struct step_record){2, OUTCOME_STUCK, WHY_FORBIDDEN, "c0ffee-1"};
    ledger.services[0].settings.drain_every_ms = 5000;
    ledger.level = PROTO_LEVEL_STEPS;
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_memory_equal(&again.services[0].move.steps[ROUTE_SWITCH], step, sizeof *step);
    assert_int_equal(again.services[0].settings.drain_every_ms, 5000);
    ledger.level = PROTO_LEVEL_HELLO;
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_true(all_zero(again.services[0].move.steps, sizeof again.services[0].move.steps));
    assert_int_equal(again.services[0].settings.drain_every_ms, 0);
}

static void a_units_parts_come_back_from_level_3_on(void **state)
{
    static const struct route_parts parts = {2, {{ROUTE_STANDBY, 14}, {ROUTE_PRIMARY, 7}}};
    static struct ledger ledger;
    static struct ledger again;
    uint8_t bytes[8192];
    size_t length = 0;
    (void)state;
    example_ledger(&ledger);
    ledger.services[0].route = ROUTE_MIXED;
    ledger.services[0].parts = parts;
    ledger.level = PROTO_LEVEL_STEPS;
    assert_int_equal(ledger_encode(&ledger, bytes, sizeof bytes, &length), 0);
    assert_int_equal(ledger_decode(bytes, length, &again), 0);
    assert_int_equal(again.services[0].route, ROUTE_MIXED);
    assert_memory_equal(&again.services[0].parts, &parts, sizeof parts);
    ledger.services[0].parts.part[1].state = ROUTE_MIXED; /* no part is two things at once */
    assert_int_equal(encode(&ledger), ERR_INVALID);
    ledger.services[0].parts = parts;
    ledger.level = PROTO_LEVEL_HELLO; /* which has no word for it */
    assert_int_equal(encode(&ledger), ERR_INVALID);
}

static void counts_over_the_tables_are_not_encoded(void **state)
{
    static struct ledger ledger;
    (void)state;
    example_ledger(&ledger);
    ledger.service_count = SERVICE_COUNT_MAX + 1;
    assert_int_equal(encode(&ledger), ERR_INVALID);
    example_ledger(&ledger);
    ledger.services[1].rolling[SIDE_STANDBY].count = ROLLING_COUNT_MAX + 1;
    assert_int_equal(encode(&ledger), ERR_INVALID);
    example_ledger(&ledger);
    ledger.request_next = REQUEST_COUNT_MAX;
    assert_int_equal(encode(&ledger), ERR_INVALID);
    example_ledger(&ledger);
    ledger.services[0].settings.rule_of = ROLLING_COUNT_MAX + 1;
    assert_int_equal(encode(&ledger), ERR_INVALID);
    example_ledger(&ledger);
    ledger.level = PROTO_LEVEL_STEPS;
    ledger.services[0].parts.count = ROUTE_PART_COUNT_MAX + 1;
    assert_int_equal(encode(&ledger), ERR_INVALID);
}

/* The encoding is written by hand: whoever changes a structure must change it, too, then this. */
static void no_field_was_added_without_a_place_in_the_encoding(void **state)
{
    (void)state;
    if (sizeof(void *) != 8)
        skip();
    assert_int_equal(sizeof(struct service_settings), 176);
    assert_int_equal(sizeof(struct ledger_node), 129);
    assert_int_equal(sizeof(struct ballot_record), 40);
    assert_int_equal(sizeof(struct inquiry_record), 56);
    assert_int_equal(sizeof(struct intent_record), 48);
    assert_int_equal(sizeof(struct move_record), 520);
    assert_int_equal(sizeof(struct hold_record), 184);
    assert_int_equal(sizeof(struct service_record), 2488);
    assert_int_equal(sizeof(struct request_record), 24);
    assert_int_equal(sizeof(struct token_record), 8312);
    assert_int_equal(sizeof(struct ledger), 196344);
    assert_int_equal(sizeof(struct command), 1976);
    assert_int_equal(sizeof(struct vote), 216);
    assert_int_equal(sizeof(struct call), 56);
    assert_int_equal(sizeof(struct members), 136);
    assert_int_equal(sizeof(struct raft_message), 1600);
    assert_int_equal(sizeof(struct operation), 248);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_ledger_comes_back),
        cmocka_unit_test(all_fields_come_back),
        cmocka_unit_test(what_lies_behind_a_count_makes_no_difference),
        cmocka_unit_test(the_fullest_ledger_is_far_below_its_limit),
        cmocka_unit_test(another_version_is_told_apart_from_damage),
        cmocka_unit_test(no_field_was_added_without_a_place_in_the_encoding),
        cmocka_unit_test(members_come_back_from_level_2_on),
        cmocka_unit_test(steps_and_counting_come_back_from_level_3_on),
        cmocka_unit_test(a_units_parts_come_back_from_level_3_on),
        cmocka_unit_test(counts_over_the_tables_are_not_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
