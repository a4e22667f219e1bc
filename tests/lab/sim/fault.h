/* Faults on demand: which requests they hit, how often still, and what they do to them.
 * Never carries one out; the API does.
 * Called under the platform's lock. */
#ifndef QUORATE_LAB_FAULT_H
#define QUORATE_LAB_FAULT_H

#include "common/duration.h"
#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAULTS_MAX = 64 };

enum fault_kind {
    FAULT_NONE,
    FAULT_LATENCY,              /* done at once, answered `ms` later */
    FAULT_STATUS,               /* answered with `status`; done as well only where `apply` */
    FAULT_RATE_LIMIT,           /* 429 with Retry-After */
    FAULT_DROP_BEFORE,          /* not done, connection closed unanswered */
    FAULT_APPLY_THEN_DROP,      /* done, connection closed unanswered */
    FAULT_HOLD_THEN_APPLY_LATE, /* done `ms` later, whether or not the client is still there */
    FAULT_TOKEN_EXPIRE,         /* all tokens die just before the request is looked at */
    FAULT_HANG,                 /* not done, never answered */
    FAULT_KIND_N
};

struct fault {
    char method[8]; /* "" any */
    char path[128]; /* a prefix; "" any */
    int64_t count;  /* requests still to hit; -1 for ever */
    int64_t hits;
    enum fault_kind kind;
    time_ms ms;
    int64_t status;
    bool apply;
    char code[64];     /* of the error body; "": that of the status */
    char message[160]; /* the same */
    int64_t retry_after_s;
};

struct fault_book {
    struct fault faults[FAULTS_MAX];
    size_t count;
};

const char *fault_name(enum fault_kind kind); /* NULL for FAULT_NONE */

/* Adds from {"match": {"method", "path", "count"}, "fault", "ms", "status", "apply",
 * "code", "message", "retry_after"}. Errors: ERR_MALFORMED, ERR_INVALID, ERR_FULL, each with `why`.
 */
int fault_add(struct fault_book *book, const char *json, size_t length, struct text *why);
void fault_clear(struct fault_book *book);

/* The oldest fault that hits this request, counted down; FAULT_NONE where none does. */
struct fault fault_take(struct fault_book *book, const char *method, const char *path);

/* As an array for people. */
cJSON *fault_list(const struct fault_book *book);

#endif
