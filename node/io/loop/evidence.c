#include "proto/evidence.h"

#include <string.h>

#include "node/io/loop/parts.h"

static int verify_signature(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                            const uint8_t signature[SIGNATURE_BYTES])
{
    return identity_verify(key, VOTES_DOMAIN, message, length, signature);
}

static void fill_electors(const struct node *node, service_slot slot,
                          struct evidence_electors *electors)
{
    const struct ledger *ledger = &node->core->ledger;
    memset(electors, 0, sizeof *electors);
    memcpy(electors->cluster_id, node->cluster_id, sizeof electors->cluster_id);
    electors->node_count = (uint8_t)node->config->node_count;
    electors->min_zones =
        slot < ledger->service_count ? ledger->services[slot].settings.min_zones : 1;
    for (size_t i = 0; i < node->config->node_count; i++) {
        const struct node_config *voter = &node->config->nodes[i];
        electors->zones[i] = node->core->electorate.zone[i + 1];
        for (size_t key = 0; key < voter->key_count; key++)
            memcpy(electors->keys[i][key], voter->keys[key], KEY_BYTES);
    }
}

bool evidence_carries(const struct node *node, const struct command *close, const uint8_t *evidence,
                      size_t length)
{
    struct evidence_electors electors;
    fill_electors(node, close->service, &electors);
    return evidence_verify_close(close, evidence, length, &electors, verify_signature) == 0;
}
