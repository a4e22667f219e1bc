/* What a pair does to the bytes that pass: delay, jitter, loss, cut, refusal.
 * Never touches a socket.
 * Called by the control interface (in and out) and by the lanes (read only). */
#ifndef QUORATE_LAB_SETTING_H
#define QUORATE_LAB_SETTING_H

#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

enum cut {
    CUT_NO,
    CUT_BOTH,
    CUT_UP,   /* from the client to the target */
    CUT_DOWN, /* from the target to the client */
    CUT_N
};

struct setting {
    int64_t delay_ms;     /* each direction */
    int64_t jitter_ms;    /* up to this much more, order kept */
    int64_t loss_percent; /* of the chunks; a hit one waits stall_ms, as a retransmission does */
    int64_t stall_ms;
    enum cut cut;
    bool refuse; /* connections are reset at once */
};

/* Nothing set; a stall of 300 ms. */
struct setting setting_default(void);

/* Changes what the object names and leaves the rest; the key "listen" is the caller's. Errors:
 * ERR_INVALID with `why`; then nothing is changed. */
int setting_merge(struct setting *setting, const cJSON *object, struct text *why);

/* Adds the setting's keys to `object`. */
void setting_describe(const struct setting *setting, cJSON *object);

#endif
