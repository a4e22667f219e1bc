/* One direction of a proxied connection: chunks that wait for their time, in order.
 * Never closes a socket; it tells its link when its end came.
 * Called by the link, on the loop. */
#ifndef QUORATE_LAB_LANE_H
#define QUORATE_LAB_LANE_H

#include "common/prng.h"
#include "tests/lab/chaos/setting.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* Above this many waiting bytes the sender is not read. */
enum { LANE_WAITING_BYTES_MAX = 1024 * 1024, LANE_READ_BYTES = 64 * 1024 };

enum lane_end {
    LANE_FINISHED, /* the sender said that it is done, and all before it was passed on */
    LANE_BROKEN,   /* the sender's connection was reset, or the receiver's is gone */
    LANE_END_N
};

struct lane;
struct chunk;

/* Called once a lane, when its end has passed through it. The lane may be stopped inside. */
typedef void lane_end_fn(struct lane *lane, enum lane_end end, void *data);

/* Counted over the life of a pair. */
struct lane_counts {
    uint64_t bytes;
    uint64_t bytes_lost;
    uint64_t chunks;
    uint64_t chunks_stalled;
};

/* What the lanes of one pair and direction share; the pair's. */
struct lane_rules {
    const struct setting *setting;
    enum cut cut; /* the one-way cut that hits this direction: CUT_UP or CUT_DOWN */
    struct prng *prng;
    struct lane_counts counts;
    char *buffer; /* LANE_READ_BYTES, used within one callback */
};

struct lane {
    struct lane_rules *rules;
    uv_stream_t *from; /* NULL where there is no such side: then nothing arrives */
    uv_stream_t *to;   /* NULL: everything is lost */
    uv_timer_t timer;
    struct chunk *head;
    struct chunk *tail;
    size_t waiting_bytes; /* queued here or handed to the kernel's queue */
    bool reading;
    bool closed; /* the sender's end was read; it may still wait in the queue */
    bool lost;   /* bytes or an end vanished: nothing passes any more, since a stream has no gaps */
    bool ended;
    lane_end_fn *on_end;
    void *data;
};

/* `from` and `to` stay the link's, and so does the timer once it is started here. */
void lane_init(struct lane *lane, uv_loop_t *loop, struct lane_rules *rules, uv_stream_t *from,
               uv_stream_t *to, lane_end_fn *on_end, void *data);
void lane_start(struct lane *lane);
/* Stops reading, drops what waits and ends the lane without a call. Writes in flight end when their
 * socket closes; the link then closes the timer, too. */
void lane_stop(struct lane *lane);
/* True where the setting lets nothing pass in this direction. */
bool lane_is_cut(const struct lane_rules *rules);

#endif
