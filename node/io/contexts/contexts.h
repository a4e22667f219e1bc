/* The context store of a node: checkpoints of conversations, kept by a majority of the nodes, on a
 * thread of its own with its own sockets and its own database.
 * Never runs on the control loop, never touches the core or the ledger; values never appear in a
 * log, an error or a metric.
 * Called by the control loop, which hands requests over and takes answers.
 *
 * Why neither a log nor a leader: a context is a register that only moves forward (by the client's
 * seq) and is written by one client. Merging entries by a total order gives the same result
 * whatever their order of arrival (a join semilattice), so any node can coordinate: it sends the
 * entry to all, each commits it to its own disk, and the client is answered when a majority of the
 * configured nodes has it on disk. A read asks all, waits for a majority, takes the greatest, and
 * brings it to those of that majority that lack it before it answers. Any two majorities share a
 * node: what was acknowledged is found, also right after the death of the ledger's leader, which
 * costs nothing here. And the ledger, its snapshots and its votes carry none of this weight. */
#ifndef QUORATE_IO_CONTEXTS_H
#define QUORATE_IO_CONTEXTS_H

#include "common/text.h"
#include "node/io/act/actuator.h"
#include "node/io/bus/identity.h"
#include "node/io/config/config.h"
#include "node/io/contexts/context_store.h"

struct contexts;

enum context_verb { CONTEXT_VERB_PUT, CONTEXT_VERB_GET, CONTEXT_VERB_DELETE, CONTEXT_VERB_N };

/* One HTTP request, as it came: nothing of it is looked at on the control loop. */
struct context_request {
    uint64_t request_id; /* the caller's, comes back in the answer */
    enum context_verb verb;
    const char *id;   /* as it stands in the path */
    const char *body; /* of a PUT; else NULL */
    size_t body_length;
    const char *seq; /* beside the body: a header's or a parameter's text, or NULL */
    const char *has; /* of a GET: names with commas, or NULL */
    bool secrets;    /* the reading token was shown: secret values, too */
};

struct context_answer {
    uint64_t request_id;
    unsigned status; /* of HTTP */
    char *json;      /* malloc'ed, the taker's to free; a GET's holds values */
    size_t length;
    unsigned retry_after_s; /* 0: none */
};

enum context_refusal {
    CONTEXT_REFUSED_FORM,      /* the body, the id or a field: 400, 413 */
    CONTEXT_REFUSED_BUSY,      /* too many in flight */
    CONTEXT_REFUSED_FULL,      /* over a cap, or a full disk */
    CONTEXT_REFUSED_NO_QUORUM, /* no majority in time */
    CONTEXT_REFUSED_NEW,       /* this node's store is new and still learns */
    CONTEXT_REFUSED_FAILED,    /* this node's disk, or the service behind the store */
    CONTEXT_REFUSED_OLDER,     /* an older seq */
    CONTEXT_REFUSED_CONFLICT,  /* the same seq with other content */
    CONTEXT_REFUSAL_N
};

enum { CONTEXT_LATENCY_COUNT = 10 }; /* buckets, the last without a bound */

enum { THROUGH_WHY_SIZE = 256 };

/* Of the write-through, since the start. */
struct through_stats {
    bool on;
    bool paused;       /* the platform asked for it, or is away */
    uint64_t pending;  /* newest checkpoints that are not on the platform yet, seen a moment ago */
    uint64_t written;  /* and read back */
    uint64_t refused;  /* the platform will not take them */
    uint64_t differs;  /* written twice, read back otherwise */
    uint64_t failed;   /* tries that come again */
    uint64_t unnamed;  /* PUTs that name no participant where that is needed */
    uint64_t requests; /* all of them, readings back included */
    uint64_t failures_in_a_row;
    char last_error[THROUGH_WHY_SIZE]; /* with the platform's correlation id; "" for none */
};

/* Counters since the start, and what is held now. */
struct contexts_stats {
    bool on;
    const char *store; /* its vtable's name */
    bool complete;     /* counts in majorities */
    bool failed;
    uint64_t count;
    uint64_t bytes;
    uint64_t in_flight;
    uint64_t calls[CONTEXT_VERB_N]; /* answered well */
    uint64_t refused[CONTEXT_REFUSAL_N];
    uint64_t latency[CONTEXT_VERB_N][CONTEXT_LATENCY_COUNT]; /* answers by time, not cumulated */
    uint64_t latency_sum_us[CONTEXT_VERB_N];
    uint64_t commits;  /* batches that were written */
    uint64_t repaired; /* entries that other nodes had and this one lacked */
    uint64_t expired;
    uint64_t frames_dropped; /* of peers: malformed, another version, another sender */
    struct through_stats through;
    uint64_t peers_heard; /* of the other nodes, in the last three seconds */
};

/* The upper bound of a latency bucket in microseconds; 0 for the last. */
uint64_t contexts_latency_bound_us(size_t bucket);
const char *context_verb_name(enum context_verb verb);
const char *context_refusal_name(enum context_refusal refusal);

/* There are answers to take. Called on the contexts' thread: must only wake the caller's. */
typedef void contexts_wake_fn(void *data);

/* Opens the store and the sockets, and starts the thread. config->contexts.store must not be off.
 * Returns 0; ERR_BUSY (port or file), ERR_AUTH (identity), ERR_INVALID, ERR_NETWORK, ERR_IO,
 * ERR_FULL or ERR_NO_MEMORY, with `why`. */
int contexts_new(const struct config *config, node_id self, const struct identity *identity,
                 contexts_wake_fn *wake, void *data, struct contexts **ret_contexts,
                 struct text *why);

/* Begins to write checkpoints through to the platform, as the configuration says; once, right after
 * contexts_new. The actuator must outlive the contexts. Returns 0; ERR_INVALID or ERR_NO_MEMORY,
 * with `why`. */
int contexts_write_through(struct contexts *contexts, struct actuator *actuator, struct text *why);

/* The leader's node alone writes through: it is told here, as often as the loop likes. */
void contexts_lead(struct contexts *contexts, bool leads);

/* Copies the request and hands it over; each is answered exactly once. Returns 0, ERR_FULL (too
 * many in flight: ask again in a second) or ERR_NO_MEMORY. */
int contexts_submit(struct contexts *contexts, const struct context_request *request);

/* The next answer. Returns 0 or ERR_NOT_FOUND. */
int contexts_take(struct contexts *contexts, struct context_answer *ret_answer);

/* A copy of the counters as they were a moment ago. */
void contexts_stats_get(struct contexts *contexts, struct contexts_stats *ret_stats);

/* Ends the thread within a fraction of a second and closes everything; open requests get no answer.
 * NULL is accepted. */
void contexts_free(struct contexts **contexts);

#endif
