#include "node/io/contexts/context_queue.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/errors.h"

int context_queue_init(struct context_queue *queue, uint32_t in_flight_max)
{
    *queue = (struct context_queue){.in_flight_max = in_flight_max};
    queue->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->wake_fd < 0)
        return ERR_NO_MEMORY;
    if (pthread_mutex_init(&queue->mutex, NULL) != 0) {
        (void)close(queue->wake_fd);
        return ERR_NO_MEMORY;
    }
    return 0;
}

void context_parcel_free(struct context_parcel *parcel)
{
    if (parcel == NULL)
        return;
    sodium_memzero(parcel, parcel->bytes);
    free(parcel);
}

static void free_list(struct context_parcel *parcel)
{
    while (parcel != NULL) {
        struct context_parcel *next = parcel->next;
        free(parcel->answer.json);
        context_parcel_free(parcel);
        parcel = next;
    }
}

void context_queue_fini(struct context_queue *queue)
{
    free_list(queue->in_first);
    free_list(queue->out_first);
    pthread_mutex_destroy(&queue->mutex);
    (void)close(queue->wake_fd);
}

static int64_t now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Copies a text to *at and moves it on; NULL stays NULL. */
static const char *keep(char **at, const char *text, size_t length)
{
    char *copy = *at;
    if (text == NULL)
        return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *at += length + 1;
    return copy;
}

static size_t length_of(const char *text)
{
    return text == NULL ? 0 : strlen(text);
}

static struct context_parcel *make_parcel(const struct context_request *request)
{
    size_t id = length_of(request->id);
    size_t seq = length_of(request->seq);
    size_t has = length_of(request->has);
    size_t bytes = sizeof(struct context_parcel) + id + seq + has + request->body_length + 4;
    struct context_parcel *parcel = calloc(1, bytes);
    if (parcel == NULL)
        return NULL;
    char *at = (char *)(parcel + 1);
    parcel->request = *request;
    parcel->request.id = keep(&at, request->id, id);
    parcel->request.seq = keep(&at, request->seq, seq);
    parcel->request.has = keep(&at, request->has, has);
    parcel->request.body = keep(&at, request->body, request->body_length);
    parcel->bytes = bytes;
    parcel->begun_us = now_us();
    return parcel;
}

static void append(struct context_parcel **first, struct context_parcel **last,
                   struct context_parcel *parcel)
{
    parcel->next = NULL;
    if (*last == NULL)
        *first = parcel;
    else
        (*last)->next = parcel;
    *last = parcel;
}

static void wake(struct context_queue *queue)
{
    const uint64_t one = 1;
    (void)!write(queue->wake_fd, &one, sizeof one); /* full: it is awake already */
}

int context_queue_submit(struct context_queue *queue, const struct context_request *request)
{
    struct context_parcel *parcel = make_parcel(request);
    if (parcel == NULL)
        return ERR_NO_MEMORY;
    pthread_mutex_lock(&queue->mutex);
    bool room = queue->in_flight < queue->in_flight_max && !queue->stopping;
    if (room) {
        append(&queue->in_first, &queue->in_last, parcel);
        queue->in_flight++;
    }
    pthread_mutex_unlock(&queue->mutex);
    if (room)
        wake(queue);
    else
        context_parcel_free(parcel);
    return room ? 0 : ERR_FULL;
}

struct context_parcel *context_queue_requests(struct context_queue *queue)
{
    uint64_t count = 0;
    (void)!read(queue->wake_fd, &count, sizeof count);
    pthread_mutex_lock(&queue->mutex);
    struct context_parcel *first = queue->in_first;
    queue->in_first = NULL;
    queue->in_last = NULL;
    pthread_mutex_unlock(&queue->mutex);
    return first;
}

bool context_queue_answer(struct context_queue *queue, struct context_parcel *parcel)
{
    pthread_mutex_lock(&queue->mutex);
    bool first = queue->out_first == NULL;
    append(&queue->out_first, &queue->out_last, parcel);
    queue->in_flight--;
    pthread_mutex_unlock(&queue->mutex);
    return first;
}

struct context_parcel *context_queue_take(struct context_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    struct context_parcel *parcel = queue->out_first;
    if (parcel != NULL)
        queue->out_first = parcel->next;
    if (queue->out_first == NULL)
        queue->out_last = NULL;
    pthread_mutex_unlock(&queue->mutex);
    return parcel;
}

uint32_t context_queue_in_flight(struct context_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    uint32_t count = queue->in_flight;
    pthread_mutex_unlock(&queue->mutex);
    return count;
}

void context_queue_stop(struct context_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->stopping = true;
    pthread_mutex_unlock(&queue->mutex);
    wake(queue);
}

bool context_queue_stopping(struct context_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    bool stopping = queue->stopping;
    pthread_mutex_unlock(&queue->mutex);
    return stopping;
}
