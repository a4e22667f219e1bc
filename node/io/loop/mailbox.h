/* The mailbox: how other threads' results reach the control loop, in order.
 * Never loses a letter: it grows, because each letter answers a request that was bounded where it
 * was made. mailbox_post from any thread; the rest by the control loop. */
#ifndef QUORATE_IO_LOOP_MAILBOX_H
#define QUORATE_IO_LOOP_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <uv.h>

#include "node/io/act/actuator.h"
#include "node/io/probe/prober.h"

enum letter_kind {
    LETTER_PERSISTED,
    LETTER_PROBED,
    LETTER_ROUTED,
    LETTER_CONTEXTS, /* answers wait in the contexts' own queue */
    LETTER_PREFLIGHT,
    LETTER_KIND_N
};

struct letter {
    struct letter *next;
    enum letter_kind kind;
    union {
        struct {
            uint64_t ticket;
            int error;
            struct text why;
        } persisted;
        struct probe_done probed;
        struct actuator_result routed;
        size_t preflight; /* place of the service whose report can be taken */
    } as;
};

typedef void mailbox_take_fn(const struct letter *letter, void *data);

struct mailbox {
    pthread_mutex_t mutex;
    struct letter *first;
    struct letter *last;
    uv_async_t async;
    bool open;
    mailbox_take_fn *take;
    void *data;
};

/* Letters are given to `take` on the loop. Returns 0 or ERR_INTERNAL. */
int mailbox_init(struct mailbox *mailbox, uv_loop_t *loop, mailbox_take_fn *take, void *data);
/* Copies the letter. After mailbox_close letters are dropped. Any thread. */
void mailbox_post(struct mailbox *mailbox, const struct letter *letter);
/* No letter is delivered any more; `closed` comes when the loop has let go of the handle. */
void mailbox_close(struct mailbox *mailbox, uv_close_cb closed);
/* After `closed`, when no thread can post any more. */
void mailbox_fini(struct mailbox *mailbox);

#endif
