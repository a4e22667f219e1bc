/* Finds a short text in an answer that arrives in pieces, without keeping the answer.
 * Never allocates; pure.
 * Called by the probe's body callback. */
#ifndef QUORATE_IO_PROBE_MATCH_H
#define QUORATE_IO_PROBE_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PROBE_MATCH_BYTES_MAX = 255 };

struct probe_match {
    const char *wanted; /* the caller's, as long as the match is used */
    size_t length;
    size_t matched;                          /* bytes of `wanted` that the answer's end equals */
    uint8_t fallback[PROBE_MATCH_BYTES_MAX]; /* Knuth-Morris-Pratt: longest border of each prefix */
};

/* `wanted` has at most PROBE_MATCH_BYTES_MAX bytes; the empty one is found at once. */
void probe_match_init(struct probe_match *ret_match, const char *wanted);
void probe_match_feed(struct probe_match *match, const char *bytes, size_t length);
bool probe_match_found(const struct probe_match *match);

#endif
