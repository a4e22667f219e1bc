/* Events: everything that can happen to the core. One at a time, through core_step or raft_step.
 * Never holds a pointer that outlives the step.
 * Made by the two drivers, node/io/loop and tests/sim. */
#ifndef QUORATE_CORE_EVENT_H
#define QUORATE_CORE_EVENT_H

#include "proto/command.h"
#include "proto/ledger.h"
#include "proto/operation.h"
#include "proto/raft_message.h"
#include "proto/route.h"
#include "proto/types.h"

enum event_kind {
    EVENT_TICK,         /* the update's deadline was reached, or any time in between */
    EVENT_RAFT_MESSAGE, /* from a peer whose identity was proved; evidence in entries is verified */
    EVENT_PERSISTED,    /* the job with this ticket, and all before it, are on disk */
    EVENT_PERSIST_FAILED, /* the disk refused: this voter steps down and never counts again */
    EVENT_PROPOSE,   /* the encoded form of an EFFECT_PROPOSE: append it if this node still leads */
    EVENT_COMMITTED, /* the decoded entry that EFFECT_APPLY asked for, in order */
    EVENT_SNAPSHOT_INSTALLED, /* the snapshot that EFFECT_SNAPSHOT_INSTALL handed over is decoded
                                 and on disk */
    EVENT_TRANSFER,           /* hand leadership to `node` (0: the best follower) */
    EVENT_CONFIGURED,         /* a service of this node's file, new or changed */
    EVENT_SAMPLE,             /* a probe that EFFECT_PROBE asked for has ended */
    EVENT_VOTE,               /* a peer's vote, signature verified, voter pinned */
    EVENT_CALL,               /* the leader's request for votes, sender proved */
    EVENT_ROUTE,              /* a job that EFFECT_ROUTE asked for has ended */
    EVENT_EXCHANGED,          /* a refresh token that EFFECT_EXCHANGE named was exchanged, or not */
    EVENT_PEER,               /* a peer answered a ping */
    EVENT_HELLO,              /* a peer said what it speaks and whether it could act */
    EVENT_JOIN,               /* a node says that its folder is empty */
    EVENT_OPERATE,            /* an operator's request, authenticated */
    EVENT_TIME_DOUBT,         /* the clock jumped, the process was stopped, or the loop was late */
    EVENT_KIND_N
};

/* Where a probe goes: a side of the service, or a reference by place. */
enum { PROBE_PLACE_REFERENCE = 16 }; /* places below are sides, from here on references */

enum route_job_kind {
    ROUTE_JOB_READ,
    ROUTE_JOB_MINT,
    ROUTE_JOB_WRITE,
    ROUTE_JOB_ANNOUNCE,
    ROUTE_JOB_COUNT,
    ROUTE_JOB_N
};

enum exchange_result {
    EXCHANGE_OK,
    EXCHANGE_REFUSED, /* the platform does not know the refresh token */
    EXCHANGE_LOST,    /* the request may have arrived, no answer did */
    EXCHANGE_FAILED,  /* another definite no, or it was never sent */
    EXCHANGE_RESULT_N
};

struct event {
    enum event_kind kind;
    time_ms now_ms; /* boot-time clock; never falls */
    union {
        const struct raft_message *message;
        struct {
            uint64_t ticket;
        } persisted;
        struct {
            bool full; /* no space, as against an I/O error */
        } persist_failed;
        struct {
            uint8_t kind; /* enum command_kind */
            uint32_t length;
            uint64_t handle;
            struct member member; /* of a COMMAND_MEMBER */
        } propose;
        struct {
            log_index index;
            term_id term;
            const struct command *command;
        } committed;
        struct {
            log_index index;
            term_id term;
            const struct ledger *ledger;
            const struct members *members; /* the ledger's */
        } snapshot;
        struct {
            node_id node;
        } transfer;
        struct {
            const struct name *name;
            const struct service_settings *settings;
            uint8_t platform; /* of core_settings, counted from 1; 0: none of them */
        } configured;
        struct {
            uint64_t round;
            uint8_t place;
            struct sample sample;
        } sample;
        const struct vote *vote;
        const struct call *call;
        struct {
            uint64_t ticket;
            service_slot service;
            enum route_job_kind kind;
            enum route_result result;
            struct route_view view;
            bool has_view;
            time_ms retry_after_ms;
            time_ms took_ms;           /* from the request's start to its answer */
            uint64_t token_generation; /* of the ledger's token that it was made with; 0: none */
            uint64_t live; /* COUNT that ended well: conversations on the side that is left */
            char correlation[CORRELATION_SIZE]; /* the platform's name of the request, or "" */
        } route;
        struct {
            uint64_t ticket;
            uint8_t platform; /* place in core_settings */
            enum exchange_result result;
            const uint8_t *sealed; /* OK */
            size_t sealed_length;
            time_ms life_ms; /* OK: that is left */
            time_ms retry_after_ms;
        } exchanged;
        struct {
            node_id node;
            int32_t rtt_us;
        } peer;
        struct {
            node_id node;
            uint8_t level;
            bool can_act;
        } hello;
        struct {
            node_id node;
            uint8_t level;
            uint64_t incarnation;
        } join;
        const struct operation *operation;
    } as;
};

#endif
