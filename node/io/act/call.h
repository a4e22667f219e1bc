/* One request to the platform's API, with its token and in its turn.
 * Never decides what it means for a route; it repeats nothing but once after a 401.
 * Called by the actuator's jobs. */
#ifndef QUORATE_IO_ACT_CALL_H
#define QUORATE_IO_ACT_CALL_H

#include "node/io/act/job.h"

/* A key of an attempt, or of one of a unit's routes in it. */
enum { CALL_KEY_SIZE = sizeof((struct actuator_job *)0)->idempotency_key + NAME_SIZE + 1 };

/* A route of its own, without a token. */
#define CALL_NO_PLATFORM SIZE_MAX

/* One request to the API with a token: the same method, body and key when it is replayed after a
 * 401. */
struct api_call {
    size_t platform;
    const char *url;
    enum http_method method;
    const char *body;                  /* NULL for none */
    const char *idempotency_key;       /* NULL for a read */
    const char *content_type;          /* of a body; NULL: application/json */
    const struct header_list *headers; /* more of them, or NULL */
    term_id term;
    enum token_want want;
    time_ms minted_after_ms;
    time_ms start_before_ms;
    time_ms deadline_ms;
    enum turn_kind turn;
    bool routine; /* goes only where rates_admit lets it */
    bool proof;   /* ... as a proof that this node could act */
    bool apart;   /* no routing request: how it ends is no trouble of the API */
};

/* Sends, and once more with a new token after a 401. A replay that could not be made leaves the
 * 401, which is known not to have been carried out.
 * Without a platform there is neither token nor turn. Always fills the answer and what the result
 * has of it. */
void call_api(const struct job_tools *tools, const struct api_call *call,
              struct http_answer *ret_answer, struct actuator_result *result);

/* There is no token: what the result says of that. */
void call_take_token_trouble(const struct token_answer *answer, struct actuator_result *result);

#endif
