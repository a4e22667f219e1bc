/* Random faults against whole clusters: whatever happens, no invariant breaks, and once all is well
 * every move ends. Usage: core_swarm [FIRST_SEED [COUNT]]. A seed replays everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/sim/core/stage.h"

enum {
    FAULTS_MS = 150000,
    GAP_MS = 6000,
    REST_MS = 120000, /* after the heal; longer than any of the settings' times below */
};

struct swarm {
    uint64_t first_seed;
    uint64_t count;
};

static uint64_t draw(struct stage *stage, uint64_t bound)
{
    return prng_below(&stage->prng, bound);
}

static node_id draw_node(struct stage *stage)
{
    return (node_id)(1 + draw(stage, stage->node_count));
}

/* Half of the time everybody is meant. */
static node_id draw_nodes(struct stage *stage)
{
    return draw(stage, 2) == 0 ? 0 : draw_node(stage);
}

static void happen_bot(struct stage *stage)
{
    node_id node = draw_nodes(stage);
    enum side side = draw(stage, 3) == 0 ? SIDE_STANDBY : SIDE_PRIMARY;
    stage_bot(stage, node, side, (enum mood)draw(stage, MOOD_N));
}

static void happen_reference(struct stage *stage)
{
    node_id node = draw_nodes(stage);
    stage_reference(stage, node, draw(stage, 2) == 0 ? MOOD_WELL : MOOD_REFUSES);
}

static void happen_congestion(struct stage *stage)
{
    node_id node = draw_node(stage);
    stage_congest(stage, node, !stage->actors[node].congested);
}

static void happen_crash(struct stage *stage)
{
    node_id node = draw_node(stage);
    if (stage->actors[node].up)
        stage_crash(stage, node);
    else
        stage_restart(stage, node);
}

static void happen_restarts(struct stage *stage)
{
    for (node_id node = 1; node <= stage->node_count; node++)
        if (!stage->actors[node].up)
            stage_restart(stage, node);
}

static void happen_trap(struct stage *stage)
{
    enum trap trap = (enum trap)(TRAP_ACCEPTED + draw(stage, 4));
    enum route_step step = (enum route_step)draw(stage, ROUTE_STEP_N);
    stage_trap(stage, trap, step, (enum move_state)draw(stage, MOVE_STATE_N));
}

static void happen_cut(struct stage *stage)
{
    network_heal(&stage->network);
    stage->network.loss_permille = (uint32_t)draw(stage, 100);
    stage->network.duplicate_permille = (uint32_t)draw(stage, 300);
    if (draw(stage, 2) == 0)
        stage_isolate(stage, draw_node(stage));
}

static void happen_api(struct stage *stage)
{
    node_id node = draw_nodes(stage);
    stage_cut_api(stage, node, draw(stage, 2) == 0);
}

static void happen_platform(struct stage *stage)
{
    enum platform_fault fault = (enum platform_fault)(1 + draw(stage, PLATFORM_FAULT_N - 1));
    bool rare = fault == PLATFORM_FORBIDDEN && draw(stage, 4) != 0;
    /* A late request is told from a new one by its version. */
    bool promised = stage->settings.versioned || fault != PLATFORM_LATE;
    if (!rare && promised && stage->platform.fault_count < PLATFORM_FAULTS_MAX)
        stage_fault(stage, fault, 1);
}

static void happen_operation(struct stage *stage)
{
    if (stage_leader(stage) != 0)
        (void)stage_operate(stage, (enum operation_kind)draw(stage, OPERATION_KIND_N), 5000);
}

static void happen_doubt(struct stage *stage)
{
    node_id node = draw_node(stage);
    if (stage->actors[node].up)
        stage_doubt_time(stage, node);
}

static void happen_stop(struct stage *stage)
{
    node_id node =
        stage_leader(stage) != 0 && draw(stage, 2) == 0 ? stage_leader(stage) : draw_node(stage);
    if (stage->actors[node].up)
        stage_stop(stage, node, (time_ms)draw(stage, 5000));
}

static const struct {
    uint64_t weight;
    void (*happen)(struct stage *stage);
} faults[] = {
    {8, happen_bot},      {1, happen_reference}, {2, happen_congestion}, {2, happen_crash},
    {3, happen_restarts}, {4, happen_trap},      {2, happen_cut},        {2, happen_api},
    {4, happen_platform}, {2, happen_operation}, {1, happen_doubt},      {2, happen_stop},
    {2, stage_transfer},
};

static void happen(struct stage *stage)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        whole += faults[i].weight;
    uint64_t place = draw(stage, whole);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        if (place < faults[i].weight) {
            faults[i].happen(stage);
            return;
        }
        place -= faults[i].weight;
    }
}

/* Short, so that much happens: a patrol every 3 s, a ballot every second, drains of 4 s. */
static struct service_settings swarm_settings(struct stage *dice)
{
    struct service_settings settings = stage_settings();
    settings.interval_ms = 3000;
    settings.confirm_interval_ms = 1000;
    settings.within_ms = 20000;
    settings.drain_ms[DRAIN_SLOW] = 4000;
    settings.drain_ms[DRAIN_PLANNED] = draw(dice, 2) == 0 ? 0 : 4000;
    settings.drain_ms[DRAIN_DOWN] = draw(dice, 3) == 0 ? 2000 : 0;
    settings.paused_max_ms = 10000;
    settings.verify_every_ms = 500;
    settings.verify_within_ms = 10000;
    settings.propagation_ms = 2000;
    settings.cooldown_ms = 5000;
    settings.budget_moves = 12;
    settings.max_aborts = 12;
    settings.blind_after_ms = 20000;
    settings.consecutive = draw(dice, 4) == 0;
    settings.versioned = draw(dice, 4) != 0;
    settings.failback_auto = draw(dice, 2) == 0;
    settings.failback_after_ms = 15000;
    settings.failback_longest_ms = 60000;
    return settings;
}

static void run(uint64_t seed)
{
    struct stage dice = {.seed = seed};
    prng_init(&dice.prng, seed);
    struct service_settings settings = swarm_settings(&dice);
    struct stage *stage = stage_new("swarm", draw(&dice, 3) == 0 ? 5 : 3, &settings);
    stage->seed = seed;
    prng_init(&stage->prng, seed + 1000000);
    stage->network.latency_max_ms = STAGE_LINK_MS + (time_ms)draw(stage, 40);
    stage_to(stage, 5000);
    while (stage->now_ms < FAULTS_MS) {
        happen(stage);
        stage_to(stage, stage->now_ms + (time_ms)draw(stage, GAP_MS));
    }
    stage_heal(stage);
    stage_to(stage, stage->now_ms + REST_MS);
    stage_judge(stage);
    assert_int_not_equal(stage_leader(stage), 0);
    stage_free(&stage);
}

static void whatever_happens_the_invariants_hold(void **state)
{
    const struct swarm *swarm = *state;
    for (uint64_t seed = swarm->first_seed; seed < swarm->first_seed + swarm->count; seed++)
        run(seed);
}

int main(int argc, char **argv)
{
    struct swarm swarm = {.first_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1,
                          .count = argc > 2 ? strtoull(argv[2], NULL, 10) : 300};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(whatever_happens_the_invariants_hold, &swarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
