#include "tests/unit/core/core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"

struct service_settings core_rig_settings(void)
{
    return (struct service_settings){.config_hash = 1,
                                     .mode = MODE_ACT,
                                     .rule_fail = 3,
                                     .rule_of = 5,
                                     .min_zones = 1,
                                     .max_calls = 10,
                                     .max_aborts = 3,
                                     .verify_reads = 3,
                                     .verify_canaries = 2,
                                     .budget_moves = 3,
                                     .max_concurrent = SERVICE_COUNT_MAX,
                                     .versioned = true,
                                     .within_ms = 120000,
                                     .interval_ms = 30000,
                                     .confirm_interval_ms = 5000,
                                     .ballot_deadline_ms = 2750,
                                     .drain_ms = {0, 0, 0},
                                     .paused_max_ms = 90000,
                                     .verify_every_ms = 2000,
                                     .verify_within_ms = 60000,
                                     .propagation_ms = 10000,
                                     .cooldown_ms = 600000,
                                     .budget_window_ms = 86400000,
                                     .blind_after_ms = 300000};
}

static struct event *later(struct core_rig *rig, time_ms after_ms, enum event_kind kind)
{
    CHECK(rig->event_count < CORE_RIG_EVENTS_MAX);
    struct core_rig_event *item = &rig->events[rig->event_count++];
    *item = (struct core_rig_event){.at_ms = rig->now_ms + after_ms, .event = {.kind = kind}};
    return &item->event;
}

static void on_propose(struct core_rig *rig, const struct command *command)
{
    CHECK(rig->command_count < CORE_RIG_COMMANDS_MAX);
    rig->commands[rig->command_count] = *command;
    struct event *event = later(rig, 0, EVENT_PROPOSE);
    event->as.propose.kind = (uint8_t)command->kind;
    event->as.propose.length = 8;
    event->as.propose.handle = rig->command_count++;
}

static void on_persist(struct core_rig *rig, const struct persist_job *job)
{
    for (uint32_t i = 0; i < job->entry_count; i++)
        rig->handles[job->entries[i].index] = job->entries[i].handle;
    later(rig, 0, EVENT_PERSISTED)->as.persisted.ticket = job->ticket;
}

static void on_probe(struct core_rig *rig, const struct effect *effect)
{
    struct event *event = later(rig, CORE_RIG_PROBE_MS, EVENT_SAMPLE);
    uint8_t place = effect->as.probe.place;
    event->as.sample.round = effect->as.probe.round;
    event->as.sample.place = place;
    event->as.sample.sample =
        (struct sample){.result = place < SIDE_N ? rig->result[place] : rig->reference,
                        .connect_us = 5000,
                        .total_us = 10000};
}

struct route_view core_rig_view(const struct core_rig *rig, service_slot slot)
{
    struct route_view view = {.state = rig->route[slot], .version = rig->version[slot]};
    memset(view.body_hash, 1, sizeof view.body_hash);
    return view;
}

static void on_route(struct core_rig *rig, const struct route_job *job)
{
    if (job->kind == ROUTE_JOB_WRITE) {
        CHECK(job->base.version == rig->version[job->service]);
        rig->version[job->service]++;
        rig->route[job->service] =
            job->step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(job->to);
        rig->writes++;
    }
    if (job->kind == ROUTE_JOB_MINT)
        rig->mints++;
    if (job->kind == ROUTE_JOB_COUNT) {
        rig->counts++;
        rig->counted_ms = rig->now_ms;
        if (rig->counts_hang)
            return;
    }
    struct event *event = later(rig, 10, EVENT_ROUTE);
    event->as.route.ticket = job->ticket;
    event->as.route.service = job->service;
    event->as.route.kind = job->kind;
    event->as.route.result = job->kind == ROUTE_JOB_COUNT ? rig->count_result : ROUTE_RESULT_OK;
    event->as.route.live = rig->live;
    (void)snprintf(event->as.route.correlation, sizeof event->as.route.correlation, "%s-%u",
                   job->kind == ROUTE_JOB_WRITE ? "write" : "read", (unsigned)rig->writes);
    event->as.route.took_ms = 10;
    event->as.route.has_view = job->kind == ROUTE_JOB_READ || job->kind == ROUTE_JOB_WRITE;
    if (event->as.route.has_view)
        event->as.route.view = core_rig_view(rig, job->service);
    if (job->kind != ROUTE_JOB_WRITE || !rig->answers_lost)
        return;
    event->as.route.result = ROUTE_RESULT_UNKNOWN;
    event->as.route.has_view = false;
    event->as.route.correlation[0] = '\0';
}

static void perform(struct core_rig *rig, const struct effect *effect)
{
    rig->count[effect->kind]++;
    if (effect->kind == EFFECT_PERSIST)
        on_persist(rig, &effect->as.persist);
    else if (effect->kind == EFFECT_APPLY)
        rig->apply_to = effect->as.apply.last;
    else if (effect->kind == EFFECT_PROPOSE)
        on_propose(rig, &effect->as.propose);
    else if (effect->kind == EFFECT_PROBE)
        on_probe(rig, effect);
    else if (effect->kind == EFFECT_ROUTE)
        on_route(rig, &effect->as.route);
    else if (effect->kind == EFFECT_NOTICE)
        rig->notices[effect->as.notice.kind]++;
    else if (effect->kind == EFFECT_REPLY)
        rig->reply = *effect;
    else if (effect->kind == EFFECT_EXCHANGE)
        rig->exchange = *effect;
    else if (effect->kind == EFFECT_TOKEN)
        rig->token = *effect;
}

static void step_once(struct core_rig *rig, struct event *event)
{
    event->now_ms = rig->now_ms;
    core_step(&rig->core, event, &rig->update);
    if (rig->update.count > rig->largest)
        rig->largest = rig->update.count;
    for (size_t i = 0; i < rig->update.count; i++)
        perform(rig, &rig->update.effects[i]);
    rig->deadline_ms = rig->update.deadline_ms;
}

void core_rig_step(struct core_rig *rig, struct event *event)
{
    step_once(rig, event);
    while (rig->core.raft.applied_index < rig->apply_to) {
        log_index index = rig->core.raft.applied_index + 1;
        struct event committed = {.kind = EVENT_COMMITTED};
        committed.as.committed.index = index;
        committed.as.committed.term = raft_log_get(&rig->core.raft.log, index)->term;
        committed.as.committed.command = &rig->commands[rig->handles[index]];
        step_once(rig, &committed);
    }
}

static size_t earliest(const struct core_rig *rig)
{
    size_t first = 0;
    for (size_t i = 1; i < rig->event_count; i++)
        if (rig->events[i].at_ms < rig->events[first].at_ms)
            first = i;
    return first;
}

static bool run_next(struct core_rig *rig, time_ms until_ms)
{
    size_t first = earliest(rig);
    time_ms event_ms = rig->event_count > 0 ? rig->events[first].at_ms : TIME_NEVER;
    time_ms at_ms = event_ms <= rig->deadline_ms ? event_ms : rig->deadline_ms;
    struct event event = {.kind = EVENT_TICK};
    if (at_ms > until_ms)
        return false;
    if (event_ms <= rig->deadline_ms) {
        event = rig->events[first].event;
        rig->event_count--;
        memmove(&rig->events[first], &rig->events[first + 1],
                (rig->event_count - first) * sizeof rig->events[0]);
    }
    if (at_ms > rig->now_ms)
        rig->now_ms = at_ms;
    core_rig_step(rig, &event);
    return true;
}

void core_rig_run(struct core_rig *rig, time_ms duration_ms)
{
    time_ms until_ms = rig->now_ms + duration_ms;
    while (run_next(rig, until_ms))
        continue;
    rig->now_ms = until_ms;
}

static struct name name_of(uint16_t place)
{
    struct name name;
    char text[8];
    (void)snprintf(text, sizeof text, "s%u", place);
    CHECK(name_set(&name, text) == 0);
    return name;
}

void core_rig_configure(struct core_rig *rig, uint16_t place,
                        const struct service_settings *settings)
{
    struct name name = name_of(place);
    struct event event = {.kind = EVENT_CONFIGURED};
    event.as.configured.name = &name;
    event.as.configured.settings = settings;
    core_rig_step(rig, &event);
}

struct core_rig *core_rig_new(uint16_t service_count, uint8_t reference_count)
{
    struct core_rig *rig = calloc(1, sizeof *rig);
    struct service_settings settings = core_rig_settings();
    struct core_settings core = {
        .self = 1,
        .cluster_id = {7},
        .node_count = 1,
        .nodes = {{.id = 1, .name = {"n1"}, .zone = {"east"}, .key = {1}}},
        .reference_count = reference_count,
        .trust = {.timer_late_ms = 100, .inflation_minimum_ms = 100, .inflation_factor = 3},
        .election_ms = 1000,
        .heartbeat_ms = 100,
        .actuator_deadline_ms = 2000,
        .actuator_proof_ms = 60000,
        .seed = 1};
    CHECK(rig != NULL);
    for (uint16_t slot = 0; slot < SERVICE_COUNT_MAX; slot++) {
        rig->route[slot] = ROUTE_PRIMARY;
        rig->version[slot] = 1;
    }
    core_init(&rig->core, &core, NULL, 0);
    for (uint16_t place = 0; place < service_count; place++)
        core_rig_configure(rig, place, &settings);
    core_rig_run(rig, 5000);
    assert_true(core_is_leading(&rig->core));
    assert_int_equal(rig->core.ledger.service_count, service_count);
    return rig;
}

void core_rig_free(struct core_rig **rig)
{
    free(*rig);
    *rig = NULL;
}

void core_rig_operate(struct core_rig *rig, enum operation_kind kind, uint64_t request_id)
{
    struct operation operation = {.request_id = request_id,
                                  .kind = kind,
                                  .service = name_of(0),
                                  .actor = {"ada"},
                                  .for_ms = 60000};
    struct event event = {.kind = EVENT_OPERATE};
    event.as.operation = &operation;
    core_rig_step(rig, &event);
}
