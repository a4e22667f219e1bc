#include "node/cmd/route_job.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/clock.h"

enum { WRITE_WITHIN_MS = 3600000 };

struct route_desk {
    const struct config *config;
    struct actuator *actuator;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool has_result;
    struct actuator_result result;
};

static void on_done(const struct actuator_result *result, void *data)
{
    struct route_desk *desk = data;
    pthread_mutex_lock(&desk->mutex);
    desk->result = *result;
    desk->has_result = true;
    pthread_cond_signal(&desk->done);
    pthread_mutex_unlock(&desk->mutex);
}

int route_desk_open(const struct config *config, struct route_desk **ret_desk, struct text *why)
{
    struct route_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) {
        text_set(why, "no memory");
        return ERR_NO_MEMORY;
    }
    desk->config = config;
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->done, NULL);
    int result = actuator_new(config, on_done, desk, &desk->actuator, why);
    if (result == 0)
        *ret_desk = desk;
    else
        route_desk_close(&desk);
    return result;
}

void route_desk_close(struct route_desk **desk)
{
    if (*desk == NULL)
        return;
    if ((*desk)->actuator != NULL)
        actuator_free(&(*desk)->actuator);
    pthread_cond_destroy(&(*desk)->done);
    pthread_mutex_destroy(&(*desk)->mutex);
    free(*desk);
    *desk = NULL;
}

/* The actuator keeps the deadline; this only waits for its word. */
static void run(struct route_desk *desk, struct actuator_job *job,
                struct actuator_result *ret_result)
{
    job->deadline_ms = desk->config->timing.actuator_deadline_ms;
    desk->has_result = false;
    if (actuator_submit(desk->actuator, job) != 0) {
        *ret_result = (struct actuator_result){.job = *job, .result = ROUTE_RESULT_NOT_SENT};
        text_set(&ret_result->why, "the request could not be queued");
        return;
    }
    pthread_mutex_lock(&desk->mutex);
    while (!desk->has_result)
        pthread_cond_wait(&desk->done, &desk->mutex);
    *ret_result = desk->result;
    pthread_mutex_unlock(&desk->mutex);
}

void route_desk_read(struct route_desk *desk, size_t place, struct actuator_result *ret_result)
{
    struct actuator_job job = {.kind = ACTUATOR_READ, .service = place};
    run(desk, &job, ret_result);
}

void route_desk_switch(struct route_desk *desk, size_t place, enum side to,
                       const struct route_view *view, const char *key,
                       struct actuator_result *ret_result)
{
    struct actuator_job job = {
        .kind = ACTUATOR_WRITE,
        .service = place,
        .step = ROUTE_SWITCH,
        .to = to,
        .base = {.version = view->version, .body_hash = view->body_hash[ROUTE_SWITCH][to]},
        .start_before_ms = clock_now_ms() + WRITE_WITHIN_MS,
    };
    (void)text_copy(job.idempotency_key, sizeof job.idempotency_key, key);
    run(desk, &job, ret_result);
}
