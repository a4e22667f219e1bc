#include "node/core/failback.h"

#include "node/core/guard.h"
#include "node/core/verdict.h"

time_ms failback_hold_ms(const struct service_record *service)
{
    const struct service_settings *settings = &service->settings;
    time_ms since_ms = service->failback_from_ms - settings->budget_window_ms;
    time_ms hold_ms = settings->failback_after_ms;
    bool first = true;
    for (uint8_t i = 0; i < service->failovers.count; i++) {
        if (service->failovers.at_ms[i] <= since_ms)
            continue;
        if (!first && hold_ms < settings->failback_longest_ms)
            hold_ms *= 2;
        first = false;
    }
    bool longer = hold_ms > settings->failback_longest_ms &&
                  settings->failback_longest_ms > settings->failback_after_ms;
    return longer ? settings->failback_longest_ms : hold_ms;
}

time_ms failback_due_ms(const struct service_record *service)
{
    if (!service->settings.failback_auto || service->serving != SIDE_STANDBY ||
        service->failback_from_ms == 0)
        return TIME_UNKNOWN;
    return service->failback_from_ms + failback_hold_ms(service);
}

enum why failback_destination(const struct ledger *ledger, const struct service_record *service)
{
    const struct rolling *primary = &service->rolling[SIDE_PRIMARY];
    enum vote_value last;
    if (verdict_last_value(primary, &service->settings, ledger->now_ms, &last) != 0)
        return WHY_DESTINATION_UNKNOWN;
    return verdict_of(primary, &service->settings, ledger->now_ms).verdict == VERDICT_ACQUITTED
               ? WHY_NONE
               : WHY_DESTINATION_NOT_BETTER;
}
