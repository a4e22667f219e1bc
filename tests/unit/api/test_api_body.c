#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/api/body.h"

static struct operation read_good(enum operation_kind kind, const char *body)
{
    struct operation operation = {.kind = kind};
    struct text why = {.length = 0};
    if (body_read_operation(body, strlen(body), kind, &operation, &why) != 0)
        fail_msg("%s: %s", body, why.bytes);
    return operation;
}

static void an_empty_body_is_an_empty_object(void **state)
{
    (void)state;
    struct operation operation = read_good(OPERATION_FAILOVER, "");
    assert_false(operation.force);
    assert_false(operation.expects);
    assert_string_equal(operation.reason, "");
    assert_int_equal(operation.request_id, 0);
    read_good(OPERATION_RELEASE, "{}");
}

static void every_key_is_read(void **state)
{
    (void)state;
    struct operation operation =
        read_good(OPERATION_FAILBACK, "{\"reason\": \"it is repaired\", \"expect\": \"standby\", "
                                      "\"force\": true, \"request_id\": 9007199254740991}");
    assert_string_equal(operation.reason, "it is repaired");
    assert_true(operation.expects);
    assert_int_equal(operation.expected, SIDE_STANDBY);
    assert_true(operation.force);
    assert_int_equal(operation.request_id, INT64_C(9007199254740991));
}

static void a_hold_takes_a_duration_or_the_word(void **state)
{
    (void)state;
    assert_int_equal(read_good(OPERATION_HOLD, "{\"for\":\"90m\"}").for_ms, 5400000);
    assert_int_equal(read_good(OPERATION_HOLD, "{\"for\":\"7d\"}").for_ms, BODY_HOLD_MS_MAX);
    struct operation operation = read_good(OPERATION_HOLD, "{\"for\":\"indefinite\"}");
    assert_true(operation.indefinite);
}

struct bad_body {
    enum operation_kind kind;
    const char *body;
    const char *expected; /* in the reason */
};

static void what_cannot_be_accepted_is_named(void **state)
{
    static const struct bad_body cases[] = {
        {OPERATION_FAILOVER, "{", "not JSON"},
        {OPERATION_FAILOVER, "{} x", "not JSON"},
        {OPERATION_FAILOVER, "[]", "not a JSON object"},
        {OPERATION_FAILOVER, "null", "not a JSON object"},
        {OPERATION_FAILOVER, "{\"reson\":\"x\"}", "(\"reason\"?)"},
        {OPERATION_FAILOVER, "{\"colour\":\"x\"}", "\"colour\": no such key"},
        {OPERATION_FAILOVER, "{\"Reason\":\"x\"}", "no such key"},
        {OPERATION_FAILOVER, "{\"reason\":1}", "reason: text"},
        {OPERATION_FAILOVER, "{\"reason\":\"a\\nb\"}", "reason: text"},
        {OPERATION_FAILOVER, "{\"reason\":\"a\",\"reason\":\"b\"}", "reason: stands twice"},
        {OPERATION_FAILOVER, "{\"expect\":\"primry\"}", "(\"primary\"?)"},
        {OPERATION_FAILOVER, "{\"expect\":true}", "expect:"},
        {OPERATION_FAILOVER, "{\"force\":\"yes\"}", "force: true or false"},
        {OPERATION_FAILOVER, "{\"for\":\"1h\"}", "for: failover does not take it"},
        {OPERATION_RELEASE, "{\"force\":true}", "force: release does not take it"},
        {OPERATION_ACK, "{\"for\":\"1h\"}", "for: ack does not take it"},
        {OPERATION_ARM, "{\"expect\":\"primary\"}", "expect: arm does not take it"},
        {OPERATION_HOLD, "{}", "for: a hold needs it"},
        {OPERATION_HOLD, "{\"for\":\"8d\"}", "at most 7d"},
        {OPERATION_HOLD, "{\"for\":\"0s\"}", "at most 7d"},
        {OPERATION_HOLD, "{\"for\":\"30\"}", "at most 7d"},
        {OPERATION_HOLD, "{\"for\":30}", "at most 7d"},
        {OPERATION_HOLD, "{\"for\":\"forever\"}", "indefinite"},
        {OPERATION_ARM, "{\"request_id\":0}", "request_id:"},
        {OPERATION_ARM, "{\"request_id\":1.5}", "request_id:"},
        {OPERATION_ARM, "{\"request_id\":-1}", "request_id:"},
        {OPERATION_ARM, "{\"request_id\":1e300}", "request_id:"},
        {OPERATION_ARM, "{\"request_id\":\"7\"}", "request_id:"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct operation operation = {.kind = cases[i].kind};
        const struct operation before = operation;
        struct text why = {.length = 0};
        int result = body_read_operation(cases[i].body, strlen(cases[i].body), cases[i].kind,
                                         &operation, &why);
        if (result != ERR_INVALID || strstr(why.bytes, cases[i].expected) == NULL)
            fail_msg("%s: %d: %s", cases[i].body, result, why.bytes);
        assert_memory_equal(&operation, &before, sizeof operation);
    }
}

static void a_deep_body_is_refused_before_it_is_read(void **state)
{
    char body[4096];
    struct operation operation = {.kind = OPERATION_ARM};
    struct text why = {.length = 0};
    (void)state;
    memset(body, '[', sizeof body);
    assert_int_equal(body_read_operation(body, sizeof body, OPERATION_ARM, &operation, &why),
                     ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_body_is_an_empty_object),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(a_hold_takes_a_duration_or_the_word),
        cmocka_unit_test(what_cannot_be_accepted_is_named),
        cmocka_unit_test(a_deep_body_is_refused_before_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
