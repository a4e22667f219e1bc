/* One listening port and the target behind it, with the setting that its connections live under.
 * Never reads a command line or HTTP.
 * Called by main and the control interface, on the loop. */
#ifndef QUORATE_LAB_PAIR_H
#define QUORATE_LAB_PAIR_H

#include "common/text.h"
#include "tests/lab/base/endpoint.h"
#include "tests/lab/chaos/link.h"
#include "tests/lab/chaos/setting.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <uv.h>

enum { PAIR_LINKS_MAX = 1024 };

struct pair {
    uv_tcp_t listener;
    bool listening;
    uint16_t port;
    struct endpoint target;
    struct setting setting;
    struct prng prng;
    struct lane_rules up;
    struct lane_rules down;
    struct link *links;
    size_t link_count;
    uint64_t accepted_count;
    uint64_t refused_count; /* reset at once: by `refuse` or above PAIR_LINKS_MAX */
    char buffer[LANE_READ_BYTES];
};

/* Listens. The pair is the caller's storage and must not move. Errors: those of endpoint_parse and
 * endpoint_listen, with `why`. */
int pair_init(struct pair *pair, uv_loop_t *loop, const char *host, uint16_t port,
              const char *target, uint64_t seed, struct text *why);
/* Closes everything; the loop must run until the handles are closed. Zeroed storage is accepted. */
void pair_close(struct pair *pair);

/* Puts a setting into force: `refuse` resets what is open, and a healed cut resets what lost bytes.
 */
void pair_apply(struct pair *pair, const struct setting *setting);

/* {listen, to, setting, counts}. */
cJSON *pair_describe(const struct pair *pair);

#endif
