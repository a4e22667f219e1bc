#include <stdio.h>

#include "node/io/config/config.h"

enum { SLACK_MS = 250 };

struct look {
    time_ms timeout_ms; /* the slower side's */
    time_ms first_ms;
    time_ms conviction_ms;
};

/* The fault comes just after a look; then the ballots follow, and the last needs its answers. */
static struct look look_at(const struct config *config, const struct service_config *service)
{
    const struct service_settings *settings = &service->settings;
    struct look look = {.timeout_ms = 0};
    for (size_t side = 0; side < SIDE_N; side++) {
        const struct probe_config *probe = &service->side[side].probe;
        time_ms timeout_ms = config_probe_whole_ms(probe) - probe->connect_timeout_ms;
        look.timeout_ms = timeout_ms > look.timeout_ms ? timeout_ms : look.timeout_ms;
    }
    time_ms gap_ms = settings->confirm_interval_ms > look.timeout_ms ? settings->confirm_interval_ms
                                                                     : look.timeout_ms;
    look.first_ms = settings->interval_ms / (time_ms)config->node_count;
    look.conviction_ms = look.first_ms + look.timeout_ms + (settings->rule_fail - 1) * gap_ms +
                         look.timeout_ms + SLACK_MS;
    return look;
}

static void explain_service(const struct config *config, const struct service_config *service,
                            FILE *out)
{
    const struct service_settings *settings = &service->settings;
    struct look look = look_at(config, service);
    char first[DURATION_BYTES];
    char conviction[DURATION_BYTES];
    char slow[DURATION_BYTES];
    char down[DURATION_BYTES];
    char planned[DURATION_BYTES];
    char deadline[DURATION_BYTES];
    char drains[3 * DURATION_BYTES];
    double voters = (double)config->node_count;
    snprintf(drains, sizeof drains, "%s/%s/%s",
             duration_format(settings->drain_ms[DRAIN_SLOW], slow),
             duration_format(settings->drain_ms[DRAIN_DOWN], down),
             duration_format(settings->drain_ms[DRAIN_PLANNED], planned));
    fprintf(out, "%-24s %-8s %-12s %-12s %-20s %-6s %8.2f %10.2f\n", service->name.text,
            service_mode_name(settings->mode), duration_format(look.first_ms, first),
            duration_format(look.conviction_ms, conviction), drains,
            duration_format(config->timing.actuator_deadline_ms, deadline),
            voters * 1000 / (double)settings->interval_ms,
            voters * 1000 / (double)settings->confirm_interval_ms);
}

/* Which services look whether anybody is left. */
static void explain_counting(const struct service_config *service, FILE *out)
{
    const struct service_settings *settings = &service->settings;
    char every[DURATION_BYTES];
    char after[DURATION_BYTES];
    if (service->drain_count.of == COUNT_NOTHING)
        return;
    fprintf(out,
            "\n%s: a drain ends before its time where nobody is left, by %s; asked each %s, and "
            "believed from %s after the pause on (propagation)\n",
            service->name.text,
            service->drain_count.of == COUNT_FLOW ? "the platform's flow observations"
                                                  : service->drain_count.url,
            duration_format(settings->drain_every_ms, every),
            duration_format(settings->propagation_ms, after));
}

void config_explain_timing(const struct config *config, FILE *out)
{
    fprintf(out, "%-24s %-8s %-12s %-12s %-20s %-6s %8s %10s\n", "SERVICE", "MODE", "FIRST LOOK",
            "CONVICTED", "DRAIN slow/down/plan", "D", "PROBES/s", "IN INQUIRY");
    for (size_t i = 0; i < config->service_count; i++)
        explain_service(config, &config->services[i], out);
    for (size_t i = 0; i < config->service_count; i++)
        explain_counting(&config->services[i], out);
    fprintf(
        out,
        "\n"
        "FIRST LOOK  a failure is seen within interval / voters (%zu voters)\n"
        "CONVICTED   within first look + timeout + (fail - 1) x max(confirm_interval, timeout) "
        "+ timeout + 250ms,\n"
        "            where all voters can tell; a side that does not even connect takes up to "
        "connect_timeout more a ballot;\n"
        "            a bot's probe has its timeout for the session and for each turn\n"
        "DRAIN       the longest pause before a switch from a slow side, a dead one, or on "
        "request\n"
        "D           the longest that one routing request may take\n"
        "PROBES/s    what all voters together send to each side on patrol, and while an inquiry "
        "is open\n",
        config->node_count);
}
