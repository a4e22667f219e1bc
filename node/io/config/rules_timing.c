#include "node/io/config/rules.h"

enum { FAILBACK_BUDGET_MIN = 3 };

/* Each formula is written as it is broken: with its names, then with the numbers. */

static const struct service_settings *settings_at(const struct load *load, size_t place)
{
    return &load->config->services[place].settings;
}

static time_ms larger(time_ms a, time_ms b)
{
    return a > b ? a : b;
}

static void check_rule_counts(const struct load *load, size_t place)
{
    const struct service_settings *settings = settings_at(load, place);
    struct object object;
    load_service_object(load, place, &object);
    if (settings->rule_fail > settings->rule_of)
        load_problem(load, &object, "rule.fail", "impossible: fail <= of is %u <= %u",
                     (unsigned)settings->rule_fail, (unsigned)settings->rule_of);
    if (settings->rule_fail > settings->max_calls)
        load_problem(load, &object, "rule.calls", "impossible: fail <= calls is %u <= %u",
                     (unsigned)settings->rule_fail, (unsigned)settings->max_calls);
}

/* The convicting ballots, as late as they may close, must all be young enough to count. */
static void check_within(const struct load *load, size_t place)
{
    const struct service_settings *settings = settings_at(load, place);
    time_ms gap_ms = larger(settings->confirm_interval_ms, settings->ballot_deadline_ms);
    time_ms gaps = settings->rule_fail - 1;
    time_ms needed_ms = gaps * gap_ms + settings->ballot_deadline_ms;
    char confirm[DURATION_BYTES];
    char ballot[DURATION_BYTES];
    char needed[DURATION_BYTES];
    char within[DURATION_BYTES];
    struct object object;
    if (needed_ms <= settings->within_ms)
        return;
    load_service_object(load, place, &object);
    duration_format(settings->ballot_deadline_ms, ballot);
    load_problem(load, &object, "rule.within",
                 "impossible: (fail - 1) x max(confirm_interval, ballot) + ballot <= within is "
                 "%lld x max(%s, %s) + %s = %s <= %s, where ballot = connect_timeout + timeout + "
                 "250ms",
                 (long long)gaps, duration_format(settings->confirm_interval_ms, confirm), ballot,
                 ballot, duration_format(needed_ms, needed),
                 duration_format(settings->within_ms, within));
}

static void check_latency(const struct load *load, size_t place)
{
    for (size_t side = 0; side < SIDE_N; side++) {
        const struct probe_config *probe = &load->config->services[place].side[side].probe;
        char latency[DURATION_BYTES];
        char timeout[DURATION_BYTES];
        struct object object;
        if (probe->latency_ms <= probe->timeout_ms)
            continue;
        load_probe_object(load, place, (enum side)side, &object);
        load_problem(load, &object, "latency", "impossible: latency <= timeout is %s <= %s",
                     duration_format(probe->latency_ms, latency),
                     duration_format(probe->timeout_ms, timeout));
    }
}

/* A node is done with one look before it starts the next. */
static void check_interval(const struct load *load, size_t place)
{
    time_ms interval_ms = settings_at(load, place)->interval_ms;
    for (size_t side = 0; side < SIDE_N; side++) {
        const struct probe_config *probe = &load->config->services[place].side[side].probe;
        char interval[DURATION_BYTES];
        char connect[DURATION_BYTES];
        char timeout[DURATION_BYTES];
        struct object object;
        if (config_probe_whole_ms(probe) <= interval_ms)
            continue;
        load_service_object(load, place, &object);
        load_problem(
            load, &object, "patrol.interval",
            "impossible: connect_timeout + timeout%s <= interval is %s + %s <= %s",
            probe->kind == PROBE_BOT ? " x (1 + turns)" : "",
            duration_format(probe->connect_timeout_ms, connect),
            duration_format(config_probe_whole_ms(probe) - probe->connect_timeout_ms, timeout),
            duration_format(interval_ms, interval));
    }
}

/* Pause, drain and switch: two requests of at most D around the drain. */
static void check_drain(const struct load *load, size_t place)
{
    static const char *const paths[DRAIN_KIND_N] = {[DRAIN_SLOW] = "drain.slow",
                                                    [DRAIN_DOWN] = "drain.down",
                                                    [DRAIN_PLANNED] = "drain.planned"};
    const struct service_settings *settings = settings_at(load, place);
    time_ms deadline_ms = load->config->timing.actuator_deadline_ms;
    for (size_t kind = 0; kind < DRAIN_KIND_N; kind++) {
        char drain[DURATION_BYTES];
        char deadline[DURATION_BYTES];
        char paused[DURATION_BYTES];
        struct object object;
        if (settings->drain_ms[kind] == 0 ||
            settings->drain_ms[kind] + 2 * deadline_ms <= settings->paused_max_ms)
            continue;
        load_service_object(load, place, &object);
        load_problem(load, &object, paths[kind],
                     "impossible: drain + 2 x actuator.deadline <= paused_max is %s + 2 x %s <= %s",
                     duration_format(settings->drain_ms[kind], drain),
                     duration_format(deadline_ms, deadline),
                     duration_format(settings->paused_max_ms, paused));
    }
}

static void check_verify(const struct load *load, size_t place)
{
    const struct service_settings *settings = settings_at(load, place);
    char every[DURATION_BYTES];
    char within[DURATION_BYTES];
    struct object object;
    if (settings->verify_every_ms * settings->verify_reads <= settings->verify_within_ms)
        return;
    load_service_object(load, place, &object);
    load_problem(load, &object, "verify.within",
                 "impossible: verify.every x verify.reads <= verify.within is %s x %u <= %s",
                 duration_format(settings->verify_every_ms, every),
                 (unsigned)settings->verify_reads,
                 duration_format(settings->verify_within_ms, within));
}

/* A return within the cooldown would wait for its end anyway; one move of the budget stays for the
 * next failure. */
static void check_failback(const struct load *load, size_t place)
{
    const struct service_settings *settings = settings_at(load, place);
    char after[DURATION_BYTES];
    char limit[DURATION_BYTES];
    struct object object;
    if (!settings->failback_auto)
        return;
    load_service_object(load, place, &object);
    if (settings->failback_after_ms < settings->cooldown_ms)
        load_problem(load, &object, "failback.after",
                     "impossible: cooldown <= failback.after is %s <= %s",
                     duration_format(settings->cooldown_ms, limit),
                     duration_format(settings->failback_after_ms, after));
    if (settings->failback_longest_ms < settings->failback_after_ms)
        load_problem(load, &object, "failback.longest",
                     "impossible: failback.after <= failback.longest is %s <= %s",
                     duration_format(settings->failback_after_ms, after),
                     duration_format(settings->failback_longest_ms, limit));
    if (settings->budget_moves < FAILBACK_BUDGET_MIN)
        load_problem(
            load, &object, "limits.moves",
            "impossible: %d <= limits.moves with failback: auto is %d <= %u: the failover, "
            "the return, and one for the next failure",
            FAILBACK_BUDGET_MIN, FAILBACK_BUDGET_MIN, (unsigned)settings->budget_moves);
}

const rule_check_service rules_of_timing[] = {
    check_rule_counts, check_within, check_latency,  check_interval,
    check_drain,       check_verify, check_failback,
};
const size_t rules_of_timing_count = ARRAY_COUNT(rules_of_timing);
