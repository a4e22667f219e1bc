#include "tests/unit/api/api_world.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/errors.h"

enum { IDLE_MS = 700, IDLE_TURNS_MAX = 8, CROWD = 80, ANSWER_MS = 200 };

static int open_world(void **state)
{
    *state = world_new(&(struct world_options){.read_token = false});
    return 0;
}

static int close_world(void **state)
{
    world_free((struct world **)state);
    return 0;
}

static void still_serves(struct world *world)
{
    struct reply reply = world_ask(world, "GET", "/v1/status", NULL, NULL);
    assert_int_equal(reply.status, 200);
    reply_clear(&reply);
}

/* Sends the bytes, ends its side, and gives what came back; what was not understood may stay open.
 */
static void converse(struct world *world, const char *bytes, size_t length, char *answer,
                     size_t size)
{
    int fd = world_connect(world, bytes, length);
    shutdown(fd, SHUT_WR);
    (void)world_read(fd, answer, size, ANSWER_MS);
    close(fd);
}

static void malformed_requests_leave_the_api_well(void **state)
{
    static const char *const requests[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /v1/status\r\n\r\n",
        "GET /v1/status HTTP/9.9\r\n\r\n",
        "GET /v1/status HTTP/1.1\r\n\r\n",
        "GET /v1/services/%00/explain HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/services/%zz%2f HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/services/../../etc HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999"
        "\r\n\r\nx",
        "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "ffffffffffffffff\r\nx",
        "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "zz\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    char answer[4096];
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        converse(*state, requests[i], strlen(requests[i]), answer, sizeof answer);
        if (strstr(answer, "200 OK") != NULL)
            fail_msg("request %zu was served", i);
        still_serves(*state);
    }
}

static void headers_over_the_limit_are_refused(void **state)
{
    enum { BYTES = 256 * 1024 };
    char answer[4096];
    char *request = malloc(BYTES);
    assert_non_null(request);
    int head = snprintf(request, BYTES, "GET /v1/status HTTP/1.1\r\nHost: x\r\nX-Long: ");
    memset(request + head, 'a', (size_t)(BYTES - head));
    converse(*state, request, BYTES, answer, sizeof answer);
    assert_null(strstr(answer, "200 OK"));
    head = snprintf(request, BYTES, "GET /");
    memset(request + head, 'a', (size_t)(BYTES - head));
    converse(*state, request, BYTES, answer, sizeof answer);
    assert_null(strstr(answer, "200 OK"));
    still_serves(*state);
    free(request);
}

static void a_body_over_the_limit_is_413(void **state)
{
    enum { BYTES = 20000 };
    char *body = malloc(BYTES + 1);
    assert_non_null(body);
    memset(body, ' ', BYTES);
    body[BYTES] = '\0';
    world_expect(*state, "POST", "/v1/services/line/hold", WORLD_WRITE, body, 413, "too-large");
    still_serves(*state);
    free(body);
}

static void a_body_without_end_is_cut(void **state)
{
    enum { BYTES = 1 << 20 };
    static const char head[] = "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\n"
                               "Authorization: Bearer " WORLD_WRITE "\r\n"
                               "Content-Length: 1000000000\r\n\r\n";
    char answer[4096];
    char *request = malloc(sizeof head + BYTES);
    assert_non_null(request);
    memcpy(request, head, sizeof head - 1);
    memset(request + sizeof head - 1, 'x', BYTES);
    int fd = world_connect(*state, request, sizeof head - 1 + BYTES);
    assert_true(world_read(fd, answer, sizeof answer, 3000) >= 0);
    close(fd);
    free(request);
    still_serves(*state);
}

static uint64_t turns_while_idle(struct world *world)
{
    uint64_t before = world_turns(world);
    poll(NULL, 0, IDLE_MS);
    return world_turns(world) - before;
}

static void an_idle_connection_costs_no_turns(void **state)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    char answer[1024];
    int fd = world_connect(*state, request, sizeof request - 1);
    (void)world_read(fd, answer, 64, 1000);
    assert_non_null(strstr(answer, "200 OK"));
    uint64_t turns = turns_while_idle(*state);
    if (turns > IDLE_TURNS_MAX)
        fail_msg("%llu turns of the loop", (unsigned long long)turns);
    close(fd);
}

static void half_a_request_costs_no_turns(void **state)
{
    static const char request[] = "GET /healthz HTTP/1.1\r\nHos";
    int fd = world_connect(*state, request, sizeof request - 1);
    poll(NULL, 0, 50);
    uint64_t turns = turns_while_idle(*state);
    if (turns > IDLE_TURNS_MAX)
        fail_msg("%llu turns of the loop", (unsigned long long)turns);
    still_serves(*state);
    close(fd);
}

static void a_suspended_request_costs_no_turns(void **state)
{
    static const char request[] = "POST /v1/services/line/hold HTTP/1.1\r\nHost: x\r\n"
                                  "Authorization: Bearer " WORLD_WRITE "\r\n"
                                  "Content-Length: 12\r\n\r\n{\"for\":\"1h\"}";
    const struct operated operated = {.accepted = true};
    world_answers(*state, ANSWER_NEVER, &operated);
    int fd = world_connect(*state, request, sizeof request - 1);
    while (world_operation(*state).request_id == 0)
        continue;
    uint64_t turns = turns_while_idle(*state);
    if (turns > IDLE_TURNS_MAX)
        fail_msg("%llu turns of the loop", (unsigned long long)turns);
    still_serves(*state);
    close(fd);
}

static void a_crowd_of_connections_is_bounded_and_passes(void **state)
{
    int fds[CROWD];
    for (size_t i = 0; i < CROWD; i++)
        fds[i] = world_connect(*state, "GET /", 5);
    poll(NULL, 0, 100);
    for (size_t i = 0; i < CROWD; i++)
        close(fds[i]);
    poll(NULL, 0, 100);
    still_serves(*state);
}

static void a_taken_port_is_named(void **state)
{
    const struct api_hooks hooks = {.data = NULL};
    struct api *api = NULL;
    struct text why = {.length = 0};
    char port[16];
    uv_loop_t loop;
    uv_loop_init(&loop);
    snprintf(port, sizeof port, ":%u", (unsigned)world_port(*state));
    assert_int_equal(api_new(world_config(*state), &loop, &hooks, &api, &why), ERR_BUSY);
    assert_non_null(strstr(why.bytes, port));
    assert_null(api);
    uv_loop_close(&loop);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(malformed_requests_leave_the_api_well),
        IN_WORLD(headers_over_the_limit_are_refused),
        IN_WORLD(a_body_over_the_limit_is_413),
        IN_WORLD(a_body_without_end_is_cut),
        IN_WORLD(an_idle_connection_costs_no_turns),
        IN_WORLD(half_a_request_costs_no_turns),
        IN_WORLD(a_suspended_request_costs_no_turns),
        IN_WORLD(a_crowd_of_connections_is_bounded_and_passes),
        IN_WORLD(a_taken_port_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
