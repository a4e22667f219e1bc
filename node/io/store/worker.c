#include "node/io/store/worker.h"

#include <errno.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/thread.h"

void worker_init(struct worker *worker, size_t count_max, size_t bytes_max)
{
    *worker = (struct worker){.count_max = count_max, .bytes_max = bytes_max};
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&worker->wake, &attributes) == 0);
    CHECK(pthread_mutex_init(&worker->mutex, NULL) == 0);
    pthread_condattr_destroy(&attributes);
}

int worker_start(struct worker *worker, const char *name, void *(*run)(void *), void *data)
{
    return thread_start(&worker->thread, name, run, data);
}

int worker_put(struct worker *worker, struct worker_item *item)
{
    item->next = NULL;
    pthread_mutex_lock(&worker->mutex);
    bool room =
        worker->count < worker->count_max && item->bytes <= worker->bytes_max - worker->bytes;
    if (room) {
        if (worker->last == NULL)
            worker->first = item;
        else
            worker->last->next = item;
        worker->last = item;
        worker->count++;
        worker->bytes += item->bytes;
        pthread_cond_signal(&worker->wake);
    }
    pthread_mutex_unlock(&worker->mutex);
    return room ? 0 : ERR_FULL;
}

static struct timespec deadline_after(int wait_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    long nanoseconds = at.tv_nsec + (long)(wait_ms % 1000) * 1000000L;
    at.tv_sec += wait_ms / 1000 + nanoseconds / 1000000000L;
    at.tv_nsec = nanoseconds % 1000000000L;
    return at;
}

int worker_take(struct worker *worker, int wait_ms, struct worker_item **ret_first)
{
    struct timespec deadline = {0};
    if (wait_ms >= 0)
        deadline = deadline_after(wait_ms);
    pthread_mutex_lock(&worker->mutex);
    int waited = 0;
    while (worker->first == NULL && !worker->stopping && waited != ETIMEDOUT) {
        if (wait_ms < 0)
            pthread_cond_wait(&worker->wake, &worker->mutex);
        else
            waited = pthread_cond_timedwait(&worker->wake, &worker->mutex, &deadline);
    }
    int error = 0;
    if (worker->first != NULL)
        *ret_first = worker->first;
    else
        error = worker->stopping ? ERR_CANCELED : ERR_TIMEOUT;
    worker->first = NULL;
    worker->last = NULL;
    worker->count = 0;
    worker->bytes = 0;
    pthread_mutex_unlock(&worker->mutex);
    return error;
}

void worker_stop(struct worker *worker)
{
    pthread_mutex_lock(&worker->mutex);
    worker->stopping = true;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
}

void worker_fini(struct worker *worker)
{
    CHECK(worker->first == NULL);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->mutex);
}
