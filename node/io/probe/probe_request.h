/* One probe from submission to sample: curl's handle, the callbacks that stamp phases, deadlines.
 * Never waits and never judges; what is asked and how answers read is probe_step.c's.
 * Called by one prober thread, which owns the probe from prober_submit's queue on. */
#ifndef QUORATE_IO_PROBE_REQUEST_H
#define QUORATE_IO_PROBE_REQUEST_H

#include <curl/curl.h>

#include "node/io/act/tokens.h"
#include "node/io/probe/probe_judge.h"
#include "node/io/probe/probe_match.h"
#include "node/io/probe/probe_target.h"

enum { PROBE_BODY_BYTES_MAX = 64 * 1024 }; /* of an answer; what comes after it is not read */

/* What all probes of a prober share. */
struct probe_settings {
    char proxy[URL_SIZE];          /* "" for none */
    struct curl_slist *connect_to; /* owned by the prober */
};

struct probe {
    struct probe *next; /* in its thread's queue */
    size_t place;       /* among its thread's active probes */
    uint64_t ticket;
    struct probe_config config;
    char key[PROBE_TARGET_KEY_SIZE]; /* host:port */
    struct probe_target *target;
    CURL *easy;
    struct probe_patterns *patterns; /* the thread's */
    struct probe_match match;
    size_t body_bytes;
    bool body_cut; /* read to PROBE_BODY_BYTES_MAX, where the rest is not wanted */
    bool keeps;    /* the body is looked at as a whole */
    char *body;    /* what is kept of it, body_bytes of body_room */
    size_t body_room;
    bool connect_only;
    bool proxied;
    bool told;                   /* the sample went out; what is under way is a farewell */
    struct probe_talk talk;      /* of a bot */
    char session[PROBE_ID_SIZE]; /* ${session}, and a bot's externalSessionId */
    struct token *token;         /* of a bot, or NULL where there is none */
    struct curl_slist *headers;  /* of the present request */
    char *payload;               /* ... its body where it is made for it; cJSON's */
    bool reuses;                 /* the present request may take a connection that stands */
    /* Boot-time clock; 0 where it has not happened. */
    int64_t submitted_us;
    int64_t started_us; /* of the present request, a bot's probe has several */
    int64_t
        opened_first_us; /* sockets to connect with: several where a name has several addresses */
    int64_t opened_last_us;
    int64_t securing_us; /* TCP is up, TLS begins */
    int64_t sent_us;
    int64_t first_byte_us;
    int64_t deadline_us; /* until the sending that of the connection, then that of the answer */
    int64_t late_us;
};

int64_t probe_now_us(void);

/* Makes a probe of the configuration; nothing is started. `token` is copied, and may be NULL.
 * Returns 0, ERR_INVALID (the URL) or ERR_NO_MEMORY. */
int probe_new(const struct probe_config *config, uint64_t ticket, const struct token *token,
              struct probe **ret_probe);
void probe_free(struct probe *probe);

/* Makes the curl handle for the first request and starts the clock. `settings` and `target` stay
 * until the probe is freed. Returns 0 or ERR_NO_MEMORY. */
int probe_prepare(struct probe *probe, const struct probe_settings *settings,
                  struct probe_target *target);

/* Makes the handle, which no multi handle has, ready for the next request and starts the clock
 * anew. Returns 0 or ERR_NO_MEMORY. */
int probe_prepare_next(struct probe *probe);

/* When the certificate ends that a fresh connection showed, in seconds since 1970; 0 where none was
 * seen. */
int64_t probe_certificate_end(const struct probe *probe);

/* probe_step.c: what the present request is; the handle gets its URL, method, headers and body.
 * Returns 0 or ERR_NO_MEMORY. */
int probe_step_set(struct probe *probe);
/* probe_step.c: reads what a whole answer says into the phases. Returns true where another request
 * follows, which probe_prepare_next makes. */
bool probe_step_read(struct probe *probe, struct probe_phases *phases);
/* probe_step.c: is there somebody to say farewell to? Then probe_prepare_next makes that. */
bool probe_step_leave(struct probe *probe);

/* The phases so far, before the handle is let go of. `expired`: its own deadline ends it; otherwise
 * `code` is curl's. */
void probe_phases_get(const struct probe *probe, bool expired, CURLcode code,
                      struct probe_phases *ret_phases);

#endif
