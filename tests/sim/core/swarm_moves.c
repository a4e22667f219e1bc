#include "tests/sim/core/swarm_moves.h"

#include "common/check.h"
#include "tests/sim/core/swarm_runs.h"

enum {
    START_MS = 5000,
    FAULTS_MS = 240000,
    GAP_MS = 3000,
    HEARTBEAT_MS = 200, /* five in an election, so that steps are about moves */
    REST_STEP_MS = 5000,
    REST_LEAST_MS = 30000, /* nothing that was opened late may be missed */
    REST_MOST_MS = 180000, /* longer than any of the settings' times below */
    CLOCK_DRIFT_PERMILLE = 50,
};

uint64_t moves_draw(struct moves *moves, uint64_t bound)
{
    return prng_below(&moves->stage->prng, bound);
}

/* Short, so that much happens: a patrol every 2 to 4 s, a ballot every second, drains of 4 s. */
static struct service_settings draw_settings(struct prng *dice)
{
    struct service_settings settings = stage_settings();
    settings.interval_ms = 2000 + (time_ms)prng_below(dice, 2000);
    settings.confirm_interval_ms = 700 + (time_ms)prng_below(dice, 800);
    settings.within_ms = 20000;
    settings.ballot_deadline_ms = 1500 + (time_ms)prng_below(dice, 1500);
    settings.drain_ms[DRAIN_SLOW] = 4000;
    settings.drain_ms[DRAIN_PLANNED] = prng_below(dice, 2) == 0 ? 0 : 4000;
    settings.drain_ms[DRAIN_DOWN] = prng_below(dice, 3) == 0 ? 2000 : 0;
    settings.paused_max_ms = 10000;
    settings.verify_every_ms = 500;
    settings.verify_within_ms = 10000;
    settings.propagation_ms = STAGE_LATE_MS - STAGE_DEADLINE_MS; /* what is late comes within */
    settings.cooldown_ms = 500 + (time_ms)prng_below(dice, 4000);
    settings.budget_moves = (uint8_t)(4 + prng_below(dice, 12));
    settings.budget_window_ms = 60000;
    settings.max_aborts = 12;
    settings.max_concurrent = prng_below(dice, 4) == 0 ? 1 : STAGE_SERVICES_MAX - 1;
    settings.priority = (uint8_t)(1 + prng_below(dice, 3));
    settings.min_zones = (uint8_t)(1 + prng_below(dice, STAGE_ZONES));
    settings.blind_after_ms = 20000;
    settings.consecutive = prng_below(dice, 4) == 0;
    settings.rule_of = prng_below(dice, 4) == 0 ? 3 : 5;
    settings.rule_fail = settings.rule_of == 3 ? 2 : 3;
    settings.versioned = prng_below(dice, 4) != 0;
    settings.failback_auto = prng_below(dice, 2) == 0;
    settings.failback_after_ms = settings.cooldown_ms + (time_ms)prng_below(dice, 10000);
    settings.failback_longest_ms = 30000;
    return settings;
}

/* In one seed of four half of the services end their drains by count. */
static void draw_counting(uint64_t seed, struct stage_setup *setup)
{
    struct prng dice;
    prng_init(&dice, ~seed);
    for (uint16_t i = 0; seed % 4 == 0 && i < setup->service_count; i++) {
        struct service_settings *settings = &setup->settings[i];
        if (prng_below(&dice, 2) == 0)
            continue;
        settings->drain_every_ms = 300 + (time_ms)prng_below(&dice, 1200);
        settings->drain_ms[DRAIN_SLOW] = 7500;
        settings->drain_ms[DRAIN_PLANNED] = 7500;
        settings->paused_max_ms = 12000;
    }
}

/* Conversations end by themselves; an edge may hear of the pause late, but within `propagation` by
 * the fastest of the clocks. */
static void draw_conversations(struct stage *stage)
{
    struct prng dice;
    prng_init(&dice, ~stage->seed);
    for (uint16_t i = 0; i < stage->service_count; i++) {
        struct platform *platform = &stage->services[i].platform;
        platform->linger_ms = (time_ms)prng_below(&dice, 3000);
        platform->straggle_ms =
            (time_ms)prng_below(&dice, (STAGE_LATE_MS - STAGE_DEADLINE_MS) * 9 / 10);
    }
}

/* Two services of five have two or three routes; where the service is unversioned one of them is.
 */
static void draw_units(uint64_t seed, struct stage_setup *setup)
{
    struct prng dice;
    prng_init(&dice, ~seed); /* of its own: what else is drawn stays as it was */
    for (uint16_t i = 0; i < setup->service_count; i++) {
        uint8_t count = (uint8_t)(2 + prng_below(&dice, PLATFORM_PARTS_MAX - 1));
        uint32_t all = (UINT32_C(1) << count) - 1;
        uint32_t without = all & ~(UINT32_C(1) << prng_below(&dice, count));
        uint32_t none = prng_below(&dice, 2) == 0 ? 0 : without;
        if (prng_below(&dice, 5) >= 2)
            continue;
        setup->part_count[i] = count;
        setup->part_versioned[i] = setup->settings[i].versioned ? all : none;
    }
}

static struct stage_setup draw_setup(uint64_t seed, bool with_trace, struct prng *dice)
{
    struct stage_setup setup = {.name = "moves",
                                .seed = seed,
                                .node_count = prng_below(dice, 3) == 0 ? 5 : 3,
                                .service_count =
                                    (uint16_t)(2 + prng_below(dice, STAGE_SERVICES_MAX - 1)),
                                .heartbeat_ms = HEARTBEAT_MS,
                                .snapshot_every = 20 + (uint32_t)prng_below(dice, 100),
                                .snapshot_trailing = 1 + (uint32_t)prng_below(dice, 30),
                                .wild = true,
                                .quiet = !with_trace,
                                .failed = swarm_failed};
    for (uint16_t i = 0; i < setup.service_count; i++) {
        setup.settings[i] = draw_settings(dice);
        setup.settings[i].config_hash += i;
    }
    draw_counting(seed, &setup);
    draw_units(seed, &setup);
    uint64_t drift = prng_below(dice, CLOCK_DRIFT_PERMILLE + 1);
    for (node_id node = 1; node <= setup.node_count; node++)
        setup.clock_permille[node] =
            1000 - (int64_t)drift + (int64_t)prng_below(dice, 2 * drift + 1);
    return setup;
}

static void choose_ill(struct moves *moves, struct prng *dice)
{
    node_id count = moves->stage->node_count;
    moves->minority = (node_id)((count - 1) / 2);
    for (node_id i = 0; i < moves->minority; i++)
        moves->ill[1 + prng_below(dice, count)] = true;
    moves->minority_only = prng_below(dice, 6) == 0;
    moves->late = prng_below(dice, 2) == 0;
    if (moves->minority_only)
        checks_forbid_moves(moves->stage, true);
}

static bool all_rest(const struct stage *stage)
{
    for (uint16_t i = 0; i < stage->service_count; i++) {
        const struct service_record *record = stage_record(stage, i);
        if (record == NULL || record->inquiry.index != 0 ||
            (move_is_open(&record->move) && record->move.state != MOVE_BLOCKED))
            return false;
    }
    return stage_leader(stage) != 0;
}

/* Safety under faults first, then all is healed and progress required: invariant 8. */
static void rest(struct stage *stage)
{
    stage_heal(stage);
    time_ms healed_ms = stage->now_ms;
    stage_to(stage, healed_ms + REST_LEAST_MS);
    while (!all_rest(stage) && stage->now_ms < healed_ms + REST_MOST_MS)
        stage_to(stage, stage->now_ms + REST_STEP_MS);
    stage_judge(stage);
    if (stage_leader(stage) == 0)
        stage_fail(stage, "nobody leads after all was healed");
}

void swarm_moves_run(uint64_t seed, bool with_trace, struct swarm_sums *sums)
{
    struct prng dice;
    prng_init(&dice, seed);
    struct stage_setup setup = draw_setup(seed, with_trace, &dice);
    struct stage *stage = stage_open(&setup);
    struct moves moves = {.stage = stage};
    choose_ill(&moves, &dice);
    draw_conversations(stage);
    stage->network.latency_max_ms = STAGE_LINK_MS + (time_ms)prng_below(&dice, 40);
    stage_to(stage, START_MS);
    while (stage->now_ms < FAULTS_MS) {
        moves_happen(&moves);
        stage_to(stage, stage->now_ms + (time_ms)moves_draw(&moves, GAP_MS));
    }
    rest(stage);
    swarm_add(sums, stage);
    sums->faults += moves.fault_count;
    stage_free(&stage);
}
