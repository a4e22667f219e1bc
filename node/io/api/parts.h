/* The parts of the API, each a file of this folder: requests, routes, access, bodies, pages.
 * Never included outside of node/io/api.
 * api.c drives libmicrohttpd on the loop; request.c follows one request; pages.h makes the answers.
 */
#ifndef QUORATE_IO_API_PARTS_H
#define QUORATE_IO_API_PARTS_H

#include <cjson/cJSON.h>
#include <microhttpd.h>

#include "node/io/api/api.h"
#include "node/io/api/routes.h"

enum {
    API_BODY_BYTES_MAX = 16 * 1024,
    API_DRAIN_BYTES_MAX = 256 * 1024, /* of a body that is too large, read so that 413 arrives */
    API_CONNECTION_COUNT_MAX = 64,
    API_CONNECTION_BYTES_MAX = 32 * 1024,
    API_TIMEOUT_S = 10,
    API_PATIENCE_MS = 15000, /* for an answer of the loop, which has its own, shorter patience */
    API_ARGUMENT_SIZE = 128, /* of {name} or {id} in a path */
    API_LOCATION_SIZE = API_ARGUMENT_SIZE + 32,
    API_INCIDENT_COUNT_MAX = 200,
    API_INCIDENT_COUNT_DEFAULT = 50,
    API_EVENT_COUNT_MAX = 1000,
    API_EVENT_COUNT_DEFAULT = 50,
};

/* What a request waits for before it is answered. */
enum request_wait { WAIT_NOTHING, WAIT_OPERATED, WAIT_INITIALISED, WAIT_CONTEXT, REQUEST_WAIT_N };

/* One answer, owned until it is sent. */
struct answer {
    unsigned status; /* 0: there is none yet */
    cJSON *json;
    uint8_t *bytes; /* a text that is sent as it is, where set */
    size_t byte_count;
    const char *type;                 /* of `bytes`, where they are no JSON */
    const char *allow;                /* 405: the methods that the path has */
    unsigned retry_after_s;           /* of a 503; 0: one second */
    char location[API_LOCATION_SIZE]; /* "" for none */
};

/* One HTTP request, from its head to its answer. */
struct request {
    struct api *api;
    struct MHD_Connection *connection;
    const struct api_route *route;    /* NULL where an answer stands from the start */
    char argument[API_ARGUMENT_SIZE]; /* the path's {name} or {id}, "" where it has none */
    struct name actor;
    bool shows_secrets; /* of a context: the reading token was shown */
    char *body;         /* NULL until the first byte */
    size_t body_length;
    size_t body_size;
    size_t drained;
    bool handled;
    struct answer answer;
    enum request_wait wait;
    bool suspended;
    uint64_t request_id;
    time_ms until_ms;
    struct request *next; /* of api->waiting */
};

struct api {
    const struct config *config;
    struct api_hooks hooks;
    struct MHD_Daemon *daemon;
    char *tls_cert;
    char *tls_key;
    uv_poll_t poll;
    uv_prepare_t prepare;
    uv_timer_t timer;
    size_t handles_open;
    bool running; /* inside MHD_run */
    bool again;   /* a request was resumed meanwhile */
    struct request *waiting;
    uint64_t context_id; /* of the last context's request */
    bool hashed;         /* the ledger's hash is known for hash_index */
    log_index hash_index;
    uint64_t hash;
    void (*closed)(void *data);
    void *closed_data;
};

/* listener.c: a listening socket of local.api. Returns 0, ERR_BUSY, ERR_INVALID or ERR_IO, with
 * `why`. */
int listener_open(const struct local_config *local, int *ret_fd, struct text *why);
/* listener.c: a TLS file's text, NUL-terminated, which the caller frees. Returns 0 or ERR_AUTH. */
int listener_read_pem(const char *path, char **ret_text, struct text *why);

/* request.c: libmicrohttpd's callbacks. */
enum MHD_Result request_on_call(void *data, struct MHD_Connection *connection, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **slot);
void request_on_completed(void *data, struct MHD_Connection *connection, void **slot,
                          enum MHD_RequestTerminationCode code);

/* waiting.c: requests that wait for the loop. */
void waiting_add(struct request *request, enum request_wait wait, uint64_t request_id);
void waiting_remove(struct request *request);
/* Lets the request go on; its answer is set. */
void waiting_end(struct request *request);
/* Answers those whose patience is over, or all of them. */
void waiting_expire(struct api *api, time_ms now_ms, bool all);
/* TIME_NEVER where none waits. */
time_ms waiting_until(const struct api *api);

/* access.c: may this request be made, and by whom? Returns 0 with the actor of a write, or an error
 * with the answer set. */
int access_check(struct request *request);

/* api.c: lets libmicrohttpd work; at once, or after the call that runs now. */
void api_run(struct api *api);
time_ms api_now(struct api *api);

#endif
