#include "tests/unit/config/sheet.h"

#include "common/check.h"

#define SEALED(keys) \
    "cluster: support\n", "cluster: support\nseal: {env: HOME}\ncontexts: {" keys "}\n"
#define NO_SEAL "cluster: support\n", "cluster: support\ncontexts: {store: embedded}\n"

static void contexts_are_off_and_have_their_defaults(void **state)
{
    (void)state;
    static const struct edit edits[] = {{0}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_int_equal(config->contexts.store, CONTEXT_STORE_OFF);
    assert_int_equal(config->contexts.ttl_ms, 24 * 3600 * 1000);
    assert_int_equal(config->contexts.patience_ms, 2000);
    assert_int_equal(config->contexts.count_max, 100000);
    assert_int_equal(config->contexts.bytes_max, 256 * 1024 * 1024);
    assert_int_equal(config->contexts.in_flight, 256);
    assert_int_equal(config->contexts.value_max, 256);
    assert_int_equal(config->nodes[0].context_port, 7703);
    config_free(&config);
}

static void contexts_need_a_seal_and_both_tokens(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{NO_SEAL}}, "seal: is missing: contexts are kept sealed"},
        {{{"dub: {data", "dub: {contexts: {read_token: {env: HOME}}, data"}},
         "local.nodes.dub.contexts.write_token: is missing: the two tokens of contexts go "
         "together"},
        {{{"dub: {data", "dub: {contexts: {write_token: {env: HOME}}, data"}},
         "local.nodes.dub.contexts.read_token: is missing: the two tokens of contexts go together"},
        {{{SEALED("store: embeded")}}, "did you mean embedded?"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void off_loopback_contexts_want_tokens_of_their_own(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{SEALED("store: embedded")}, {"127.0.0.1:7700", "0.0.0.0:7700"}},
         "there the API needs TLS and tokens: api.tls.cert, api.tls.key, api.read_token, "
         "contexts.read_token, contexts.write_token"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void their_port_is_nobody_elses(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{SEALED("store: embedded")},
          {"host: 10.1.0.5,", "host: 10.1.0.5, ports: {contexts: 7702},"}},
         "10.1.0.5:7702 is nodes.fra.ports.raft already"},
    };
    static const struct edit off[] = {
        {"host: 10.1.0.5,", "host: 10.1.0.5, ports: {contexts: 7702},"}, {0}};
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
    struct config *config = sheet_expect_good(off, NULL); /* nothing listens there */
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_are_off_and_have_their_defaults),
        cmocka_unit_test(contexts_need_a_seal_and_both_tokens),
        cmocka_unit_test(off_loopback_contexts_want_tokens_of_their_own),
        cmocka_unit_test(their_port_is_nobody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
