/* Everything that the checks judge: the platform's answers, as they came.
 * Never asks and never judges; NULL and empty where something was not asked or not answered.
 * Filled by the runner, read by the checks; tests fill it by hand. */
#ifndef QUORATE_IO_PREFLIGHT_FACTS_H
#define QUORATE_IO_PREFLIGHT_FACTS_H

#include "node/io/act/routing.h"
#include "node/io/preflight/entrance.h"
#include "node/io/preflight/page.h"

/* What one side's published flow uses, over all pages of the dependency query. */
struct preflight_uses {
    struct preflight_page
        last;            /* how the last page was answered; not asked: no version to ask of */
    cJSON *list;         /* array of {id, name, type, ...}; owned, NULL where unknown */
    cJSON *actions;      /* array: each of its data actions with its configuration */
    bool actions_hidden; /* one of them could not be read */
    bool cut;            /* there is more than was asked for */
};

/* Of one platform of the configuration; the same for all services. */
struct preflight_platform {
    bool used;
    struct preflight_page me;      /* /api/v2/tokens/me */
    struct preflight_page subject; /* /api/v2/authorization/subjects/me */
    cJSON *policies; /* array of {domain, entityName, actions|actionSet}; NULL where unknown */
    struct entrances entrances;
};

struct preflight_route {
    struct preflight_page page;
    bool read; /* its backend understood the answer */
    struct route_reading reading;
    struct text why; /* where it did not */
};

/* Two flows that stand in for each other on one platform. */
struct preflight_pair {
    size_t platform;
    const char *flow[SIDE_N];
    struct preflight_page page[SIDE_N];
    struct preflight_uses uses[SIDE_N];
};

struct preflight_facts {
    const struct config *config;
    const struct service_config *service;
    const struct preflight_platform *platforms; /* by place in config->platforms */
    struct preflight_route routes[ROUTE_COUNT_MAX];
    struct preflight_pair pairs[ROUTE_COUNT_MAX];
    size_t pair_count;
    bool alone; /* no node runs here: there is no ledger with a shared token */
};

/* Names the service's distinct pairs of flows, with nothing asked yet. */
void preflight_facts_init(const struct config *config, size_t service,
                          const struct preflight_platform *platforms,
                          struct preflight_facts *ret_facts);
void preflight_facts_fini(struct preflight_facts *facts);
void preflight_platform_fini(struct preflight_platform *platform);

/* The place of the route's platform, or PLATFORM_COUNT_MAX where it has none. */
size_t preflight_platform_of(const struct config *config, const struct route_config *route);
bool preflight_uses_platform(const struct preflight_facts *facts, size_t platform);
/* The platform has the Genesys Cloud API: it said who we are, or the service has a route there that
 * nothing else has. */
bool preflight_is_genesys(const struct preflight_facts *facts, size_t platform);

#endif
