#include "tests/unit/config/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHEET_BYTES = 16384 };

static const char good[] =
    "cluster: support\n" /* 1 */
    "nodes:\n"           /* 2 */
    "  fra: {zone: eu-central, host: 10.1.0.5, key: "
    "\"ed25519:ANBaHR6iUTltVXr71FiLPG2Z2+uXL+0QoyVi6ibc3Po=\"}\n"
    "  dub: {zone: eu-west, host: 10.2.0.5, key: "
    "\"ed25519:l/Wje2WwsR4wDjZQfXYQq/Nrn//G8he7OeUZT57hbos=\"}\n"
    "  iad: {zone: us-east, host: 10.3.0.5, key: "
    "\"ed25519:bcadRy9/QPR2nq2xWbMu2uabBymjMneYDQdDZTEfTXc=\"}\n"
    "references:\n"                                                                 /* 6 */
    "  - https://status.example.org/ping\n"                                         /* 7 */
    "  - {url: \"https://edge.example.net/ping\", expect: 204}\n"                   /* 8 */
    "  - tcp://login.example.com:443\n"                                             /* 9 */
    "rule: {fail: 3, of: 5, within: 2m, quorum: majority, min_zones: 2}\n"          /* 10 */
    "patrol: {interval: 30s, confirm_interval: 5s}\n"                               /* 11 */
    "limits: {cooldown: 10m, moves: 3/24h, max_concurrent: 4}\n"                    /* 12 */
    "defaults:\n"                                                                   /* 13 */
    "  probe: {connect_timeout: 2s, timeout: 500ms, latency: 200ms, expect: 200}\n" /* 14 */
    "services:\n"                                                                   /* 15 */
    "  line:\n"                                                                     /* 16 */
    "    mode: act\n"                                                               /* 17 */
    "    primary: {id: P1, probe: {url: \"https://bot.example.com/canary\"}}\n"     /* 18 */
    "    standby:\n"                                                                /* 19 */
    "      id: S1\n"                                                                /* 20 */
    "      tag: env:standby\n"                                                      /* 21 */
    "      probe: {url: \"https://bot-standby.example.net/canary\"}\n"              /* 22 */
    "    route: {backend: routing-plan, plan: plan-1, via: genesys}\n"              /* 23 */
    "    announce: {header: \"X-Service-Mode: degraded\"}\n"                        /* 24 */
    "    drain: {slow: 60s, down: 0s, planned: 45s}\n"                              /* 25 */
    "    verify: {reads: 3, every: 2s, canaries: 2, within: 60s}\n"                 /* 26 */
    "    failback: manual\n"                                                        /* 27 */
    "  chat:\n"                                                                     /* 28 */
    "    mode: observe\n"                                                           /* 29 */
    "    primary: {id: P2, probe: {url: \"http://chat.example.com:8080/c\", latency: 100ms}}\n"
    "    standby: {id: S2, tag: \"env:standby\", probe: {url: "
    "\"http://chat.example.net:8080/c\"}}\n"
    "    route: {plan: plan-2, via: genesys}\n" /* 32 */
    "    drain: 30s\n"                          /* 33 */
    "platforms:\n"                              /* 34 */
    "  genesys: {region: mypurecloud.de, client_id: abc, client_secret: {env: "
    "QUORATE_TEST_SECRET}}\n"
    "notify:\n"                                                                  /* 36 */
    "  - {exec: /bin/true, on: [blocked, blind]}\n"                              /* 37 */
    "heartbeat_url: https://deadman.example.org/x\n"                             /* 38 */
    "local:\n"                                                                   /* 39 */
    "  data: /var/lib/quorate\n"                                                 /* 40 */
    "  key: {file: /etc/quorate/node.key}\n"                                     /* 41 */
    "  api: {listen: 127.0.0.1:7700, write_token: {env: QUORATE_TEST_SECRET}}\n" /* 42 */
    "  nodes:\n"                                                                 /* 43 */
    "    dub: {data: /srv/dub, connect_to: {\"bot.example.com:443\": \"127.0.0.1:9000\"}}\n";

const char *sheet_good(void)
{
    return good;
}

static void apply_edit(char *text, const struct edit *edit)
{
    char *at = strstr(text, edit->find);
    if (at == NULL)
        fail_msg("'%s' does not stand in the good text", edit->find);
    size_t find_length = strlen(edit->find);
    size_t put_length = strlen(edit->put);
    size_t rest = strlen(at + find_length) + 1;
    assert_true((size_t)(at - text) + put_length + rest <= SHEET_BYTES);
    memmove(at + put_length, at + find_length, rest);
    memcpy(at, edit->put, put_length);
}

int sheet_load_bytes(const void *bytes, size_t length, const char *node, struct config **ret_config,
                     struct config_problems *problems)
{
    char path[] = "/tmp/quorate-sheet-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), (ssize_t)length);
    close(fd);
    int result = config_load(path, node, ret_config, problems);
    unlink(path);
    return result;
}

int sheet_load(const struct edit *edits, const char *node, struct config **ret_config,
               struct config_problems *problems)
{
    char text[SHEET_BYTES];
    memcpy(text, good, sizeof good);
    for (size_t i = 0; edits != NULL && i < EDIT_COUNT_MAX && edits[i].find != NULL; i++)
        apply_edit(text, &edits[i]);
    return sheet_load_bytes(text, strlen(text), node, ret_config, problems);
}

static void print_problems(const struct config_problems *problems)
{
    for (size_t i = 0; i < problems->count && i < PROBLEM_COUNT_MAX; i++)
        print_error("    %s\n", problems->lines[i].bytes);
}

void sheet_expect_problems(const struct sheet_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct config *config = NULL;
        struct config_problems problems;
        int result = sheet_load(cases[i].edits, NULL, &config, &problems);
        const char *text = problems.lines[0].bytes;
        if (result == 0 || problems.count != 1 || strstr(text, cases[i].expected) == NULL) {
            print_error("case %zu: expected '%s', got result %d and %zu problems\n", i,
                        cases[i].expected, result, problems.count);
            print_problems(&problems);
            config_free(&config);
            fail();
        }
        assert_null(config);
    }
}

struct config *sheet_expect_good(const struct edit *edits, const char *node)
{
    struct config *config = NULL;
    struct config_problems problems;
    int result = sheet_load(edits, node, &config, &problems);
    if (result != 0) {
        print_problems(&problems);
        fail_msg("refused with %d", result);
    }
    return config;
}
