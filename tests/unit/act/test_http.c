/* One request at a time: what left and what did not, limits, deadlines, the write's own
 * connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/http.h"
#include "tests/unit/act/fixture.h"

enum { DEADLINE_MS = 300, SLACK_MS = 100 };

struct context {
    struct server *server;
    struct config *config;
    struct http_client *client;
    char url[URL_SIZE];
};

static int setup(void **state)
{
    struct context *context = calloc(1, sizeof *context);
    CHECK(context != NULL);
    context->server = server_start();
    context->config = fixture_make_config(server_port(context->server));
    CHECK(http_client_new(&context->config->local, &context->client) == 0);
    (void)snprintf(context->url, sizeof context->url, "http://127.0.0.1:%u/api/x",
                   server_port(context->server));
    *state = context;
    return 0;
}

static int teardown(void **state)
{
    struct context *context = *state;
    http_client_free(&context->client);
    server_stop(&context->server);
    fixture_free_config(&context->config);
    free(context);
    return 0;
}

static struct http_request get_request(const struct context *context)
{
    return (struct http_request){
        .method = HTTP_GET,
        .url = context->url,
        .deadline_ms = fixture_now_ms() + DEADLINE_MS,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
}

static struct http_request write_request(const struct context *context)
{
    struct http_request request = get_request(context);
    request.method = HTTP_PATCH;
    request.body = "{}";
    request.body_length = 2;
    request.own_connection = true;
    return request;
}

static void script(const struct context *context, enum channel channel, struct reply reply)
{
    server_script(context->server, channel, &reply, 1);
}

static void an_answer_brings_its_headers(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_READ,
           (struct reply){.status = 429,
                          .body = "busy",
                          .headers = "Retry-After: 42\r\nININ-Correlation-Id: abc-1 evil\r\n"
                                     "inin-ratelimit-count: 300\r\ninin-ratelimit-allowed: 300\r\n"
                                     "inin-ratelimit-reset: 17\r\n"});
    const struct http_request request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_int_equal(answer.status, 429);
    assert_string_equal(answer.body, "busy");
    assert_int_equal(answer.retry_after_ms, 42000);
    assert_string_equal(answer.correlation_id, "abc-1");
    assert_int_equal(answer.rate_limit.count, 300);
    assert_int_equal(answer.rate_limit.allowed, 300);
    assert_int_equal(answer.rate_limit.reset_s, 17);
    assert_true(answer.started_ms > 0);
    assert_int_equal(answer.why.length, 0);
}

static void reads_reuse_their_connection_and_writes_do_not(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_READ, (struct reply){.status = 200, .body = "{}"});
    script(context, CHANNEL_WRITE, (struct reply){.status = 200, .body = "{}"});
    for (int i = 0; i < 2; i++) {
        const struct http_request request = get_request(context);
        http_client_request(context->client, &request, &answer);
    }
    assert_int_equal(server_connection_count(context->server), 1);
    for (int i = 0; i < 2; i++) {
        const struct http_request request = write_request(context);
        http_client_request(context->client, &request, &answer);
        assert_int_equal(answer.end, HTTP_ANSWERED);
    }
    assert_int_equal(server_connection_count(context->server), 3);
    const struct seen *seen = server_seen(context->server, CHANNEL_WRITE, 0);
    assert_false(seen_has_header(seen, "Expect:"));
    assert_non_null(strstr(seen->head, "PATCH /api/x HTTP/1.1"));
}

static void a_refused_connection_was_not_sent(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    struct http_request request = write_request(context);
    request.url = "http://user:secret@127.0.0.1:1/api";
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_NOT_SENT);
    assert_int_equal(answer.status, 0);
    assert_int_equal(answer.started_ms, 0);
    assert_non_null(strstr(answer.why.bytes, "127.0.0.1:1: not sent: "));
    assert_null(strstr(answer.why.bytes, "secret"));
}

static void a_name_that_does_not_resolve_was_not_sent(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    struct http_request request = write_request(context);
    request.url = "http://no-such-name.invalid/api";
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_NOT_SENT);
}

static void a_failed_tls_handshake_was_not_sent(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    char url[URL_SIZE];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/api/x", server_port(context->server));
    struct http_request request = write_request(context);
    request.url = url;
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_NOT_SENT);
}

static void a_dropped_connection_is_lost(void **state)
{
    struct context *context = *state;
    static const enum reply_how hows[] = {REPLY_DROP, REPLY_BREAK};
    for (size_t i = 0; i < ARRAY_COUNT(hows); i++) {
        struct http_answer answer;
        script(context, CHANNEL_WRITE,
               (struct reply){.status = 200, .body = "0123456789", .how = hows[i]});
        const struct http_request request = write_request(context);
        http_client_request(context->client, &request, &answer);
        assert_int_equal(answer.end, HTTP_LOST);
        assert_true(answer.started_ms > 0);
    }
    assert_int_equal(server_count(context->server, CHANNEL_WRITE), 2); /* never repeated */
}

static void a_silent_server_costs_the_deadline_and_sees_a_reset(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_WRITE, (struct reply){.how = REPLY_HANG});
    time_ms start_ms = fixture_now_ms();
    const struct http_request request = write_request(context);
    http_client_request(context->client, &request, &answer);
    time_ms took_ms = fixture_now_ms() - start_ms;
    assert_int_equal(answer.end, HTTP_LOST);
    assert_in_range(took_ms, DEADLINE_MS - 1, DEADLINE_MS + SLACK_MS);
    assert_true(server_await_resets(context->server, 1));
}

static void a_read_that_is_given_up_closes_without_a_reset(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_READ, (struct reply){.how = REPLY_HANG});
    const struct http_request request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_LOST);
    script(context, CHANNEL_WRITE, (struct reply){.how = REPLY_HANG});
    const struct http_request write = write_request(context);
    http_client_request(context->client, &write, &answer);
    assert_true(server_await_resets(context->server, 1));
    assert_false(server_await_resets(context->server, 2)); /* only the write's */
}

static void an_answer_over_the_limit_is_cut(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    CLEANUP(cleanup_free) char *body = calloc(1, HTTP_BODY_BYTES_MAX + 2);
    assert_non_null(body);
    memset(body, 'x', HTTP_BODY_BYTES_MAX + 1);
    script(context, CHANNEL_READ, (struct reply){.status = 200, .body = body + 1});
    struct http_request request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_int_equal(answer.body_length, HTTP_BODY_BYTES_MAX);
    script(context, CHANNEL_READ, (struct reply){.status = 200, .body = body});
    request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWER_CUT);
    assert_int_equal(answer.status, 200);
    script(context, CHANNEL_READ, (struct reply){.how = REPLY_FLOOD});
    request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWER_CUT);
    server_stop(&context->server); /* it may still be sending the body */
}

static void redirects_are_not_followed(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_WRITE,
           (struct reply){.status = 307, .headers = "Location: /api/y\r\n", .body = ""});
    const struct http_request request = write_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_int_equal(answer.status, 307);
    assert_int_equal(server_count(context->server, CHANNEL_WRITE), 1);
}

static void too_late_makes_no_connection(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    struct http_request request = write_request(context);
    request.start_before_ms = fixture_now_ms();
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ABORTED);
    request = write_request(context);
    request.deadline_ms = fixture_now_ms();
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_NOT_SENT);
    assert_int_equal(server_connection_count(context->server), 0);
}

/* A listener whose queue is full drops the first SYN, so the connection comes with the second, a
 * second later. */
static int start_full_listener(uint16_t *ret_port, int *ret_filler)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(listener >= 0 && bind(listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(listener, 0) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &length) == 0);
    int filler = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(filler >= 0 && connect(filler, (struct sockaddr *)&address, sizeof address) == 0);
    *ret_port = ntohs(address.sin_port);
    *ret_filler = filler;
    return listener;
}

struct acceptor {
    int listener;
    int fd;
};

static void *accept_soon(void *data)
{
    struct acceptor *acceptor = data;
    (void)poll(NULL, 0, 200);
    int filler = accept(acceptor->listener, NULL, NULL);
    acceptor->fd = accept(acceptor->listener, NULL, NULL);
    cleanup_close(&filler);
    return NULL;
}

static void a_connection_that_comes_too_late_carries_nothing(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    char url[URL_SIZE];
    char byte = 0;
    uint16_t port = 0;
    pthread_t thread;
    CLEANUP(cleanup_close) int filler = -1;
    CLEANUP(cleanup_close) int listener = start_full_listener(&port, &filler);
    struct acceptor acceptor = {.listener = listener, .fd = -1};
    assert_int_equal(pthread_create(&thread, NULL, accept_soon, &acceptor), 0);
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/api/x", port);
    struct http_request request = write_request(context);
    request.url = url;
    request.start_before_ms = fixture_now_ms() + 500;
    request.deadline_ms = fixture_now_ms() + 5000;
    http_client_request(context->client, &request, &answer);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(answer.end, HTTP_ABORTED);
    assert_int_equal(answer.started_ms, 0);
    assert_true(acceptor.fd >= 0);
    assert_true(recv(acceptor.fd, &byte, 1, 0) <= 0);
    cleanup_close(&acceptor.fd);
}

static void connect_to_changes_the_address_and_not_the_host(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    struct local_config *local = &context->config->local;
    (void)text_copy(local->connect_to[0].from, URL_SIZE, "api.example.test:80");
    (void)snprintf(local->connect_to[0].to, URL_SIZE, "127.0.0.1:%u", server_port(context->server));
    local->connect_to_count = 1;
    http_client_free(&context->client);
    assert_int_equal(http_client_new(local, &context->client), 0);
    script(context, CHANNEL_WRITE, (struct reply){.status = 200, .body = "{}"});
    struct http_request request = write_request(context);
    request.url = "http://api.example.test/api/x";
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_true(
        seen_has_header(server_seen(context->server, CHANNEL_WRITE, 0), "Host: api.example.test"));
}

static void the_environments_proxy_is_ignored_and_the_configured_used(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    script(context, CHANNEL_READ, (struct reply){.status = 200, .body = "{}"});
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    struct http_request request = get_request(context);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(unsetenv("http_proxy"), 0);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    http_client_free(&context->client);
    (void)snprintf(context->config->local.proxy, URL_SIZE, "http://127.0.0.1:%u",
                   server_port(context->server));
    assert_int_equal(http_client_new(&context->config->local, &context->client), 0);
    script(context, CHANNEL_OTHER, (struct reply){.status = 200, .body = "proxied"});
    request = get_request(context);
    request.url = "http://far.example.test/api/x";
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_string_equal(answer.body, "proxied");
}

static void *abort_soon(void *data)
{
    struct context *context = data;
    CHECK(server_await_count(context->server, CHANNEL_WRITE, 1));
    http_client_abort(context->client);
    return NULL;
}

static void an_abort_ends_the_running_request_and_all_later(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    pthread_t thread;
    script(context, CHANNEL_WRITE, (struct reply){.how = REPLY_HANG});
    assert_int_equal(pthread_create(&thread, NULL, abort_soon, context), 0);
    struct http_request request = write_request(context);
    request.deadline_ms += 60000;
    time_ms start_ms = fixture_now_ms();
    http_client_request(context->client, &request, &answer);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(fixture_now_ms() - start_ms < 5000);
    assert_int_equal(answer.end, HTTP_LOST);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ABORTED);
    assert_int_equal(server_count(context->server, CHANNEL_WRITE), 1);
}

static void each_method_is_sent_as_it_is(void **state)
{
    static const struct {
        enum http_method method;
        enum channel channel;
        const char *body;
        const char *line;
    } cases[] = {
        {HTTP_PUT, CHANNEL_WRITE, "{}", "PUT /api/x HTTP/1.1"},
        {HTTP_DELETE, CHANNEL_OTHER, NULL, "DELETE /api/x HTTP/1.1"},
        {HTTP_GET, CHANNEL_READ, NULL, "GET /api/x HTTP/1.1"},
    };
    struct context *context = *state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct http_request request = get_request(context);
        struct http_answer answer;
        script(context, cases[i].channel, (struct reply){.status = 200, .body = "{}"});
        request.method = cases[i].method;
        request.body = cases[i].body;
        request.body_length = cases[i].body == NULL ? 0 : 2;
        http_client_request(context->client, &request, &answer);
        assert_int_equal(answer.end, HTTP_ANSWERED);
        const struct seen *seen = server_seen(context->server, cases[i].channel, 0);
        assert_non_null(strstr(seen->head, cases[i].line));
        assert_string_equal(seen->body, cases[i].body == NULL ? "" : cases[i].body);
    }
}

static void a_head_request_has_no_body_to_wait_for(void **state)
{
    struct context *context = *state;
    struct http_request request = get_request(context);
    struct http_answer answer;
    script(context, CHANNEL_OTHER, (struct reply){.status = 200, .body = ""});
    request.method = HTTP_HEAD;
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_length, 0);
    assert_non_null(strstr(server_seen(context->server, CHANNEL_OTHER, 0)->head, "HEAD /api/x"));
}

static void *interrupt_soon(void *data)
{
    struct context *context = data;
    (void)server_await_count(context->server, CHANNEL_READ, 1);
    http_client_interrupt(context->client);
    return NULL;
}

static void an_interruption_ends_requests_until_the_client_is_resumed(void **state)
{
    struct context *context = *state;
    struct http_answer answer;
    pthread_t thread;
    script(context, CHANNEL_READ, (struct reply){.how = REPLY_HANG});
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, context), 0);
    struct http_request request = get_request(context);
    request.deadline_ms += 60000;
    time_ms start_ms = fixture_now_ms();
    http_client_request(context->client, &request, &answer);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(fixture_now_ms() - start_ms < 5000);
    assert_int_equal(answer.end, HTTP_LOST);
    assert_true(answer.interrupted);
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ABORTED);
    assert_true(answer.interrupted);
    http_client_resume(context->client);
    script(context, CHANNEL_READ, (struct reply){.status = 200, .body = "{}"});
    http_client_request(context->client, &request, &answer);
    assert_int_equal(answer.end, HTTP_ANSWERED);
    assert_false(answer.interrupted);
}

static void a_urls_host_leaves_out_its_secrets(void **state)
{
    (void)state;
    char host[HTTP_HOST_SIZE];
    http_url_host("https://u:p@h.example:8/x", host);
    assert_string_equal(host, "h.example:8");
    http_url_host("https://h.example?token=1", host);
    assert_string_equal(host, "h.example");
    http_url_host("https:///x", host);
    assert_string_equal(host, "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(an_answer_brings_its_headers),
        TEST(reads_reuse_their_connection_and_writes_do_not),
        TEST(a_refused_connection_was_not_sent),
        TEST(a_name_that_does_not_resolve_was_not_sent),
        TEST(a_failed_tls_handshake_was_not_sent),
        TEST(a_dropped_connection_is_lost),
        TEST(a_silent_server_costs_the_deadline_and_sees_a_reset),
        TEST(a_read_that_is_given_up_closes_without_a_reset),
        TEST(an_answer_over_the_limit_is_cut),
        TEST(redirects_are_not_followed),
        TEST(too_late_makes_no_connection),
        TEST(a_connection_that_comes_too_late_carries_nothing),
        TEST(connect_to_changes_the_address_and_not_the_host),
        TEST(the_environments_proxy_is_ignored_and_the_configured_used),
        TEST(an_abort_ends_the_running_request_and_all_later),
        TEST(each_method_is_sent_as_it_is),
        TEST(a_head_request_has_no_body_to_wait_for),
        TEST(an_interruption_ends_requests_until_the_client_is_resumed),
        cmocka_unit_test(a_urls_host_leaves_out_its_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
