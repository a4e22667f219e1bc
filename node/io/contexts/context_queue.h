/* The two queues between the control loop and the contexts' thread: requests there, answers back.
 * Never blocks for longer than a pointer takes; bounded by what may be in flight.
 * Called by contexts.c on both threads. */
#ifndef QUORATE_IO_CONTEXT_QUEUE_H
#define QUORATE_IO_CONTEXT_QUEUE_H

#include <pthread.h>

#include "node/io/contexts/contexts.h"

/* A request on its way, with everything of it in one block. */
struct context_parcel {
    struct context_parcel *next;
    struct context_request request; /* its texts stand behind the struct */
    size_t bytes;
    int64_t begun_us; /* boot-time clock */
    struct context_answer answer;
};

struct context_queue {
    pthread_mutex_t mutex;
    struct context_parcel *in_first;
    struct context_parcel *in_last;
    struct context_parcel *out_first;
    struct context_parcel *out_last;
    uint32_t in_flight; /* submitted and not answered */
    uint32_t in_flight_max;
    bool stopping;
    int wake_fd; /* readable while requests wait */
};

/* Returns 0 or ERR_NO_MEMORY (no descriptor). */
int context_queue_init(struct context_queue *queue, uint32_t in_flight_max);
/* No thread uses it any more. */
void context_queue_fini(struct context_queue *queue);

/* Copies. Returns 0, ERR_FULL or ERR_NO_MEMORY. */
int context_queue_submit(struct context_queue *queue, const struct context_request *request);
/* All that wait, as a list that the taker owns; NULL: none. */
struct context_parcel *context_queue_requests(struct context_queue *queue);
/* Gives an answered parcel back. Returns whether no other answer waited: then the taker is to be
 * woken. */
bool context_queue_answer(struct context_queue *queue, struct context_parcel *parcel);
/* The next answer, or NULL; freed by context_parcel_free without its answer's text. */
struct context_parcel *context_queue_take(struct context_queue *queue);
uint32_t context_queue_in_flight(struct context_queue *queue);

void context_queue_stop(struct context_queue *queue);
bool context_queue_stopping(struct context_queue *queue);

/* Wipes and frees; NULL is accepted. */
void context_parcel_free(struct context_parcel *parcel);

#endif
