#include "tests/sim/network.h"

#include <string.h>

void network_heal(struct network *network)
{
    memset(network->cut, 0, sizeof network->cut);
    network->loss_permille = 0;
    network->duplicate_permille = 0;
}

void network_cut(struct network *network, node_id from, node_id to)
{
    network->cut[from][to] = true;
}

void network_isolate(struct network *network, node_id node)
{
    for (node_id other = 1; other <= NODE_COUNT_MAX; other++) {
        network_cut(network, node, other);
        network_cut(network, other, node);
    }
}

static time_ms draw_delay(const struct network *network, struct prng *prng)
{
    time_ms spread_ms = network->latency_max_ms - network->latency_min_ms;
    return network->latency_min_ms + (time_ms)prng_below(prng, (uint64_t)spread_ms + 1);
}

struct network_fate network_send(const struct network *network, struct prng *prng, node_id from,
                                 node_id to)
{
    struct network_fate fate = {0};
    if (network->cut[from][to] || prng_below(prng, 1000) < network->loss_permille)
        return fate;
    fate.delay_ms[fate.copy_count++] = draw_delay(network, prng);
    if (prng_below(prng, 1000) < network->duplicate_permille)
        fate.delay_ms[fate.copy_count++] = draw_delay(network, prng);
    return fate;
}
