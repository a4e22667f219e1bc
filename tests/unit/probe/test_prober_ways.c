#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "tests/unit/probe/probe_case.h"

static void probes_use_fresh_connections_unless_told_otherwise(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    struct server server;
    server_start(&server, steps, 1);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/", (unsigned)server.port);
    for (size_t i = 0; i < 3; i++) {
        struct sample sample = probe_once(world, &target, NULL);
        assert_int_equal(sample.result, SAMPLE_OK);
        assert_false(sample.reused);
    }
    assert_int_equal(server_connection_count(&server), 3);
    target.reuse = true;
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    struct sample again = probe_once(world, &target, NULL);
    assert_int_equal(again.result, SAMPLE_OK);
    assert_true(again.reused);
    assert_int_equal(again.connect_us, 0);
    assert_int_equal(server_connection_count(&server), 4);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_reused_connection_that_is_reset_is_tried_once_more_on_a_fresh_one(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_KEEP, 0, ANSWER_OK}, {SERVE_RESET, 50, NULL}, {SERVE_KEEP, 0, ANSWER_OK}};
    struct server server;
    server_start(&server, steps, 3);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/", (unsigned)server.port);
    target.reuse = true;
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    struct sample sample = probe_once(world, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_OK);
    assert_false(sample.reused);
    assert_true(sample.total_us < 50000); /* of the request that was answered */
    assert_in_range(sample.connect_us, 0, 40000);
    assert_int_equal(server_connection_count(&server), 2);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_fresh_connection_that_is_reset_is_not_tried_again(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_RESET, 0, NULL}, {SERVE_KEEP, 0, ANSWER_OK}};
    struct probe_config target = probe_world_target("%s", "");
    target.reuse = true;
    assert_int_equal(probe_script(world, steps, 2, &target, NULL).result, SAMPLE_RESET);
}

static void the_second_try_has_what_is_left_of_the_first_deadline(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_KEEP, 0, ANSWER_OK}, {SERVE_RESET, 200, NULL}, {SERVE_HANG, 0, NULL}};
    struct server server;
    int64_t took_ms = 0;
    server_start(&server, steps, 3);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/", (unsigned)server.port);
    target.reuse = true;
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    struct sample sample = probe_once(world, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_TIMEOUT);
    assert_deadline(took_ms, 300, &sample);
    prober_free(&world->prober);
    server_stop(&server);
}

static void the_environments_proxies_are_ignored(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    struct probe_config target = probe_world_target("%s", "");
    assert_int_equal(setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
    assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
    struct sample sample = probe_script(world, steps, 1, &target, NULL);
    (void)unsetenv("http_proxy");
    (void)unsetenv("ALL_PROXY");
    assert_int_equal(sample.result, SAMPLE_OK);
}

static struct sample probe_by_proxy(struct probe_world *world, const struct server_step *steps,
                                    size_t count)
{
    struct server proxy;
    server_start(&proxy, steps, count);
    (void)snprintf(world->config.local.proxy, sizeof world->config.local.proxy,
                   "http://127.0.0.1:%u", (unsigned)proxy.port);
    struct probe_config target = probe_world_target("http://bot.example.test/canary");
    struct sample sample = probe_once(world, &target, NULL);
    prober_free(&world->prober);
    server_stop(&proxy);
    return sample;
}

static void a_configured_proxys_own_answer_is_not_the_targets(void **state)
{
    struct probe_world *world = *state;
    const struct server_step refuses[] = {
        {SERVE_CLOSE, 0,
         "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"}};
    const struct server_step fails[] = {
        {SERVE_CLOSE, 0, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"}};
    assert_int_equal(probe_by_proxy(world, refuses, 1).result, SAMPLE_PROXY);
    assert_int_equal(probe_by_proxy(world, fails, 1).result, SAMPLE_PROXY);
}

static void a_configured_proxys_tunnel_carries_the_targets_answer(void **state)
{
    struct probe_world *world = *state;
    const struct server_step right[] = {
        {SERVE_KEEP, 0, "HTTP/1.1 200 Connection established\r\n\r\n"}, {SERVE_KEEP, 0, ANSWER_OK}};
    const struct server_step wrong[] = {
        {SERVE_KEEP, 0, "HTTP/1.1 200 Connection established\r\n\r\n"},
        {SERVE_KEEP, 0, ANSWER_500}};
    assert_int_equal(probe_by_proxy(world, right, 2).result, SAMPLE_OK);
    struct sample sample = probe_by_proxy(world, wrong, 2);
    assert_int_equal(sample.result, SAMPLE_STATUS);
    assert_int_equal(sample.status, 500);
}

static void a_proxy_that_hangs_is_not_the_target(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_HANG, 0, NULL}};
    assert_int_equal(probe_by_proxy(world, steps, 1).result, SAMPLE_PROXY);
}

static void a_proxy_that_is_not_there_is_not_the_target(void **state)
{
    struct probe_world *world = *state;
    (void)snprintf(world->config.local.proxy, sizeof world->config.local.proxy,
                   "http://127.0.0.1:%u", (unsigned)server_free_port());
    struct probe_config target = probe_world_target("http://bot.example.test/canary");
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_PROXY);
}

static void connect_to_changes_the_address_and_not_the_name(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    struct server server;
    char request[4096];
    server_start(&server, steps, 1);
    struct connect_to_config *map = &world->config.local.connect_to[0];
    (void)snprintf(map->from, sizeof map->from, "bot.example.test:80");
    (void)snprintf(map->to, sizeof map->to, "127.0.0.1:%u", (unsigned)server.port);
    world->config.local.connect_to_count = 1;
    struct probe_config target = probe_world_target("http://bot.example.test/canary");
    assert_int_equal(probe_once(world, &target, NULL).result, SAMPLE_OK);
    server_request(&server, request, sizeof request);
    assert_non_null(strstr(request, "GET /canary HTTP/1.1\r\n"));
    assert_non_null(strstr(request, "Host: bot.example.test\r\n"));
    prober_free(&world->prober);
    server_stop(&server);
}

/* The thread is held up by a callback of ours while another probe is under way. */
static void a_thread_that_runs_late_says_so(void **state)
{
    struct probe_world *world = *state;
    const struct server_step quick[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    const struct server_step slow[] = {{SERVE_KEEP, 100, ANSWER_OK}};
    struct server servers[2];
    uint64_t tickets[2] = {0};
    struct sample sample = {0};
    server_start(&servers[0], slow, 1);
    server_start(&servers[1], quick, 1);
    assert_int_equal(probe_world_start(world), 0);
    world->block_ms = 200;
    for (size_t i = 0; i < 2; i++) {
        struct probe_config target =
            probe_world_target("http://127.0.0.1:%u/", (unsigned)servers[i].port);
        assert_int_equal(probe_world_submit(world, &target, &tickets[i]), 0);
    }
    assert_int_equal(probe_world_wait(world, tickets[0], &sample), 0);
    assert_in_range(sample.late_ms, 150, 1000);
    prober_free(&world->prober);
    server_stop(&servers[0]);
    server_stop(&servers[1]);
}

enum { REQUEST_WAIT_MS = 5000, STOPPED_MS = 150 };

/* In the child: a probe that takes 250 ms, during which the parent stops the process for
 * STOPPED_MS. */
static _Noreturn void live_while_stopped(int pipe)
{
    struct probe_world *world = calloc(1, sizeof *world);
    struct sample sample = {0};
    uint64_t ticket = 0;
    uint16_t port = 0;
    if (world == NULL || read(pipe, &port, sizeof port) != sizeof port) {
        _exit(3);
    }
    probe_world_init(world);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/", (unsigned)port);
    if (probe_world_start(world) < 0 || probe_world_submit(world, &target, &ticket) < 0 ||
        probe_world_wait(world, ticket, &sample) < 0) {
        _exit(2);
    }
    _exit(sample.late_ms >= 100 ? 0 : 1);
}

static void a_process_that_was_stopped_meanwhile_says_so(void **state)
{
    const struct server_step steps[] = {{SERVE_KEEP, 250, ANSWER_OK}};
    struct server server;
    int pipes[2];
    int status = -1;
    (void)state;
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        live_while_stopped(pipes[0]);
    }
    server_start(&server, steps, 1);
    assert_int_equal(write(pipes[1], &server.port, sizeof server.port), sizeof server.port);
    for (size_t i = 0; i < REQUEST_WAIT_MS && server_request_count(&server) == 0; i++) {
        (void)usleep(1000);
    }
    bool asked = server_request_count(&server) == 1;
    (void)kill(child, SIGSTOP);
    (void)usleep(STOPPED_MS * 1000);
    (void)kill(child, SIGCONT);
    (void)waitpid(child, &status, 0);
    (void)close(pipes[0]);
    (void)close(pipes[1]);
    server_stop(&server);
    assert_true(asked);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static size_t open_fd_count(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    while (readdir(folder) != NULL) {
        count += 1;
    }
    (void)closedir(folder);
    return count;
}

static void ended_probes_hold_no_descriptors(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    struct server server;
    server_start(&server, steps, 1);
    struct probe_config http = probe_world_target("http://127.0.0.1:%u/", (unsigned)server.port);
    struct probe_config tcp = probe_world_target("tcp://127.0.0.1:%u", (unsigned)server.port);
    assert_int_equal(probe_once(world, &http, NULL).result, SAMPLE_OK);
    size_t before = open_fd_count();
    for (size_t i = 0; i < 50; i++) {
        assert_int_equal(probe_once(world, &http, NULL).result, SAMPLE_OK);
        assert_int_equal(probe_once(world, &tcp, NULL).result, SAMPLE_OK);
    }
    assert_in_range(open_fd_count(), before - 2, before + 2);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_full_queue_says_so_and_every_job_ends_once(void **state)
{
    struct probe_world *world = *state;
    int fds[SILENT_FD_COUNT];
    uint64_t ticket = 0;
    struct probe_config target =
        probe_world_target("tcp://127.0.0.1:%u", (unsigned)server_open_silent(fds));
    target.connect_timeout_ms = 20000;
    assert_int_equal(probe_world_start(world), 0);
    for (size_t i = 0; i < PROBER_PENDING_COUNT_MAX; i++) {
        assert_int_equal(probe_world_submit(world, &target, &ticket), 0);
    }
    assert_int_equal(probe_world_submit(world, &target, &ticket), ERR_FULL);
    prober_free(&world->prober);
    assert_null(world->prober);
    for (size_t i = 0; i < PROBER_PENDING_COUNT_MAX; i++) {
        assert_int_equal(world->done_count[i], 1);
        assert_int_equal(world->samples[i].result, SAMPLE_LOCAL);
    }
    assert_int_equal(world->done_count[PROBER_PENDING_COUNT_MAX], 0);
    server_close_silent(fds);
}

static void many_probes_on_several_threads_all_end_once(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_CLOSE, 0, ANSWER_OK}};
    struct server servers[4];
    uint64_t ticket = 0;
    world->config.timing.prober_threads = 3;
    assert_int_equal(probe_world_start(world), 0);
    for (size_t i = 0; i < ARRAY_COUNT(servers); i++) {
        server_start(&servers[i], steps, 1);
    }
    for (size_t i = 0; i < 200; i++) {
        struct probe_config target = probe_world_target(
            "http://127.0.0.1:%u/", (unsigned)servers[i % ARRAY_COUNT(servers)].port);
        target.timeout_ms = 5000;
        target.connect_timeout_ms = 5000;
        target.latency_ms = 5000;
        assert_int_equal(probe_world_submit(world, &target, &ticket), 0);
    }
    for (uint64_t i = 0; i <= ticket; i++) {
        struct sample sample = {0};
        assert_int_equal(probe_world_wait(world, i, &sample), 0);
        assert_int_equal(sample.result, SAMPLE_OK);
    }
    prober_free(&world->prober);
    for (uint64_t i = 0; i <= ticket; i++) {
        assert_int_equal(world->done_count[i], 1);
    }
    for (size_t i = 0; i < ARRAY_COUNT(servers); i++) {
        server_stop(&servers[i]);
    }
}

static void a_url_that_is_none_is_refused_at_once(void **state)
{
    struct probe_world *world = *state;
    uint64_t ticket = 0;
    struct probe_config target = probe_world_target("no-url");
    assert_int_equal(probe_world_start(world), 0);
    assert_int_equal(probe_world_submit(world, &target, &ticket), ERR_INVALID);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, probe_case_enter, probe_case_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_process_that_was_stopped_meanwhile_says_so),
        IN_WORLD(probes_use_fresh_connections_unless_told_otherwise),
        IN_WORLD(a_reused_connection_that_is_reset_is_tried_once_more_on_a_fresh_one),
        IN_WORLD(a_fresh_connection_that_is_reset_is_not_tried_again),
        IN_WORLD(the_second_try_has_what_is_left_of_the_first_deadline),
        IN_WORLD(the_environments_proxies_are_ignored),
        IN_WORLD(a_configured_proxys_own_answer_is_not_the_targets),
        IN_WORLD(a_configured_proxys_tunnel_carries_the_targets_answer),
        IN_WORLD(a_proxy_that_hangs_is_not_the_target),
        IN_WORLD(a_proxy_that_is_not_there_is_not_the_target),
        IN_WORLD(connect_to_changes_the_address_and_not_the_name),
        IN_WORLD(a_thread_that_runs_late_says_so),
        IN_WORLD(ended_probes_hold_no_descriptors),
        IN_WORLD(a_full_queue_says_so_and_every_job_ends_once),
        IN_WORLD(many_probes_on_several_threads_all_end_once),
        IN_WORLD(a_url_that_is_none_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
