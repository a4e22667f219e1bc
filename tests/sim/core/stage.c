#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "node/core/ledger.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

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
    static const char *const names[] = {"n1", "n2", "n3", "n4", "n5", "n6", "n7"};
    static const char *const zones[STAGE_ZONES] = {"east", "west", "south"};
    CHECK(stage->node_count <= ARRAY_COUNT(names));
    for (uint8_t i = 0; i < stage->node_count; i++) {
        stage->nodes[i].id = (node_id)(i + 1);
        stage->nodes[i].key[0] = (uint8_t)(i + 1);
        CHECK(name_set(&stage->nodes[i].name, names[i]) == 0);
        CHECK(name_set(&stage->nodes[i].zone, zones[i % STAGE_ZONES]) == 0);
    }
}

static void name_services(struct stage *stage)
{
    static const char *const names[STAGE_SERVICES_MAX] = {"support-line", "sales-line", "billing",
                                                          "night-desk"};
    for (uint16_t i = 0; i < stage->service_count; i++) {
        struct stage_service *service = &stage->services[i];
        service->settings = stage->setup.settings[i];
        CHECK(name_set(&service->name, names[i]) == 0);
        if (stage->setup.part_count[i] > 1)
            platform_init_unit(&service->platform, stage->setup.part_count[i],
                               stage->setup.part_versioned[i]);
        else
            platform_init(&service->platform, service->settings.versioned);
    }
}

static void fill_setup(struct stage_setup *setup)
{
    if (setup->seed == 0)
        setup->seed = 1;
    if (setup->service_count == 0)
        setup->service_count = 1;
    if (setup->election_ms == 0)
        setup->election_ms = STAGE_ELECTION_MS;
    if (setup->heartbeat_ms == 0)
        setup->heartbeat_ms = STAGE_HEARTBEAT_MS;
    if (setup->ping_ms == 0)
        setup->ping_ms = STAGE_PING_MS;
}

static void open_nodes(struct stage *stage)
{
    stage->rafts.settings.voter_count = stage->node_count;
    stage->rafts.nodes = calloc((size_t)stage->node_count + 1, sizeof *stage->rafts.nodes);
    CHECK(stage->rafts.nodes != NULL);
    invariants_init(&stage->rafts.invariants);
    for (node_id node = 1; node <= stage->node_count; node++) {
        struct actor *actor = &stage->actors[node];
        int64_t permille = stage->setup.clock_permille[node];
        actor->clock_permille = permille == 0 ? 1000 : permille;
        actor->persist_ms = STAGE_PERSIST_MS;
        actor->core = calloc(1, sizeof *actor->core);
        actor->update = calloc(1, sizeof *actor->update);
        CHECK(actor->core != NULL && actor->update != NULL);
        disk_init(stage_disk(stage, node));
        stage->rafts.nodes[node].raft = &actor->core->raft;
    }
    for (node_id node = 1; node <= stage->node_count; node++)
        stage_start(stage, node);
}

struct stage *stage_open(const struct stage_setup *setup)
{
    struct stage *stage = calloc(1, sizeof *stage);
    CHECK(stage != NULL);
    stage->setup = *setup;
    fill_setup(&stage->setup);
    stage->seed = stage->setup.seed;
    stage->node_count = stage->setup.node_count;
    stage->service_count = stage->setup.service_count;
    stage->trace.on = !stage->setup.quiet;
    stage->network.latency_min_ms = STAGE_LINK_MS;
    stage->network.latency_max_ms = STAGE_LINK_MS;
    stage->checks = checks_new();
    prng_init(&stage->prng, stage->seed);
    name_nodes(stage);
    name_services(stage);
    open_nodes(stage);
    return stage;
}

struct stage *stage_new(const char *name, node_id node_count,
                        const struct service_settings *settings)
{
    struct stage_setup setup = {.name = name, .node_count = node_count, .settings = {*settings}};
    return stage_open(&setup);
}

void stage_free(struct stage **stage_pointer)
{
    struct stage *stage = *stage_pointer;
    for (node_id node = 1; node <= stage->node_count; node++) {
        disk_fini(stage_disk(stage, node));
        free(stage->rafts.nodes[node].payloads);
        free(stage->actors[node].core);
        free(stage->actors[node].update);
        free(stage->actors[node].receipt.bytes);
    }
    free(stage->rafts.nodes);
    invariants_fini(&stage->rafts.invariants);
    for (uint16_t i = 0; i < stage->service_count; i++)
        platform_fini(&stage->services[i].platform);
    stage_free_items(stage);
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
    (void)snprintf(path, sizeof path, "%s/%s.txt", STAGE_GOLDEN_FOLDER, stage->setup.name);
    if (getenv("QUORATE_WRITE_GOLDEN") != NULL)
        assert_int_equal(trace_write(&stage->trace, path), 0);
    assert_int_equal(trace_compare(&stage->trace, path), 0);
    stage_free(stage_pointer);
}

void stage_say(struct stage *stage, node_id node, const char *format, ...)
{
    if (!stage->trace.on)
        return;
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
    if (stage->setup.failed != NULL)
        stage->setup.failed(stage, line);
    fprintf(stderr, "%s\n%s, seed %llu: at %lld ms: %s\n",
            stage->trace.text == NULL ? "" : stage->trace.text, stage->setup.name,
            (unsigned long long)stage->seed, (long long)stage->now_ms, line);
    fail();
    abort(); /* not reached: cmocka leaves the test */
}

void stage_expect(struct stage *stage, enum move_state state, time_ms at_ms)
{
    while (stage_service(stage) == NULL || stage_service(stage)->move.state != state)
        if (!stage_run_next(stage, at_ms))
            stage_fail(stage, "the move is not %s", move_state_name(state));
}

node_id stage_expect_trap(struct stage *stage, time_ms at_ms)
{
    while (stage->trap != TRAP_NONE)
        if (!stage_run_next(stage, at_ms))
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

const struct ledger *stage_ledger(const struct stage *stage)
{
    const struct core *furthest = NULL;
    for (node_id node = 1; node <= stage->node_count; node++) {
        const struct actor *actor = &stage->actors[node];
        if (actor->up && (furthest == NULL || actor->core->ledger.index > furthest->ledger.index))
            furthest = actor->core;
    }
    return furthest == NULL ? NULL : &furthest->ledger;
}

const struct service_record *stage_record(const struct stage *stage, uint16_t service)
{
    const struct ledger *ledger = stage_ledger(stage);
    if (ledger == NULL)
        return NULL;
    service_slot slot = ledger_find(ledger, &stage->services[service].name);
    return slot == SERVICE_SLOT_NONE ? NULL : &ledger->services[slot];
}

const struct service_record *stage_service(const struct stage *stage)
{
    return stage_record(stage, 0);
}

uint16_t stage_service_at(const struct stage *stage, node_id node, service_slot slot)
{
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    CHECK(slot < ledger->service_count);
    for (uint16_t i = 0; i < stage->service_count; i++)
        if (name_equal(&ledger->services[slot].name, &stage->services[i].name))
            return i;
    stage_fail(stage, "n%u has a service that no file has", node);
}

size_t stage_effective_writes(const struct stage *stage, enum route_step step)
{
    const struct platform *platform = &stage->services[0].platform;
    size_t count = 0;
    for (size_t i = 0; i < platform->write_count; i++)
        if (platform->writes[i].effective && platform->writes[i].job.step == step)
            count++;
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
