#include "node/io/probe/probe_match.h"

#include <string.h>

#include "common/check.h"

/* The length of the longest prefix that ends with `byte` after `matched` bytes were equal. */
static size_t advance(const struct probe_match *match, size_t matched, char byte)
{
    while (matched > 0 && match->wanted[matched] != byte) {
        matched = match->fallback[matched - 1];
    }
    return match->wanted[matched] == byte ? matched + 1 : matched;
}

void probe_match_init(struct probe_match *ret_match, const char *wanted)
{
    *ret_match = (struct probe_match){.wanted = wanted, .length = strlen(wanted)};
    CHECK(ret_match->length <= PROBE_MATCH_BYTES_MAX);
    size_t border = 0;
    for (size_t i = 1; i < ret_match->length; i++) {
        border = advance(ret_match, border, wanted[i]);
        ret_match->fallback[i] = (uint8_t)border;
    }
}

void probe_match_feed(struct probe_match *match, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length && !probe_match_found(match); i++) {
        match->matched = advance(match, match->matched, bytes[i]);
    }
}

bool probe_match_found(const struct probe_match *match)
{
    return match->matched == match->length;
}
