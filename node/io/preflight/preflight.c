#include "node/io/preflight/preflight.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/thread.h"
#include "node/io/act/clock.h"
#include "node/io/preflight/asker.h"
#include "node/io/preflight/run.h"

struct preflight {
    const struct config *config;
    preflight_done_fn *done;
    void *data;
    struct asker *asker;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool wanted;
    bool running;
    bool stopping;
    struct preflight_report *reports[SERVICE_COUNT_MAX];
};

static int64_t wall_now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep(struct preflight *preflight, size_t service, struct preflight_report *report)
{
    report->at_ms = clock_now_ms();
    report->wall_ms = wall_now_ms();
    (void)pthread_mutex_lock(&preflight->mutex);
    struct preflight_report *old = preflight->reports[service];
    preflight->reports[service] = report;
    (void)pthread_mutex_unlock(&preflight->mutex);
    preflight_report_free(&old);
    preflight->done(service, preflight->data);
}

static void run_all(struct preflight *preflight)
{
    struct preflight_run *run = NULL;
    if (preflight_run_new(preflight->config, asker_port(preflight->asker), false, &run) < 0)
        return; /* no memory: the next time is a day away at most */
    for (size_t i = 0; i < preflight->config->service_count; i++) {
        struct preflight_report *report = NULL;
        int rc = preflight_run_service(run, i, &report);
        if (rc == ERR_CANCELED)
            break;
        if (rc == 0)
            keep(preflight, i, report);
    }
    preflight_run_free(&run);
}

static bool await_wish(struct preflight *preflight)
{
    (void)pthread_mutex_lock(&preflight->mutex);
    while (!preflight->wanted && !preflight->stopping)
        (void)pthread_cond_wait(&preflight->wake, &preflight->mutex);
    bool go_on = !preflight->stopping;
    preflight->wanted = false;
    (void)pthread_mutex_unlock(&preflight->mutex);
    return go_on;
}

static void *thread_main(void *data)
{
    struct preflight *preflight = data;
    while (await_wish(preflight)) {
        run_all(preflight);
        (void)pthread_mutex_lock(&preflight->mutex);
        preflight->running = false;
        (void)pthread_mutex_unlock(&preflight->mutex);
    }
    return NULL;
}

static int start_thread(struct preflight *preflight)
{
    int rc = thread_start(&preflight->thread, "preflight", thread_main, preflight);
    preflight->started = rc == 0;
    return rc;
}

int preflight_new(const struct config *config, struct actuator *actuator, preflight_done_fn *done,
                  void *data, struct preflight **ret_preflight, struct text *why)
{
    struct preflight *preflight = calloc(1, sizeof *preflight);
    text_set(why, "the preflight could not be started");
    if (preflight == NULL)
        return ERR_NO_MEMORY;
    preflight->config = config;
    preflight->done = done;
    preflight->data = data;
    CHECK(pthread_mutex_init(&preflight->mutex, NULL) == 0);
    CHECK(pthread_cond_init(&preflight->wake, NULL) == 0);
    int rc = asker_new(config, actuator, config->preflight.pace_ms, &preflight->asker);
    if (rc == 0)
        rc = start_thread(preflight);
    if (rc < 0) {
        preflight_free(&preflight);
        return rc;
    }
    text_clear(why);
    *ret_preflight = preflight;
    return 0;
}

void preflight_free(struct preflight **preflight)
{
    struct preflight *old = *preflight;
    if (old == NULL)
        return;
    *preflight = NULL;
    (void)pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    (void)pthread_cond_signal(&old->wake);
    (void)pthread_mutex_unlock(&old->mutex);
    if (old->asker != NULL)
        asker_stop(old->asker);
    if (old->started)
        (void)pthread_join(old->thread, NULL);
    asker_free(&old->asker);
    for (size_t i = 0; i < SERVICE_COUNT_MAX; i++)
        preflight_report_free(&old->reports[i]);
    (void)pthread_cond_destroy(&old->wake);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
}

void preflight_start(struct preflight *preflight)
{
    (void)pthread_mutex_lock(&preflight->mutex);
    if (!preflight->running) {
        asker_resume(preflight->asker);
        preflight->running = true;
        preflight->wanted = true;
        (void)pthread_cond_signal(&preflight->wake);
    }
    (void)pthread_mutex_unlock(&preflight->mutex);
}

bool preflight_is_running(struct preflight *preflight)
{
    (void)pthread_mutex_lock(&preflight->mutex);
    bool running = preflight->running;
    (void)pthread_mutex_unlock(&preflight->mutex);
    return running;
}

void preflight_cancel(struct preflight *preflight)
{
    asker_cancel(preflight->asker);
}

void preflight_hold(struct preflight *preflight, bool held)
{
    asker_hold(preflight->asker, held);
}

struct preflight_report *preflight_take(struct preflight *preflight, size_t service)
{
    CHECK(service < SERVICE_COUNT_MAX);
    (void)pthread_mutex_lock(&preflight->mutex);
    struct preflight_report *report = preflight->reports[service];
    preflight->reports[service] = NULL;
    (void)pthread_mutex_unlock(&preflight->mutex);
    return report;
}
