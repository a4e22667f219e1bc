/* The update: effects that one step asks the driver to perform, in order, and when to step again.
 * Never performed by the code that decided on them.
 * Filled by core_step and raft_step, emptied by the drivers. */
#ifndef QUORATE_CORE_UPDATE_H
#define QUORATE_CORE_UPDATE_H

#include "node/core/event.h"
#include "proto/notice.h"

enum { EFFECT_COUNT_MAX = 192 };

enum effect_kind {
    EFFECT_SEND, /* a Raft message; the driver adds payloads of its entries or the snapshot's chunk
                  */
    EFFECT_PERSIST, /* write, then EVENT_PERSISTED with the ticket */
    EFFECT_APPLY,   /* decode entries first..last and feed each as EVENT_COMMITTED, before any other
                       event */
    EFFECT_SNAPSHOT_TAKE,  /* encode the ledger as it is (applied index) and persist it, compacting
                              to `compact_to` */
    EFFECT_SNAPSHOT_CHUNK, /* keep a received chunk (handle, offset, length of total) */
    EFFECT_SNAPSHOT_INSTALL, /* all chunks are here: decode, persist (replacing the log), then
                                EVENT_SNAPSHOT_INSTALLED */
    EFFECT_PROPOSE,  /* encode the command (with evidence where it is a close) and answer with
                        EVENT_PROPOSE */
    EFFECT_PROBE,    /* probe `place` of `service` for `round` */
    EFFECT_VOTE,     /* sign, publish, and send straight to `to` (0: publish only) */
    EFFECT_CALL,     /* publish the call and send it straight to all voters */
    EFFECT_ROUTE,    /* a job for the actuator; answer with EVENT_ROUTE */
    EFFECT_EXCHANGE, /* exchange a refresh token; answer with EVENT_EXCHANGED */
    EFFECT_TOKEN,    /* the actuator is to take the ledger's tokens of the platform */
    EFFECT_NOTICE,   /* tell people */
    EFFECT_REPLY,    /* an operator's request is answered */
    EFFECT_ADMIT,    /* the ledger has the node as a learner: tell it the cluster's id */
    EFFECT_APPLIED,  /* for the log and the history: an entry was applied, with its result */
    EFFECT_KIND_N
};

/* Entries to append: an array of (index, term, kind, length, handle) in the update's own storage.
 */
struct persist_job {
    uint64_t ticket;
    bool has_vote; /* term and voted_for must be on disk, too */
    term_id term;
    node_id voted_for;
    log_index truncate_from; /* 0: nothing is cut */
    uint32_t entry_count;
    struct raft_entry entries[RAFT_ENTRIES_MAX];
};

struct route_job {
    uint64_t ticket;
    enum route_job_kind kind;
    service_slot service;
    enum route_step step;
    enum side to;
    bool degraded;
    log_index move;
    uint32_t attempt;
    struct route_base base;
    term_id term;
    time_ms start_before_ms;       /* WRITE: the lease's end */
    time_ms token_minted_after_ms; /* WRITE */
    bool routine; /* READ: no move or vote waits for it; it is held back while the API's limit is
                     near */
};

struct move_row; /* node/core/move.h */

struct applied {
    log_index index;
    term_id term;
    enum command_kind kind;
    service_slot service;
    bool accepted;
    enum why why;
    enum move_state move_before;
    enum move_state move_after;
    const struct move_row *row; /* of the move's table, that it took; NULL: none */
    log_index move;
    uint64_t request_id;
    bool convicted;       /* this close convicted a side */
    enum side side;       /* ... this one; the serving side where it convicted both */
    struct member member; /* of a COMMAND_MEMBER */
    uint8_t token; /* its place in the ledger, counted from 1; 0: the command is about none */
    uint8_t ballots[BALLOT_RESULT_N]; /* sides that this close closed, by result */
    bool would_have_moved; /* ... and nothing but `mode: observe` stood against the move */
    enum route_step step;  /* of a COMMAND_OUTCOME */
    bool route_changed;    /* this reading shows another state than the ledger knew */
};

struct effect {
    enum effect_kind kind;
    union {
        struct raft_message send;
        struct persist_job persist;
        struct {
            log_index first;
            log_index last;
        } apply;
        struct {
            log_index index;
            term_id term;
            log_index compact_to;
        } snapshot_take;
        struct {
            log_index index;
            term_id term;
            uint32_t offset;
            uint32_t total;
            uint32_t length;
            uint64_t handle;
        } snapshot_chunk;
        struct {
            log_index index;
            term_id term;
        } snapshot_install;
        struct command propose;
        struct {
            uint64_t round;
            service_slot service;
            uint8_t place;
        } probe;
        struct {
            node_id to;
            struct vote vote;
        } vote;
        struct call call;
        struct route_job route;
        struct {
            uint64_t ticket;
            uint8_t platform; /* place in core_settings */
            uint64_t generation;
            uint64_t from_generation; /* of the refresh token; 0: the file's own */
            time_ms start_before_ms;  /* the lease's end */
        } exchange;
        struct {
            uint8_t platform;
            time_ms left_ms; /* of the access token's life */
        } token;
        struct {
            enum notice_kind kind;
            service_slot service;
            enum side side;
            enum why why;
            log_index move;
            node_id node;     /* whom it is about; 0: nobody */
            uint8_t platform; /* counted from 1; 0: none is meant */
        } notice;
        struct {
            node_id node;
            uint64_t incarnation;
        } admit;
        struct {
            uint64_t request_id;
            bool accepted;
            enum why why;
            log_index move;
            time_ms earliest_ms; /* a duration from now; -1 where nobody can tell */
        } reply;
        struct applied applied;
    } as;
};

struct update {
    time_ms deadline_ms; /* step again with EVENT_TICK at this time at the latest; TIME_NEVER where
                            nothing is due */
    size_t count;
    struct effect effects[EFFECT_COUNT_MAX];
};

#define TIME_NEVER INT64_MAX

void update_clear(struct update *update);
/* A zeroed effect of the kind. The capacity covers the worst step (tests prove it); running out is
 * our own mistake. */
struct effect *update_add(struct update *update, enum effect_kind kind);
/* Room left, for producers that can go on in the next step (probes, entries). */
size_t update_room(const struct update *update);
void update_deadline(struct update *update, time_ms at_ms);

#endif
