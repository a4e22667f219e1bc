/* A routing backend: how one kind of route is addressed, read and written at the platform's API.
 * Never sends anything and never decides; it translates between JSON and what a route means.
 * Called by the actuator, and by `check` and `route curl` to show what would be sent. */
#ifndef QUORATE_IO_ACT_ROUTING_H
#define QUORATE_IO_ACT_ROUTING_H

#include <cjson/cJSON.h>

#include "common/json_span.h"
#include "common/text.h"
#include "node/io/act/http.h"
#include "node/io/config/config.h"
#include "proto/route.h"

enum { ROUTING_URL_SIZE = URL_SIZE + 6 * NAME_SIZE + 1024 };

/* An answer that shows a route: its bytes, so that what nobody here knows goes back as it came, and
 * what they say. Owned; route_document_free. */
struct route_document {
    char *text; /* NUL-terminated */
    size_t length;
    cJSON *tree;
};

enum route_call { ROUTE_CALL_READ, ROUTE_CALL_WRITE, ROUTE_CALL_N };

struct route_request {
    enum http_method method;
    char url[ROUTING_URL_SIZE];
    const char *content_type;          /* of a body; NULL: application/json */
    const struct header_list *headers; /* the route's own, or NULL */
    bool to_platform;                  /* goes to the platform's API, with its token */
};

enum {
    ROUTE_WORDS_SIZE = NAME_SIZE * 2,
    ROUTE_VALUE_SIZE = 6 * ROUTE_WORDS_SIZE + 3, /* as JSON */
    ROUTE_EDIT_COUNT_MAX = 4,
};

/* A value that is exchanged in what was read. */
struct route_edit {
    char pointer[JSON_POINTER_SIZE];
    char words[ROUTE_WORDS_SIZE]; /* a string's, or a bare value where no string stands there */
    bool ours_only;               /* only where a value of ours stands */
};

struct route_edits {
    struct route_edit items[ROUTE_EDIT_COUNT_MAX];
    size_t count;
};

/* How far the platform is with the last change of a route. */
enum route_progress { ROUTE_PROGRESS_DONE, ROUTE_PROGRESS_PENDING, ROUTE_PROGRESS_FAILED };

/* What one route of a service was read as. */
struct route_reading {
    enum route_state state; /* UNKNOWN while the platform is still carrying out a change */
    uint64_t version;       /* 0 on unversioned backends */
    uint64_t body_hash[ROUTE_STATE_N]; /* of the body that makes PRIMARY, STANDBY, PAUSED effective
                                          from here; 0 of a state that cannot be written */
};

/* One file a backend: routing_NAME.c. Each function is pure. What the configuration says about it,
 * and what it promises, stands in node/io/config/backend.h. */
struct routing_backend {
    const char *name;

    /* `platform` is NULL only for backends that need none and routes that name none. Returns 0 or
     * ERR_TOO_LARGE. */
    int (*make_request)(const struct platform_config *platform, const struct route_config *route,
                        enum route_call call, struct route_request *ret_request);
    /* Fills state and version. Returns 0, where `why` may say why it is FOREIGN, or ERR_MALFORMED
     * where the answer makes no sense. */
    int (*read)(const struct service_config *service, const struct route_config *route,
                const struct route_document *document, struct route_reading *ret_reading,
                struct text *why);
    /* Does the document show a change that is carried out? NULL: each answer does. */
    enum route_progress (*confirm)(const struct route_document *document, struct text *why);
    /* What makes `state` effective in the document, whatever it says now. Returns 0 or ERR_STATE
     * with `why` (this kind of route has no such state). NULL where `prepare` does without. */
    int (*edit)(const struct service_config *service, const struct route_config *route,
                enum route_state state, struct route_edits *ret_edits, struct text *why);
    /* The body, where it is not the document with its edits (NULL): see routing_prepare. */
    int (*prepare)(const struct service_config *service, const struct route_config *route,
                   const struct route_document *document, enum route_state state, char **ret_text,
                   struct text *why);
};

/* The backend of `route.backend`, or NULL. Static storage. */
const struct routing_backend *routing_find_backend(const char *name);

/* Takes an answer apart. Returns 0, ERR_MALFORMED, ERR_TOO_LARGE or ERR_NO_MEMORY, with `why`. */
int route_document_parse(const char *text, size_t length, struct route_document *ret_document,
                         struct text *why);
void route_document_free(struct route_document *document);

/* The exact text that makes `state` (PRIMARY, STANDBY or PAUSED) effective, made from the last
 * reading of the route, with its version. The caller frees it with cJSON_free. Returns 0,
 * ERR_INVALID (the configured body), ERR_STATE (this route has no such state, or does not hold what
 * would be changed), ERR_MALFORMED, ERR_TOO_LARGE or ERR_NO_MEMORY; `why` says what. */
int routing_prepare(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, enum route_state state, char **ret_text,
                    struct text *why);

/* Reads an answer of the API: the document, which the caller frees, and everything that it means,
 * with the hash of each body that could be sent from here. Returns 0, ERR_MALFORMED, or an error of
 * routing_prepare; `why` says what, and after 0 what is in the way where the state is UNKNOWN or
 * FOREIGN and more can be said than that. */
int routing_read(const struct service_config *service, const struct route_config *route,
                 const char *text, size_t length, struct route_document *ret_document,
                 struct route_reading *ret_reading, struct text *why);

/* The state that a step to a side makes effective. */
enum route_state routing_state_after(enum route_step step, enum side to);

/* Refuses a service whose bodies do not make effective what their names say.
 * Returns 0, or ERR_INVALID with `why` naming the body. */
int routing_check_service(const struct service_config *service, struct text *why);

extern const struct routing_backend routing_plan_backend;
extern const struct routing_backend routing_ivr_backend;
extern const struct routing_backend routing_emergency_group_backend;
extern const struct routing_backend routing_datatable_row_backend;
extern const struct routing_backend routing_message_recipient_backend;
extern const struct routing_backend routing_web_deployment_backend;
extern const struct routing_backend routing_email_route_backend;
extern const struct routing_backend routing_http_backend;

#endif
