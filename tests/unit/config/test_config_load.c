#include "tests/unit/config/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/config/seal_key.h"
#include "proto/notice.h"

static const struct edit no_edits[] = {{0}};

static void the_good_file_becomes_the_structs(void **state)
{
    (void)state;
    struct config *config = sheet_expect_good(no_edits, NULL);
    const struct service_config *line = &config->services[0];
    const struct service_settings *settings = &line->settings;
    assert_string_equal(config->cluster.text, "support");
    assert_int_equal(config->node_count, 3);
    assert_string_equal(config->nodes[1].name.text, "dub");
    assert_string_equal(config->nodes[1].zone.text, "eu-west");
    assert_int_equal(config->nodes[1].vote_port, 7701);
    assert_int_equal(config->nodes[1].key_count, 1);
    assert_int_equal(config->nodes[1].keys[0][0], 0x97);
    assert_int_equal(config->service_count, 2);
    assert_string_equal(line->side[SIDE_PRIMARY].probe.url, "https://bot.example.com/canary");
    assert_int_equal(line->side[SIDE_PRIMARY].probe.timeout_ms, 500);
    assert_int_equal(line->side[SIDE_PRIMARY].probe.expect_status.ranges[0].from, 200);
    assert_false(line->side[SIDE_PRIMARY].probe.latency_total);
    assert_string_equal(line->side[SIDE_STANDBY].tag, "env:standby");
    assert_string_equal(line->may_share,
                        "Quorate context put, Quorate context get, Quorate context delete");
    assert_string_equal(line->routes[0].backend, "routing-plan");
    assert_string_equal(line->announce_header, "X-Service-Mode: degraded");
    assert_int_equal(settings->mode, MODE_ACT);
    assert_int_equal(settings->rule_fail, 3);
    assert_int_equal(settings->rule_of, 5);
    assert_int_equal(settings->within_ms, 120000);
    assert_int_equal(settings->min_zones, 2);
    assert_int_equal(settings->drain_ms[DRAIN_PLANNED], 45000);
    assert_int_equal(settings->drain_ms[DRAIN_DOWN], 0);
    assert_int_equal(settings->paused_max_ms, 90000);
    assert_int_equal(settings->budget_moves, 3);
    assert_int_equal(settings->budget_window_ms, 24 * 3600 * 1000);
    assert_int_equal(settings->max_calls, 10);
    assert_int_equal(settings->blind_after_ms, 300000);
    assert_int_equal(settings->ballot_deadline_ms, 2750);
    assert_true(settings->versioned);
    assert_false(settings->failback_auto);
    assert_int_not_equal(settings->config_hash, 0);
    config_free(&config);
    assert_null(config);
    config_free(&config);
}

static void platforms_notices_and_timing_are_resolved(void **state)
{
    (void)state;
    struct config *config = sheet_expect_good(no_edits, NULL);
    assert_string_equal(config->platforms[0].api_url, "https://api.mypurecloud.de");
    assert_string_equal(config->platforms[0].login_url, "https://login.mypurecloud.de");
    assert_string_equal(config->platforms[0].client_secret, ""); /* a check reads no credentials */
    assert_int_equal(config->notify[0].kind, NOTIFY_EXEC);
    assert_string_equal(config->notify[0].target, "/bin/true");
    assert_int_equal(config->notify[0].on_mask, (1 << NOTICE_BLOCKED) | (1 << NOTICE_BLIND));
    assert_int_equal(config->timing.election_ms, 1000);
    assert_int_equal(config->timing.actuator_deadline_ms, 2000);
    assert_int_equal(config->timing.reference_inflation_factor, 3);
    assert_int_equal(config->heartbeat_every_ms, 60000);
    assert_int_equal(config->reference_count, 3);
    assert_string_equal(config->references[0].url, "https://status.example.org/ping");
    assert_int_equal(config->references[0].expect_status.ranges[0].from, 200);
    assert_int_equal(config->references[1].expect_status.ranges[0].from, 204);
    assert_int_equal(config->references[2].timeout_ms, 500);
    config_free(&config);
}

static void a_service_overrides_what_it_shares(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"defaults:\n", "defaults:\n  failback: {auto: false, after: 1h}\n  announce: {query: "
                        "\"m=d\"}\n  drain: {slow: 10s}\n"},
        {"    mode: observe",
         "    mode: observe\n    rule: {within: 1m}\n    probe: {timeout: 400ms}"},
        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    const struct service_config *line = &config->services[0];
    const struct service_config *chat = &config->services[1];
    assert_false(line->settings.failback_auto);
    assert_int_equal(line->settings.failback_after_ms, 30 * 60 * 1000);
    assert_false(chat->settings.failback_auto);
    assert_int_equal(chat->settings.failback_after_ms, 3600 * 1000);
    assert_string_equal(line->announce_query, "");
    assert_string_equal(chat->announce_query, "m=d");
    assert_int_equal(chat->settings.drain_ms[DRAIN_SLOW], 30000); /* `drain: 30s` is all three */
    assert_int_equal(chat->settings.drain_ms[DRAIN_DOWN], 30000);
    assert_int_equal(chat->settings.within_ms, 60000);
    assert_int_equal(line->settings.within_ms, 120000);
    assert_int_equal(chat->side[SIDE_PRIMARY].probe.timeout_ms, 400);
    assert_int_equal(chat->side[SIDE_PRIMARY].probe.latency_ms, 100);
    assert_int_equal(chat->side[SIDE_STANDBY].probe.latency_ms, 200);
    assert_int_equal(line->side[SIDE_STANDBY].probe.timeout_ms, 500);
    config_free(&config);
}

static void defaults_fill_what_a_service_leaves_out_of_a_group(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"defaults:\n", "defaults:\n  drain: {slow: 10s}\n"},
                                        {"drain: {slow: 60s, ", "drain: {"},
                                        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_int_equal(config->services[0].settings.drain_ms[DRAIN_SLOW], 10000);
    assert_int_equal(config->services[0].settings.drain_ms[DRAIN_PLANNED], 45000);
    config_free(&config);
}

static void a_node_gets_its_own_local_settings_and_credentials(void **state)
{
    (void)state;
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);
    struct config *config = sheet_expect_good(no_edits, "dub");
    assert_string_equal(config->local.data, "/srv/dub");
    assert_string_equal(config->local.key_file, "/etc/quorate/node.key");
    assert_string_equal(config->local.write_token, "s3cret");
    assert_string_equal(config->platforms[0].client_secret, "s3cret");
    assert_string_equal(config_connect_to(config, "bot.example.com:443"), "127.0.0.1:9000");
    assert_string_equal(config_connect_to(config, "bot.example.com:80"), "bot.example.com:80");
    config_free(&config);
    config = sheet_expect_good(no_edits, "fra");
    assert_string_equal(config->local.data, "/var/lib/quorate");
    assert_int_equal(config->local.connect_to_count, 0);
    config_free(&config);
    unsetenv("QUORATE_TEST_SECRET");
}

static void the_api_listens_at_the_node_s_port_where_nothing_else_is_said(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"listen: 127.0.0.1:7700, ", ""},
                                        {"host: 10.2.0.5", "host: 10.2.0.5, ports: {api: 7799}"},
                                        {0}};
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);
    struct config *config = sheet_expect_good(edits, "dub");
    assert_string_equal(config->local.api_host, "127.0.0.1");
    assert_int_equal(config->local.api_port, 7799);
    config_free(&config);
    unsetenv("QUORATE_TEST_SECRET");
}

static void expect_run_problem(const struct edit *edits, const char *node, const char *expected)
{
    struct config *config = NULL;
    struct config_problems problems;
    assert_int_equal(sheet_load(edits, node, &config, &problems), ERR_INVALID);
    bool found = false;
    for (size_t i = 0; i < problems.count; i++)
        found = found || strstr(problems.lines[i].bytes, expected) != NULL;
    if (!found)
        fail_msg("'%s' is not in '%s'", expected, problems.lines[0].bytes);
    assert_null(config);
}

static void a_seal_is_read_with_the_nodes_credentials_and_must_be_a_key(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"cluster: support\n", "cluster: support\nseal: {env: QUORATE_TEST_SEAL}\n"},
        {"region: mypurecloud.de, ", "region: mypurecloud.de, grant: refresh_token, "
                                     "refresh_token: {env: QUORATE_TEST_SECRET}, "},
        {0}};
    char key[SEAL_KEY_TEXT_SIZE];
    seal_key_make(key);
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);
    setenv("QUORATE_TEST_SEAL", key, 1);
    struct config *config = sheet_expect_good(edits, "dub");
    assert_int_equal(config->platforms[0].grant, GRANT_REFRESH_TOKEN);
    assert_string_equal(config->platforms[0].refresh_token, "s3cret");
    assert_string_equal(config->platforms[0].fallback_id, "");
    assert_string_equal(config->seal, key);
    config_free(&config);
    config = sheet_expect_good(edits, NULL);
    assert_string_equal(config->seal, "");
    config_free(&config);
    setenv("QUORATE_TEST_SEAL", "not a key", 1);
    expect_run_problem(edits, "dub",
                       ":2: seal: holds no key; make one with `quorate keygen --seal");
    unsetenv("QUORATE_TEST_SEAL");
    unsetenv("QUORATE_TEST_SECRET");
}

static void a_run_names_the_credential_that_it_cannot_read(void **state)
{
    (void)state;
    static const struct edit by_name[] = {{"{env: QUORATE_TEST_SECRET}", "{credential: genesys}"},
                                          {0}};
    static const struct edit by_file[] = {{"{env: QUORATE_TEST_SECRET}", "{file: /nonexistent/x}"},
                                          {0}};
    static const struct edit by_env[] = {{"QUORATE_TEST_SECRET", "QUORATE_TEST_UNSET"}, {0}};
    static const struct edit no_key[] = {{"  key: {file: /etc/quorate/node.key}\n", ""}, {0}};
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);
    unsetenv("CREDENTIALS_DIRECTORY");
    expect_run_problem(by_name, "fra",
                       ":35: platforms.genesys.client_secret: credential genesys: "
                       "$CREDENTIALS_DIRECTORY is not set");
    expect_run_problem(by_file, "fra", "credential /nonexistent/x cannot be opened: No such file");
    expect_run_problem(by_env, "fra", "the environment variable QUORATE_TEST_UNSET is not set");
    expect_run_problem(no_key, "fra", ":39: local.key: is missing");
    expect_run_problem(no_edits, "fro", ":2: nodes: nodes has no fro (did you mean fra?)");
    unsetenv("QUORATE_TEST_SECRET");
}

static void write_file(const char *path, const char *text)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
}

static void a_credential_s_file_loses_its_last_newline_and_nothing_else(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"{env: QUORATE_TEST_SECRET}", "{credential: genesys}"},
                                        {"{file: /etc/quorate/node.key}", "{credential: node-key}"},
                                        {0}};
    char folder[] = "/tmp/quorate-credentials-XXXXXX";
    char path[128];
    char key_path[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/genesys", folder);
    snprintf(key_path, sizeof key_path, "%s/node-key", folder);
    setenv("CREDENTIALS_DIRECTORY", folder, 1);
    setenv("QUORATE_TEST_SECRET", "s3cret", 1);

    write_file(path, " a secret \n");
    struct config *config = sheet_expect_good(edits, "fra");
    assert_string_equal(config->platforms[0].client_secret, " a secret ");
    assert_string_equal(config->local.key_file, key_path);
    config_free(&config);
    write_file(path, "\n");
    expect_run_problem(edits, "fra", "genesys is empty");
    write_file(path, "two\nlines\n");
    expect_run_problem(edits, "fra", "genesys is not one line of text");

    unlink(path);
    rmdir(folder);
    unsetenv("CREDENTIALS_DIRECTORY");
    unsetenv("QUORATE_TEST_SECRET");
}

/* The hashes of both services after the edits. */
static void hashes_after(const struct edit *edits, uint64_t ret_hashes[2])
{
    struct config *config = sheet_expect_good(edits, NULL);
    ret_hashes[0] = config->services[0].settings.config_hash;
    ret_hashes[1] = config->services[1].settings.config_hash;
    config_free(&config);
}

static void a_service_s_hash_changes_with_its_own_settings_only(void **state)
{
    (void)state;
    enum { NEITHER = 0, LINE = 1, CHAT = 2, BOTH = 3 };
    static const struct {
        struct edit edits[EDIT_COUNT_MAX];
        int changes;
    } cases[] = {
        {{{"data: /var/lib/quorate", "data: /elsewhere"}}, NEITHER},
        {{{"listen: 127.0.0.1:7700", "listen: 127.0.0.1:7709"}}, NEITHER},
        {{{"client_id: abc", "client_id: xyz"}}, NEITHER},
        {{{"[blocked, blind]", "[blocked]"}}, NEITHER},
        {{{"patrol: {interval: 30s, confirm_interval: 5s}\n", ""}},
         NEITHER}, /* the default, unwritten */
        {{{"id: P1, probe: {url: \"https://bot.example.com/canary\"}",
           "probe: {\"url\": 'https://bot.example.com/canary'}, id: P1"}},
         NEITHER},
        {{{"bot.example.com/canary", "bot.example.com/canary2"}}, LINE},
        {{{"chat.example.com", "chat2.example.com"}}, CHAT},
        {{{"mode: observe", "mode: act"}}, CHAT},
        {{{"plan: plan-2", "plan: plan-3"}}, CHAT},
        {{{"drain: 30s", "drain: 31s"}}, CHAT},
        {{{"degraded", "degrading"}}, LINE},
        {{{"    mode: act", "    mode: act\n    bodies: {paused: '{}'}"}}, LINE},
        {{{"failback: manual", "failback: {longest: 9h}"}}, NEITHER}, /* nothing obeys it */
        {{{"drain: 30s", "drain: {slow: 30s, every: 2s}"}}, CHAT}, /* other drains, no counting */
        {{{"planned: 45s}", "planned: 45s, every: 2s}"}}, NEITHER},
        {{{"planned: 45s}", "planned: 45s, count: flow}"}}, LINE},
        /* what only the preflight reads */
        {{{"      tag: env:standby", "      tag: env:standby\n      min_version: v1.0.5"}},
         NEITHER},
        {{{"    mode: act", "    mode: act\n    isolation: {may_share: Checkpoint}"}}, NEITHER},
        {{{"local:\n", "preflight: {every: 1h, pace: 0s}\nlocal:\n"}}, NEITHER},
        {{{"failback: manual", "failback: auto"}}, LINE},
        {{{"within: 2m", "within: 3m"}}, BOTH},
        {{{"moves: 3/24h", "moves: 3/25h"}}, BOTH},
        {{{"edge.example.net", "edge2.example.net"}}, BOTH},
        {{{"expect: 204", "expect: 200"}}, BOTH},
        {{{"local:\n", "timing: {timer_late: 50ms}\nlocal:\n"}}, BOTH},
        {{{"mypurecloud.de", "mypurecloud.com"}}, BOTH},
    };
    uint64_t before[2];
    hashes_after(no_edits, before);
    assert_true(before[0] != before[1]);
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        uint64_t after[2];
        hashes_after(cases[i].edits, after);
        int changes = (after[0] != before[0] ? LINE : 0) | (after[1] != before[1] ? CHAT : 0);
        if (changes != cases[i].changes)
            fail_msg("case %zu ('%s'): changed %d, not %d", i, cases[i].edits[0].put, changes,
                     cases[i].changes);
    }
}

/* Nodes of two builds must agree on it. A new setting changes it, and with it every running cluster
 * has to be upgraded as a whole: change these numbers only for that. */
static void the_good_file_s_hash_is_the_same_everywhere(void **state)
{
    (void)state;
    uint64_t hashes[2];
    hashes_after(no_edits, hashes);
    assert_int_equal(hashes[0], UINT64_C(0x73ef3b5669487524));
    assert_int_equal(hashes[1], UINT64_C(0xe4f3372efcc300ec));
}

static void the_example_passes_the_check(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_problems problems;
    int result = config_load(EXAMPLE_FILE, NULL, &config, &problems);
    if (result != 0)
        fail_msg("%s", problems.lines[0].bytes);
    assert_int_equal(config->nodes[1].key_count, 2);
    assert_string_equal(config->references[2].url, "tcp://login.mypurecloud.de:443");
    assert_string_equal(config->services[0].side[SIDE_STANDBY].probe.expect_body, "ready");
    assert_true(config->services[1].settings.consecutive);
    config_free(&config);
}

static char *printed(void (*print)(FILE *out, const void *data), const void *data)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    print(out, data);
    fclose(out);
    return text;
}

static void print_defaults(FILE *out, const void *json)
{
    config_print_defaults(out, json != NULL);
}

static void print_timing(FILE *out, const void *config)
{
    config_explain_timing(config, out);
}

static void printed_defaults_are_valid_json(void **state)
{
    (void)state;
    CLEANUP(cleanup_free) char *text = printed(print_defaults, "json");
    cJSON *rows = cJSON_Parse(text);
    assert_true(cJSON_IsArray(rows));
    bool found = false;
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, rows)
    {
        const char *path = cJSON_GetObjectItem(row, "path")->valuestring;
        if (strcmp(path, "services.NAME.patrol.interval") != 0)
            continue;
        found = true;
        assert_string_equal(cJSON_GetObjectItem(row, "type")->valuestring, "duration");
        assert_string_equal(cJSON_GetObjectItem(row, "default")->valuestring, "30s");
        assert_string_equal(cJSON_GetObjectItem(row, "min")->valuestring, "100ms");
        assert_string_equal(cJSON_GetObjectItem(row, "max")->valuestring, "1h");
    }
    assert_true(found);
    cJSON_Delete(rows);
}

static void printed_defaults_name_each_setting(void **state)
{
    (void)state;
    CLEANUP(cleanup_free) char *text = printed(print_defaults, NULL);
    assert_non_null(strstr(text, "services.NAME.SIDE.probe.latency"));
    assert_non_null(strstr(text, "[observe, act]"));
    assert_non_null(strstr(text, "timing.actuator.deadline"));
    assert_non_null(strstr(text, "local.connect_to"));
}

static void the_timing_table_gives_the_bound_on_a_conviction(void **state)
{
    (void)state;
    struct config *config = sheet_expect_good(no_edits, NULL);
    CLEANUP(cleanup_free) char *text = printed(print_timing, config);
    /* 30 s / 3 + 500 ms + 2 x max(5 s, 500 ms) + 500 ms + 250 ms */
    assert_non_null(strstr(text, "21s250ms"));
    assert_non_null(strstr(text, "1m/0s/45s"));
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_good_file_becomes_the_structs),
        cmocka_unit_test(platforms_notices_and_timing_are_resolved),
        cmocka_unit_test(a_service_overrides_what_it_shares),
        cmocka_unit_test(defaults_fill_what_a_service_leaves_out_of_a_group),
        cmocka_unit_test(a_seal_is_read_with_the_nodes_credentials_and_must_be_a_key),
        cmocka_unit_test(a_node_gets_its_own_local_settings_and_credentials),
        cmocka_unit_test(the_api_listens_at_the_node_s_port_where_nothing_else_is_said),
        cmocka_unit_test(a_run_names_the_credential_that_it_cannot_read),
        cmocka_unit_test(a_credential_s_file_loses_its_last_newline_and_nothing_else),
        cmocka_unit_test(a_service_s_hash_changes_with_its_own_settings_only),
        cmocka_unit_test(the_good_file_s_hash_is_the_same_everywhere),
        cmocka_unit_test(the_example_passes_the_check),
        cmocka_unit_test(printed_defaults_are_valid_json),
        cmocka_unit_test(printed_defaults_name_each_setting),
        cmocka_unit_test(the_timing_table_gives_the_bound_on_a_conviction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
