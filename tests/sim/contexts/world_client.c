#include <string.h>

#include "tests/sim/contexts/world.h"

static uint64_t below(struct world *world, uint64_t bound)
{
    return prng_below(&world->prng, bound);
}

static void fill_entry(const struct world_client *client, uint8_t *bytes,
                       struct context_entry *ret_entry)
{
    *ret_entry = (struct context_entry){.id = client->id, .version = {.seq = client->seq}};
    ret_entry->sealed = bytes;
    ret_entry->sealed_length = world_content(client, client->seq, bytes);
    ret_entry->secret = bytes;
    memcpy(ret_entry->version.hash, &client->seq, sizeof client->seq);
}

/* What may be on a minority is repeated, read, or left behind by the next checkpoint. */
static enum context_verb choose(struct world_client *client, bool healing)
{
    uint64_t dice = below(client->world, 20);
    if (healing)
        return CONTEXT_VERB_GET;
    if (dice == 0 && client->seq > 0)
        return CONTEXT_VERB_DELETE;
    client->repeats = client->repeats && dice < 17;
    return dice < 8 ? CONTEXT_VERB_GET : CONTEXT_VERB_PUT;
}

bool world_ask(struct world_client *client, enum context_verb verb, struct world_node *node)
{
    struct context_call call = {.verb = verb, .id = client->id, .caller = client};
    uint8_t bytes[MEMORY_BYTES_MAX];
    client->verb = verb;
    if (verb == CONTEXT_VERB_PUT) {
        if (!client->repeats)
            client->seq++;
        client->repeats = true;
        fill_entry(client, bytes, &call.entry);
    }
    client->asked_acked = client->acked;
    client->asked_deleted = client->deleted;
    client->waiting = context_engine_begin(node->engine, &call) == 0;
    world_trace(client->world, "%s: verb %d seq %llu on node %u: %s", client->id.text, verb,
                (unsigned long long)client->seq, (unsigned)node->id,
                client->waiting ? "begun" : "refused");
    return client->waiting;
}

/* Any node will do, and each time another one; one that is down or new refuses. */
static void act(struct world_client *client, bool healing)
{
    struct world *world = client->world;
    struct world_node *node = &world->nodes[1 + below(world, world->node_count)];
    client->again_ms = (uint64_t)world->now_ms + 5 + below(world, 150);
    if (node->engine != NULL && node->frozen_to_ms <= world->now_ms)
        (void)world_ask(client, choose(client, healing), node);
}

void world_clients_step(struct world *world, bool healing)
{
    for (size_t i = 0; i < WORLD_CLIENT_COUNT; i++) {
        struct world_client *client = &world->clients[i];
        if (!client->waiting && (uint64_t)world->now_ms >= client->again_ms)
            act(client, healing);
    }
}
