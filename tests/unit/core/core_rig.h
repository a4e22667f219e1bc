/* A whole core that is the only voter of its cluster, with up to SERVICE_COUNT_MAX services: what
 * it asks for is done at once, in virtual time. Never simulates peers, loss or faults of a disk;
 * tests/sim does. Used by tests of what one core asks for in its steps. */
#ifndef QUORATE_TESTS_UNIT_CORE_CORE_RIG_H
#define QUORATE_TESTS_UNIT_CORE_CORE_RIG_H

#include "node/core/core.h"

enum { CORE_RIG_EVENTS_MAX = 4096, CORE_RIG_COMMANDS_MAX = 16384, CORE_RIG_PROBE_MS = 20 };

struct core_rig_event {
    time_ms at_ms;
    struct event event;
};

struct core_rig {
    struct core core;
    struct update update;
    time_ms now_ms;
    time_ms deadline_ms;
    log_index apply_to;
    size_t command_count;
    struct command commands[CORE_RIG_COMMANDS_MAX]; /* by handle */
    uint64_t handles[CORE_RIG_COMMANDS_MAX];        /* by index */
    size_t event_count;
    struct core_rig_event events[CORE_RIG_EVENTS_MAX];
    enum sample_result result[SIDE_N]; /* of every probe of the side */
    enum sample_result reference;
    enum route_state route[SERVICE_COUNT_MAX];
    uint64_t version[SERVICE_COUNT_MAX];
    size_t count[EFFECT_KIND_N]; /* effects seen */
    size_t notices[NOTICE_N];
    size_t writes;
    size_t largest;      /* update */
    struct effect reply; /* the last one, as the two that follow */
    struct effect exchange;
    struct effect token;
    size_t mints;
    bool answers_lost; /* writes are carried out and not answered */
    uint64_t live;     /* what a count shows */
    enum route_result count_result;
    bool counts_hang; /* no count is answered any more */
    size_t counts;
    time_ms counted_ms; /* when the last one was asked for */
};

/* Leads already, and its services are in the ledger. */
struct core_rig *core_rig_new(uint16_t service_count, uint8_t reference_count);
void core_rig_free(struct core_rig **rig);
struct service_settings core_rig_settings(void);
void core_rig_configure(struct core_rig *rig, uint16_t place,
                        const struct service_settings *settings);
void core_rig_step(struct core_rig *rig, struct event *event);
void core_rig_run(struct core_rig *rig, time_ms duration_ms);
/* What a reading of the service's route shows now. */
struct route_view core_rig_view(const struct core_rig *rig, service_slot slot);
/* An operator asks about service 0. */
void core_rig_operate(struct core_rig *rig, enum operation_kind kind, uint64_t request_id);

#endif
