/* The configuration: one YAML file, the same on every node, checked against one schema table.
 * Never opens sockets; reads only the file and the credentials that it names.
 * Called by the commands; read by the control loop and the adapters. */
#ifndef QUORATE_IO_CONFIG_H
#define QUORATE_IO_CONFIG_H

#include <stdio.h>

#include "common/json_span.h"
#include "common/text.h"
#include "proto/types.h"

enum {
    URL_SIZE = 512,
    PATH_SIZE = 512,
    SECRET_SIZE = 512,
    HEADER_SIZE = 256,
    BODY_SIZE = 8192,
    PROBE_METHOD_SIZE = 8,
    PROBE_HEADER_COUNT_MAX = 8,
    PROBE_HEADER_SIZE = 512,
    PROBE_BODY_SIZE = 2048,
    PROBE_TURN_COUNT_MAX = 4,
    PROBE_TURN_SIZE = 256,
    STATUS_RANGE_COUNT_MAX = 8,
    NOTIFY_COUNT_MAX = 8,
    CONNECT_TO_COUNT_MAX = 32,
    PLATFORM_COUNT_MAX = 8,
    PLATFORM_REGION_SIZE = 192,
    ROUTE_COUNT_MAX = 8, /* routes of one service that move as one unit */
    PEER_KEY_COUNT = 2,  /* current and next */
    WRITE_BODY_SIZE = 4096,
    METHOD_SIZE = 8,
};

/* What a drain counts. */
enum count_kind {
    COUNT_NOTHING, /* it goes by time */
    COUNT_FLOW,    /* the platform's observations of the flow that is left */
    COUNT_URL,     /* a number in what a URL answers */
    COUNT_KIND_N
};

enum grant_kind { GRANT_CLIENT_CREDENTIALS, GRANT_REFRESH_TOKEN, GRANT_KIND_N };

enum context_store_kind {
    CONTEXT_STORE_OFF,
    CONTEXT_STORE_EMBEDDED,
    CONTEXT_STORE_REDIS,
    CONTEXT_STORE_N
};

enum context_target {
    CONTEXT_TARGET_OFF,
    CONTEXT_TARGET_PROFILE,
    CONTEXT_TARGET_PARTICIPANT,
    CONTEXT_TARGET_EXTERNAL_CONTACT,
    CONTEXT_TARGET_N
};

enum notify_kind { NOTIFY_EXEC, NOTIFY_WEBHOOK, NOTIFY_KIND_N };

struct node_config {
    struct name name;
    struct name zone;
    char host[NAME_SIZE * 4];
    uint8_t keys[PEER_KEY_COUNT][KEY_BYTES];
    size_t key_count;
    uint16_t vote_port;    /* SUB binds here */
    uint16_t raft_port;    /* ROUTER binds here */
    uint16_t context_port; /* ... and here, where contexts are on */
    uint16_t api_port;     /* where `local.api.listen` of that node is by default; for display */
};

/* What is asked, and so whose word the answer is. */
enum probe_kind {
    PROBE_HTTP,      /* one request; status and body are the target's word */
    PROBE_CONNECTOR, /* ... to a bot connector's webhook: its botState is */
    PROBE_BOT,       /* a conversation with the flow through the platform's API: its turn is */
    PROBE_TCP,       /* a connection */
    PROBE_TLS,       /* ... and a handshake */
    PROBE_KIND_N
};

struct status_range {
    uint16_t from;
    uint16_t to; /* this one, too */
};

struct status_set {
    struct status_range ranges[STATUS_RANGE_COUNT_MAX];
    size_t count;
};

struct header_list {
    char lines[PROBE_HEADER_COUNT_MAX][PROBE_HEADER_SIZE]; /* "Name: value" */
    size_t count;
    uint32_t secret_mask; /* bit (1 << place): from a credential; "" where those are not read */
};

struct turn_list {
    char texts[PROBE_TURN_COUNT_MAX][PROBE_TURN_SIZE]; /* "" is a turn without input */
    size_t count;
};

struct probe_config {
    enum probe_kind kind;
    char url[URL_SIZE]; /* http://, https://, tcp://host:port, tls://host:port; BOT: the API's */
    time_ms connect_timeout_ms;
    time_ms timeout_ms;             /* of each request */
    time_ms latency_ms;             /* of the one request, or of the last turn */
    bool latency_total;             /* latency_of: total; otherwise one round trip is taken off */
    char method[PROBE_METHOD_SIZE]; /* "": POST where there is a body, else GET */
    struct header_list headers;
    char body[PROBE_BODY_SIZE]; /* ${session} stands for an id of this probe's own; "" for none */
    struct status_set expect_status;
    char expect_body[HEADER_SIZE];    /* substring that must appear, or "" */
    char expect_regex[HEADER_SIZE];   /* extended regular expression that must match, or "" */
    char expect_pointer[HEADER_SIZE]; /* JSON pointer to what must be there, or "" */
    char expect_equals[HEADER_SIZE];  /* ... and be this, or "" */
    char via[NAME_SIZE];              /* BOT: the platform's name */
    char flow[NAME_SIZE * 2];         /* BOT: the flow's id */
    struct turn_list turns; /* BOT: at least one; CONNECTOR: the message's text, or none */
    time_ms cert_warn_ms;   /* a certificate that ends sooner is a warning; 0: none is */
    bool reuse;             /* keep connections between probes */
};

struct side_config {
    char id[NAME_SIZE * 2];      /* the platform's flow id */
    char tag[NAME_SIZE];         /* env:standby */
    char min_version[NAME_SIZE]; /* of the published flow, "v1.0.5", or "" */
    struct probe_config probe;
};

/* What a value on the route says in each of its states. */
enum route_value { VALUE_PRIMARY, VALUE_STANDBY, VALUE_PAUSED, ROUTE_VALUE_N };

/* How the backend `http` writes. */
enum http_write { WRITE_REPLACE, WRITE_MERGE_PATCH, WRITE_JSON_PATCH, WRITE_BODY, HTTP_WRITE_N };

/* The backend `http`; method "" means that `how` decides. URLs may be paths at the platform. */
struct http_route_config {
    struct header_list headers;
    char read_method[METHOD_SIZE];
    char read_url[URL_SIZE];
    char write_method[METHOD_SIZE];
    char write_url[URL_SIZE];
    enum http_write how;
    char body[WRITE_BODY_SIZE];      /* JSON text with ${value}, ${version}, ... */
    char value[JSON_POINTER_SIZE];   /* where the answer says which side serves */
    char version[JSON_POINTER_SIZE]; /* where it says its version, or "" */
};

/* One route of a service. Which of the keys are needed is the backend's word (config_backend). */
struct route_config {
    struct name name; /* its key under `routes`; "route" where the service has the one */
    char backend[NAME_SIZE];
    char via[NAME_SIZE];              /* platform's name */
    char flow[SIDE_N][NAME_SIZE * 2]; /* what the sides are here, or "": config_route_flow */
    char hold_flow[NAME_SIZE * 2];    /* optional flow that makes a paused route */
    char plan[NAME_SIZE * 2];         /* routing-plan */
    char ivr[NAME_SIZE * 2];          /* ivr */
    char group[NAME_SIZE * 2];        /* emergency-group */
    char table[NAME_SIZE * 2];        /* datatable-row */
    char row[URL_SIZE / 2];           /* ... its key, at most 256 characters at the platform */
    char column[NAME_SIZE];           /* ... that names the flow */
    char announce_column[NAME_SIZE];  /* ... that tells the flow its mode, or "" */
    char announce[ROUTE_VALUE_N][NAME_SIZE]; /* ... in each state; "": normal, degraded, draining */
    char values[ROUTE_VALUE_N][NAME_SIZE * 2]; /* datatable-row, http: instead of the flows' ids */
    char recipient[NAME_SIZE * 2];             /* message-recipient */
    char deployment[NAME_SIZE * 2];            /* web-deployment */
    char domain[NAME_SIZE * 2];                /* email-route */
    char email_route[NAME_SIZE * 2];           /* ... within the domain */
    struct http_route_config http;
};

/* Bodies of routing plans as JSON text with ${primary.id}, ${standby.id}, ${plan}; "" means the
 * built-in one. */
struct body_config {
    char normal[BODY_SIZE];
    char paused[BODY_SIZE];
    char standby[BODY_SIZE];
};

struct count_config {
    enum count_kind of;
    char url[URL_SIZE];        /* COUNT_URL */
    char pointer[HEADER_SIZE]; /* ... a JSON pointer (RFC 6901) to the number */
};

struct service_config {
    struct name name;
    struct side_config side[SIDE_N];
    struct route_config routes[ROUTE_COUNT_MAX]; /* one, or several that move as one unit */
    size_t route_count;                          /* at least 1 once the file is checked */
    struct body_config bodies;
    struct count_config drain_count;
    char may_share[HEADER_SIZE]; /* integrations that both sides may use, with commas, or "" */
    char announce_header[HEADER_SIZE]; /* "X-Service-Mode: degraded", or "" */
    char announce_query[HEADER_SIZE];  /* "mode=degraded", or "" */
    struct service_settings settings;  /* what goes into the ledger; settings.config_hash is set */
};

struct platform_config {
    struct name name;
    char region[PLATFORM_REGION_SIZE]; /* the domain that `region` stands for, or "" */
    char api_url[URL_SIZE];            /* https://api.REGION, or overridden by api_url: */
    char login_url[URL_SIZE];          /* https://login.REGION, or overridden by login_url: */
    char client_id[SECRET_SIZE];
    char client_secret[SECRET_SIZE];
    enum grant_kind grant;
    char refresh_token[SECRET_SIZE]; /* the first one; the ledger keeps those that follow */
    char fallback_id[SECRET_SIZE];   /* client credentials where the grant is locked out, or "" */
    char fallback_secret[SECRET_SIZE];
};

struct notify_config {
    enum notify_kind kind;
    char target[URL_SIZE];    /* a path or a URL */
    char secret[SECRET_SIZE]; /* HMAC-SHA256 key of a webhook, or "" */
    uint32_t on_mask;         /* bit (1 << enum notice_kind), all where `on` is absent */
};

struct connect_to_config {
    char from[URL_SIZE]; /* host:port as configured */
    char to[URL_SIZE];   /* host:port that is dialled instead; the name in TLS and Host stays */
};

struct local_config {
    char data[PATH_SIZE];
    char key_file[PATH_SIZE];
    char api_host[NAME_SIZE * 4];
    uint16_t api_port;
    char read_token[SECRET_SIZE]; /* "" where none is demanded (loopback only) */
    char write_token[SECRET_SIZE];
    char context_read_token[SECRET_SIZE]; /* both or none; "" where none is demanded */
    char context_write_token[SECRET_SIZE];
    char tls_cert_file[PATH_SIZE]; /* both or none */
    char tls_key_file[PATH_SIZE];
    char proxy[URL_SIZE];
    struct connect_to_config connect_to[CONNECT_TO_COUNT_MAX];
    size_t connect_to_count;
};

struct timing_config {
    time_ms election_ms;
    time_ms heartbeat_ms;
    time_ms actuator_deadline_ms; /* D, token included */
    time_ms actuator_proof_ms;
    time_ms rate_limit_max_ms;
    time_ms token_fresh_ms;
    time_ms timer_late_ms;
    time_ms reference_inflation_min_ms; /* 100 ms: inflated is over max(factor x minimum, minimum +
                                           this) */
    uint32_t reference_inflation_factor;
    uint32_t prober_threads;
};

struct redis_config {
    char host[NAME_SIZE * 4]; /* a name or address; "" where there is none */
    uint16_t port;
    uint32_t database;
    char user[NAME_SIZE];
    char password[SECRET_SIZE];
    uint32_t replicas_wait; /* replicas that must have a write before it is answered */
    time_ms timeout_ms;     /* of a batch, and of connecting */
};

struct write_through_config {
    enum context_target to;
    char via[NAME_SIZE];    /* the platform's name */
    uint32_t per_minute;    /* requests, readings back included */
    char suffix[NAME_SIZE]; /* of an external contact's custom fields */
};

struct contexts_config {
    enum context_store_kind store;
    time_ms ttl_ms;
    time_ms patience_ms; /* for a majority */
    uint32_t count_max;
    uint64_t bytes_max;
    uint32_t in_flight;
    uint32_t value_max; /* characters of a value; 0: no limit of its own */
    struct redis_config redis;
    struct write_through_config write_through;
};

struct preflight_config {
    time_ms every_ms; /* 0: the leader never runs it */
    time_ms pace_ms;  /* between two of its requests */
};

struct config {
    struct name cluster;
    struct node_config nodes[NODE_COUNT_MAX]; /* node_id is place + 1 */
    size_t node_count;
    struct probe_config references[REFERENCE_COUNT_MAX];
    size_t reference_count;
    struct service_config *services; /* owned, service_count of them */
    size_t service_count;
    struct platform_config platforms[PLATFORM_COUNT_MAX];
    size_t platform_count;
    struct notify_config notify[NOTIFY_COUNT_MAX];
    size_t notify_count;
    char seal[SECRET_SIZE]; /* the key's text, or "" */
    char heartbeat_url[URL_SIZE];
    time_ms heartbeat_every_ms;
    struct timing_config timing;
    struct preflight_config preflight;
    struct contexts_config contexts;
    struct local_config local;
};

/* All problems found, in the file's order; each is one line "FILE:LINE: KEY: what is wrong (nearest
 * word)". */
enum { PROBLEM_COUNT_MAX = 64 };
struct config_problems {
    struct text lines[PROBLEM_COUNT_MAX];
    size_t count; /* counts on past the maximum */
};

/* Reads, checks and resolves the file. `node` picks a `local:` section's override (local may hold a
 * map `nodes: {NAME: {...}}` whose keys replace those of `local:` for that node) and may be NULL
 * for a check. Credentials are read only where node is not NULL: from $CREDENTIALS_DIRECTORY/NAME
 * or `{file: PATH}` or `{env: NAME}`. Returns 0 and a configuration that the caller frees, or
 * ERR_INVALID with problems (count > 0), ERR_IO where the file itself cannot be read (a problem
 * says why), ERR_NO_MEMORY or ERR_INTERNAL (libsodium does not start). */
int config_load(const char *path, const char *node, struct config **ret_config,
                struct config_problems *problems);
void config_free(struct config **config);

/* Prints every setting with unit, default, minimum, maximum and help, from the schema table. */
void config_print_defaults(FILE *out, bool json);

/* Prints, for people, which routes have no version, and what is not promised of them; nothing where
 * all have one. */
void config_explain_routes(const struct config *config, FILE *out);
/* Prints, for people, what the timings add up to: a table with a line a service (first look, bound
 * on the conviction, drains, D, load on a target) and a legend. */
void config_explain_timing(const struct config *config, FILE *out);

/* Prints, for people, what each platform's region stands for. */
void config_explain_platforms(const struct config *config, FILE *out);

/* The node's place in nodes[], or ERR_NOT_FOUND. */
int config_find_node(const struct config *config, const char *name, size_t *ret_place);
const struct platform_config *config_find_platform(const struct config *config, const char *name);
/* The flow that the side is on this route: its own, or the side's id. */
const char *config_route_flow(const struct service_config *service,
                              const struct route_config *route, enum side side);
/* What the route's value is in that state: the configured one, or the flow that the side is here,
 * or the hold flow; "" where the state has none. */
const char *config_route_value(const struct service_config *service,
                               const struct route_config *route, enum route_value value);
/* The longest that a probe may take, from its start to its end: connecting, and each request. */
time_ms config_probe_whole_ms(const struct probe_config *probe);
bool config_status_fits(const struct status_set *set, int status);
/* The host:port to dial for host:port, by local.connect_to; returns its argument where nothing is
 * mapped. */
const char *config_connect_to(const struct config *config, const char *host_port);

#endif
