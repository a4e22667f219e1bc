/* The chaos proxy between a client and a bot. */
#include "common/text.h"
#include "tests/lab/test/assert.h"
#include "tests/lab/test/bot_fixture.h"
#include "tests/lab/test/chaos_fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct path {
    struct bot_process bot;
    struct chaos_process chaos;
};

static int setup(void **state)
{
    struct path *path = calloc(1, sizeof(*path));

    if (path == NULL)
        return -1;
    *state = path;
    bot_start(&path->bot);
    chaos_start(&path->chaos, path->bot.port);
    return 0;
}

static int teardown(void **state)
{
    struct path *path = *state;

    chaos_stop(&path->chaos);
    bot_stop(&path->bot);
    free(path);
    return 0;
}

/* A connection of its own, held open over several requests. */
static int connection_open(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void request_write(int fd)
{
    static const char request[] = "GET /canary HTTP/1.1\r\nHost: bot\r\n\r\n";

    assert_int_equal(write(fd, request, sizeof(request) - 1), sizeof(request) - 1);
}

/* Reads until the answer's last brace. */
static void answer_read(int fd)
{
    char bytes[2048] = "";
    size_t length = 0;

    while (strchr(bytes, '}') == NULL) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        ssize_t got;

        assert_int_equal(poll(&entry, 1, 10000), 1);
        got = read(fd, bytes + length, sizeof(bytes) - length - 1);
        assert_true(got > 0);
        length += (size_t)got;
        bytes[length] = '\0';
    }
}

static double median_round_trip_us(uint16_t port)
{
    enum { ROUNDS = 201 };
    int64_t sorted_us[ROUNDS] = {0};
    int fd = connection_open(port);

    for (size_t i = 0; i < ROUNDS; i++) {
        struct timespec start = {0};
        struct timespec end = {0};
        int64_t took_us;
        size_t place = i;

        (void)clock_gettime(CLOCK_MONOTONIC, &start);
        request_write(fd);
        answer_read(fd);
        (void)clock_gettime(CLOCK_MONOTONIC, &end);
        took_us = (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
        for (; place > 0 && sorted_us[place - 1] > took_us; place--)
            sorted_us[place] = sorted_us[place - 1];
        sorted_us[place] = took_us;
    }
    (void)close(fd);
    return (double)sorted_us[ROUNDS / 2];
}

static void a_clean_proxy_adds_less_than_a_millisecond(void **state)
{
    const struct path *path = *state;
    double direct_us = median_round_trip_us(path->bot.port);
    double proxied_us = median_round_trip_us(path->chaos.ports[0]);

    print_message("direct %.0f us, proxied %.0f us\n", direct_us, proxied_us);
    assert_true(proxied_us - direct_us < 1000);
}

static void a_delay_counts_in_each_direction(void **state)
{
    const struct path *path = *state;
    struct client_reply reply = {0};

    chaos_set(&path->chaos, "{\"delay_ms\":60,\"jitter_ms\":5}");
    canary_get(path->chaos.ports[0], NULL, 0, &reply);
    assert_int_equal(reply.status, 200);
    assert_true(reply.total_ms >= 119);
    client_reply_free(&reply);
}

static void a_loss_is_a_stall_and_loses_nothing(void **state)
{
    const struct path *path = *state;
    struct client_reply reply = {0};

    chaos_set(&path->chaos, "{\"loss_percent\":100,\"stall_ms\":150}");
    canary_get(path->chaos.ports[0], NULL, 0, &reply);
    assert_int_equal(reply.status, 200);
    assert_string_equal(reply.body, "{\"status\":\"ok\",\"bot\":\"primary\"}");
    assert_true(reply.total_ms >= 299);
    client_reply_free(&reply);
    assert_true(chaos_count(&path->chaos, "up", "chunks_stalled") >= 1);
    assert_int_equal((int)chaos_count(&path->chaos, "up", "bytes_lost"), 0);
}

static int request_count_is(const struct path *path, int count)
{
    cJSON *described = bot_state(&path->bot);
    int same = (int)client_number(described, "requests") == count;

    cJSON_Delete(described);
    return same;
}

static void a_cut_is_silent_until_it_heals(void **state)
{
    const struct path *path = *state;

    chaos_set(&path->chaos, "{\"cut\":\"both\"}");
    assert_int_equal(canary_code(path->chaos.ports[0], 200), CURLE_OPERATION_TIMEDOUT);
    assert_true(chaos_count(&path->chaos, "up", "bytes_lost") > 0);
    chaos_set(&path->chaos, "{\"cut\":\"no\"}");
    assert_int_equal(canary_code(path->chaos.ports[0], 0), CURLE_OK);
    assert_true(request_count_is(path, 1));
}

static int is_readable(int fd, int wait_ms)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};

    return poll(&entry, 1, wait_ms);
}

/* One way and then the other, on a connection that was good before. */
static void a_one_way_cut_lets_the_other_way_pass(void **state)
{
    const struct path *path = *state;
    int fd = connection_open(path->chaos.ports[0]);
    int second_fd = connection_open(path->chaos.ports[0]);
    char byte;

    request_write(fd);
    answer_read(fd);
    request_write(second_fd);
    answer_read(second_fd);
    chaos_set(&path->chaos, "{\"cut\":\"down\"}");
    request_write(fd);
    ASSERT_SOON(request_count_is(path, 3));
    ASSERT_SOON(chaos_count(&path->chaos, "down", "bytes_lost") > 0);
    assert_int_equal(is_readable(fd, 0), 0);
    chaos_set(&path->chaos, "{\"cut\":\"up\"}");
    request_write(second_fd);
    ASSERT_SOON(chaos_count(&path->chaos, "up", "bytes_lost") > 0);
    assert_true(request_count_is(path, 3));
    chaos_set(&path->chaos, "{\"cut\":\"no\"}");
    assert_int_equal(is_readable(fd, 10000), 1);
    assert_true(read(fd, &byte, 1) < 0);
    assert_int_equal(is_readable(second_fd, 10000), 1);
    assert_true(read(second_fd, &byte, 1) < 0);
    (void)close(fd);
    (void)close(second_fd);
}

static void a_connection_that_lost_nothing_survives_a_cut(void **state)
{
    const struct path *path = *state;
    int fd = connection_open(path->chaos.ports[0]);

    request_write(fd);
    answer_read(fd);
    chaos_set(&path->chaos, "{\"cut\":\"both\"}");
    chaos_set(&path->chaos, "{\"cut\":\"no\"}");
    request_write(fd);
    answer_read(fd);
    (void)close(fd);
}

static void refuse_closes_what_is_open_and_what_comes(void **state)
{
    const struct path *path = *state;
    int fd = connection_open(path->chaos.ports[0]);

    request_write(fd);
    answer_read(fd);
    chaos_set(&path->chaos, "{\"refuse\":true}");
    assert_int_equal(is_readable(fd, 10000), 1);
    (void)close(fd);
    assert_true(canary_code(path->chaos.ports[0], 0) != CURLE_OK);
    chaos_set(&path->chaos, "{\"refuse\":false}");
    assert_int_equal(canary_code(path->chaos.ports[0], 0), CURLE_OK);
}

static void a_setting_can_be_of_one_pair_alone(void **state)
{
    const struct path *path = *state;
    struct text json = {0};

    text_set(&json, "{\"listen\":%u,\"cut\":\"both\"}", (unsigned)path->chaos.ports[1]);
    chaos_set(&path->chaos, json.bytes);
    assert_int_equal(canary_code(path->chaos.ports[1], 200), CURLE_OPERATION_TIMEDOUT);
    assert_int_equal(canary_code(path->chaos.ports[0], 0), CURLE_OK);
}

static void an_end_is_passed_on(void **state)
{
    const struct path *path = *state;
    int fd = connection_open(path->chaos.ports[0]);

    request_write(fd);
    answer_read(fd);
    assert_int_equal((int)chaos_count(&path->chaos, NULL, "open"), 1);
    (void)close(fd);
    ASSERT_SOON((int)chaos_count(&path->chaos, NULL, "open") == 0);
}

static void a_dead_target_resets_the_client(void **state)
{
    const struct path *path = *state;

    bot_mode(&path->bot, "{\"mode\":\"refuse\"}");
    assert_true(canary_code(path->chaos.ports[0], 0) != CURLE_OK);
    ASSERT_SOON((int)chaos_count(&path->chaos, NULL, "open") == 0);
}

static void a_wrong_setting_changes_nothing(void **state)
{
    const struct path *path = *state;
    uint16_t port = path->chaos.control_port;

    cJSON_Delete(client_json(port, "POST", "/set", "{\"delay_ms\":5,\"cut\":\"sideways\"}", 400));
    cJSON_Delete(client_json(port, "POST", "/set", "{\"deley_ms\":5}", 400));
    cJSON_Delete(client_json(port, "POST", "/set", "{\"loss_percent\":101}", 400));
    cJSON_Delete(client_json(port, "POST", "/set", "{\"listen\":1,\"delay_ms\":5}", 404));
    assert_int_equal((int)chaos_count(&path->chaos, NULL, "delay_ms"), 0);
}

static void it_stops_at_once_with_connections_open(void **state)
{
    struct path *path = *state;
    int fd = connection_open(path->chaos.ports[0]);
    time_ms took_ms = 0;

    request_write(fd);
    answer_read(fd);
    chaos_set(&path->chaos, "{\"delay_ms\":60000}");
    request_write(fd);
    assert_int_equal(process_stop(&path->chaos.process, &took_ms), 0);
    assert_true(took_ms < 1000);
    (void)close(fd);
    chaos_start(&path->chaos, path->bot.port);
}

#define CHAOS_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHAOS_TEST(a_clean_proxy_adds_less_than_a_millisecond),
        CHAOS_TEST(a_delay_counts_in_each_direction),
        CHAOS_TEST(a_loss_is_a_stall_and_loses_nothing),
        CHAOS_TEST(a_cut_is_silent_until_it_heals),
        CHAOS_TEST(a_one_way_cut_lets_the_other_way_pass),
        CHAOS_TEST(a_connection_that_lost_nothing_survives_a_cut),
        CHAOS_TEST(refuse_closes_what_is_open_and_what_comes),
        CHAOS_TEST(a_setting_can_be_of_one_pair_alone),
        CHAOS_TEST(an_end_is_passed_on),
        CHAOS_TEST(a_dead_target_resets_the_client),
        CHAOS_TEST(a_wrong_setting_changes_nothing),
        CHAOS_TEST(it_stops_at_once_with_connections_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
