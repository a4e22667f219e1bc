#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/probe/probe_case.h"

static void a_right_answer_is_ok_with_its_phases(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 20, ANSWER_OK}};
    struct probe_config target = probe_world_target("%s", "");
    struct sample sample = probe_script(world, steps, 1, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_OK);
    assert_int_equal(sample.status, 200);
    assert_false(sample.reused);
    assert_true(sample.dns_us >= 0);
    assert_in_range(sample.connect_us, 1, 20000);
    assert_int_equal(sample.tls_us, -1);
    assert_in_range(sample.first_byte_us, 20000, 99000);
    assert_in_range(sample.total_us, sample.first_byte_us, 99000);
}

static void a_slow_answer_is_over_latency(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 150, ANSWER_OK}};
    struct probe_config target = probe_world_target("%s", "");
    struct sample sample = probe_script(world, steps, 1, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_OVER_LATENCY);
    assert_in_range(sample.total_us, 150000, 299000);
}

static void a_wrong_status_is_the_targets_own_word(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_500}};
    struct probe_config target = probe_world_target("%s", "");
    struct sample sample = probe_script(world, steps, 1, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_STATUS);
    assert_int_equal(sample.status, 500);
}

static void an_expected_status_may_be_another_than_200(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_500}};
    struct probe_config target = probe_world_target("%s", "");
    target.expect_status.ranges[0] = (struct status_range){500, 500};
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_OK);
}

static void a_redirect_is_a_status_and_not_followed(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_KEEP, 0, "HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"},
        {SERVE_KEEP, 0, ANSWER_OK},
    };
    struct probe_config target = probe_world_target("%s", "");
    struct sample sample = probe_script(world, steps, 2, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_STATUS);
    assert_int_equal(sample.status, 302);
}

static void the_body_must_hold_the_expected_text(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_KEEP, 0, ANSWER_OK}};
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.expect_body, sizeof target.expect_body, "alth");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_OK);
    (void)snprintf(target.expect_body, sizeof target.expect_body, "wealth");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_BODY);
}

static void an_endless_body_is_read_to_the_limit_and_judged(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_ENDLESS, 0, "HTTP/1.1 200 OK\r\n\r\nhealthy"}};
    struct probe_config target = probe_world_target("%s", "");
    (void)snprintf(target.expect_body, sizeof target.expect_body, "healthy");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_OK);
    (void)snprintf(target.expect_body, sizeof target.expect_body, "xxxy");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_BODY);
}

static void a_hanging_target_fails_at_its_own_deadline(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_HANG, 0, NULL}};
    struct probe_config target = probe_world_target("%s", "");
    int64_t took_ms = 0;
    struct sample sample = probe_script(world, steps, 1, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_TIMEOUT);
    assert_int_equal(sample.total_us, -1);
    assert_deadline(took_ms, 300, &sample);
}

static void half_an_answer_is_none(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_HANG, 0, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhea"}};
    struct probe_config target = probe_world_target("%s", "");
    int64_t took_ms = 0;
    struct sample sample = probe_script(world, steps, 1, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_TIMEOUT);
    assert_true(sample.first_byte_us >= 0);
    assert_deadline(took_ms, 300, &sample);
}

static void a_refused_connection_is_told(void **state)
{
    struct probe_world *world = *state;
    struct probe_config target =
        probe_world_target("http://127.0.0.1:%u/", (unsigned)server_free_port());
    struct sample sample = probe_once(world, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_REFUSED);
    assert_int_equal(sample.first_byte_us, -1);
}

static void a_reset_in_the_place_of_an_answer_is_told(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_RESET, 0, NULL}};
    struct probe_config target = probe_world_target("%s", "");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_RESET);
}

/* Whether the reset is seen while connecting or after it is a race that the target decides. */
static void a_reset_at_once_after_the_accept_is_told(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_RESET_AT_ONCE, 0, NULL}};
    struct probe_config target = probe_world_target("%s", "");
    enum sample_result result = probe_script(world, steps, 1, &target, NULL).result;
    assert_true(result == SAMPLE_RESET || result == SAMPLE_REFUSED);
}

static void an_answer_that_is_cut_short_is_a_reset(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {
        {SERVE_CLOSE, 0, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhea"}};
    struct probe_config target = probe_world_target("%s", "");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_RESET);
}

static void what_is_not_http_is_no_answer(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_CLOSE, 0, "220 mail ready\r\n"}};
    struct probe_config target = probe_world_target("%s", "");
    assert_int_equal(probe_script(world, steps, 1, &target, NULL).result, SAMPLE_RESET);
}

static void a_silent_address_fails_at_the_connect_deadline(void **state)
{
    struct probe_world *world = *state;
    int fds[SILENT_FD_COUNT];
    uint16_t port = server_open_silent(fds);
    struct probe_config target = probe_world_target("http://127.0.0.1:%u/", (unsigned)port);
    int64_t took_ms = 0;
    struct sample sample = probe_once(world, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_CONNECT_TIMEOUT);
    assert_int_equal(sample.connect_us, -1);
    assert_deadline(took_ms, 500, &sample);
    server_close_silent(fds);
}

static void tls_that_never_answers_fails_at_the_connect_deadline(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_HANG, 0, NULL}};
    struct server server;
    server_start(&server, steps, 1);
    struct probe_config target = probe_world_target("https://127.0.0.1:%u/", (unsigned)server.port);
    int64_t took_ms = 0;
    struct sample sample = probe_once(world, &target, &took_ms);
    assert_int_equal(sample.result, SAMPLE_TLS);
    assert_true(sample.connect_us >= 0);
    assert_int_equal(sample.tls_us, -1);
    assert_deadline(took_ms, 500, &sample);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_tcp_target_is_ok_where_it_accepts(void **state)
{
    struct probe_world *world = *state;
    const struct server_step steps[] = {{SERVE_HANG, 0, NULL}};
    struct server server;
    server_start(&server, steps, 1);
    struct probe_config target = probe_world_target("tcp://127.0.0.1:%u", (unsigned)server.port);
    struct sample sample = probe_once(world, &target, NULL);
    assert_int_equal(sample.result, SAMPLE_OK);
    assert_true(sample.connect_us >= 0);
    assert_int_equal(sample.total_us, sample.connect_us);
    assert_int_equal(sample.status, 0);
    prober_free(&world->prober);
    server_stop(&server);
}

static void a_tcp_target_that_refuses_or_is_silent_is_told(void **state)
{
    struct probe_world *world = *state;
    int fds[SILENT_FD_COUNT];
    struct probe_config refusing =
        probe_world_target("tcp://127.0.0.1:%u", (unsigned)server_free_port());
    assert_int_equal(probe_once(world, &refusing, NULL).result, SAMPLE_REFUSED);
    struct probe_config silent =
        probe_world_target("tcp://127.0.0.1:%u", (unsigned)server_open_silent(fds));
    int64_t took_ms = 0;
    struct sample sample = probe_once(world, &silent, &took_ms);
    assert_int_equal(sample.result, SAMPLE_CONNECT_TIMEOUT);
    assert_deadline(took_ms, 500, &sample);
    server_close_silent(fds);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, probe_case_enter, probe_case_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_right_answer_is_ok_with_its_phases),
        IN_WORLD(a_slow_answer_is_over_latency),
        IN_WORLD(a_wrong_status_is_the_targets_own_word),
        IN_WORLD(an_expected_status_may_be_another_than_200),
        IN_WORLD(a_redirect_is_a_status_and_not_followed),
        IN_WORLD(the_body_must_hold_the_expected_text),
        IN_WORLD(an_endless_body_is_read_to_the_limit_and_judged),
        IN_WORLD(a_hanging_target_fails_at_its_own_deadline),
        IN_WORLD(half_an_answer_is_none),
        IN_WORLD(a_refused_connection_is_told),
        IN_WORLD(a_reset_in_the_place_of_an_answer_is_told),
        IN_WORLD(a_reset_at_once_after_the_accept_is_told),
        IN_WORLD(an_answer_that_is_cut_short_is_a_reset),
        IN_WORLD(what_is_not_http_is_no_answer),
        IN_WORLD(a_silent_address_fails_at_the_connect_deadline),
        IN_WORLD(tls_that_never_answers_fails_at_the_connect_deadline),
        IN_WORLD(a_tcp_target_is_ok_where_it_accepts),
        IN_WORLD(a_tcp_target_that_refuses_or_is_silent_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
