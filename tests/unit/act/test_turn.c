/* Turns: one request at a time with a token, and no write behind a reading. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/turn.h"
#include "tests/unit/act/fixture.h"

enum { LONG_MS = 10000, SOON_MS = 1000, ROUNDS = 300, THREADS = 4 };

struct context {
    struct turns *turns;
    struct http_client *clients[THREADS];
    struct config *config;
    atomic_int inside;
    atomic_int most;
    atomic_int taken;
};

static int setup(void **state)
{
    struct context *context = calloc(1, sizeof *context);
    CHECK(context != NULL);
    context->config = fixture_make_config(1);
    CHECK(turns_new(&context->turns) == 0);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(http_client_new(&context->config->local, &context->clients[i]) == 0);
    *state = context;
    return 0;
}

static int teardown(void **state)
{
    struct context *context = *state;
    for (size_t i = 0; i < THREADS; i++)
        http_client_free(&context->clients[i]);
    turns_free(&context->turns);
    fixture_free_config(&context->config);
    free(context);
    return 0;
}

static int take(struct context *context, size_t platform, enum turn_kind kind, size_t client,
                time_ms within_ms)
{
    return turns_take(context->turns, platform, kind, context->clients[client],
                      fixture_now_ms() + within_ms);
}

/* A request that is refused at once tells whether the client was interrupted. */
static bool is_interrupted(struct context *context, size_t client)
{
    struct http_answer answer;
    const struct http_request request = {.method = HTTP_GET,
                                         .url = "http://127.0.0.1:1/",
                                         .deadline_ms = fixture_now_ms() + SOON_MS,
                                         .start_before_ms = HTTP_NO_START_LIMIT};
    http_client_request(context->clients[client], &request, &answer);
    return answer.interrupted;
}

static void each_platform_has_its_own_turn(void **state)
{
    struct context *context = *state;
    assert_int_equal(take(context, 0, TURN_READ, 0, 0), 0);
    assert_int_equal(take(context, 1, TURN_READ, 1, 0), 0);
    assert_int_equal(take(context, 0, TURN_READ, 2, 20), ERR_TIMEOUT);
    turns_give(context->turns, 0);
    assert_int_equal(take(context, 0, TURN_READ, 2, 0), 0);
    turns_give(context->turns, 0);
    turns_give(context->turns, 1);
}

static void *take_in_rounds(void *data)
{
    struct context *context = data;
    size_t self = (size_t)atomic_fetch_add(&context->taken, 1);
    for (int i = 0; i < ROUNDS; i++) {
        enum turn_kind kind = self == 0 ? TURN_WRITE : TURN_READ;
        CHECK(take(context, 0, kind, self, LONG_MS) == 0);
        int inside = atomic_fetch_add(&context->inside, 1) + 1;
        if (inside > atomic_load(&context->most))
            atomic_store(&context->most, inside);
        atomic_fetch_sub(&context->inside, 1);
        turns_give(context->turns, 0);
    }
    return NULL;
}

static void never_two_at_once(void **state)
{
    struct context *context = *state;
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, take_in_rounds, context) == 0);
    for (size_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    assert_int_equal(atomic_load(&context->most), 1);
    for (size_t i = 0; i < THREADS; i++)
        assert_false(is_interrupted(context, i));
}

static void *write_once(void *data)
{
    struct context *context = data;
    CHECK(take(context, 0, TURN_WRITE, 1, LONG_MS) == 0);
    atomic_store(&context->taken, 1);
    turns_give(context->turns, 0);
    return NULL;
}

static void a_write_interrupts_the_reading_that_holds_the_turn(void **state)
{
    struct context *context = *state;
    pthread_t thread;
    assert_int_equal(take(context, 0, TURN_READ, 0, 0), 0);
    assert_false(is_interrupted(context, 0));
    CHECK(pthread_create(&thread, NULL, write_once, context) == 0);
    time_ms until_ms = fixture_now_ms() + LONG_MS;
    while (!is_interrupted(context, 0))
        assert_true(fixture_now_ms() < until_ms);
    assert_int_equal(atomic_load(&context->taken), 0);
    turns_give(context->turns, 0);
    CHECK(pthread_join(thread, NULL) == 0);
    assert_int_equal(atomic_load(&context->taken), 1);
    assert_false(is_interrupted(context, 0)); /* the client is free for other things again */
    assert_int_equal(turns_interrupted(context->turns, 0), 1);
}

static void a_write_that_gives_up_lets_readings_go_on(void **state)
{
    struct context *context = *state;
    assert_int_equal(take(context, 0, TURN_WRITE, 0, 0), 0);
    assert_int_equal(take(context, 0, TURN_WRITE, 1, 20), ERR_TIMEOUT);
    assert_false(is_interrupted(context, 0)); /* a write is never interrupted */
    turns_give(context->turns, 0);
    assert_int_equal(take(context, 0, TURN_READ, 2, 0), 0);
    turns_give(context->turns, 0);
}

static void *stop_soon(void *data)
{
    turns_stop(((struct context *)data)->turns);
    return NULL;
}

static void stopping_ends_all_waiting(void **state)
{
    struct context *context = *state;
    pthread_t thread;
    assert_int_equal(take(context, 0, TURN_READ, 0, 0), 0);
    CHECK(pthread_create(&thread, NULL, stop_soon, context) == 0);
    assert_int_equal(take(context, 0, TURN_READ, 1, LONG_MS), ERR_CANCELED);
    CHECK(pthread_join(thread, NULL) == 0);
    assert_int_equal(take(context, 1, TURN_WRITE, 1, LONG_MS), ERR_CANCELED);
    turns_give(context->turns, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        TEST(each_platform_has_its_own_turn),
        TEST(never_two_at_once),
        TEST(a_write_interrupts_the_reading_that_holds_the_turn),
        TEST(a_write_that_gives_up_lets_readings_go_on),
        TEST(stopping_ends_all_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
