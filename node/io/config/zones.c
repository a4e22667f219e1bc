#include "node/io/config/zones.h"

size_t zones_quorum(size_t count)
{
    return count / 2 + 1;
}

static size_t voters_in(const struct config *config, const struct name *zone)
{
    size_t count = 0;
    for (size_t i = 0; i < config->node_count; i++)
        count += name_equal(&config->nodes[i].zone, zone) ? 1 : 0;
    return count;
}

size_t zones_count(const struct config *config)
{
    size_t count = 0;
    for (size_t i = 0; i < config->node_count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i; j++)
            seen = seen || name_equal(&config->nodes[i].zone, &config->nodes[j].zone);
        count += seen ? 0 : 1;
    }
    return count;
}

size_t zones_largest(const struct config *config, const struct name **ret_zone)
{
    size_t most = 0;
    *ret_zone = NULL;
    for (size_t i = 0; i < config->node_count; i++) {
        size_t count = voters_in(config, &config->nodes[i].zone);
        if (count > most) {
            most = count;
            *ret_zone = &config->nodes[i].zone;
        }
    }
    return most;
}
