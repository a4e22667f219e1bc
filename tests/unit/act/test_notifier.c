/* Telling people: programs, webhooks with signatures, tries, bounds, and the heartbeat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/notifier.h"
#include "node/io/act/run_program.h"
#include "tests/unit/act/fixture.h"

enum { TICK_MS = 10, AWAIT_MS = 8000, FILE_BYTES = 4096 };

struct context {
    struct server *server;
    struct config *config;
    struct notifier *notifier;
    char folder[64];
    char script[128];
    char output[128];
};

static int setup(void **state)
{
    struct context *context = calloc(1, sizeof *context);
    CHECK(context != NULL);
    context->server = server_start();
    context->config = fixture_make_config(server_port(context->server));
    (void)snprintf(context->folder, sizeof context->folder, "/tmp/quorate-act-XXXXXX");
    CHECK(mkdtemp(context->folder) != NULL);
    (void)snprintf(context->script, sizeof context->script, "%s/page.sh", context->folder);
    (void)snprintf(context->output, sizeof context->output, "%s/output", context->folder);
    *state = context;
    return 0;
}

static int teardown(void **state)
{
    struct context *context = *state;
    notifier_free(&context->notifier);
    server_stop(&context->server);
    fixture_free_config(&context->config);
    (void)unlink(context->script);
    (void)unlink(context->output);
    (void)rmdir(context->folder);
    free(context);
    return 0;
}

static void write_script(const struct context *context, const char *commands)
{
    FILE *file = fopen(context->script, "we");
    CHECK(file != NULL);
    CHECK(fprintf(file, "#!/bin/sh\n%s\n", commands) > 0);
    CHECK(fclose(file) == 0);
    CHECK(chmod(context->script, 0700) == 0);
}

static void add_target(struct context *context, enum notify_kind kind, const char *target)
{
    struct notify_config *notify = &context->config->notify[context->config->notify_count++];
    notify->kind = kind;
    notify->on_mask = UINT32_MAX;
    (void)text_copy(notify->target, sizeof notify->target, target);
}

static void add_webhook(struct context *context)
{
    char url[URL_SIZE];
    (void)snprintf(url, sizeof url, "http://127.0.0.1:%u/hook/s3cret",
                   server_port(context->server));
    add_target(context, NOTIFY_WEBHOOK, url);
}

static void start(struct context *context)
{
    struct text why = {0};
    assert_int_equal(notifier_new(context->config, &context->notifier, &why), 0);
}

static struct notifier_counts await_counts(struct context *context, uint64_t total)
{
    struct notifier_counts counts = {0};
    for (int waited_ms = 0; waited_ms < AWAIT_MS; waited_ms += TICK_MS) {
        notifier_count(context->notifier, &counts);
        if (counts.delivered + counts.failed >= total)
            return counts;
        (void)poll(NULL, 0, TICK_MS);
    }
    return counts;
}

static char *read_output(const struct context *context)
{
    char *text = calloc(1, FILE_BYTES);
    CHECK(text != NULL);
    CLEANUP(cleanup_close) int fd = open(context->output, O_RDONLY | O_CLOEXEC);
    CHECK(fd >= 0 && read(fd, text, FILE_BYTES - 1) >= 0);
    return text;
}

static void a_program_gets_arguments_message_and_a_clean_environment(void **state)
{
    struct context *context = *state;
    char commands[256];
    (void)snprintf(commands, sizeof commands,
                   "{ echo \"$# [$1] [$2]\"; cat; echo; env; ls /proc/self/fd; } > %s",
                   context->output);
    write_script(context, commands);
    add_target(context, NOTIFY_EXEC, context->script);
    assert_int_equal(setenv("SECRET_IN_ENVIRONMENT", "x", 1), 0);
    start(context);
    assert_int_equal(
        notifier_send(context->notifier, NOTICE_BLOCKED, "a b; rm -rf $HOME", "{\"x\":\"$(id)\"}"),
        0);
    assert_int_equal(await_counts(context, 1).delivered, 1);
    CLEANUP(cleanup_free) char *output = read_output(context);
    assert_non_null(strstr(output, "2 [blocked] [a b; rm -rf $HOME]\n{\"x\":\"$(id)\"}\n"));
    assert_null(strstr(output, "SECRET_IN_ENVIRONMENT"));
    assert_non_null(strstr(output, "\n0\n1\n2\n3\n")); /* 3 is of ls itself */
    assert_null(strstr(output, "\n4\n"));
}

static void a_program_that_fails_is_counted(void **state)
{
    struct context *context = *state;
    write_script(context, "exit 3");
    add_target(context, NOTIFY_EXEC, context->script);
    add_target(context, NOTIFY_EXEC, "/no/such/program");
    start(context);
    int captured = fixture_capture_log();
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", "{}"), 0);
    struct notifier_counts counts = await_counts(context, 2);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(counts.failed, 2);
    assert_non_null(strstr(log, "page.sh: exit code 3"));
    assert_non_null(strstr(log, "/no/such/program: could not be started"));
}

/* A process that is gone has no such file, a zombie no arguments in it. */
static bool is_running(const char *path)
{
    CLEANUP(cleanup_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char byte = 0;
    return fd >= 0 && read(fd, &byte, 1) > 0;
}

static void a_program_over_its_limit_is_killed_with_what_it_started(void **state)
{
    struct context *context = *state;
    char commands[256];
    (void)snprintf(commands, sizeof commands, "sleep 60 & echo $! > %s; wait", context->output);
    write_script(context, commands);
    const char *const arguments[] = {context->script, NULL};
    struct text why = {0};
    CLEANUP(cleanup_close) int stop_fd = eventfd(0, EFD_CLOEXEC);
    time_ms start_ms = fixture_now_ms();
    assert_int_equal(run_program(arguments, "x", 1, 300, stop_fd, &why), ERR_TIMEOUT);
    assert_in_range(fixture_now_ms() - start_ms, 300, 2000);
    CLEANUP(cleanup_free) char *output = read_output(context);
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/cmdline", strtol(output, NULL, 10));
    /* A killed process dies when it is scheduled next. */
    for (int i = 0; i < AWAIT_MS && is_running(path); i += TICK_MS)
        (void)poll(NULL, 0, TICK_MS);
    assert_false(is_running(path));
}

static void a_stop_ends_a_running_program(void **state)
{
    struct context *context = *state;
    char commands[256];
    (void)snprintf(commands, sizeof commands, "echo started > %s; sleep 60", context->output);
    write_script(context, commands);
    add_target(context, NOTIFY_EXEC, context->script);
    start(context);
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", "{}"), 0);
    for (int i = 0; i < AWAIT_MS && access(context->output, R_OK) != 0; i += TICK_MS)
        (void)poll(NULL, 0, TICK_MS);
    time_ms start_ms = fixture_now_ms();
    int captured = fixture_capture_log();
    notifier_free(&context->notifier);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_true(fixture_now_ms() - start_ms < 2000);
    assert_non_null(strstr(log, "waiting_at_stop=1"));
}

static void a_webhook_is_signed(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    (void)text_copy(context->config->notify[0].secret, SECRET_SIZE, "key");
    const struct reply ok = {.status = 204};
    server_script(context->server, CHANNEL_OTHER, &ok, 1);
    start(context);
    /* HMAC-SHA256("key", "The quick brown fox jumps over the lazy dog"), a well-known vector. */
    assert_int_equal(notifier_send(context->notifier, NOTICE_MOVE_DONE, "support",
                                   "The quick brown fox jumps over the lazy dog"),
                     0);
    assert_int_equal(await_counts(context, 1).delivered, 1);
    const struct seen *seen = server_seen(context->server, CHANNEL_OTHER, 0);
    assert_true(seen_has_header(seen, "X-Quorate-Signature: sha256=f7bc83f430538424b13298e6aa6fb1"
                                      "43ef4d59a14946175997479dbc2d1a3cd8"));
    assert_true(seen_has_header(seen, "Content-Type: application/json"));
    assert_string_equal(seen->body, "The quick brown fox jumps over the lazy dog");
}

static void a_webhook_without_a_secret_is_not_signed(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    const struct reply ok = {.status = 200};
    server_script(context->server, CHANNEL_OTHER, &ok, 1);
    start(context);
    assert_int_equal(notifier_send(context->notifier, NOTICE_MOVE_DONE, "support", "{}"), 0);
    assert_int_equal(await_counts(context, 1).delivered, 1);
    assert_false(
        seen_has_header(server_seen(context->server, CHANNEL_OTHER, 0), "X-Quorate-Signature:"));
}

static void a_webhook_is_tried_three_times(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    const struct reply replies[] = {{.how = REPLY_DROP}, {.status = 503}, {.status = 200}};
    server_script(context->server, CHANNEL_OTHER, replies, 3);
    start(context);
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", "{}"), 0);
    assert_int_equal(await_counts(context, 1).delivered, 1);
    assert_int_equal(server_count(context->server, CHANNEL_OTHER), 3);
}

static void a_webhook_that_says_no_is_not_asked_again(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    const struct reply gone = {.status = 410};
    server_script(context->server, CHANNEL_OTHER, &gone, 1);
    start(context);
    int captured = fixture_capture_log();
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", "{}"), 0);
    assert_int_equal(await_counts(context, 1).failed, 1);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(server_count(context->server, CHANNEL_OTHER), 1);
    assert_non_null(strstr(log, "answered 410"));
    assert_null(strstr(log, "s3cret")); /* a webhook's path is often its password */
}

static void only_the_targets_that_asked_are_told(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    add_webhook(context);
    context->config->notify[0].on_mask = UINT32_C(1) << NOTICE_BLIND;
    context->config->notify[1].on_mask = UINT32_C(1) << NOTICE_BLOCKED;
    const struct reply ok = {.status = 200};
    server_script(context->server, CHANNEL_OTHER, &ok, 1);
    start(context);
    assert_int_equal(notifier_send(context->notifier, NOTICE_MOVE_DONE, "support", "{\"n\":1}"), 0);
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", "{\"n\":2}"), 0);
    assert_int_equal(await_counts(context, 1).delivered, 1);
    assert_string_equal(server_seen(context->server, CHANNEL_OTHER, 0)->body, "{\"n\":2}");
}

static void what_does_not_fit_is_dropped_and_counted(void **state)
{
    struct context *context = *state;
    add_webhook(context);
    const struct reply hang = {.how = REPLY_HANG};
    server_script(context->server, CHANNEL_OTHER, &hang, 1);
    start(context);
    int captured = fixture_capture_log();
    int rc = 0;
    size_t sent = 0;
    while ((rc = notifier_send(context->notifier, NOTICE_BLIND, "support", "{}")) == 0)
        sent++;
    struct notifier_counts counts;
    notifier_count(context->notifier, &counts);
    notifier_free(&context->notifier);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_int_equal(rc, ERR_FULL);
    assert_int_equal(sent, NOTIFIER_DELIVERY_COUNT_MAX);
    assert_int_equal(counts.dropped, 1);
    assert_non_null(strstr(log, " notify_dropped "));
    CLEANUP(cleanup_free) char *large = calloc(1, NOTIFIER_JSON_BYTES_MAX + 2);
    assert_non_null(large);
    memset(large, 'x', NOTIFIER_JSON_BYTES_MAX + 1);
    start(context);
    assert_int_equal(notifier_send(context->notifier, NOTICE_BLIND, "support", large),
                     ERR_TOO_LARGE);
}

static void the_heartbeat_is_fetched_when_asked(void **state)
{
    struct context *context = *state;
    const struct reply replies[] = {{.status = 500}, {.status = 200}};
    server_script(context->server, CHANNEL_OTHER, replies, 2);
    (void)snprintf(context->config->heartbeat_url, URL_SIZE, "http://127.0.0.1:%u/beat/s3cret",
                   server_port(context->server));
    start(context);
    int captured = fixture_capture_log();
    notifier_heartbeat(context->notifier);
    assert_true(server_await_count(context->server, CHANNEL_OTHER, 1));
    notifier_heartbeat(context->notifier);
    assert_true(server_await_count(context->server, CHANNEL_OTHER, 2));
    notifier_free(&context->notifier);
    CLEANUP(cleanup_free) char *log = fixture_captured_log(captured);
    assert_non_null(strstr(log, " heartbeat_failed "));
    assert_null(strstr(log, "s3cret"));
    assert_string_equal(server_seen(context->server, CHANNEL_OTHER, 0)->path, "/beat/s3cret");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_program_gets_arguments_message_and_a_clean_environment),
        TEST(a_program_that_fails_is_counted),
        TEST(a_program_over_its_limit_is_killed_with_what_it_started),
        TEST(a_stop_ends_a_running_program),
        TEST(a_webhook_is_signed),
        TEST(a_webhook_without_a_secret_is_not_signed),
        TEST(a_webhook_is_tried_three_times),
        TEST(a_webhook_that_says_no_is_not_asked_again),
        TEST(only_the_targets_that_asked_are_told),
        TEST(what_does_not_fit_is_dropped_and_counted),
        TEST(the_heartbeat_is_fetched_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
