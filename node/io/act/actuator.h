/* The actuator: threads that read and write routes at the platform's API, and keep tokens.
 * Never decides whether to write; it refuses to start a write after `start_before_ms`.
 * Called by the control loop; results come back through one callback on the actuator's threads. */
#ifndef QUORATE_IO_ACTUATOR_H
#define QUORATE_IO_ACTUATOR_H

#include "common/text.h"
#include "node/io/act/rate.h"
#include "node/io/act/tokens.h"
#include "node/io/act/trouble.h"
#include "node/io/config/config.h"
#include "proto/route.h"

struct actuator;

enum actuator_job_kind {
    ACTUATOR_READ,     /* token (cached is fine) and GET of the route; also the proof that this node
                          could act */
    ACTUATOR_MINT,     /* a fresh token, kept for the next write */
    ACTUATOR_WRITE,    /* one request: the body for `step`, on a connection of its own */
    ACTUATOR_ANNOUNCE, /* one best-effort request to a side */
    ACTUATOR_EXCHANGE, /* a platform's refresh token for the next one and an access token */
    ACTUATOR_COUNT,    /* conversations on the side `to`, as the service's drain.count says */
    ACTUATOR_JOB_N
};

/* Owns everything of one asynchronous job; copied in by actuator_submit. */
struct actuator_job {
    enum actuator_job_kind kind;
    uint64_t ticket;      /* comes back unchanged */
    size_t service;       /* place in config->services */
    enum route_step step; /* WRITE: which body */
    enum side to; /* WRITE: the side that SWITCH and RESUME make effective; ANNOUNCE: the side told;
                   * COUNT: whose conversations */
    bool degraded; /* ANNOUNCE: degraded or back to normal */
    struct route_base
        base; /* WRITE: what the last read saw: version and body hash that must still be made */
    char idempotency_key[NAME_SIZE * 3]; /* CLUSTER/MOVE.STEP.ATTEMPT */
    term_id term;
    time_ms start_before_ms; /* boot-time clock; WRITE ends in ROUTE_RESULT_CANCELED once it has
                                passed */
    time_ms deadline_ms;     /* a duration for the whole job, token included: of a WRITE from its
                              * submission, of the others from their turn */
    time_ms token_minted_after_ms; /* boot-time clock; an older token is renewed before a WRITE
                                    * unless it was minted less than token_fresh ago, and by a MINT;
                                    * 0 where there is none */
    bool routine;                  /* READ, COUNT: held back while the API's limit is near */
    size_t platform;               /* EXCHANGE: place in config->platforms, and what follows */
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    uint64_t generation;
    uint64_t from_generation;
};

struct actuator_result {
    struct actuator_job job;
    enum route_result result; /* how it ended, proto/route.h */
    struct route_view view;   /* READ, and a WRITE whose answer showed the new route */
    int status;             /* HTTP status, of the token endpoint where that failed, 0 where none */
    time_ms retry_after_ms; /* 429 */
    uint64_t live;          /* COUNT that ended well */
    char correlation[CORRELATION_SIZE]; /* the platform's name of the last request, or "" */
    time_ms
        started_ms; /* boot-time clock when the request itself was started; 0 where it was not */
    time_ms finished_ms;
    uint64_t token_generation; /* of the ledger's token that it was made with; 0: none of them */
    bool exchange_refused;     /* EXCHANGE: the platform does not know the refresh token */
    bool exchange_lost;        /* EXCHANGE: it may have been carried out */
    time_ms life_ms;           /* EXCHANGE: of the access token */
    struct text why; /* for people: names the URL's host and what went wrong; never a secret */
};

/* Called on one of the actuator's threads (each kind of job has its own, so up to ACTUATOR_JOB_N at
 * a time), exactly once a job, also when it is canceled at actuator_free. May call actuator_submit.
 */
typedef void actuator_done_fn(const struct actuator_result *result, void *data);

/* The configuration must outlive the actuator. Returns 0, or with `why` ERR_INVALID (an unknown
 * platform or backend, a body that does not make its state effective), ERR_NO_MEMORY or
 * ERR_INTERNAL. */
int actuator_new(const struct config *config, actuator_done_fn *done, void *data,
                 struct actuator **ret_actuator, struct text *why);
/* Copies the job. No read, count, mint or announcement delays a WRITE; jobs of one kind go in
 * order. Of requests with one platform's token one is under way at a time.
 * Returns 0, ERR_FULL or, once actuator_free has begun, ERR_CANCELED; after an error there is no
 * callback. Any thread. */
int actuator_submit(struct actuator *actuator, const struct actuator_job *job);
/* Takes what the ledger holds of a platform's tokens. Any thread. */
void actuator_follow(struct actuator *actuator, const struct token_news *news);
/* What an EXCHANGE that ended well brought, sealed. Returns 0 or ERR_NOT_FOUND. Any thread. */
int actuator_copy_sealed(struct actuator *actuator, size_t platform, uint64_t generation,
                         uint8_t ret_sealed[SEALED_BYTES_MAX], size_t *ret_length);
/* What the platform says of its limits. Any thread. */
struct rate_view actuator_rate(struct actuator *actuator, size_t platform);
/* Any thread. */
struct trouble_counts actuator_troubles(struct actuator *actuator, size_t platform);
/* This node leads in the term, in none where it is 0: no request of a WRITE of another term is
 * begun any more, nor the next one of a unit. Until the first call those of every term are. Any
 * thread. */
void actuator_lead(struct actuator *actuator, term_id term);
/* Stops: queued jobs are answered ROUTE_RESULT_CANCELED, a running one is ended at once; a write
 * that had been sent is then ROUTE_RESULT_UNKNOWN. */
void actuator_free(struct actuator **actuator);

#endif
