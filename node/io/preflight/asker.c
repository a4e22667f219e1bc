#include "node/io/preflight/asker.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/call.h"
#include "node/io/act/clock.h"
#include "node/io/act/job.h"

struct asker {
    struct actuator *actuator;
    struct preflight_port port;
    struct http_client *client;
    struct job_tools tools;
    time_ms pace_ms;
    time_ms next_ms; /* the next request begins no earlier */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool held;
    bool canceled;
    bool stopped;
};

/* Waits for the turn of the next request. Returns false where it was canceled meanwhile. */
static bool await_turn(struct asker *asker, time_ms not_before_ms)
{
    (void)pthread_mutex_lock(&asker->mutex);
    if (asker->next_ms < not_before_ms)
        asker->next_ms = not_before_ms;
    while (!asker->canceled && (asker->held || clock_now_ms() < asker->next_ms)) {
        if (asker->held)
            (void)pthread_cond_wait(&asker->changed, &asker->mutex);
        else
            clock_wait_until(&asker->changed, &asker->mutex, asker->next_ms);
    }
    bool go_on = !asker->canceled;
    asker->next_ms = clock_now_ms() + asker->pace_ms;
    (void)pthread_mutex_unlock(&asker->mutex);
    return go_on;
}

static void ask_once(struct asker *asker, const struct preflight_question *asked,
                     time_ms not_before_ms, struct job_reply *ret_reply)
{
    *ret_reply = (struct job_reply){.result = ROUTE_RESULT_CANCELED};
    if (!await_turn(asker, not_before_ms))
        return;
    const struct job_question question = {
        .platform = asked->platform < PLATFORM_COUNT_MAX ? asked->platform : CALL_NO_PLATFORM,
        .url = asked->url,
        .headers = asked->headers,
        .deadline_ms = clock_now_ms() + ASKER_ANSWER_MS};
    job_ask(&asker->tools, &question, ret_reply);
}

static void take(const struct job_reply *reply, struct preflight_page *page)
{
    *page = (struct preflight_page){
        .asked = true, .result = reply->result, .status = reply->status, .why = reply->why};
    if (reply->result != ROUTE_RESULT_OK)
        return;
    if (!reply->cut && preflight_page_take(page, reply->body, reply->body_length) == 0)
        return;
    page->result = ROUTE_RESULT_UNKNOWN;
    text_set(&page->why, "the answer is too large");
}

/* How long the platform's limits leave nothing to a check; 0: not at all. */
static time_ms busy_ms(const struct asker *asker, size_t platform)
{
    if (platform >= PLATFORM_COUNT_MAX)
        return 0;
    struct rate_view rate = actuator_rate(asker->actuator, platform);
    bool much = rate.used >= 0 && rate.allowed > 0 &&
                (int64_t)rate.used * 100 >= (int64_t)rate.allowed * ASKER_SHARE_PERCENT;
    time_ms wait_ms = much ? rate.reset_ms : 0;
    if (wait_ms < rate.limited_ms)
        wait_ms = rate.limited_ms;
    return wait_ms < ASKER_RETRY_MS_MAX ? wait_ms : ASKER_RETRY_MS_MAX;
}

static bool is_canceled(struct asker *asker)
{
    (void)pthread_mutex_lock(&asker->mutex);
    bool canceled = asker->canceled;
    (void)pthread_mutex_unlock(&asker->mutex);
    return canceled;
}

/* A limit, or a turn that did not come because others needed it, is no answer. */
static bool is_worth_another(const struct job_reply *reply)
{
    return reply->result == ROUTE_RESULT_CANCELED ||
           (reply->result == ROUTE_RESULT_RATE_LIMITED && reply->retry_after_ms > 0 &&
            reply->retry_after_ms <= ASKER_RETRY_MS_MAX);
}

static void ask(void *data, const struct preflight_question *question,
                struct preflight_page *ret_page)
{
    struct asker *asker = data;
    struct job_reply reply;
    time_ms wait_ms = busy_ms(asker, question->platform);
    for (int count = 0; count < ASKER_TRY_COUNT_MAX; count++) {
        ask_once(asker, question, clock_now_ms() + wait_ms, &reply);
        if (!is_worth_another(&reply) || is_canceled(asker))
            break;
        wait_ms = reply.retry_after_ms > 0 ? reply.retry_after_ms : ASKER_AGAIN_MS;
    }
    take(&reply, ret_page);
    if (reply.result == ROUTE_RESULT_CANCELED && !is_canceled(asker))
        ret_page->result = ROUTE_RESULT_UNKNOWN;
}

int asker_new(const struct config *config, struct actuator *actuator, time_ms pace_ms,
              struct asker **ret_asker)
{
    pthread_condattr_t attributes;
    struct asker *asker = calloc(1, sizeof *asker);
    if (asker == NULL)
        return ERR_NO_MEMORY;
    int rc = http_client_new(&config->local, &asker->client);
    if (rc < 0) {
        free(asker);
        return rc;
    }
    asker->actuator = actuator;
    asker->pace_ms = pace_ms;
    asker->port = (struct preflight_port){.data = asker, .ask = ask};
    actuator_lend_tools(actuator, asker->client, &asker->tools);
    CHECK(pthread_mutex_init(&asker->mutex, NULL) == 0);
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&asker->changed, &attributes) == 0);
    (void)pthread_condattr_destroy(&attributes);
    *ret_asker = asker;
    return 0;
}

void asker_free(struct asker **asker)
{
    if (*asker == NULL)
        return;
    http_client_free(&(*asker)->client);
    (void)pthread_cond_destroy(&(*asker)->changed);
    (void)pthread_mutex_destroy(&(*asker)->mutex);
    free(*asker);
    *asker = NULL;
}

const struct preflight_port *asker_port(const struct asker *asker)
{
    return &asker->port;
}

void asker_hold(struct asker *asker, bool held)
{
    (void)pthread_mutex_lock(&asker->mutex);
    asker->held = held;
    (void)pthread_cond_broadcast(&asker->changed);
    (void)pthread_mutex_unlock(&asker->mutex);
}

static void set_canceled(struct asker *asker, bool canceled)
{
    (void)pthread_mutex_lock(&asker->mutex);
    asker->canceled = canceled || asker->stopped;
    (void)pthread_cond_broadcast(&asker->changed);
    (void)pthread_mutex_unlock(&asker->mutex);
}

void asker_cancel(struct asker *asker)
{
    set_canceled(asker, true);
}

void asker_resume(struct asker *asker)
{
    set_canceled(asker, false);
}

void asker_stop(struct asker *asker)
{
    (void)pthread_mutex_lock(&asker->mutex);
    asker->stopped = true;
    (void)pthread_mutex_unlock(&asker->mutex);
    set_canceled(asker, true);
    http_client_abort(asker->client);
}
