#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

enum { ZONE_COUNT = 3 };

struct service_settings stage_settings(void)
{
    return (struct service_settings){.config_hash = 77,
                                     .mode = MODE_ACT,
                                     .rule_fail = 3,
                                     .rule_of = 5,
                                     .min_zones = 2,
                                     .max_calls = 10,
                                     .max_aborts = 3,
                                     .verify_reads = 3,
                                     .verify_canaries = 2,
                                     .budget_moves = 3,
                                     .max_concurrent = 4,
                                     .priority = 100,
                                     .versioned = true,
                                     .within_ms = 120000,
                                     .interval_ms = 30000,
                                     .confirm_interval_ms = 5000,
                                     .ballot_deadline_ms = 2750,
                                     .drain_ms = {60000, 0, 60000},
                                     .paused_max_ms = 90000,
                                     .verify_every_ms = 2000,
                                     .verify_within_ms = 60000,
                                     .propagation_ms = 10000,
                                     .cooldown_ms = 600000,
                                     .budget_window_ms = 86400000,
                                     .failback_after_ms = 1800000,
                                     .blind_after_ms = 300000,
                                     .failback_longest_ms = 28800000,
                                     .actuator_deadline_ms = STAGE_DEADLINE_MS};
}

static void name_nodes(struct stage *stage)
{
    static const char *const names[] = {"n1", "n2", "n3", "n4", "n5"};
    static const char *const zones[ZONE_COUNT] = {"east", "west", "south"};
    for (uint8_t i = 0; i < stage->node_count; i++) {
        stage->nodes[i].id = (node_id)(i + 1);
        stage->nodes[i].key[0] = (uint8_t)(i + 1);
        CHECK(name_set(&stage->nodes[i].name, names[i]) == 0);
        CHECK(name_set(&stage->nodes[i].zone, zones[i % ZONE_COUNT]) == 0);
    }
    CHECK(name_set(&stage->service, "support-line") == 0);
}

struct stage *stage_new(const char *name, node_id node_count,
                        const struct service_settings *settings)
{
    struct stage *stage = calloc(1, sizeof *stage);
    CHECK(stage != NULL);
    stage->name = name;
    stage->seed = 1;
    stage->node_count = node_count;
    stage->settings = *settings;
    stage->trace.on = true;
    stage->network.latency_min_ms = STAGE_LINK_MS;
    stage->network.latency_max_ms = STAGE_LINK_MS;
    stage->checks = checks_new();
    prng_init(&stage->prng, stage->seed);
    platform_init(&stage->platform, settings->versioned);
    name_nodes(stage);
    for (node_id node = 1; node <= node_count; node++) {
        struct actor *actor = &stage->actors[node];
        disk_init(&actor->disk);
        actor->core = calloc(1, sizeof *actor->core);
        actor->update = calloc(1, sizeof *actor->update);
        CHECK(actor->core != NULL && actor->update != NULL);
        stage_start(stage, node);
    }
    return stage;
}

void stage_free(struct stage **stage_pointer)
{
    struct stage *stage = *stage_pointer;
    for (node_id node = 1; node <= stage->node_count; node++) {
        disk_fini(&stage->actors[node].disk);
        free(stage->actors[node].core);
        free(stage->actors[node].update);
        free(stage->actors[node].handles);
    }
    while (stage->item_count > 0)
        free(stage->items[--stage->item_count]);
    free(stage->items);
    while (stage->payload_count > 0)
        free(stage->payloads[--stage->payload_count]);
    free(stage->payloads);
    trace_fini(&stage->trace);
    checks_free(&stage->checks);
    free(stage);
    *stage_pointer = NULL;
}

void stage_judge(struct stage *stage)
{
    checks_at_end(stage);
}

void stage_finish(struct stage **stage_pointer)
{
    struct stage *stage = *stage_pointer;
    char path[512];
    stage_judge(stage);
    (void)snprintf(path, sizeof path, "%s/%s.txt", STAGE_GOLDEN_FOLDER, stage->name);
    if (getenv("QUORATE_WRITE_GOLDEN") != NULL)
        assert_int_equal(trace_write(&stage->trace, path), 0);
    assert_int_equal(trace_compare(&stage->trace, path), 0);
    stage_free(stage_pointer);
}

void stage_say(struct stage *stage, node_id node, const char *format, ...)
{
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    trace_add(&stage->trace, stage->now_ms, node, "%s", line);
}

void stage_fail(const struct stage *stage, const char *format, ...)
{
    char line[200];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "%s\n%s, seed %llu: at %lld ms: %s\n", stage->trace.text, stage->name,
            (unsigned long long)stage->seed, (long long)stage->now_ms, line);
    fail();
    abort(); /* not reached: cmocka leaves the test */
}

struct stage_item *stage_later(struct stage *stage, time_ms after_ms, enum item_kind kind,
                               node_id node)
{
    if (stage->item_count == stage->item_capacity) {
        stage->item_capacity = stage->item_capacity * 2 + 256;
        stage->items = realloc(stage->items, stage->item_capacity * sizeof *stage->items);
        CHECK(stage->items != NULL);
    }
    struct stage_item *item = calloc(1, sizeof *item);
    CHECK(item != NULL);
    item->at_ms = stage->now_ms + after_ms;
    item->sequence = stage->next_sequence++;
    item->kind = kind;
    item->node = node;
    stage->items[stage->item_count++] = item;
    return item;
}

/* Things of one moment happen in the order in which they were begun. */
static size_t earliest_item(const struct stage *stage)
{
    size_t first = 0;
    for (size_t i = 1; i < stage->item_count; i++) {
        const struct stage_item *item = stage->items[i];
        const struct stage_item *best = stage->items[first];
        if (item->at_ms < best->at_ms ||
            (item->at_ms == best->at_ms && item->sequence < best->sequence))
            first = i;
    }
    return first;
}

static void deliver(struct stage *stage, struct stage_item *item)
{
    struct event *event = &item->event;
    if (event->kind == EVENT_RAFT_MESSAGE)
        event->as.message = &item->as.message;
    else if (event->kind == EVENT_VOTE)
        event->as.vote = &item->as.vote;
    else if (event->kind == EVENT_CALL)
        event->as.call = &item->as.call;
    stage_step(stage, item->node, event);
}

static void run_item(struct stage *stage, struct stage_item *item)
{
    const struct actor *actor = &stage->actors[item->node];
    if (item->kind == ITEM_WRITE) {
        stage_write_arrives(stage, item);
        return;
    }
    if (!actor->up || (item->incarnation != 0 && item->incarnation != actor->incarnation))
        return;
    switch (item->kind) {
    case ITEM_EVENT:
        deliver(stage, item);
        break;
    case ITEM_DISK:
        stage_disk_done(stage, item->node);
        break;
    case ITEM_PING:
        stage_ping(stage, item->node);
        break;
    case ITEM_READ:
        stage_read_arrives(stage, item);
        break;
    case ITEM_START:
        stage_write_starts(stage, item->node, &item->as.job);
        break;
    case ITEM_WRITE:
        break;
    }
}

static node_id earliest_timer(const struct stage *stage, time_ms *ret_at_ms)
{
    node_id first = 0;
    for (node_id node = 1; node <= stage->node_count; node++) {
        const struct actor *actor = &stage->actors[node];
        time_ms at_ms = actor->deadline_ms < actor->stopped_until_ms ? actor->stopped_until_ms
                                                                     : actor->deadline_ms;
        if (actor->up && (first == 0 || at_ms < *ret_at_ms)) {
            first = node;
            *ret_at_ms = at_ms;
        }
    }
    return first;
}

/* What comes to a stopped process waits, but for a request that has left it. */
static bool waits(struct stage *stage, struct stage_item *item)
{
    time_ms until_ms = stage->actors[item->node].stopped_until_ms;
    if (item->kind == ITEM_WRITE || until_ms <= item->at_ms)
        return false;
    item->at_ms = until_ms;
    return true;
}

/* The next occurrence up to `until_ms`; what came in goes before a timer of the same moment. */
static bool run_next(struct stage *stage, time_ms until_ms)
{
    time_ms timer_ms = TIME_NEVER;
    node_id node = earliest_timer(stage, &timer_ms);
    if (timer_ms < stage->now_ms)
        timer_ms = stage->now_ms;
    size_t first = earliest_item(stage);
    time_ms item_ms = stage->item_count > 0 ? stage->items[first]->at_ms : TIME_NEVER;
    if (item_ms <= until_ms && item_ms <= timer_ms) {
        struct stage_item *item = stage->items[first];
        if (waits(stage, item))
            return true;
        stage->items[first] = stage->items[--stage->item_count];
        stage->now_ms = item_ms;
        run_item(stage, item);
        free(item);
        return true;
    }
    if (node == 0 || timer_ms > until_ms)
        return false;
    stage->now_ms = timer_ms;
    stage->busy_count = stage->busy_ms == timer_ms ? stage->busy_count + 1 : 0;
    stage->busy_ms = timer_ms;
    if (stage->busy_count > STAGE_BUSY_MAX)
        stage_fail(stage, "n%u asks for a step at once, again and again", node);
    struct event event = {.kind = EVENT_TICK};
    stage_step(stage, node, &event);
    return true;
}

void stage_to(struct stage *stage, time_ms at_ms)
{
    while (run_next(stage, at_ms))
        continue;
    stage->now_ms = at_ms;
}

void stage_expect(struct stage *stage, enum move_state state, time_ms at_ms)
{
    while (stage_service(stage) == NULL || stage_service(stage)->move.state != state)
        if (!run_next(stage, at_ms))
            stage_fail(stage, "the move is not %s", move_state_name(state));
}

node_id stage_expect_trap(struct stage *stage, time_ms at_ms)
{
    while (stage->trap != TRAP_NONE)
        if (!run_next(stage, at_ms))
            stage_fail(stage, "nobody ran into the trap");
    return stage->trapped;
}

node_id stage_leader(const struct stage *stage)
{
    for (node_id node = 1; node <= stage->node_count; node++)
        if (stage->actors[node].up && core_is_leading(stage->actors[node].core))
            return node;
    return 0;
}

const struct service_record *stage_service(const struct stage *stage)
{
    const struct core *furthest = NULL;
    for (node_id node = 1; node <= stage->node_count; node++) {
        const struct actor *actor = &stage->actors[node];
        if (actor->up && actor->core->ledger.service_count > 0 &&
            (furthest == NULL || actor->core->ledger.index > furthest->ledger.index))
            furthest = actor->core;
    }
    return furthest == NULL ? NULL : &furthest->ledger.services[0];
}

size_t stage_effective_writes(const struct stage *stage, enum route_step step)
{
    size_t count = 0;
    for (size_t i = 0; i < stage->platform.write_count; i++) {
        const struct platform_write *write = &stage->platform.writes[i];
        if (write->effective && write->job.step == step)
            count++;
    }
    return count;
}

size_t stage_count(const struct stage *stage, const char *text)
{
    size_t count = 0;
    for (const char *at = strstr(stage->trace.text, text); at != NULL; at = strstr(at + 1, text))
        count++;
    return count;
}

bool stage_traced(const struct stage *stage, const char *text)
{
    return stage_count(stage, text) > 0;
}
