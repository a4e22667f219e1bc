#include <string.h>

#include "node/core/ledger_parts.h"
#include "proto/level.h"

bool ledger_knows_units(const struct ledger *ledger)
{
    return ledger->level >= PROTO_LEVEL_STEPS;
}

void ledger_learn_route(struct application *application, enum route_state state, uint64_t version,
                        const struct route_parts *parts)
{
    struct service_record *service = application->service;
    struct move_record *move = &service->move;
    time_ms now_ms = application->ledger->now_ms;
    service->route_ms = now_ms;
    service->route_version = version;
    if (state == ROUTE_UNKNOWN)
        return;
    service->route = state;
    service->parts = *parts;
    if (state == ROUTE_MIXED && move_is_open(move) && move->paused_ms == 0)
        move->paused_ms = now_ms;
}

void ledger_set_route(struct service_record *service, enum route_state state)
{
    service->route = state;
    for (uint8_t i = 0; i < service->parts.count; i++)
        service->parts.part[i].state = state;
}

static void adopt(struct application *application, enum side side)
{
    static const struct name adopter = {"route"};
    static const char reason[] = "somebody else changed the route; it was adopted";
    struct service_record *service = application->service;
    if (service->route != ROUTE_UNKNOWN && service->serving != side) {
        service->hold = (struct hold_record){.active = true, .indefinite = true, .actor = adopter};
        memcpy(service->hold.reason, reason, sizeof reason);
        service->failback_from_ms = 0;
    }
    service->serving = side;
}

/* A unit that differs in another way than it was known to is news, too. */
static bool is_news(const struct service_record *service, const struct command_route_seen *seen)
{
    return seen->state != service->route ||
           (seen->state == ROUTE_MIXED && !route_parts_agree(&seen->parts, &service->parts));
}

/* Route first: what agreeing reads say is learned; a side of ours is adopted, a foreign value
 * blocks, a half-moved unit is told. DESIGN 3: a late own write is re-asserted, not drift. */
enum why ledger_route_seen(struct application *application)
{
    const struct command_route_seen *seen = &application->command->as.route_seen;
    struct service_record *service = application->service;
    bool moving = move_is_open(&service->move) && service->move.state != MOVE_BLOCKED;
    if (service->move.intent.index != 0)
        return WHY_INTENT_OPEN;
    if (seen->state == ROUTE_UNKNOWN)
        return WHY_ILLEGAL;
    bool late = ledger_late_landed(application);
    application->applied->route_changed = is_news(service, seen);
    if (late || !ledger_late_is_possible(application->ledger, service))
        service->late = (struct late_list){0};
    ledger_late_forget(service, seen->version);
    if (!late && !moving && seen->state == ROUTE_PRIMARY)
        adopt(application, SIDE_PRIMARY);
    if (!late && !moving && seen->state == ROUTE_STANDBY)
        adopt(application, SIDE_STANDBY);
    ledger_learn_route(application, seen->state, seen->version, &seen->parts);
    return late ? ledger_take_back(application) : WHY_NONE;
}
