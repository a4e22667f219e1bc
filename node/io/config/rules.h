/* How values must fit together: one small function a rule, one table of them.
 * Never changes the configuration, never opens anything.
 * Called by config_load, after the structs are filled. */
#ifndef QUORATE_IO_CONFIG_RULES_H
#define QUORATE_IO_CONFIG_RULES_H

#include "common/check.h"
#include "node/io/config/load.h"

/* Runs every rule; what they find goes to load->problems. */
void rules_run(const struct load *load);

/* A rule looks at the whole file, or at the service at `place`. */
typedef void (*rule_check)(const struct load *load);
typedef void (*rule_check_service)(const struct load *load, size_t place);

extern const rule_check rules_of_cluster[];
extern const size_t rules_of_cluster_count;
extern const rule_check rules_of_contexts[];
extern const size_t rules_of_contexts_count;
extern const rule_check rules_of_local[];
extern const size_t rules_of_local_count;
extern const rule_check rules_of_probe[];
extern const size_t rules_of_probe_count;
extern const rule_check_service rules_of_service[];
extern const size_t rules_of_service_count;
extern const rule_check_service rules_of_route[];
extern const size_t rules_of_route_count;
extern const rule_check_service rules_of_http[];
extern const size_t rules_of_http_count;
extern const rule_check_service rules_of_drain[];
extern const size_t rules_of_drain_count;
extern const rule_check_service rules_of_timing[];
extern const size_t rules_of_timing_count;

#endif
