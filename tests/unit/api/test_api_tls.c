#include "tests/unit/api/api_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/errors.h"

static int open_world(void **state)
{
    *state = world_new(&(struct world_options){.tls = true, .read_token = true});
    return 0;
}

static int close_world(void **state)
{
    world_free((struct world **)state);
    return 0;
}

static void pages_and_posts_work_over_tls(void **state)
{
    const struct operated operated = {.accepted = true, .move = 5};
    struct reply reply = world_ask(*state, "GET", "/v1/leader", NULL, NULL);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply_word(&reply, "leader_url"), "https://127.0.0.1:17710");
    reply_clear(&reply);
    world_answers(*state, ANSWER_LATER, &operated);
    reply = world_ask(*state, "POST", "/v1/services/line/failover", WORLD_WRITE, "{}");
    assert_int_equal(reply.status, 202);
    reply_clear(&reply);
}

static void plain_text_gets_no_answer(void **state)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[512];
    int fd = world_connect(*state, request, sizeof request - 1);
    (void)world_read(fd, answer, sizeof answer, 500);
    assert_null(strstr(answer, "healthy"));
    close(fd);
}

static int start_with(struct world *world, const char *cert, const char *key, struct text *why)
{
    const struct api_hooks hooks = {.data = NULL};
    struct config config = *world_config(world);
    struct api *api = NULL;
    uv_loop_t loop;
    uv_loop_init(&loop);
    snprintf(config.local.tls_cert_file, PATH_SIZE, "%s", cert);
    snprintf(config.local.tls_key_file, PATH_SIZE, "%s", key);
    config.local.api_port = 0;
    int result = api_new(&config, &loop, &hooks, &api, why);
    uv_loop_close(&loop);
    return result;
}

static void bad_tls_files_are_named(void **state)
{
    const char *cert = world_cert_file(*state);
    struct text why = {.length = 0};
    assert_int_equal(start_with(*state, "/nowhere/cert.pem", cert, &why), ERR_AUTH);
    assert_non_null(strstr(why.bytes, "/nowhere/cert.pem"));
    assert_int_equal(start_with(*state, world_config_file(*state), cert, &why), ERR_AUTH);
    assert_non_null(strstr(why.bytes, "q.yaml"));
    assert_int_equal(start_with(*state, cert, cert, &why), ERR_AUTH);
    assert_non_null(strstr(why.bytes, "TLS does not start"));
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(pages_and_posts_work_over_tls),
        IN_WORLD(plain_text_gets_no_answer),
        IN_WORLD(bad_tls_files_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
