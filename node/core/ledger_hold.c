#include <string.h>

#include "node/core/ledger_parts.h"

static void fill(struct hold_record *record, const struct command_hold *hold, time_ms now_ms)
{
    *record = (struct hold_record){.active = true,
                                   .indefinite = hold->indefinite,
                                   .until_ms = now_ms + hold->for_ms,
                                   .actor = hold->actor};
    memcpy(record->reason, hold->reason, sizeof record->reason);
}

static void expire(struct hold_record *hold, time_ms now_ms)
{
    if (hold->active && !hold->indefinite && now_ms >= hold->until_ms)
        *hold = (struct hold_record){0};
}

void ledger_expire_holds(struct ledger *ledger)
{
    expire(&ledger->hold, ledger->now_ms);
    for (uint16_t i = 0; i < ledger->service_count; i++)
        expire(&ledger->services[i].hold, ledger->now_ms);
}

enum why ledger_hold(struct application *application)
{
    fill(&application->service->hold, &application->command->as.hold, application->ledger->now_ms);
    ledger_abort_move(application, WHY_ON_HOLD);
    return WHY_NONE;
}

enum why ledger_hold_all(struct application *application)
{
    struct ledger *ledger = application->ledger;
    fill(&ledger->hold, &application->command->as.hold, ledger->now_ms);
    for (uint16_t i = 0; i < ledger->service_count; i++) {
        struct application one = *application;
        one.service = &ledger->services[i];
        ledger_abort_move(&one, WHY_ON_HOLD);
    }
    return WHY_NONE;
}

enum why ledger_release(struct application *application)
{
    struct service_record *service = application->service;
    enum why why = WHY_NONE;
    if (service->move.state == MOVE_BLOCKED)
        why = ledger_release_move(application);
    if (why == WHY_NONE)
        service->hold = (struct hold_record){0};
    return why;
}

enum why ledger_release_all(struct application *application)
{
    application->ledger->hold = (struct hold_record){0};
    return WHY_NONE;
}
