#include <string.h>

#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "proto/level.h"

void operate_reply(uint64_t request_id, enum why why, log_index move, time_ms earliest_ms,
                   struct update *update)
{
    struct effect *effect = update_add(update, EFFECT_REPLY);
    effect->as.reply.request_id = request_id;
    effect->as.reply.accepted = why == WHY_NONE || why == WHY_DUPLICATE;
    effect->as.reply.why = why;
    effect->as.reply.move = move;
    effect->as.reply.earliest_ms = earliest_ms;
}

static void propose_actor(struct core *core, service_slot slot, enum command_kind kind,
                          const struct operation *operation, struct update *update)
{
    struct command command = {.kind = kind, .service = slot, .request_id = operation->request_id};
    command.as.actor.actor = operation->actor;
    memcpy(command.as.actor.reason, operation->reason, sizeof command.as.actor.reason);
    core_propose(core, &command, update);
}

static void propose_hold(struct core *core, service_slot slot, enum command_kind kind,
                         const struct operation *operation, struct update *update)
{
    struct command command = {.kind = kind, .service = slot, .request_id = operation->request_id};
    struct command_hold *hold = &command.as.hold;
    hold->actor = operation->actor;
    hold->indefinite = operation->indefinite;
    hold->for_ms = operation->for_ms;
    memcpy(hold->reason, operation->reason, sizeof hold->reason);
    core_propose(core, &command, update);
}

static enum side destination(const struct operation *operation)
{
    return operation->kind == OPERATION_FAILOVER ? SIDE_STANDBY : SIDE_PRIMARY;
}

/* A move that an operator asks for waits for a reading of the route that is younger than the
 * request. */
static void begin_move(struct core *core, service_slot slot, const struct operation *operation,
                       struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    struct move_opening opening = {
        .to = destination(operation), .cause = CAUSE_OPERATOR, .force = operation->force};
    struct guard_answer answer = guard_open(&core->ledger, service, &opening);
    if (lead->has_operation && lead->operation.request_id == operation->request_id)
        return; /* the same request by another way: one answer comes for all */
    if (lead->has_operation)
        answer = (struct guard_answer){.why = WHY_MOVE_OPEN, .earliest_ms = TIME_UNKNOWN};
    if (operation->expects && service->serving != operation->expected)
        answer = (struct guard_answer){.why = WHY_EXPECTATION, .earliest_ms = TIME_UNKNOWN};
    if (answer.why != WHY_NONE && answer.why != WHY_ROUTE_UNREAD &&
        answer.why != WHY_DESTINATION_NOT_BETTER) {
        time_ms earliest_ms = answer.earliest_ms == TIME_UNKNOWN
                                  ? -1
                                  : answer.earliest_ms - core_ledger_now(core, core->now_ms);
        operate_reply(operation->request_id, answer.why, 0, earliest_ms, update);
        return;
    }
    lead->has_operation = true;
    lead->operation = *operation;
    lead->operation_ms = core->now_ms;
    lead->operation_index = core->ledger.index;
    lead->read_ticket = 0;
    inquiry_prepare(core, slot, update);
    if (answer.why == WHY_DESTINATION_NOT_BETTER || core->in_doubt)
        inquiry_ask(core, slot, opening.to, update);
}

static void operate_on_all(struct core *core, const struct operation *operation,
                           struct update *update)
{
    if (core->ledger.level < PROTO_LEVEL_HELLO)
        operate_reply(operation->request_id, WHY_LEVEL, 0, -1, update);
    else if (operation->kind == OPERATION_HOLD_ALL)
        propose_hold(core, SERVICE_SLOT_NONE, COMMAND_HOLD_ALL, operation, update);
    else
        propose_actor(core, SERVICE_SLOT_NONE, COMMAND_RELEASE_ALL, operation, update);
}

void operate_on_request(struct core *core, const struct operation *operation, struct update *update)
{
    service_slot slot = ledger_find(&core->ledger, &operation->service);
    const struct request_record *known = ledger_request(&core->ledger, operation->request_id);
    enum why gate = core_leader_gate(core);
    if (known != NULL) {
        operate_reply(known->id, known->why, known->move, -1, update);
        return;
    }
    if (slot == SERVICE_SLOT_NONE && !operation_is_of_all(operation->kind))
        gate = WHY_UNKNOWN_SERVICE;
    if (gate != WHY_NONE && gate != WHY_TIME_IN_DOUBT) {
        operate_reply(operation->request_id, gate, 0, -1, update);
        return;
    }
    switch (operation->kind) {
    case OPERATION_FAILOVER:
    case OPERATION_FAILBACK:
        begin_move(core, slot, operation, update);
        break;
    case OPERATION_HOLD:
        propose_hold(core, slot, COMMAND_HOLD, operation, update);
        break;
    case OPERATION_RELEASE:
        propose_actor(core, slot, COMMAND_RELEASE, operation, update);
        break;
    case OPERATION_ARM:
        propose_actor(core, slot, COMMAND_ARM, operation, update);
        break;
    case OPERATION_DISARM:
        propose_actor(core, slot, COMMAND_DISARM, operation, update);
        break;
    case OPERATION_ACK:
        propose_actor(core, slot, COMMAND_ACK, operation, update);
        break;
    case OPERATION_HOLD_ALL:
    case OPERATION_RELEASE_ALL:
        operate_on_all(core, operation, update);
        break;
    case OPERATION_KIND_N:
        break;
    }
}

static void propose_move(struct core *core, service_slot slot, const struct move_opening *opening,
                         struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct operation *operation = &lead->operation;
    struct command command = {
        .kind = COMMAND_MOVE_OPEN, .service = slot, .request_id = operation->request_id};
    struct command_move_open *open = &command.as.move_open;
    open->move = *opening;
    open->actor = operation->actor;
    open->expects = operation->expects;
    open->expected = operation->expected;
    memcpy(open->reason, operation->reason, sizeof open->reason);
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

/* A reading of the route, and a ballot where an older one speaks against the destination. */
static time_ms patience_ms(const struct core *core, const struct service_record *service)
{
    return 2 * core->settings.actuator_deadline_ms + service->settings.ballot_deadline_ms +
           CALL_GRACE_MS;
}

/* The reading of the route, or the ballot on the destination, that was asked for is yet to come. */
static bool may_change(const struct service_record *service, const struct lead *lead, enum why why)
{
    const struct rolling *rolling = &service->rolling[destination(&lead->operation)];
    if (why == WHY_DESTINATION_NOT_BETTER)
        return rolling->count == 0 ||
               rolling->records[rolling->count - 1].index <= lead->operation_index;
    return why == WHY_ROUTE_UNREAD || why == WHY_TIME_IN_DOUBT;
}

void operate_tick(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    struct move_opening opening;
    if (!lead->has_operation || lead->proposed)
        return;
    time_ms until_ms = lead->operation_ms + patience_ms(core, service);
    enum why why = inquiry_opening(core, slot, destination(&lead->operation), CAUSE_OPERATOR,
                                   lead->operation.force, SEVERITY_SLOW, &opening);
    if (why == WHY_NONE)
        why = guard_open(&core->ledger, service, &opening).why;
    if (why == WHY_NONE) {
        propose_move(core, slot, &opening, update);
        lead->has_operation = false;
    } else if (core->now_ms >= until_ms || !may_change(service, lead, why)) {
        operate_reply(lead->operation.request_id, why, 0, -1, update);
        lead->has_operation = false;
    } else {
        update_deadline(update, until_ms);
    }
}
