/* What a body must say: a text in it, a regular expression, a value behind a JSON pointer; and what
 * a bot connector's says of the bot. Never asks anything; pure.
 * Called when an answer is whole. */
#ifndef QUORATE_IO_PROBE_EXPECT_H
#define QUORATE_IO_PROBE_EXPECT_H

#include "node/io/probe/probe_patterns.h"
#include "node/io/probe/probe_word.h"

/* An answer's body; it may hold any bytes, and a zero byte stands behind it. */
struct probe_body {
    const char *bytes;
    size_t length;
};

/* Does the probe look at more of a body than at a text in it? Then it is kept. */
bool probe_expect_keeps(const struct probe_config *config);

/* Judges a kept body by expect.body, expect.regex and expect.json, in this order: SAMPLE_OK,
 * SAMPLE_BODY with what was not found, or SAMPLE_LOCAL (no memory). */
void probe_expect_read(const struct probe_config *config, struct probe_patterns *patterns,
                       const struct probe_body *body, struct probe_word *ret_word);

/* The connector's word first (botState MoreData or Complete and no errorInfo: SAMPLE_OK; else
 * SAMPLE_BOT with the error's code, SAMPLE_BODY where it is no connector's answer), then as above.
 */
void probe_expect_read_connector(const struct probe_config *config, struct probe_patterns *patterns,
                                 const struct probe_body *body, struct probe_word *ret_word);

#endif
