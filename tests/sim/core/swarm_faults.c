#include "common/check.h"
#include "tests/sim/core/swarm_moves.h"

static node_id draw_node(struct moves *moves)
{
    node_id node = (node_id)(1 + moves_draw(moves, moves->stage->node_count));
    while (moves->minority_only && !moves->ill[node])
        node = (node_id)(node % moves->stage->node_count + 1);
    return node;
}

/* Faults at the leader are where the history is made. */
static node_id draw_victim(struct moves *moves)
{
    node_id leader = stage_leader(moves->stage);
    bool eligible = leader != 0 && (!moves->minority_only || moves->ill[leader]);
    return eligible && moves_draw(moves, 2) == 0 ? leader : draw_node(moves);
}

static uint16_t draw_service(struct moves *moves)
{
    return (uint16_t)moves_draw(moves, moves->stage->service_count);
}

static bool is_awake(const struct moves *moves, node_id node)
{
    const struct actor *actor = &moves->stage->actors[node];
    return actor->up && actor->stopped_until_ms <= moves->stage->now_ms;
}

/* Half of the time everybody sees it. */
static void happen_bot(struct moves *moves)
{
    node_id node = moves_draw(moves, 2) == 0 ? 0 : draw_node(moves);
    enum side side = moves_draw(moves, 3) == 0 ? SIDE_STANDBY : SIDE_PRIMARY;
    enum mood mood = (enum mood)moves_draw(moves, MOOD_N);
    if (!moves->minority_only)
        stage_bot_of(moves->stage, draw_service(moves), node, side, mood);
}

/* The serving side gets ill, the other one is well: a move is due. */
static void happen_illness(struct moves *moves)
{
    uint16_t service = draw_service(moves);
    const struct service_record *record = stage_record(moves->stage, service);
    if (moves->minority_only || record == NULL)
        return;
    enum mood mood = (enum mood)(MOOD_SLOW + moves_draw(moves, MOOD_N - MOOD_SLOW));
    stage_bot_of(moves->stage, service, 0, record->serving, mood);
    stage_bot_of(moves->stage, service, 0, side_other(record->serving), MOOD_WELL);
}

static void happen_reference(struct moves *moves)
{
    bool well = moves_draw(moves, 2) == 0;
    node_id node = moves->minority_only || moves_draw(moves, 2) == 0 ? draw_node(moves) : 0;
    stage_reference(moves->stage, node, well ? MOOD_WELL : MOOD_REFUSES);
}

static void happen_weather(struct moves *moves)
{
    struct weather *weather = &moves->stage->actors[draw_node(moves)].weather;
    *weather = (struct weather){0};
    if (moves_draw(moves, 2) == 0)
        return;
    weather->delay_ms = (time_ms)moves_draw(moves, 1200);
    weather->stall_ms = moves_draw(moves, 2) == 0 ? 0 : (time_ms)moves_draw(moves, 600);
    weather->loss_permille = moves_draw(moves, 2) == 0 ? 0 : (uint32_t)moves_draw(moves, 400);
    weather->late_ms = moves_draw(moves, 4) == 0 ? (int32_t)moves_draw(moves, 400) : 0;
}

/* A damaged log is not opened again; a minority of them may be. */
static void crash(struct moves *moves, node_id node)
{
    struct actor *actor = &moves->stage->actors[node];
    bool minority_ill = moves->minority_only && !moves->ill[node];
    if (actor->up)
        stage_crash(moves->stage, node);
    if (actor->ruined || minority_ill || moves->ruined_count >= moves->minority ||
        moves_draw(moves, 40) != 0)
        return;
    actor->ruined = true;
    moves->ruined_count++;
}

static void restart(struct moves *moves, node_id node)
{
    const struct actor *actor = &moves->stage->actors[node];
    if (!actor->up && !actor->ruined)
        stage_restart(moves->stage, node);
}

static void happen_crash(struct moves *moves)
{
    node_id node = draw_victim(moves);
    if (moves->stage->actors[node].up)
        crash(moves, node);
    else
        restart(moves, node);
}

/* In the midst of what a step asks for. */
static void happen_crash_within(struct moves *moves)
{
    node_id node = draw_victim(moves);
    moves->stage->actors[node].effects_left = 1 + (uint32_t)moves_draw(moves, 100);
}

static void happen_restarts(struct moves *moves)
{
    for (node_id node = 1; node <= moves->stage->node_count; node++)
        restart(moves, node);
}

static void happen_trap(struct moves *moves)
{
    enum trap trap = (enum trap)(TRAP_ACCEPTED + moves_draw(moves, 4));
    enum route_step step = (enum route_step)moves_draw(moves, ROUTE_STEP_N);
    struct platform *platform = &moves->stage->services[draw_service(moves)].platform;
    /* A successor comes while the request is still under way. */
    if (trap == TRAP_SENT && moves_draw(moves, 2) == 0 &&
        platform->fault_first == platform->fault_count)
        platform_add_fault(platform, PLATFORM_SLOW, 1);
    stage_trap(moves->stage, trap, step, (enum move_state)moves_draw(moves, MOVE_STATE_N));
}

static void happen_heal_network(struct moves *moves)
{
    network_heal(&moves->stage->network);
}

static void happen_network_weather(struct moves *moves)
{
    struct network *network = &moves->stage->network;
    network->loss_permille = (uint32_t)moves_draw(moves, 150);
    network->duplicate_permille = (uint32_t)moves_draw(moves, 300);
    network->latency_max_ms = network->latency_min_ms + (time_ms)moves_draw(moves, 100);
}

static void happen_isolate(struct moves *moves)
{
    stage_isolate(moves->stage, draw_victim(moves));
}

static void happen_one_way(struct moves *moves)
{
    network_cut(&moves->stage->network, draw_victim(moves), draw_node(moves));
}

/* A and B, B and C, but not A and C. */
static void happen_bridge(struct moves *moves)
{
    node_id a = draw_victim(moves);
    node_id c = draw_node(moves);
    network_cut(&moves->stage->network, a, c);
    network_cut(&moves->stage->network, c, a);
}

static void happen_split(struct moves *moves)
{
    uint64_t sides = moves_draw(moves, UINT64_C(1) << moves->stage->node_count);
    for (node_id a = 1; a <= moves->stage->node_count; a++)
        for (node_id b = 1; b <= moves->stage->node_count; b++)
            if (!moves->minority_only && ((sides >> (a - 1)) & 1) != ((sides >> (b - 1)) & 1))
                network_cut(&moves->stage->network, a, b);
}

static void happen_api_cut(struct moves *moves)
{
    node_id node = moves_draw(moves, 2) == 0 && !moves->minority_only ? 0 : draw_node(moves);
    stage_cut_api(moves->stage, node, moves_draw(moves, 2) == 0);
}

static void happen_api_weather(struct moves *moves)
{
    struct platform *platform = &moves->stage->services[draw_service(moves)].platform;
    bool slow = moves_draw(moves, 2) == 0;
    platform->delay_ms = slow ? (time_ms)moves_draw(moves, STAGE_DEADLINE_MS) : 0;
    platform->read_trouble_permille =
        moves_draw(moves, 2) == 0 ? 0 : (uint32_t)moves_draw(moves, 400);
}

static void happen_heal_api(struct moves *moves)
{
    stage_cut_api(moves->stage, 0, false);
    for (uint16_t i = 0; i < moves->stage->service_count; i++) {
        moves->stage->services[i].platform.delay_ms = 0;
        moves->stage->services[i].platform.read_trouble_permille = 0;
    }
}

/* A late request is told from a new one by its version. Of a unit it is the second request as often
 * as the next one. */
static void happen_platform(struct moves *moves)
{
    struct platform *platform = &moves->stage->services[draw_service(moves)].platform;
    enum platform_fault fault = (enum platform_fault)(1 + moves_draw(moves, PLATFORM_FAULT_N - 1));
    bool halfway = platform->part_count > 1 && moves_draw(moves, 2) == 0;
    bool rare = fault == PLATFORM_FORBIDDEN && !halfway && moves_draw(moves, 4) != 0;
    bool promised = fault != PLATFORM_LATE || (moves->late && platform->versioned);
    if (rare || !promised ||
        platform->fault_count - platform->fault_first + 1 >= PLATFORM_FAULTS_MAX)
        return;
    if (halfway)
        platform_add_fault(platform, PLATFORM_WELL, 1);
    platform_add_fault(platform, fault, 1);
}

static void happen_human(struct moves *moves)
{
    uint16_t service = draw_service(moves);
    enum route_state state =
        (enum route_state)(ROUTE_PRIMARY + moves_draw(moves, ROUTE_MIXED - ROUTE_PRIMARY));
    const struct platform *platform = &moves->stage->services[service].platform;
    if (!moves->stage->services[service].settings.versioned)
        return;
    if (platform->part_count > 1 && moves_draw(moves, 3) != 0)
        stage_edit_part(moves->stage, service, (uint8_t)moves_draw(moves, platform->part_count),
                        state);
    else
        stage_edit_of(moves->stage, service, state);
}

/* What a human made of the route is taken back; holds, disarming and BLOCKED moves end. */
static void happen_repair(struct moves *moves)
{
    for (uint16_t i = 0; i < moves->stage->service_count; i++) {
        const struct platform *platform = &moves->stage->services[i].platform;
        if (platform->by_human && platform->state != ROUTE_PRIMARY)
            stage_edit_of(moves->stage, i, ROUTE_PRIMARY);
        for (int arm = 0; arm < 2; arm++) {
            node_id leader = stage_leader(moves->stage);
            if (leader != 0 && is_awake(moves, leader))
                (void)stage_operate_on(moves->stage, i, arm ? OPERATION_ARM : OPERATION_RELEASE, 0);
        }
    }
}

static void happen_operation(struct moves *moves)
{
    node_id leader = stage_leader(moves->stage);
    uint16_t service = draw_service(moves);
    const struct service_record *record = stage_record(moves->stage, service);
    enum operation_kind kind = (enum operation_kind)moves_draw(moves, OPERATION_KIND_N);
    if (record != NULL && moves_draw(moves, 2) == 0)
        kind = record->serving == SIDE_PRIMARY ? OPERATION_FAILOVER : OPERATION_FAILBACK;
    if (leader != 0 && is_awake(moves, leader))
        (void)stage_operate_on(moves->stage, service, kind, 5000);
}

static void happen_clock(struct moves *moves)
{
    node_id node = draw_victim(moves);
    if (is_awake(moves, node)) /* a smaller one is not noticed, and no boot-time clock makes it */
        stage_jump_clock(moves->stage, node,
                         STAGE_ELECTION_MS / 2 + 1 + (time_ms)moves_draw(moves, 5000));
}

static void happen_stop(struct moves *moves)
{
    node_id node = draw_victim(moves);
    if (is_awake(moves, node))
        stage_stop(moves->stage, node, (time_ms)moves_draw(moves, 5000));
}

static void happen_transfer(struct moves *moves)
{
    node_id leader = stage_leader(moves->stage);
    if (leader != 0 && is_awake(moves, leader))
        stage_transfer(moves->stage);
}

static void happen_disk(struct moves *moves)
{
    struct actor *actor = &moves->stage->actors[draw_node(moves)];
    actor->persist_more_ms = moves_draw(moves, 2) == 0 ? 0 : (time_ms)moves_draw(moves, 800);
    actor->disk_full = moves_draw(moves, 6) == 0;
}

static void happen_lie(struct moves *moves)
{
    node_id node = draw_node(moves);
    if (moves->ill[node])
        moves->stage->actors[node].lie = (enum lie)moves_draw(moves, LIE_N);
}

static const struct {
    uint64_t weight;
    void (*happen)(struct moves *moves);
} faults[] = {
    {6, happen_bot},
    {70, happen_illness},
    {1, happen_reference},
    {3, happen_weather},
    {2, happen_crash},
    {3, happen_crash_within},
    {6, happen_restarts},
    {5, happen_trap},
    {8, happen_heal_network},
    {2, happen_isolate},
    {2, happen_network_weather},
    {1, happen_one_way},
    {1, happen_bridge},
    {1, happen_split},
    {2, happen_api_cut},
    {4, happen_platform},
    {2, happen_api_weather},
    {8, happen_heal_api},
    {2, happen_human},
    {4, happen_repair},
    {6, happen_operation},
    {2, happen_clock},
    {2, happen_stop},
    {1, happen_transfer},
    {2, happen_disk},
    {2, happen_lie},
};

void moves_happen(struct moves *moves)
{
    uint64_t whole = 0;
    for (size_t i = 0; i < ARRAY_COUNT(faults); i++)
        whole += faults[i].weight;
    uint64_t place = moves_draw(moves, whole);
    size_t i = 0;
    while (place >= faults[i].weight)
        place -= faults[i++].weight;
    moves->fault_count++;
    faults[i].happen(moves);
}
