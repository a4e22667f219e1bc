#include "tests/unit/config/sheet.h"

#include "common/check.h"

static void a_key_that_nobody_knows_is_refused_with_the_nearest_word(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"cluster: support\n", "cluster: support\nclustr: x\n"}},
         ":2: clustr: unknown key (did you mean cluster?)"},
        {{{"{slow: 60s", "{slwo: 60s"}},
         ":25: services.line.drain.slwo: unknown key (did you mean slow?)"},
        {{{"latency: 200ms", "latenzy: 200ms"}},
         ":14: defaults.probe.latenzy: unknown key (did you mean latency?)"},
        {{{"zone: eu-west", "zone: eu-west, zone.x: 1"}}, ":4: nodes.dub.zone.x: unknown key"},
        {{{"{fail: 3", "{fial: 3"}}, ":10: rule.fial: unknown key (did you mean fail?)"},
        {{{"    mode: observe", "    mode: observe\n    qqqqqqqq: 1"}},
         ":30: services.chat.qqqqqqqq: unknown key; known here are mode, primary, standby"},
        {{{"    mode: observe", "    mode: observe\n    <<: {drain: 1s}"}},
         "merge keys are not supported"},
        {{{"expect: 204}", "expct: 204}"}},
         ":8: references[1].expct: unknown key (did you mean expect?)"},
        {{{"{data: /srv/dub", "{dat: /srv/dub"}}, ":44: local.nodes.dub.dat: unknown key"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_key_that_stands_twice_is_refused(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"cluster: support\n", "cluster: support\ncluster: other\n"}},
         ":2: cluster: duplicate key; it stands in line 1 already"},
        {{{"  chat:\n", "  line:\n"}},
         ":28: services.line: duplicate key; it stands in line 16 already"},
        {{{"  iad:", "  fra: {zone: x, host: y, key: z}\n  iad:"}}, ":5: nodes.fra: duplicate key"},
        {{{"{slow: 60s,", "{slow: 60s, slow: 50s,"}}, "services.line.drain.slow: duplicate key"},
        {{{"\"127.0.0.1:9000\"}", "\"127.0.0.1:9000\", \"bot.example.com:443\": \"127.0.0.1:1\"}"}},
         "local.nodes.dub.connect_to: bot.example.com:443 stands twice"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void what_is_needed_and_absent_is_named(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"cluster: support\n", ""}}, ": cluster: is missing"},
        {{{"    mode: act\n", ""}},
         ":16: services.line.mode: is missing: observe: verdicts only; act:"},
        {{{"zone: eu-west, ", ""}}, ":4: nodes.dub.zone: is missing"},
        {{{"id: P1, ", ""}}, ":18: services.line.primary.id: is missing"},
        {{{"      probe: {url: \"https://bot-standby.example.net/canary\"}\n", ""}},
         ":19: services.line.standby.probe.url: is missing"},
        {{{"plan: plan-2, ", ""}}, ":32: services.chat.route.plan: is missing"},
        {{{", client_secret: {env: QUORATE_TEST_SECRET}", ""}},
         ":35: platforms.genesys.client_secret: is missing"},
        {{{"region: mypurecloud.de, ", ""}},
         ":35: platforms.genesys.region: is missing: write it, or api_url and login_url"},
        {{{"      tag: env:standby\n", ""}},
         ":19: services.line.standby.tag: is missing: tag the standby flow"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

#define WITH_SEAL                                                     \
    {                                                                 \
        "cluster: support\n", "cluster: support\nseal: {env: HOME}\n" \
    }
#define PLATFORM(more)                                              \
    {                                                               \
        "region: mypurecloud.de, ", "region: mypurecloud.de, " more \
    }

static void a_refresh_token_needs_its_grant_and_the_seal(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{WITH_SEAL, PLATFORM("grant: refresh_token, ")},
         ":36: platforms.genesys.refresh_token: is missing: the first refresh token"},
        {{PLATFORM("grant: refresh_token, refresh_token: {env: HOME}, ")},
         "seal: is missing: refresh tokens stand sealed in the ledger; make a key with "
         "`quorate keygen --seal --out FILE`"},
        {{PLATFORM("refresh_token: {env: HOME}, ")},
         ":35: platforms.genesys.refresh_token: goes with `grant: refresh_token` alone"},
        {{PLATFORM("fallback: {client_id: x}, ")},
         ":35: platforms.genesys.fallback.client_id: goes with `grant: refresh_token` alone"},
        {{WITH_SEAL, PLATFORM("grant: refresh_token, refresh_token: {env: HOME}, "
                              "fallback: {client_id: x}, ")},
         ":36: platforms.genesys.fallback.client_secret: is missing: id and secret go together"},
        {{PLATFORM("grant: refresh_tokens, ")}, ":35: platforms.genesys.grant: "},
        {{{"cluster: support\n", "cluster: support\nseal: quorate-seal:abc\n"}},
         ":2: seal: a secret must not stand in this file"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

#define CONTEXTS(keys)                                                                      \
    {                                                                                       \
        "cluster: support\n", "cluster: support\nseal: {env: HOME}\ncontexts: {" keys "}\n" \
    }

static void contexts_name_their_redis_and_the_platform_that_they_are_written_to(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{CONTEXTS("store: redis")}, "contexts.redis.host: is missing: `store: redis` needs it"},
        {{CONTEXTS("store: embedded, write_through: {to: profile}")},
         "contexts.write_through.via: is missing"},
        {{CONTEXTS("store: embedded, write_through: {to: profile, via: genesis}")},
         "contexts.write_through.via: no platform genesis; platforms has genesys"},
        {{CONTEXTS("write_through: {to: profile, via: genesys}")},
         "contexts.write_through.to: there is nothing to write: contexts.store is off"},
        {{CONTEXTS("store: embedded, value_max: 257,"
                   " write_through: {to: participant, via: genesys}")},
         "contexts.value_max: is 257; a participant's attribute takes 256 characters"},
        {{CONTEXTS("store: embedded, value_max: 0,"
                   " write_through: {to: participant, via: genesys}")},
         "contexts.value_max: is 0; a participant's attribute takes 256 characters"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void what_belongs_to_one_service_cannot_be_shared(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"defaults:\n", "defaults:\n  mode: act\n"}}, ":14: defaults.mode: cannot be shared"},
        {{{"defaults:\n", "defaults:\n  route: {plan: plan-9}\n"}},
         "defaults.route.plan: cannot be shared"},
        {{{"  probe: {connect", "  probe: {url: \"http://x/\", connect"}},
         "defaults.probe.url: cannot be shared"},
        {{{"{data: /srv/dub", "{nodes: {}, data: /srv/dub"}},
         "local.nodes.dub.nodes: cannot be shared"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void voters_and_zones_must_be_able_to_lose_one(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"  iad:", "  #iad:"}, {"min_zones: 2", "min_zones: 1"}},
         ":2: nodes: 2 voters are too few: the quorum of 2 is 2"},
        {{{"zone: us-east", "zone: eu-west"}},
         ":10: rule.min_zones: losing zone eu-west leaves no quorum: voters - voters in eu-west >= "
         "quorum is 3 - 2 >= 2"},
        {{{"zone: us-east", "zone: eu-west"},
          {", min_zones: 2", ""},
          {"  chat:", "  chat:\n    rule: {min_zones: 1}"}},
         ":16: services.line.rule.min_zones: losing zone eu-west leaves no quorum"},
        {{{"min_zones: 2", "min_zones: 4"}},
         ":10: rule.min_zones: impossible: min_zones <= zones is 4 <= 3"},
        {{{"min_zones: 2", "min_zones: 3"}},
         ":10: rule.min_zones: losing one zone leaves too few: zones - 1 >= min_zones is 3 - 1 >= "
         "3"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_single_zone_is_allowed_and_needs_one_zone(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"eu-central", "lab"}, {"eu-west", "lab"}, {"us-east", "lab"}, {", min_zones: 2", ""}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_int_equal(config->services[0].settings.min_zones, 1);
    config_free(&config);
}

static void two_zones_are_allowed_where_one_zone_is_enough(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"us-east", "eu-west"}, {"min_zones: 2", "min_zones: 1"}, {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_int_equal(config->services[0].settings.min_zones, 1);
    config_free(&config);
}

static void nodes_share_neither_port_nor_key(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"host: 10.2.0.5", "host: 10.1.0.5, ports: {votes: 7801, raft: 7802, api: 7702}"}},
         ":4: nodes.dub.ports.api: 10.1.0.5:7702 is nodes.fra.ports.raft already"},
        {{{"host: 10.2.0.5", "host: 10.2.0.5, ports: {votes: 7702}"}},
         ":4: nodes.dub.ports.raft: 10.2.0.5:7702 is nodes.dub.ports.votes already"},
        {{{"l/Wje2WwsR4wDjZQfXYQq/Nrn//G8he7OeUZT57hbos=",
           "ANBaHR6iUTltVXr71FiLPG2Z2+uXL+0QoyVi6ibc3Po="}},
         ":4: nodes.dub.key: is the key of nodes.fra already"},
        {{{"zone: us-east",
           "next_key: \"ed25519:ANBaHR6iUTltVXr71FiLPG2Z2+uXL+0QoyVi6ibc3Po=\", zone: us-east"}},
         ":5: nodes.iad.next_key: is the key of nodes.fra already"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void references_are_three_others_than_the_targets(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"  - tcp://login.example.com:443\n", ""}}, ":6: references: 2 are too few"},
        {{{"status.example.org/ping", "BOT.example.com:8443/x"}},
         ":7: references[0]: https://BOT.example.com:8443/x is on the host of "
         "services.line.primary"},
        {{{"edge.example.net", "chat.example.net"}},
         ":8: references[1]: https://chat.example.net/ping is on the host of "
         "services.chat.standby"},
        {{{"https://status.example.org/ping", "tcp://login.example.com:443"}},
         ":9: references[2]: is references[0] again"},
        {{{"status.example.org", "127.0.0.1:9001"},
          {"bot.example.com/canary", "127.0.0.1:9001/canary"}},
         "is on the host of services.line.primary"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void on_loopback_another_port_is_another_machine(void **state)
{
    (void)state;
    static const struct edit edits[] = {{"status.example.org", "127.0.0.1:9001"},
                                        {"bot.example.com/canary", "127.0.0.1:9002/canary"},
                                        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    config_free(&config);
}

static void the_standby_must_be_isolated_from_the_primary(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"bot-standby.example.net", "bot.example.com"}},
         ":22: services.line.standby.probe.url: is the primary's endpoint "
         "bot.example.com:443/canary: a "
         "standby that depends on what failed fails with it (the isolation trap)"},
        {{{"https://bot-standby.example.net/canary", "https://BOT.example.com:443/canary?side=b"}},
         "(the isolation trap)"},
        {{{"      id: S1", "      id: P1"}},
         ":20: services.line.standby.id: is the primary's flow P1"},
        {{{"      tag: env:standby", "      tag: env:standby\n      min_version: latest"}},
         ":22: services.line.standby.min_version: 'latest' is no version; write numbers with dots"},
        {{{"{id: P1, ", "{id: P1, tag: \"env:standby\", "}},
         ":21: services.line.standby.tag: is the primary's tag"},
        {{{"plan: plan-1,", "plan: plan-1, hold_flow: S1,"}},
         ":23: services.line.route.hold_flow: is the standby flow"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_route_names_a_known_platform_and_backend_and_has_one_owner(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"plan-1, via: genesys", "plan-1, via: genesis"}},
         ":23: services.line.route.via: no platform genesis (did you mean genesys?)"},
        {{{"plan-1, via: genesys", "plan-1, via: other-thing"}},
         "no platform other-thing; platforms has genesys"},
        {{{"routing-plan", "ivvr"}},
         ":23: services.line.route.backend: 'ivvr' is none of routing-plan, ivr"},
        {{{"plan: plan-2", "plan: plan-1"}},
         ":32: services.chat.route.plan: plan-1 is the route of services.line already"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void an_announcement_is_a_header_or_a_parameter(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"degraded\"}", "degraded\", query: \"a=b\"}"}},
         ":24: services.line.announce.query: the header and the query parameter exclude each "
         "other"},
        {{{"X-Service-Mode: degraded", "X-Service-Mode"}}, "is no header; write"},
        {{{"X-Service-Mode: degraded", "A: b\\r\\nC: d"}}, "contains a control character"},
        {{{"header: \"X-Service-Mode: degraded\"", "query: \"a=b&c\""}}, "is no query parameter"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void bodies_are_json_with_known_placeholders(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"    failback: manual", "    bodies: {normal: '{\"entries\": [}'}"}},
         ":27: services.line.bodies.normal: is not JSON, near '}'"},
        {{{"    failback: manual", "    bodies: {normal: '[\"${primary.id}\"]'}"}},
         "must be a JSON object"},
        {{{"    failback: manual", "    bodies: {normal: '{\"a\": \"${primary.id}\"} x'}"}},
         "is not JSON"},
        {{{"    failback: manual", "    bodies: {normal: '{\"a\": \"${primry.id}\"}'}"}},
         "unknown placeholder ${primry.id}; known are"},
        {{{"    failback: manual", "    bodies: {normal: '{\"${plan}\": \"${primary.id}\"}'}"}},
         "a placeholder stands in a key"},
        {{{"    failback: manual", "    bodies: {standby: '{\"a\": \"${primary.id}\"}'}"}},
         "services.line.bodies.standby: does not name the standby flow (${standby.id})"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void the_api_leaves_loopback_only_with_tls_and_tokens(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"listen: 127.0.0.1:7700", "listen: 0.0.0.0:7700"}},
         ":42: local.api.listen: 0.0.0.0 is not loopback; there the API needs TLS and tokens: "
         "api.tls.cert, api.tls.key, api.read_token"},
        {{{"{data: /srv/dub", "{api: {listen: \"10.2.0.5:7700\"}, data: /srv/dub"}},
         ":44: local.nodes.dub.api.listen: 10.2.0.5 is not loopback"},
        {{{"{data: /srv/dub", "{api: {tls: {cert: /c}}, data: /srv/dub"}},
         ":44: local.nodes.dub.api.tls.key: is missing"},
        {{{"    dub: {data", "    dubb: {data"}},
         ":44: local.nodes: nodes has no dubb (did you mean dub?)"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void secrets_are_refused_in_the_file(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"client_secret: {env: QUORATE_TEST_SECRET}", "client_secret: hunter2"}},
         ":35: platforms.genesys.client_secret: a secret must not stand in this file"},
        {{{"key: {file: /etc/quorate/node.key}", "key: /etc/quorate/node.key"}},
         ":41: local.key: a secret must not stand in this file"},
        {{{"key: {file: /etc/quorate/node.key}", "key: {env: NODE_KEY}"}},
         ":41: local.key: must be a file"},
        {{{"client_secret: {env: Q", "client_secret: {envv: Q"}}, "(did you mean env?)"},
        {{{"client_secret: {env: QUORATE_TEST_SECRET}", "client_secret: {credential: ../x}"}},
         "is a name in $CREDENTIALS_DIRECTORY, not a path"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

static void a_notification_has_one_way_and_known_words(void **state)
{
    (void)state;
    static const struct sheet_case cases[] = {
        {{{"{exec: /bin/true, ", "{exec: /bin/true, webhook: \"https://x.example/\", "}},
         ":37: notify[0]: must have either exec or webhook"},
        {{{"{exec: /bin/true, ", "{"}}, ":37: notify[0]: must have either exec or webhook"},
        {{{"[blocked, blind]", "[blocked, blnd]"}}, "(did you mean blind?)"},
        {{{"[blocked, blind]", "[]"}}, ":37: notify[0].on: is an empty list"},
        {{{"{exec: /bin/true, ", "{exec: /bin/true, secret: {env: X}, "}},
         ":37: notify[0].secret: signs a webhook's body"},
    };
    sheet_expect_problems(cases, ARRAY_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_nobody_knows_is_refused_with_the_nearest_word),
        cmocka_unit_test(a_key_that_stands_twice_is_refused),
        cmocka_unit_test(what_is_needed_and_absent_is_named),
        cmocka_unit_test(a_refresh_token_needs_its_grant_and_the_seal),
        cmocka_unit_test(contexts_name_their_redis_and_the_platform_that_they_are_written_to),
        cmocka_unit_test(what_belongs_to_one_service_cannot_be_shared),
        cmocka_unit_test(voters_and_zones_must_be_able_to_lose_one),
        cmocka_unit_test(a_single_zone_is_allowed_and_needs_one_zone),
        cmocka_unit_test(two_zones_are_allowed_where_one_zone_is_enough),
        cmocka_unit_test(nodes_share_neither_port_nor_key),
        cmocka_unit_test(references_are_three_others_than_the_targets),
        cmocka_unit_test(on_loopback_another_port_is_another_machine),
        cmocka_unit_test(the_standby_must_be_isolated_from_the_primary),
        cmocka_unit_test(a_route_names_a_known_platform_and_backend_and_has_one_owner),
        cmocka_unit_test(an_announcement_is_a_header_or_a_parameter),
        cmocka_unit_test(bodies_are_json_with_known_placeholders),
        cmocka_unit_test(the_api_leaves_loopback_only_with_tls_and_tokens),
        cmocka_unit_test(secrets_are_refused_in_the_file),
        cmocka_unit_test(a_notification_has_one_way_and_known_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
