#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

static const char *who(node_id node)
{
    static const char *const names[] = {"all", "n1", "n2", "n3", "n4", "n5", "n6", "n7"};
    return names[node];
}

static const char *mood_name(enum mood mood)
{
    static const char *const names[MOOD_N] = {"well", "slow", "refusing", "hanging", "wrong"};
    return names[mood];
}

void stage_bot_of(struct stage *stage, uint16_t service, node_id node, enum side side,
                  enum mood mood)
{
    stage_say(stage, 0, "%s is %s for %s", side_name(side), mood_name(mood), who(node));
    for (node_id each = 1; each <= stage->node_count; each++)
        if (node == 0 || node == each)
            stage->services[service].bots[each][side] = mood;
}

void stage_bot(struct stage *stage, node_id node, enum side side, enum mood mood)
{
    stage_bot_of(stage, 0, node, side, mood);
}

void stage_reference(struct stage *stage, node_id node, enum mood mood)
{
    stage_say(stage, 0, "references are %s for %s", mood_name(mood), who(node));
    for (node_id each = 1; each <= stage->node_count; each++)
        for (size_t i = 0; i < STAGE_REFERENCES && (node == 0 || node == each); i++)
            stage->references[each][i] = mood;
}

void stage_congest(struct stage *stage, node_id node, bool congested)
{
    stage_say(stage, 0, "%s is %scongested", who(node), congested ? "" : "no longer ");
    stage->actors[node].weather =
        congested ? (struct weather){.delay_ms = STAGE_CONGESTED_MS, .stall_ms = STAGE_STALL_MS}
                  : (struct weather){0};
}

void stage_cut_api(struct stage *stage, node_id node, bool cut)
{
    stage_say(stage, 0, "the API is %sreached by %s", cut ? "not " : "", who(node));
    for (node_id each = 1; each <= stage->node_count; each++)
        if (node == 0 || node == each)
            stage->actors[each].api_cut = cut;
}

void stage_fault(struct stage *stage, enum platform_fault fault, size_t count)
{
    platform_add_fault(&stage->services[0].platform, fault, count);
}

void stage_edit_of(struct stage *stage, uint16_t service, enum route_state state)
{
    stage_say(stage, 0, "somebody sets the route to %s", route_state_name(state));
    platform_edit(&stage->services[service].platform, state);
    checks_on_route(stage, service, true, true);
}

void stage_edit_part(struct stage *stage, uint16_t service, uint8_t part, enum route_state state)
{
    stage_say(stage, 0, "somebody sets part %u of the route to %s", part + 1,
              route_state_name(state));
    platform_edit_part(&stage->services[service].platform, part, state);
    checks_on_route(stage, service, true, true);
}

void stage_edit(struct stage *stage, enum route_state state)
{
    stage_edit_of(stage, 0, state);
}

void stage_isolate(struct stage *stage, node_id node)
{
    stage_say(stage, 0, "%s is cut off", who(node));
    network_isolate(&stage->network, node);
}

/* A human takes back what humans did. */
static void heal_service(struct stage *stage, uint16_t service)
{
    struct platform *platform = &stage->services[service].platform;
    platform->fault_first = platform->fault_count;
    platform->delay_ms = 0;
    platform->read_trouble_permille = 0;
    memset(stage->services[service].bots, 0, sizeof stage->services[service].bots);
    if (platform->by_human && platform->state != ROUTE_PRIMARY) /* of a unit: all of it */
        stage_edit_of(stage, service, ROUTE_PRIMARY);
}

static void heal_node(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    bool sick = actor->disk_full || actor->core->raft.failed;
    actor->weather = (struct weather){0};
    actor->api_cut = false;
    actor->lie = LIE_NONE;
    actor->effects_left = 0;
    actor->disk_full = false;
    actor->persist_more_ms = 0;
    if (actor->up && sick)
        stage_crash(stage, node);
    if (!actor->up && !actor->ruined)
        stage_restart(stage, node);
}

void stage_heal(struct stage *stage)
{
    stage_say(stage, 0, "everything is well again");
    network_heal(&stage->network);
    stage->trap = TRAP_NONE;
    for (uint16_t i = 0; i < stage->service_count; i++)
        heal_service(stage, i);
    memset(stage->references, 0, sizeof stage->references);
    for (node_id node = 1; node <= stage->node_count; node++)
        heal_node(stage, node);
}

void stage_crash(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    CHECK(actor->up);
    stage_say(stage, node, "crashes");
    actor->up = false;
    stage->rafts.nodes[node].up = false;
    actor->role_shown = RAFT_FOLLOWER;
    stage_disk_crash(stage, node);
}

void stage_restart(struct stage *stage, node_id node)
{
    stage_say(stage, node, "starts again");
    stage_start(stage, node);
}

void stage_doubt_time(struct stage *stage, node_id node)
{
    struct event event = {.kind = EVENT_TIME_DOUBT};
    stage_say(stage, node, "doubts the time");
    stage_step(stage, node, &event);
}

void stage_transfer(struct stage *stage)
{
    node_id leader = stage_leader(stage);
    struct event event = {.kind = EVENT_TRANSFER};
    if (leader == 0)
        return;
    stage_say(stage, leader, "hands leadership over");
    stage_step(stage, leader, &event);
}

void stage_stop(struct stage *stage, node_id node, time_ms duration_ms)
{
    struct actor *actor = &stage->actors[node];
    if (actor->stopped_until_ms > stage->now_ms)
        return;
    stage_say(stage, node, "stands still for %lld ms", (long long)duration_ms);
    struct stage_item *item = stage_first_then(stage, duration_ms, ITEM_EVENT, node);
    item->incarnation = actor->incarnation;
    item->event.kind = EVENT_TIME_DOUBT;
    actor->stopped_until_ms = stage->now_ms + duration_ms;
}

/* The boot-time clock of a machine that was suspended, or of a hypervisor that mends it. The driver
 * notices what is more than half an election. */
void stage_jump_clock(struct stage *stage, node_id node, time_ms jump_ms)
{
    stage_say(stage, node, "finds its clock %lld ms later", (long long)jump_ms);
    stage_set_clock(stage, node, stage_own_ms(stage, node) + jump_ms);
    CHECK(jump_ms > stage->setup.election_ms / 2);
    stage->jumped_ms = stage->now_ms;
    stage_doubt_time(stage, node);
}

uint64_t stage_operate_on(struct stage *stage, uint16_t service, enum operation_kind kind,
                          time_ms for_ms)
{
    node_id leader = stage_leader(stage);
    struct operation operation = {.request_id = ++stage->next_request + 1000,
                                  .kind = kind,
                                  .service = stage->services[service].name,
                                  .actor = {"ada"},
                                  .reason = "planned",
                                  .for_ms = for_ms};
    struct event event = {.kind = EVENT_OPERATE};
    if (leader == 0)
        stage_fail(stage, "nobody leads");
    stage_say(stage, 0, "ada asks for %s", operation_kind_name(kind));
    event.as.operation = &operation;
    checks_on_operation(stage, operation.request_id);
    stage_step(stage, leader, &event);
    return operation.request_id;
}

uint64_t stage_operate(struct stage *stage, enum operation_kind kind, time_ms for_ms)
{
    return stage_operate_on(stage, 0, kind, for_ms);
}

void stage_trap(struct stage *stage, enum trap trap, enum route_step step, enum move_state state)
{
    stage->trap = trap;
    stage->trap_step = step;
    stage->trap_state = state;
    stage->trapped = 0;
}
