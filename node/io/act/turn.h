/* Turns: one request at a time with each platform's token, from whichever lane it comes.
 * Never lets a write wait for a reading: what is being read is interrupted, and goes after it.
 * Called by the actuator's jobs. */
#ifndef QUORATE_IO_ACT_TURN_H
#define QUORATE_IO_ACT_TURN_H

#include "node/io/act/http.h"

enum turn_kind {
    TURN_READ,  /* may be interrupted, and comes after every write that waits */
    TURN_WRITE, /* a write, or what is read for one */
    TURN_KIND_N
};

struct turns;

/* Returns 0 or ERR_NO_MEMORY. */
int turns_new(struct turns **ret_turns);
void turns_free(struct turns **turns);

/* Waits for the platform's turn until `until_ms` on the boot-time clock. With it the client makes
 * the request; it may find itself interrupted (struct http_answer). Returns 0, ERR_TIMEOUT, or
 * ERR_CANCELED once the turns are stopped. */
int turns_take(struct turns *turns, size_t platform, enum turn_kind kind,
               struct http_client *client, time_ms until_ms);
/* Gives the turn to whoever waits; the client can be used for other things again. */
void turns_give(struct turns *turns, size_t platform);

/* Readings that were interrupted, since the start. */
uint64_t turns_interrupted(struct turns *turns, size_t platform);

/* Ends all waiting, now and later. Any thread. */
void turns_stop(struct turns *turns);

#endif
