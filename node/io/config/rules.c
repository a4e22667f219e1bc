#include "node/io/config/rules.h"

static void run_checks(const struct load *load, const rule_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        checks[i](load);
}

static void run_service_checks(const struct load *load, const rule_check_service *checks,
                               size_t count)
{
    for (size_t place = 0; place < load->config->service_count; place++) {
        for (size_t i = 0; i < count; i++)
            checks[i](load, place);
    }
}

void rules_run(const struct load *load)
{
    run_checks(load, rules_of_cluster, rules_of_cluster_count);
    run_checks(load, rules_of_local, rules_of_local_count);
    run_checks(load, rules_of_contexts, rules_of_contexts_count);
    run_checks(load, rules_of_probe, rules_of_probe_count);
    run_service_checks(load, rules_of_service, rules_of_service_count);
    run_service_checks(load, rules_of_route, rules_of_route_count);
    run_service_checks(load, rules_of_http, rules_of_http_count);
    run_service_checks(load, rules_of_drain, rules_of_drain_count);
    run_service_checks(load, rules_of_timing, rules_of_timing_count);
}
