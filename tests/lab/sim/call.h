/* One call of the public API while it is served.
 * Never outlives its handler.
 * Used by the API's dispatcher and by what serves each kind of path. */
#ifndef QUORATE_LAB_CALL_H
#define QUORATE_LAB_CALL_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/path.h"
#include "tests/lab/sim/platform.h"
#include "tests/lab/sim/reply.h"

#define CALL_TOKEN_PATH "/oauth/token"

struct call;
typedef void call_serve_fn(struct call *call);

struct call {
    const struct web_request *request;
    struct web_answer *answer;
    struct platform *platform;
    struct plan *plan;         /* the one that the path names, or NULL */
    const struct kind *kind;   /* of what the path names, or of what it lists; NULL for others */
    struct document *document; /* the one that the path names, or NULL */
    struct path_words words;   /* what stands in the path's variable places */
    call_serve_fn *serve;
    const char *permission; /* that it needs; NULL: none */
    size_t endpoint;        /* whose writes are counted together */
    struct token *token;    /* that it came with, alive; else NULL */
    bool changes;           /* by its method */
    bool crowded;           /* too many of the token's writes run already */
    struct journal_entry entry;
    struct token_rate rate;
    char correlation[CORRELATION_BYTES];
    time_ms wait_ms; /* between effect and answer; negative: for ever */
    time_ms now_ms;  /* when it is served; later than its arrival where it was held */
};

/* Each fills answer and entry, under the platform's lock. */
void call_serve_token(struct call *call);
void call_serve_plan(struct call *call);
void call_serve_document(struct call *call);
void call_serve_list(struct call *call);
void call_serve_observations(struct call *call);
void call_serve_consumed(struct call *call);
void call_serve_token_me(struct call *call);
void call_serve_subject_me(struct call *call);
void call_serve_client(struct call *call);
void call_serve_bot_session(struct call *call);
void call_serve_bot_turn(struct call *call);
void call_serve_attributes(struct call *call);
void call_serve_profile(struct call *call);

/* True where the token lets it in, its rates are not used up and its client has the permission;
 * else it is answered. */
bool call_authorize(struct call *call);

/* True where the body is one JSON object, which the caller deletes; else it is answered. */
bool call_body_read(struct call *call, cJSON **ret_body);

/* What a read shows of a document: of a row the key alone, unless it is asked for more. */
cJSON *call_document_show(const struct call *call, struct document *document);

/* Error answers. `field` and `entity` may be NULL. */
void call_refuse(struct call *call, int status, const char *code, const char *message);
void call_refuse_entity(struct call *call, const struct reply_error *error);
void call_refuse_method(struct call *call, const char *allowed);
void call_refuse_unknown(struct call *call);

#endif
