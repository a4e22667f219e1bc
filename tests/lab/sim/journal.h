/* The journal: every request that the platform saw, in the order in which it took effect.
 * Never forgets a line in its file; in memory it keeps the newest JOURNAL_KEPT.
 * Called under the platform's lock, before the answer leaves. */
#ifndef QUORATE_LAB_JOURNAL_H
#define QUORATE_LAB_JOURNAL_H

#include "common/duration.h"
#include "common/text.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JOURNAL_KEPT = 16384 };

struct journal {
    int fd;
    int64_t seq; /* of the newest line */
    char *lines[JOURNAL_KEPT];
    size_t kept;
};

/* NULL texts and negative numbers are written as null. */
struct journal_entry {
    time_ms wall_ms; /* arrival */
    time_ms mono_ms; /* arrival, boot-time clock */
    time_ms done_ms; /* effect, boot-time clock */
    const char *method;
    const char *path;
    const char *plan;
    const char *resource; /* kind/id, or kind/parent/id */
    const char *correlation;
    int status; /* 0: no answer was sent */
    const char *key;
    const char *term;
    int peer_port;
    bool token_ok;
    const char *token; /* used, or made; only a short hash of it is written */
    const char *grant; /* of a token request */
    int64_t version_sent;
    int64_t version_after;
    const char *state_before;
    const char *state_after;
    bool applied;
    const char *fault;
    const char *body;
    size_t body_length;
};

/* Appends to `path`, which may exist: the count goes on. Errors: ERR_IO with `why`. */
int journal_open(struct journal *journal, const char *path, struct text *why);
void journal_close(struct journal *journal);

/* Writes the line and hands it to the kernel. Errors: ERR_IO, ERR_NO_MEMORY; then the journal is no
 * proof any more and the program should end. */
int journal_append(struct journal *journal, const struct journal_entry *entry);

/* The kept lines after `seq` as a JSON array that the caller frees, or NULL without memory. */
char *journal_text(const struct journal *journal, int64_t seq);

#endif
