#include "node/core/ledger.h"

#include <string.h>

#include "common/check.h"
#include "node/core/failback.h"
#include "node/core/guard.h"
#include "node/core/ledger_parts.h"
#include "proto/level.h"

void ledger_init(struct ledger *ledger)
{
    memset(ledger, 0, sizeof *ledger);
    ledger->level = PROTO_LEVEL_FIRST;
}

struct service_record *ledger_service(struct ledger *ledger, service_slot slot)
{
    return slot < ledger->service_count ? &ledger->services[slot] : NULL;
}

service_slot ledger_find(const struct ledger *ledger, const struct name *name)
{
    for (service_slot slot = 0; slot < ledger->service_count; slot++)
        if (name_equal(&ledger->services[slot].name, name))
            return slot;
    return SERVICE_SLOT_NONE;
}

enum drain_kind ledger_drain_kind(enum move_cause cause, enum severity severity)
{
    if (cause != CAUSE_CONVICTION)
        return DRAIN_PLANNED;
    return severity == SEVERITY_DOWN ? DRAIN_DOWN : DRAIN_SLOW;
}

static bool has_timer(const struct service_record *service, time_ms now_ms)
{
    if (service->inquiry.index != 0 || move_is_open(&service->move) ||
        now_ms < service->cooldown_until_ms || (service->hold.active && !service->hold.indefinite))
        return true;
    for (int side = 0; side < SIDE_N; side++) {
        const struct rolling *rolling = &service->rolling[side];
        if (rolling->count > 0 &&
            now_ms - rolling->records[rolling->count - 1].closed_ms < service->settings.within_ms)
            return true;
    }
    return false;
}

static bool is_ageing(const struct time_list *list, const struct service_record *service,
                      time_ms now_ms)
{
    return list->count > 0 &&
           now_ms - list->at_ms[list->count - 1] < service->settings.budget_window_ms;
}

static bool awaits_failback(const struct service_record *service, time_ms now_ms)
{
    time_ms due_ms = failback_due_ms(service);
    return due_ms != TIME_UNKNOWN && now_ms < due_ms;
}

time_ms ledger_tick_every_ms(const struct ledger *ledger)
{
    time_ms every_ms = ledger->token_count > 0 ? LEDGER_SLOW_TICK_MS : 0;
    if (ledger->hold.active && !ledger->hold.indefinite)
        return LEDGER_TICK_MS;
    for (uint16_t i = 0; i < ledger->service_count; i++) {
        const struct service_record *service = &ledger->services[i];
        if (has_timer(service, ledger->now_ms))
            return LEDGER_TICK_MS;
        if (is_ageing(&service->moves, service, ledger->now_ms) ||
            is_ageing(&service->aborts, service, ledger->now_ms) ||
            awaits_failback(service, ledger->now_ms))
            every_ms = LEDGER_SLOW_TICK_MS;
    }
    return every_ms;
}

static enum why apply_cluster(struct application *application)
{
    struct ledger *ledger = application->ledger;
    const struct command_cluster *cluster = &application->command->as.cluster;
    if (ledger->node_count != 0)
        return WHY_DUPLICATE;
    memcpy(ledger->cluster_id, cluster->cluster_id, sizeof ledger->cluster_id);
    memcpy(ledger->nodes, cluster->nodes, sizeof ledger->nodes);
    ledger->node_count = cluster->node_count;
    return WHY_NONE;
}

/* An operator's arm or disarm holds until the file's mode itself is changed. */
static enum why apply_service_set(struct application *application)
{
    struct ledger *ledger = application->ledger;
    const struct command_service_set *set = &application->command->as.service_set;
    service_slot slot = ledger_find(ledger, &set->name);
    if (slot == SERVICE_SLOT_NONE) {
        if (ledger->service_count == SERVICE_COUNT_MAX)
            return WHY_FULL;
        slot = ledger->service_count++;
        ledger->services[slot] = (struct service_record){.name = set->name};
        ledger->services[slot].mode = set->settings.mode;
    } else if (ledger->services[slot].settings.mode != set->settings.mode) {
        ledger->services[slot].mode = set->settings.mode;
    }
    ledger->services[slot].settings = set->settings;
    ledger->services[slot].settings_level = application->command->level;
    application->applied->service = slot;
    return WHY_NONE;
}

static enum why apply_level(struct application *application)
{
    uint8_t level = application->command->as.level.level;
    if (level <= application->ledger->level)
        return WHY_STALE;
    application->ledger->level = level;
    return WHY_NONE;
}

static enum why apply_member(struct application *application)
{
    struct ledger *ledger = application->ledger;
    const struct member *member = &application->command->as.member;
    application->applied->member = *member;
    return members_change(&ledger->members, ledger->node_count, member);
}

/* A human has seen what is wrong; unlike a release it leaves a hold in place. */
static enum why apply_ack(struct application *application)
{
    if (application->service->move.state != MOVE_BLOCKED)
        return WHY_NO_MOVE;
    return ledger_release_move(application);
}

static enum why apply_mode(struct application *application, enum service_mode mode)
{
    application->service->mode = mode;
    application->service->would_have_moved = false;
    if (mode == MODE_OBSERVE && application->service->move.cause != CAUSE_OPERATOR)
        ledger_abort_move(application, WHY_OBSERVE_MODE);
    return WHY_NONE;
}

static enum why apply_kind(struct application *application)
{
    enum command_kind kind = application->command->kind;
    bool of_cluster = kind == COMMAND_NOOP || kind == COMMAND_TICK || kind == COMMAND_CLUSTER ||
                      kind == COMMAND_SERVICE_SET || kind >= COMMAND_LEVEL;
    if (!of_cluster && application->service == NULL)
        return WHY_UNKNOWN_SERVICE;
    switch (kind) {
    case COMMAND_NOOP:
    case COMMAND_TICK:
        return WHY_NONE;
    case COMMAND_CLUSTER:
        return apply_cluster(application);
    case COMMAND_SERVICE_SET:
        return apply_service_set(application);
    case COMMAND_INQUIRY_OPEN:
        return ledger_inquiry_open(application);
    case COMMAND_BALLOT_CLOSE:
        return ledger_ballot_close(application);
    case COMMAND_INQUIRY_LAPSE:
        return ledger_inquiry_lapse(application);
    case COMMAND_MOVE_OPEN:
        return ledger_move_open(application);
    case COMMAND_INTENT:
        return ledger_intent(application);
    case COMMAND_OUTCOME:
        return ledger_outcome(application);
    case COMMAND_MOVE_INPUT:
        return ledger_move_input(application);
    case COMMAND_ROUTE_SEEN:
        return ledger_route_seen(application);
    case COMMAND_HOLD:
        return ledger_hold(application);
    case COMMAND_RELEASE:
        return ledger_release(application);
    case COMMAND_ARM:
        return apply_mode(application, MODE_ACT);
    case COMMAND_DISARM:
        return apply_mode(application, MODE_OBSERVE);
    case COMMAND_ACK:
        return apply_ack(application);
    case COMMAND_LEVEL:
        return apply_level(application);
    case COMMAND_MEMBER:
        return apply_member(application);
    case COMMAND_HOLD_ALL:
        return ledger_hold_all(application);
    case COMMAND_RELEASE_ALL:
        return ledger_release_all(application);
    case COMMAND_TOKEN_INTENT:
    case COMMAND_TOKEN_SET:
    case COMMAND_TOKEN_LOCKED_OUT:
        return ledger_token_apply(application);
    case COMMAND_KIND_N:
        break;
    }
    return WHY_ILLEGAL;
}

const struct request_record *ledger_request(const struct ledger *ledger, uint64_t id)
{
    for (size_t i = 0; id != 0 && i < ARRAY_COUNT(ledger->requests); i++)
        if (ledger->requests[i].id == id)
            return &ledger->requests[i];
    return NULL;
}

static void remember_request(struct ledger *ledger, uint64_t id, const struct applied *applied)
{
    if (id == 0)
        return;
    ledger->requests[ledger->request_next] = (struct request_record){
        .id = id, .accepted = applied->accepted, .why = applied->why, .move = applied->move};
    ledger->request_next = (uint8_t)((ledger->request_next + 1) % REQUEST_COUNT_MAX);
}

static void advance_time(struct ledger *ledger, log_index index, term_id term, time_ms elapsed_ms)
{
    CHECK(index == ledger->index + 1);
    ledger->index = index;
    ledger->term = term;
    ledger->now_ms += elapsed_ms > 0 ? elapsed_ms : 0;
    ledger_expire_holds(ledger);
}

struct applied ledger_apply(struct ledger *ledger, log_index index, term_id term,
                            const struct command *command)
{
    struct applied applied = {.index = index,
                              .term = term,
                              .kind = command->kind,
                              .service = command->service,
                              .request_id = command->request_id};
    struct application application = {.ledger = ledger,
                                      .service = ledger_service(ledger, command->service),
                                      .index = index,
                                      .term = term,
                                      .command = command,
                                      .applied = &applied};
    advance_time(ledger, index, term, command->elapsed_ms);
    if (application.service != NULL)
        applied.move_before = application.service->move.state;
    const struct request_record *known = ledger_request(ledger, command->request_id);
    if (known != NULL) {
        applied.accepted = known->accepted;
        applied.why = known->accepted ? WHY_DUPLICATE : known->why;
        applied.move = known->move;
    } else {
        applied.why = apply_kind(&application);
        applied.accepted = applied.why == WHY_NONE;
        if (application.service != NULL)
            applied.move = application.service->move.id;
        remember_request(ledger, command->request_id, &applied);
    }
    if (application.service != NULL)
        applied.move_after = application.service->move.state;
    return applied;
}
