#include "tests/sim/core/swarm_patrol.h"

#include "common/check.h"
#include "node/core/ledger.h"
#include "tests/sim/core/swarm_runs.h"

/* Realistic to harsh: three episodes a month, each with up to four troubles at once. */
enum {
    EPISODES_A_YEAR = 36,
    ELECTION_MS = 10000,
    HEARTBEAT_MS = 3000,
    PING_MS = 2900, /* still fresh: PEER_FRESH_MS */
    START_MS = 60000,
    TAIL_MS = 150000, /* `within`, and a patrol of everybody */
    REST_STEP_MS = 10000,
    REST_MOST_MS = 1800000,
    SKIPS_TRIED = 64,
    HOUR_MS = 3600000,
};

static bool sees_all_well(const struct stage *stage, node_id node)
{
    const struct core *core = stage->actors[node].core;
    const struct heard *heard = &core->heard[0];
    time_ms own_ms = stage_own_ms(stage, node);
    for (node_id voter = 1; voter <= stage->node_count; voter++) {
        if (heard->at_ms[voter] == 0 ||
            own_ms - heard->at_ms[voter] > 2 * stage->services[0].settings.interval_ms)
            return false;
        for (int side = 0; side < SIDE_N; side++)
            if (heard->votes[voter].side[side].value != VOTE_UP)
                return false;
    }
    return true;
}

/* What the node takes for a reference's, a peer's and the API's own time is that of a good day. */
static bool has_good_norms(const struct core *core)
{
    for (uint8_t i = 0; i < core->settings.reference_count; i++)
        if (rolling_minimum_get(&core->reference[i]) > 2 * STAGE_PATH_MS * 1000 + 10000)
            return false;
    return rolling_minimum_get(&core->proof.minimum) <= 2 * STAGE_API_MS * 1000;
}

/* What keeps the node from resting; NULL: nothing. */
static const char *unrest_of(const struct stage *stage, node_id node)
{
    const struct core *core = stage->actors[node].core;
    const struct service_record *record = &core->ledger.services[0];
    if (!stage->actors[node].up)
        return "a node is down";
    if (core->raft.leader == 0 || core->raft.applied_index != core->raft.log.last_index)
        return "a node lags behind";
    if (core->ledger.service_count != 1 || record->inquiry.index != 0 ||
        move_is_open(&record->move))
        return "an inquiry or a move is open";
    if (ledger_tick_every_ms(&core->ledger) != 0)
        return "a timer of the ledger runs";
    if (core->leading && core->in_doubt) /* a follower asks only once it leads */
        return "the leader doubts the time";
    if (!sees_all_well(stage, node))
        return "a vote is not UP";
    return has_good_norms(core) ? NULL : "what was inflated is taken for normal";
}

static const char *unrest_of_leader(const struct stage *stage, node_id leader)
{
    const struct lead *lead = &stage->actors[leader].core->leads[0];
    if (lead->proposed || lead->has_operation || lead->blind)
        return "the leader waits for something";
    for (node_id voter = 1; voter <= stage->node_count; voter++)
        for (int side = 0; side < SIDE_N; side++)
            if (lead->complaint[voter][side].quiet_until_ms != 0)
                return "a complaint's back-off runs";
    return NULL;
}

/* See the header: where nothing is left the next fault may come at once. */
static const char *unrest(const struct stage *stage)
{
    node_id leader = stage_leader(stage);
    const char *why = leader == 0 ? "nobody leads" : unrest_of_leader(stage, leader);
    for (node_id node = 1; node <= stage->node_count && why == NULL; node++)
        why = unrest_of(stage, node);
    return why;
}

static void come_to_rest(struct stage *stage)
{
    time_ms healed_ms = stage->now_ms;
    stage_to(stage, healed_ms + TAIL_MS);
    while (unrest(stage) != NULL) {
        if (stage->now_ms > healed_ms + REST_MOST_MS)
            stage_fail(stage, "the cluster does not come to rest: %s", unrest(stage));
        stage_to(stage, stage->now_ms + REST_STEP_MS);
    }
}

/* The time that is skipped is tried now and then. */
static void try_the_skip(struct stage *stage)
{
    uint64_t inquiries = checks_counts(stage)->inquiries;
    if (prng_below(&stage->prng, SKIPS_TRIED) != 0)
        return;
    stage_to(stage, stage->now_ms + HOUR_MS);
    if (unrest(stage) != NULL || checks_counts(stage)->inquiries != inquiries)
        stage_fail(stage, "quiet time is not as quiet as it was taken for");
}

/* DESIGN 2: the first look after interval/N at the latest (after interval, where voters were
 * shifted), then three ballots, and the switch. */
static time_ms bound_ms(const struct service_settings *settings)
{
    time_ms ballot_ms = settings->ballot_deadline_ms + CALL_GRACE_MS;
    time_ms call_ms =
        settings->confirm_interval_ms > ballot_ms ? settings->confirm_interval_ms : ballot_ms;
    return settings->interval_ms + settings->rule_fail * call_ms + STAGE_DEADLINE_MS;
}

/* The world is not toothless: the primary really dies, and the route must leave it in time. */
static void let_the_primary_die(struct stage *stage, struct swarm_sums *sums)
{
    checks_forbid_moves(stage, false);
    if (prng_below(&stage->prng, 2) == 0)
        episode_congest_minority(stage);
    time_ms died_ms = stage->now_ms;
    time_ms latest_ms = died_ms + bound_ms(&stage->services[0].settings);
    enum mood mood = prng_below(&stage->prng, 2) == 0 ? MOOD_HANGS : MOOD_REFUSES;
    stage_bot(stage, 0, SIDE_PRIMARY, mood);
    while (stage->services[0].platform.state != ROUTE_STANDBY) {
        if (stage->now_ms >= latest_ms)
            stage_fail(stage, "the primary died and was not moved within the bound");
        stage_to(stage, stage->now_ms + 100);
    }
    time_ms took_ms = stage->now_ms - died_ms;
    sums->deaths++;
    if (took_ms > sums->slowest_ms)
        sums->slowest_ms = took_ms;
}

void swarm_patrol_run(uint64_t seed, bool with_trace, struct swarm_sums *sums)
{
    struct stage_setup setup = {.name = "patrol",
                                .seed = seed,
                                .node_count = seed % 3 == 0 ? 5 : 3,
                                .settings = {stage_settings()},
                                .election_ms = ELECTION_MS,
                                .heartbeat_ms = HEARTBEAT_MS,
                                .ping_ms = PING_MS,
                                .wild = true,
                                .quiet = !with_trace,
                                .failed = swarm_failed};
    struct stage *stage = stage_open(&setup);
    checks_forbid_moves(stage, true);
    stage_to(stage, START_MS);
    come_to_rest(stage);
    for (int i = 0; i < EPISODES_A_YEAR; i++) {
        struct episode episode;
        /* The first fault may fall anywhere between two patrols. */
        stage_to(stage, stage->now_ms + (time_ms)prng_below(&stage->prng, 30000));
        episode_draw(stage, &episode);
        episode_play(stage, &episode);
        come_to_rest(stage);
        try_the_skip(stage);
        sums->episodes++;
    }
    let_the_primary_die(stage, sums);
    sums->node_years_permille += UINT64_C(1000) * stage->node_count;
    swarm_add(sums, stage);
    stage_free(&stage);
}
