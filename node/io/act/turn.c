#include "node/io/act/turn.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/clock.h"

struct turn {
    struct http_client *holder; /* NULL: free */
    enum turn_kind kind;        /* of the holder */
    bool interrupted;           /* ... and it knows */
    size_t writes;              /* that wait */
    uint64_t interruptions;
};

struct turns {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
    struct turn platforms[PLATFORM_COUNT_MAX];
};

int turns_new(struct turns **ret_turns)
{
    struct turns *turns = calloc(1, sizeof *turns);
    if (turns == NULL)
        return ERR_NO_MEMORY;
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&turns->changed, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&turns->mutex, NULL) == 0);
    *ret_turns = turns;
    return 0;
}

void turns_free(struct turns **turns)
{
    struct turns *old = *turns;
    if (old == NULL)
        return;
    *turns = NULL;
    (void)pthread_cond_destroy(&old->changed);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
}

static void interrupt_reading(struct turn *turn)
{
    if (turn->holder == NULL || turn->kind != TURN_READ || turn->interrupted)
        return;
    turn->interrupted = true;
    turn->interruptions++;
    http_client_interrupt(turn->holder);
}

static bool may_go(const struct turn *turn, enum turn_kind kind)
{
    return turn->holder == NULL && (kind == TURN_WRITE || turn->writes == 0);
}

static int await_turn(struct turns *turns, struct turn *turn, enum turn_kind kind, time_ms until_ms)
{
    while (!turns->stopping && !may_go(turn, kind)) {
        if (clock_now_ms() >= until_ms)
            return ERR_TIMEOUT;
        if (kind == TURN_WRITE)
            interrupt_reading(turn);
        clock_wait_until(&turns->changed, &turns->mutex, until_ms);
    }
    return turns->stopping ? ERR_CANCELED : 0;
}

int turns_take(struct turns *turns, size_t platform, enum turn_kind kind,
               struct http_client *client, time_ms until_ms)
{
    CHECK(platform < PLATFORM_COUNT_MAX && kind < TURN_KIND_N);
    struct turn *turn = &turns->platforms[platform];
    (void)pthread_mutex_lock(&turns->mutex);
    turn->writes += kind == TURN_WRITE ? 1 : 0;
    int rc = await_turn(turns, turn, kind, until_ms);
    turn->writes -= kind == TURN_WRITE ? 1 : 0;
    if (rc == 0) {
        turn->holder = client;
        turn->kind = kind;
        turn->interrupted = false;
    } else {
        (void)pthread_cond_broadcast(&turns->changed); /* readings may have waited for this one */
    }
    (void)pthread_mutex_unlock(&turns->mutex);
    return rc;
}

void turns_give(struct turns *turns, size_t platform)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&turns->mutex);
    struct turn *turn = &turns->platforms[platform];
    CHECK(turn->holder != NULL);
    /* Under the lock, so that no interruption meant for this request hits the client's next one. */
    if (turn->interrupted)
        http_client_resume(turn->holder);
    turn->holder = NULL;
    (void)pthread_cond_broadcast(&turns->changed);
    (void)pthread_mutex_unlock(&turns->mutex);
}

uint64_t turns_interrupted(struct turns *turns, size_t platform)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&turns->mutex);
    uint64_t count = turns->platforms[platform].interruptions;
    (void)pthread_mutex_unlock(&turns->mutex);
    return count;
}

void turns_stop(struct turns *turns)
{
    (void)pthread_mutex_lock(&turns->mutex);
    turns->stopping = true;
    (void)pthread_cond_broadcast(&turns->changed);
    (void)pthread_mutex_unlock(&turns->mutex);
}
