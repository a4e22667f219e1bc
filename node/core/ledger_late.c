#include <string.h>

#include "node/core/ledger_parts.h"
#include "proto/level.h"

/* What a request on a version changes can be told from what others change: it consumes it. A unit
 * has no version of its own that one request would consume. */
static bool is_consumed(const struct service_record *service, const struct late_record *late,
                        uint64_t version)
{
    return service->settings.versioned && !route_is_unit(&service->parts) &&
           version != late->base.version;
}

static void drop_first(struct late_list *list)
{
    list->count--;
    memmove(&list->records[0], &list->records[1], list->count * sizeof list->records[0]);
    list->records[list->count] = (struct late_record){0};
}

void ledger_late_remember(struct application *application, const struct intent_record *intent)
{
    struct service_record *service = application->service;
    struct late_list *list = &service->late;
    const struct service_settings *settings = &service->settings;
    if (!application->command->as.outcome.may_land ||
        application->ledger->level < PROTO_LEVEL_HELLO)
        return;
    if (list->count == LATE_COUNT_MAX)
        drop_first(list);
    list->records[list->count++] =
        (struct late_record){.step = intent->step,
                             .to = intent->to,
                             .attempt = intent->attempt,
                             .base = intent->base,
                             .until_ms = application->ledger->now_ms +
                                         settings->actuator_deadline_ms + settings->propagation_ms};
}

void ledger_late_forget(struct service_record *service, uint64_t version)
{
    struct late_list kept = {0};
    for (uint8_t i = 0; i < service->late.count; i++)
        if (!is_consumed(service, &service->late.records[i], version))
            kept.records[kept.count++] = service->late.records[i];
    service->late = kept;
}

bool ledger_late_is_possible(const struct ledger *ledger, const struct service_record *service)
{
    const struct late_list *list = &service->late;
    return list->count > 0 && ledger->now_ms < list->records[list->count - 1].until_ms;
}

/* Of a unit: whatever changed came to the state that the request wanted. */
static bool part_landed(const struct service_record *service, enum route_state wanted,
                        const struct route_parts *seen)
{
    bool any = false;
    if (seen->count != service->parts.count)
        return false;
    for (uint8_t i = 0; i < seen->count; i++) {
        bool changed = seen->part[i].state != service->parts.part[i].state;
        if (changed && seen->part[i].state != wanted)
            return false;
        any = any || changed;
    }
    return any;
}

static bool landed(const struct service_record *service, const struct late_record *late,
                   const struct command_route_seen *seen)
{
    enum route_state wanted = late->step == ROUTE_PAUSE ? ROUTE_PAUSED : route_state_of(late->to);
    if (route_is_unit(&service->parts))
        return part_landed(service, wanted, &seen->parts);
    bool changed = !service->settings.versioned || seen->version != late->base.version;
    return changed && seen->state == wanted && seen->state != service->route;
}

/* The reading that settles it may come as late after the last moment as that was after the request.
 */
static bool is_in_time(const struct application *application, const struct late_record *late)
{
    const struct service_settings *settings = &application->service->settings;
    return application->ledger->now_ms <=
           late->until_ms + settings->actuator_deadline_ms + settings->propagation_ms;
}

bool ledger_late_landed(const struct application *application)
{
    const struct service_record *service = application->service;
    const struct command_route_seen *seen = &application->command->as.route_seen;
    if (service->move.state != MOVE_BLOCKED)
        return false;
    for (uint8_t i = 0; i < service->late.count; i++) {
        const struct late_record *late = &service->late.records[i];
        if (landed(service, late, seen) && is_in_time(application, late))
            return true;
    }
    return false;
}
