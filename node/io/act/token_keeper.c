#include "node/io/act/token_keeper.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/thread.h"
#include "node/io/act/clock.h"
#include "node/io/act/job.h"

struct token_keeper {
    const struct config *config;
    struct job_tools tools;
    uint32_t platform_mask;
    bool started;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards the two below */
    pthread_cond_t wake;
    bool stopping;
    bool refused; /* one of the tokens was */
    /* the thread's own */
    time_ms not_before_ms[PLATFORM_COUNT_MAX];
    time_ms pause_ms[PLATFORM_COUNT_MAX];
};

static void wait_a_moment(struct token_keeper *keeper)
{
    struct timespec until = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += KEEPER_PAUSE_MS / 1000;
    (void)pthread_mutex_lock(&keeper->mutex);
    if (!keeper->stopping && !keeper->refused)
        (void)pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until);
    keeper->refused = false;
    (void)pthread_mutex_unlock(&keeper->mutex);
}

static bool is_stopping(struct token_keeper *keeper)
{
    (void)pthread_mutex_lock(&keeper->mutex);
    bool stopping = keeper->stopping;
    (void)pthread_mutex_unlock(&keeper->mutex);
    return stopping;
}

/* A login that refuses is asked ever more rarely, and not before it says. */
static void renew(struct token_keeper *keeper, size_t platform)
{
    struct token_answer answer;
    time_ms now_ms = clock_now_ms();
    const struct token_need need = {
        .want = TOKEN_CACHED,
        .deadline_ms = now_ms + keeper->config->timing.actuator_deadline_ms,
    };
    if (now_ms < keeper->not_before_ms[platform] || !tokens_are_due(keeper->tools.tokens, platform))
        return;
    tokens_get(keeper->tools.tokens, keeper->tools.client, platform, &need, &answer);
    time_ms *pause_ms = &keeper->pause_ms[platform];
    if (!tokens_are_due(keeper->tools.tokens, platform)) {
        *pause_ms = 0;
        return;
    }
    *pause_ms = *pause_ms == 0 ? KEEPER_PAUSE_MS : *pause_ms * 2;
    if (*pause_ms > KEEPER_PAUSE_MS_MAX)
        *pause_ms = KEEPER_PAUSE_MS_MAX;
    keeper->not_before_ms[platform] =
        clock_now_ms() + (answer.retry_after_ms > *pause_ms ? answer.retry_after_ms : *pause_ms);
}

static void *keeper_main(void *data)
{
    struct token_keeper *keeper = data;
    while (!is_stopping(keeper)) {
        for (size_t i = 0; i < keeper->config->platform_count; i++)
            if ((keeper->platform_mask >> i & 1) != 0)
                renew(keeper, i);
        wait_a_moment(keeper);
    }
    return NULL;
}

static int start_thread(struct token_keeper *keeper)
{
    int rc = thread_start(&keeper->thread, "token-keeper", keeper_main, keeper);
    keeper->started = rc == 0;
    return rc;
}

int token_keeper_new(const struct config *config, struct actuator *actuator, uint32_t platform_mask,
                     struct token_keeper **ret_keeper)
{
    struct http_client *client = NULL;
    pthread_condattr_t attributes;
    struct token_keeper *keeper = calloc(1, sizeof *keeper);
    if (keeper == NULL)
        return ERR_NO_MEMORY;
    keeper->config = config;
    keeper->platform_mask = platform_mask;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&keeper->wake, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&keeper->mutex, NULL) == 0);
    int rc = platform_mask != 0 ? http_client_new(&config->local, &client) : 0;
    actuator_lend_tools(actuator, client, &keeper->tools);
    if (rc == 0 && platform_mask != 0)
        rc = start_thread(keeper);
    if (rc < 0) {
        token_keeper_free(&keeper);
        return rc;
    }
    *ret_keeper = keeper;
    return 0;
}

void token_keeper_free(struct token_keeper **keeper)
{
    struct token_keeper *old = *keeper;
    if (old == NULL)
        return;
    *keeper = NULL;
    (void)pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    (void)pthread_cond_signal(&old->wake);
    (void)pthread_mutex_unlock(&old->mutex);
    if (old->tools.client != NULL)
        http_client_abort(old->tools.client);
    if (old->started)
        (void)pthread_join(old->thread, NULL);
    http_client_free(&old->tools.client);
    (void)pthread_cond_destroy(&old->wake);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
}

int token_keeper_get(struct token_keeper *keeper, size_t platform, struct token *ret_token)
{
    return tokens_peek(keeper->tools.tokens, platform, ret_token);
}

void token_keeper_refuse(struct token_keeper *keeper, size_t platform, const struct token *refused)
{
    tokens_refuse(keeper->tools.tokens, platform, refused);
    (void)pthread_mutex_lock(&keeper->mutex);
    keeper->refused = true;
    (void)pthread_cond_signal(&keeper->wake);
    (void)pthread_mutex_unlock(&keeper->mutex);
}
