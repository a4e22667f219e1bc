/* Conversations that are in flows right now: crowds that a test sets, and streams of new ones that
 * come in at an entrance and go where its edge sends them.
 * Never reads a clock, never knows an entrance's flow; it is told both.
 * Called under the platform's lock. */
#ifndef QUORATE_LAB_TRAFFIC_H
#define QUORATE_LAB_TRAFFIC_H

#include "common/duration.h"
#include "common/text.h"
#include "tests/lab/sim/effect.h"

#include <cjson/cJSON.h>
#include <stdint.h>

enum { CROWDS_MAX = 64, STREAMS_MAX = 16, TRAFFIC_LIVE_MAX = 16384, TRAFFIC_NAME_BYTES = 560 };

/* Conversations of one flow and media type. */
struct crowd {
    char flow[EFFECT_FLOW_BYTES];
    char media[16];
    int64_t count; /* at `since_ms` */
    time_ms since_ms;
    time_ms end_every_ms; /* one ends each time; 0: they stay */
    int64_t live;         /* of streams */
};

struct stream {
    char entrance[TRAFFIC_NAME_BYTES];
    char media[16];
    time_ms every_ms; /* 0: nobody comes any more */
    time_ms lasts_ms;
    time_ms next_ms;
    int64_t arrived;
    int64_t lost; /* there was no flow to reach, or no room */
};

struct traffic_live {
    time_ms ends_ms;
    size_t crowd;
};

struct traffic {
    struct crowd crowds[CROWDS_MAX];
    size_t crowd_count;
    struct stream streams[STREAMS_MAX];
    size_t stream_count;
    struct traffic_live live[TRAFFIC_LIVE_MAX];
    size_t live_count;
};

/* The flow that the conversation `number` of an entrance got at `at_ms`; NULL: none. */
typedef const char *traffic_route_fn(void *data, const char *entrance, int64_t number,
                                     time_ms at_ms);

/* Lets come and end what did until `now_ms`. */
void traffic_advance(struct traffic *traffic, time_ms now_ms, traffic_route_fn *route, void *data);

/* Takes {"flow", "media", "count", "end_every_ms"} (a crowd, from now on) or {"entrance", "media",
 * "every_ms", "lasts_ms"} (a stream). Errors: ERR_MALFORMED, ERR_INVALID, ERR_FULL, each with
 * `why`.
 */
int traffic_set(struct traffic *traffic, const char *json, size_t length, time_ms now_ms,
                struct text *why);

/* How many of a crowd are in the flow. */
int64_t traffic_count(const struct crowd *crowd, time_ms now_ms);

/* {crowds, streams} for people. */
cJSON *traffic_describe(const struct traffic *traffic, time_ms now_ms);

#endif
