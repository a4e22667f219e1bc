/* A real API on a loop of its own thread, over a hand-made view: a core whose ledger is filled by
 * commands, and hooks that answer as the test says. Never a running node: no bus, no probes, no
 * disk but a history where a test opens one. Called by the tests of the API and of the commands. */
#ifndef QUORATE_TESTS_API_WORLD_H
#define QUORATE_TESTS_API_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <cjson/cJSON.h>

#include "node/io/api/api.h"

#define WORLD_READ "read-secret"
#define WORLD_WRITE "write-secret"
#define WORLD_CONTEXT_READ "context-read-secret"
#define WORLD_CONTEXT_WRITE "context-write-secret"

enum world_answering {
    ANSWER_AT_ONCE, /* before the hook returns */
    ANSWER_LATER,   /* from a timer of the loop */
    ANSWER_NEVER,
};

/* As api_hooks.context; `data` is the world. */
typedef int world_context_fn(void *data, const struct context_request *request);

struct world_options {
    bool read_token; /* demand one */
    bool no_write_token;
    bool tls;
    bool uninitialised;
    world_context_fn *on_context; /* NULL: contexts are off */
    bool context_tokens;
};

struct world;

/* Starts the API; the view is a follower's that knows dub as the leader, with the services line
 * (primary serves, two PASSes and one FAIL) and chat. Fails the test where anything does not start.
 */
struct world *world_new(const struct world_options *options);
void world_free(struct world **world);

uint16_t world_port(const struct world *world);
const char *world_config_file(const struct world *world);
const char *world_cert_file(const struct world *world);

/* Runs the function on the loop's thread and waits for it: the only way to touch what follows. */
typedef void world_fn(struct world *world, void *data);
void world_do(struct world *world, world_fn *fn, void *data);

/* On the loop's thread, through world_do; or before the first request. */
struct api *world_api(struct world *world);
struct core *world_core(struct world *world);
struct node_view *world_view(struct world *world);
struct config *world_config(struct world *world);
void world_apply(struct world *world, struct command command);
void world_lead(struct world *world);

/* How the next operations and inits end. */
void world_answers(struct world *world, enum world_answering when, const struct operated *operated);
void world_init_ends(struct world *world, enum world_answering when, int start, int code,
                     const char *why);
/* The last operation that the hook took; request_id 0: none. */
struct operation world_operation(struct world *world);
uint64_t world_turns(struct world *world);

struct reply {
    long status; /* 0: no answer */
    char *body;
    char *head;
    cJSON *json; /* NULL where the body is none */
};

/* One request; `token` and `body` may be NULL. */
struct reply world_ask(struct world *world, const char *method, const char *path, const char *token,
                       const char *body);
/* As world_ask, with one more header. */
struct reply world_ask_with(struct world *world, const char *method, const char *path,
                            const char *token, const char *body, const char *header);
void reply_clear(struct reply *reply);
/* The member's string; fails the test where there is none. */
const char *reply_word(const struct reply *reply, const char *key);
/* Asks, expects status and `code`, and clears. */
void world_expect(struct world *world, const char *method, const char *path, const char *token,
                  const char *body, long status, const char *code);

/* A TCP connection with these bytes sent, for requests that no client library makes. */
int world_connect(const struct world *world, const char *bytes, size_t length);
/* Reads until the end or `timeout_ms`; NUL-terminated. Returns the length, or -1 where the end
 * never came. */
long world_read(int fd, char *buffer, size_t size, int timeout_ms);

#endif
