/* A conversation with a bot flow through the platform's textbots API, request by request: a
 * session, its turns, the user's farewell. Never sends anything; pure.
 * Called by one prober thread, for probes of kind bot. */
#ifndef QUORATE_IO_PROBE_TALK_H
#define QUORATE_IO_PROBE_TALK_H

#include "node/io/probe/probe_expect.h"

enum { PROBE_ID_SIZE = 65, PROBE_PATH_SIZE = 160 };

enum talk_step {
    TALK_SESSION, /* nothing that goes wrong here is the bot's fault */
    TALK_TURN,
    TALK_FAREWELL, /* best effort; nobody looks at the answer */
    TALK_STEP_N
};

struct probe_talk {
    enum talk_step step;
    size_t turn;                       /* place among the configured turns */
    char session[PROBE_ID_SIZE];       /* the platform's */
    char previous_turn[PROBE_ID_SIZE]; /* "" before the first answer */
    bool open;                         /* the bot waits: somebody has to say farewell */
};

/* The present step's request. `external_id` is this probe's own. The caller frees the body with
 * cJSON_free. Returns 0 or ERR_NO_MEMORY. */
int probe_talk_make(const struct probe_talk *talk, const struct probe_config *config,
                    const char *external_id, char ret_path[PROBE_PATH_SIZE], char **ret_body);

/* Reads the whole answer to the present step and goes to the next. Returns true where a request
 * follows; else the conversation is over, and the word is what it came to: SAMPLE_OK, SAMPLE_BOT
 * (the bot's turn ended in an error), SAMPLE_BODY (its words are not the expected ones),
 * SAMPLE_TIMEOUT (the platform did not hear from it), SAMPLE_PLATFORM (the platform refused). */
bool probe_talk_read(struct probe_talk *talk, const struct probe_config *config,
                     struct probe_patterns *patterns, int status, const struct probe_body *body,
                     struct probe_word *ret_word);

/* "session" or "turn", for people. */
const char *probe_talk_step_name(enum talk_step step);

#endif
