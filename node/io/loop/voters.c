#include <string.h>

#include "node/io/loop/parts.h"

/* DESIGN 3: voters and zones live in the ledger; the file seeds them once. A node whose file names
 * others would count another quorum. Keys may differ: they rotate. */
bool voters_agree(const struct node *node, const struct ledger *ledger)
{
    if (ledger->node_count == 0)
        return true;
    if (ledger->node_count != node->config->node_count)
        return false;
    for (size_t i = 0; i < node->config->node_count; i++)
        if (!name_equal(&ledger->nodes[i].name, &node->config->nodes[i].name) ||
            !name_equal(&ledger->nodes[i].zone, &node->config->nodes[i].zone))
            return false;
    return true;
}

/* Before the first vote: the entry that seeded the ledger may still be in the log. */
bool voters_agree_with_log(const struct node *node)
{
    const struct store_loaded *loaded = &node->loaded;
    for (size_t i = 0; i < loaded->entry_count; i++) {
        const struct store_entry *row = &loaded->entries[i];
        struct command command;
        const uint8_t *evidence;
        size_t evidence_length;
        if (row->kind != COMMAND_CLUSTER ||
            command_decode(row->bytes, row->length, &command, &evidence, &evidence_length) != 0)
            continue;
        const struct command_cluster *cluster = &command.as.cluster;
        struct ledger *ledger = node->scratch;
        memset(ledger, 0, sizeof *ledger);
        ledger->node_count = cluster->node_count;
        memcpy(ledger->nodes, cluster->nodes, sizeof ledger->nodes);
        if (!voters_agree(node, ledger))
            return false;
    }
    return true;
}
