#include "node/core/guard.h"

#include "node/core/failback.h"
#include "node/core/verdict.h"

uint8_t guard_moving_count(const struct ledger *ledger)
{
    uint8_t count = 0;
    for (uint16_t i = 0; i < ledger->service_count; i++)
        if (move_is_open(&ledger->services[i].move) &&
            ledger->services[i].move.state != MOVE_BLOCKED)
            count++;
    return count;
}

enum why guard_destination(const struct ledger *ledger, const struct service_record *service,
                           enum side to)
{
    enum vote_value there;
    enum vote_value here;
    const struct service_settings *settings = &service->settings;
    if (verdict_last_value(&service->rolling[to], settings, ledger->now_ms, &there) != 0)
        return WHY_DESTINATION_UNKNOWN;
    if (verdict_last_value(&service->rolling[side_other(to)], settings, ledger->now_ms, &here) != 0)
        return there == VOTE_UP ? WHY_NONE : WHY_DESTINATION_NOT_BETTER;
    return there > here ? WHY_NONE : WHY_DESTINATION_NOT_BETTER;
}

/* An operator may move to a side that is as good, and with force to any. */
static enum why operator_destination(const struct ledger *ledger,
                                     const struct service_record *service,
                                     const struct move_opening *opening)
{
    enum vote_value there;
    if (opening->force)
        return WHY_NONE;
    int code = verdict_last_value(&service->rolling[opening->to], &service->settings,
                                  ledger->now_ms, &there);
    return code == 0 && there != VOTE_UP ? WHY_DESTINATION_NOT_BETTER : WHY_NONE;
}

/* `limit` of the remembered times lie within the window; from *ret_free_ms on it will be fewer. */
static bool is_used_up(const struct time_list *list, uint8_t limit, time_ms now_ms,
                       time_ms window_ms, time_ms *ret_free_ms)
{
    *ret_free_ms = TIME_UNKNOWN;
    if (limit == 0)
        return true;
    if (list->count < limit || list->at_ms[list->count - limit] <= now_ms - window_ms)
        return false;
    *ret_free_ms = list->at_ms[list->count - limit] + window_ms;
    return true;
}

static struct guard_answer refuse(enum why why, time_ms earliest_ms)
{
    return (struct guard_answer){.why = why, .earliest_ms = earliest_ms};
}

/* Services that wait for a free place already and go first: all of them before a return that
 * nothing presses. */
static uint8_t waiting_before(const struct ledger *ledger, const struct service_record *service,
                              enum move_cause cause)
{
    uint8_t count = 0;
    for (uint16_t i = 0; i < ledger->service_count; i++) {
        const struct service_record *other = &ledger->services[i];
        if (other != service && other->inquiry.gate == WHY_CONCURRENT &&
            other->inquiry.convicted[other->serving] && !move_is_open(&other->move) &&
            (cause == CAUSE_FAILBACK || other->settings.priority < service->settings.priority))
            count++;
    }
    return count;
}

static bool is_crowded(const struct ledger *ledger, const struct service_record *service,
                       enum move_cause cause)
{
    unsigned count = guard_moving_count(ledger);
    if (cause != CAUSE_OPERATOR)
        count += waiting_before(ledger, service, cause);
    return count >= service->settings.max_concurrent;
}

/* A return never takes the budget's last move: that one is for the next failure. */
static uint8_t budget_of(const struct service_settings *settings, enum move_cause cause)
{
    bool keeps = cause == CAUSE_FAILBACK && settings->budget_moves > 1;
    return (uint8_t)(settings->budget_moves - (keeps ? 1 : 0));
}

static struct guard_answer hold_answer(const struct hold_record *hold)
{
    return refuse(WHY_ON_HOLD, hold->indefinite ? TIME_UNKNOWN : hold->until_ms);
}

static struct guard_answer failback_answer(const struct ledger *ledger,
                                           const struct service_record *service)
{
    enum why why = failback_destination(ledger, service);
    time_ms due_ms = failback_due_ms(service);
    if (why != WHY_NONE)
        return refuse(why, TIME_UNKNOWN);
    if (due_ms == TIME_UNKNOWN)
        return refuse(WHY_ILLEGAL, TIME_UNKNOWN);
    return ledger->now_ms < due_ms ? refuse(WHY_TOO_EARLY, due_ms) : refuse(WHY_NONE, TIME_UNKNOWN);
}

static struct guard_answer guard_automatic(const struct ledger *ledger,
                                           const struct service_record *service,
                                           const struct move_opening *opening)
{
    const struct service_settings *settings = &service->settings;
    time_ms window_ms = settings->budget_window_ms;
    time_ms now_ms = ledger->now_ms;
    time_ms free_ms;
    if (service->mode != MODE_ACT)
        return refuse(WHY_OBSERVE_MODE, TIME_UNKNOWN);
    if (service->hold.active)
        return hold_answer(&service->hold);
    if (ledger->hold.active)
        return hold_answer(&ledger->hold);
    bool exempt = service->reverse_exempt && opening->cause == CAUSE_CONVICTION;
    if (now_ms < service->cooldown_until_ms && !exempt)
        return refuse(WHY_COOLDOWN, service->cooldown_until_ms);
    if (is_used_up(&service->moves, budget_of(settings, opening->cause), now_ms, window_ms,
                   &free_ms))
        return refuse(WHY_BUDGET, free_ms);
    if (is_used_up(&service->aborts, settings->max_aborts, now_ms, window_ms, &free_ms))
        return refuse(WHY_ABORTS, free_ms);
    if (opening->cause == CAUSE_FAILBACK)
        return failback_answer(ledger, service);
    return refuse(guard_destination(ledger, service, opening->to), TIME_UNKNOWN);
}

struct guard_answer guard_open(const struct ledger *ledger, const struct service_record *service,
                               const struct move_opening *opening)
{
    if (move_is_open(&service->move))
        return refuse(WHY_MOVE_OPEN, TIME_UNKNOWN);
    if (service->serving == opening->to && service->route == route_state_of(opening->to))
        return refuse(WHY_ALREADY_SERVING, TIME_UNKNOWN);
    if (opening->cause == CAUSE_OPERATOR) {
        const struct rolling *rolling = &service->rolling[opening->to];
        enum why why = operator_destination(ledger, service, opening);
        if (why != WHY_NONE) /* once the last ballot is old, nothing speaks against the side */
            return refuse(why, rolling->records[rolling->count - 1].closed_ms +
                                   service->settings.within_ms);
    } else {
        struct guard_answer answer = guard_automatic(ledger, service, opening);
        if (answer.why != WHY_NONE)
            return answer;
    }
    if (is_crowded(ledger, service, opening->cause))
        return refuse(WHY_CONCURRENT, TIME_UNKNOWN);
    if (service->route == ROUTE_UNKNOWN)
        return refuse(WHY_ROUTE_UNREAD, TIME_UNKNOWN);
    if (service->route == ROUTE_FOREIGN)
        return refuse(WHY_ROUTE_FOREIGN, TIME_UNKNOWN);
    return refuse(WHY_NONE, TIME_UNKNOWN);
}

/* The primary passed its last ballot; whether the standby is well, too, does not matter. */
static enum why failback_switch(const struct ledger *ledger, const struct service_record *service)
{
    enum vote_value primary;
    if (verdict_last_value(&service->rolling[SIDE_PRIMARY], &service->settings, ledger->now_ms,
                           &primary) != 0)
        return WHY_DESTINATION_UNKNOWN;
    return primary == VOTE_UP ? WHY_NONE : WHY_DESTINATION_NOT_BETTER;
}

enum why guard_switch(const struct ledger *ledger, const struct service_record *service)
{
    const struct move_record *move = &service->move;
    if (service->route == ROUTE_FOREIGN)
        return WHY_ROUTE_FOREIGN;
    if (move->cause == CAUSE_OPERATOR) {
        struct move_opening opening = {.to = move->to, .force = move->force};
        return operator_destination(ledger, service, &opening);
    }
    if (move->cause == CAUSE_FAILBACK)
        return failback_switch(ledger, service);
    return guard_destination(ledger, service, move->to);
}
