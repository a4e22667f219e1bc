#include "common/thread.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct seen {
    pthread_mutex_t started; /* held until the starter is done: it names the thread */
    sigset_t blocked;
    char name[16];
};

static void *look(void *data)
{
    struct seen *seen = data;
    (void)pthread_mutex_lock(&seen->started);
    (void)pthread_mutex_unlock(&seen->started);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &seen->blocked);
    (void)pthread_getname_np(pthread_self(), seen->name, sizeof seen->name);
    return NULL;
}

static void signals_stay_with_the_starter(void **state)
{
    (void)state;
    struct seen seen = {.started = PTHREAD_MUTEX_INITIALIZER};
    pthread_t thread;
    sigset_t own;
    assert_int_equal(pthread_mutex_lock(&seen.started), 0);
    assert_int_equal(thread_start(&thread, "looker", look, &seen), 0);
    assert_int_equal(pthread_mutex_unlock(&seen.started), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &own), 0);
    assert_true(sigismember(&seen.blocked, SIGTERM));
    assert_true(sigismember(&seen.blocked, SIGPIPE));
    assert_false(sigismember(&own, SIGTERM));
    assert_string_equal(seen.name, "looker");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals_stay_with_the_starter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
