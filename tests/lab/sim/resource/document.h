/* One resource: its JSON, its version, what reads still show of it, and what took effect when.
 * Never speaks HTTP, never reads a clock.
 * Called by the API and the human's hand under the platform's lock. */
#ifndef QUORATE_LAB_DOCUMENT_H
#define QUORATE_LAB_DOCUMENT_H

#include "common/duration.h"
#include "common/text.h"
#include "tests/lab/sim/effect.h"
#include "tests/lab/sim/resource/kind.h"

#include <cjson/cJSON.h>
#include <stdint.h>

enum { DOCUMENT_ID_BYTES = 260, DOCUMENT_NAME_BYTES = 560 };

struct document {
    const struct kind *kind;
    char parent[DOCUMENT_ID_BYTES]; /* "" where the kind has none */
    char id[DOCUMENT_ID_BYTES];
    char name[DOCUMENT_NAME_BYTES]; /* kind/parent/id, for people */
    int64_t version;
    cJSON *json;
    cJSON *seen; /* what reads still show until `seen_until_ms`; NULL where that is `json` */
    time_ms seen_until_ms;
    time_ms pending_until_ms; /* of a delayed kind; 0 where nothing is pending */
    struct effect_log effects;
};

/* When a change shows. */
struct document_clock {
    time_ms now_ms;
    time_ms wall_ms;
    time_ms read_lag_ms; /* how long reads show the old one */
    time_ms delay_ms;    /* how long a delayed kind stays Pending */
};

/* Takes `json`, also on error. Errors: ERR_INVALID (too long an id), ERR_NO_MEMORY. */
int document_init(struct document *document, const struct kind *kind, const char *parent,
                  const char *id, cJSON *json);
void document_fini(struct document *document);

/* Completes its references, as each change does. */
void document_complete(struct document *document, const struct catalog *catalog);

/* What a read sees now; the document keeps it. */
const cJSON *document_read(struct document *document, time_ms now_ms);

/* The journal's word for where it routes to; NULL for a kind that does not route. */
const char *document_state(const struct document *document);

/* PUT: everything is as `body` says, but the owned fields and the version. *ret_sent is the version
 * in the body, or -1. Errors: ERR_INVALID with `why`, which begins with the field's name,
 * ERR_CONFLICT, ERR_NO_MEMORY; the document is then as it was. */
int document_put(struct document *document, const struct catalog *catalog, const cJSON *body,
                 const struct document_clock *clock, int64_t *ret_sent, struct text *why);

/* PATCH: the kind's changes. Errors: those of the kind's patch, ERR_NO_MEMORY. */
int document_patch(struct document *document, const struct catalog *catalog, const cJSON *body,
                   const struct document_clock *clock, struct text *why);

/* Becomes `json` as it is, which it takes; the version counts up. */
void document_replace(struct document *document, const struct catalog *catalog, cJSON *json,
                      const struct document_clock *clock);

/* A human's edit: `change` is merged into it as RFC 7396 says, unchecked. Errors: ERR_NO_MEMORY. */
int document_merge(struct document *document, const struct catalog *catalog, const cJSON *change,
                   const struct document_clock *clock);

#endif
