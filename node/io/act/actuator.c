#include "node/io/act/actuator.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/ring.h"
#include "common/thread.h"
#include "node/io/act/clock.h"
#include "node/io/act/http.h"
#include "node/io/act/job.h"
#include "node/io/act/kept.h"
#include "node/io/act/routing.h"
#include "node/io/act/tokens.h"
#include "node/io/config/backend.h"

enum { LANE_JOB_COUNT_MAX = 128 /* a power of two, over SERVICE_COUNT_MAX */ };

struct queued_job {
    struct actuator_job job;
    time_ms submitted_ms;
};

/* Each kind of job has a thread, a queue and connections of its own, so that a write waits for no
 * read, mint or announcement, however long these hang. */
struct lane {
    struct actuator *actuator;
    struct http_client *client;
    pthread_t thread;
    bool started;
    pthread_cond_t wake;
    struct ring ring;
    struct queued_job queue[LANE_JOB_COUNT_MAX];
};

struct actuator {
    const struct config *config;
    actuator_done_fn *done;
    void *data;
    bool curl_ready;
    struct troubles *troubles;
    struct tokens *tokens;
    struct kept *kept;
    atomic_uint_least64_t term;
    struct turns *turns;
    struct rates *rates;
    pthread_mutex_t mutex; /* queues and stopping */
    bool stopping;
    struct lane lanes[ACTUATOR_JOB_N];
};

static int check_platforms(const struct config *config, const struct service_config *service,
                           struct text *why)
{
    for (size_t i = 0; i < service->route_count; i++) {
        const struct route_config *route = &service->routes[i];
        bool needed = config_route_uses_platform(route) || route->via[0] != '\0';
        if (!needed || config_find_platform(config, route->via) != NULL)
            continue;
        text_set(why, "service %s: route.via %s is no platform", service->name.text,
                 service->routes[i].via);
        return ERR_INVALID;
    }
    return 0;
}

static int check_config(const struct config *config, struct text *why)
{
    for (size_t i = 0; i < config->service_count; i++) {
        const struct service_config *service = &config->services[i];
        int rc = check_platforms(config, service, why);
        if (rc == 0)
            rc = routing_check_service(service, why);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* A write's or exchange's time runs from when it was asked for, because the intent's does; the
 * other kinds' from their turn. */
static time_ms deadline_of(const struct queued_job *queued)
{
    bool intended = queued->job.kind == ACTUATOR_WRITE || queued->job.kind == ACTUATOR_EXCHANGE;
    time_ms from_ms = intended ? queued->submitted_ms : clock_now_ms();
    return from_ms + queued->job.deadline_ms;
}

/* Waits for the next job. Returns true with it; `ret_run` is false where it is to be canceled
 * instead. */
static bool take_job(struct lane *lane, struct queued_job *ret_queued, bool *ret_run)
{
    struct actuator *actuator = lane->actuator;
    size_t slot = 0;
    (void)pthread_mutex_lock(&actuator->mutex);
    while (ring_count(&lane->ring) == 0 && !actuator->stopping)
        (void)pthread_cond_wait(&lane->wake, &actuator->mutex);
    bool taken = ring_take(&lane->ring, &slot) == 0;
    if (taken)
        *ret_queued = lane->queue[slot];
    *ret_run = !actuator->stopping;
    (void)pthread_mutex_unlock(&actuator->mutex);
    return taken;
}

void actuator_lend_tools(struct actuator *actuator, struct http_client *client,
                         struct job_tools *ret_tools)
{
    *ret_tools = (struct job_tools){
        .config = actuator->config,
        .tokens = actuator->tokens,
        .troubles = actuator->troubles,
        .kept = actuator->kept,
        .term = &actuator->term,
        .turns = actuator->turns,
        .rates = actuator->rates,
        .client = client,
    };
}

static void *lane_main(void *data)
{
    struct lane *lane = data;
    struct actuator *actuator = lane->actuator;
    struct job_tools tools;
    actuator_lend_tools(actuator, lane->client, &tools);
    struct queued_job queued;
    bool run = false;
    while (take_job(lane, &queued, &run)) {
        struct actuator_result result;
        if (run)
            job_run(&tools, &queued.job, deadline_of(&queued), &result);
        else
            job_cancel(&queued.job, "stopping", &result);
        actuator->done(&result, actuator->data);
    }
    return NULL;
}

static int start_thread(struct lane *lane)
{
    int rc = thread_start(&lane->thread, "actuator", lane_main, lane);
    lane->started = rc == 0;
    return rc;
}

static int start_lanes(struct actuator *actuator)
{
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++) {
        int rc = http_client_new(&actuator->config->local, &actuator->lanes[i].client);
        if (rc < 0)
            return rc;
    }
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++) {
        int rc = start_thread(&actuator->lanes[i]);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int actuator_new(const struct config *config, actuator_done_fn *done, void *data,
                 struct actuator **ret_actuator, struct text *why)
{
    int rc = check_config(config, why);
    if (rc < 0)
        return rc;
    text_set(why, "the actuator could not be started");
    if (sodium_init() < 0)
        return ERR_INTERNAL;
    struct actuator *actuator = calloc(1, sizeof *actuator);
    if (actuator == NULL)
        return ERR_NO_MEMORY;
    actuator->config = config;
    atomic_init(&actuator->term, JOB_ANY_TERM);
    actuator->done = done;
    actuator->data = data;
    CHECK(pthread_mutex_init(&actuator->mutex, NULL) == 0);
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++) {
        struct lane *lane = &actuator->lanes[i];
        lane->actuator = actuator;
        ring_init(&lane->ring, LANE_JOB_COUNT_MAX);
        CHECK(pthread_cond_init(&lane->wake, NULL) == 0);
    }
    actuator->curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    rc = actuator->curl_ready ? troubles_new(config, &actuator->troubles) : ERR_INTERNAL;
    if (rc == 0)
        rc = tokens_new(config, actuator->troubles, &actuator->tokens);
    if (rc == 0)
        rc = kept_new(config, &actuator->kept);
    if (rc == 0)
        rc = turns_new(&actuator->turns);
    if (rc == 0)
        rc = rates_new(config->timing.actuator_proof_ms / 2, &actuator->rates);
    if (rc == 0)
        rc = start_lanes(actuator);
    if (rc < 0) {
        actuator_free(&actuator);
        return rc;
    }
    text_clear(why);
    *ret_actuator = actuator;
    return 0;
}

int actuator_submit(struct actuator *actuator, const struct actuator_job *job)
{
    CHECK(job->kind < ACTUATOR_JOB_N && job->service < actuator->config->service_count);
    CHECK(job->step < ROUTE_STEP_N && job->to < SIDE_N);
    CHECK(job->kind != ACTUATOR_EXCHANGE || job->platform < actuator->config->platform_count);
    struct lane *lane = &actuator->lanes[job->kind];
    size_t slot = 0;
    (void)pthread_mutex_lock(&actuator->mutex);
    int rc = actuator->stopping ? ERR_CANCELED : ring_put(&lane->ring, &slot);
    if (rc == 0) {
        lane->queue[slot] = (struct queued_job){.job = *job, .submitted_ms = clock_now_ms()};
        (void)pthread_cond_signal(&lane->wake);
    }
    (void)pthread_mutex_unlock(&actuator->mutex);
    return rc;
}

void actuator_lead(struct actuator *actuator, term_id term)
{
    atomic_store(&actuator->term, term);
}

void actuator_follow(struct actuator *actuator, const struct token_news *news)
{
    tokens_follow(actuator->tokens, news);
}

int actuator_copy_sealed(struct actuator *actuator, size_t platform, uint64_t generation,
                         uint8_t ret_sealed[SEALED_BYTES_MAX], size_t *ret_length)
{
    return tokens_copy_sealed(actuator->tokens, platform, generation, ret_sealed, ret_length);
}

struct rate_view actuator_rate(struct actuator *actuator, size_t platform)
{
    struct rate_view view = rates_view(actuator->rates, platform, clock_now_ms());
    view.interrupted = turns_interrupted(actuator->turns, platform);
    return view;
}

struct trouble_counts actuator_troubles(struct actuator *actuator, size_t platform)
{
    return troubles_counts(actuator->troubles, platform);
}

static void stop_lanes(struct actuator *actuator)
{
    (void)pthread_mutex_lock(&actuator->mutex);
    actuator->stopping = true;
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++)
        (void)pthread_cond_signal(&actuator->lanes[i].wake);
    (void)pthread_mutex_unlock(&actuator->mutex);
    if (actuator->tokens != NULL)
        tokens_stop(actuator->tokens);
    if (actuator->turns != NULL)
        turns_stop(actuator->turns);
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++)
        if (actuator->lanes[i].client != NULL)
            http_client_abort(actuator->lanes[i].client);
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++)
        if (actuator->lanes[i].started)
            (void)pthread_join(actuator->lanes[i].thread, NULL);
}

void actuator_free(struct actuator **actuator)
{
    struct actuator *old = *actuator;
    if (old == NULL)
        return;
    *actuator = NULL;
    stop_lanes(old);
    for (size_t i = 0; i < ACTUATOR_JOB_N; i++) {
        http_client_free(&old->lanes[i].client);
        (void)pthread_cond_destroy(&old->lanes[i].wake);
    }
    rates_free(&old->rates);
    turns_free(&old->turns);
    kept_free(&old->kept);
    tokens_free(&old->tokens);
    troubles_free(&old->troubles);
    (void)pthread_mutex_destroy(&old->mutex);
    if (old->curl_ready)
        curl_global_cleanup();
    free(old);
}
