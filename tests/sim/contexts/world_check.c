#include <stdarg.h>
#include <string.h>

#include "node/io/contexts/context_round.h"
#include "tests/sim/contexts/world.h"

void world_fail(struct world *world, const char *format, ...)
{
    va_list list;
    if (world->failure[0] != '\0')
        return;
    int length =
        snprintf(world->failure, sizeof world->failure, "at %lld ms: ", (long long)world->now_ms);
    va_start(list, format);
    (void)vsnprintf(world->failure + length, sizeof world->failure - (size_t)length, format, list);
    va_end(list);
}

void world_trace(struct world *world, const char *format, ...)
{
    va_list list;
    if (world->trace == NULL)
        return;
    (void)fprintf(world->trace, "%7lld ", (long long)world->now_ms);
    va_start(list, format);
    (void)vfprintf(world->trace, format, list);
    va_end(list);
    (void)fputc('\n', world->trace);
}

size_t world_content(const struct world_client *client, uint64_t seq,
                     uint8_t ret_bytes[MEMORY_BYTES_MAX])
{
    return (size_t)snprintf((char *)ret_bytes, MEMORY_BYTES_MAX, "%s at %llu", client->id.text,
                            (unsigned long long)seq);
}

static bool lacks(const struct world_node *node, const struct world_client *client)
{
    struct context_version held = memory_store_version(&node->disk, &client->id);
    return held.seq < client->acked ||
           (held.seq == client->acked && client->deleted && !held.deleted);
}

/* Disks of crashed nodes count as well: they come back. */
static void check_client(struct world *world, const struct world_client *client)
{
    uint8_t lacking = 0;
    for (node_id id = 1; id <= world->node_count; id++)
        if (world->nodes[id].disk.complete && lacks(&world->nodes[id], client))
            lacking++;
    if (lacking > world->node_count - context_majority(world->node_count))
        world_fail(world, "%u stores that count lack %s of seq %llu%s", (unsigned)lacking,
                   client->id.text, (unsigned long long)client->acked,
                   client->deleted ? " (deleted)" : "");
}

void world_check_stores(struct world *world)
{
    for (size_t i = 0; i < WORLD_CLIENT_COUNT; i++)
        if (world->clients[i].acked > 0)
            check_client(world, &world->clients[i]);
}

/* It is kept from now on; what could not be brought to a majority in time is shown all the same,
 * and promises nothing. */
static void note_kept(struct world_client *client, const struct context_result *result,
                      bool deleted)
{
    uint64_t seq = result->seq;
    if (result->on_disk < context_majority(client->world->node_count))
        return;
    if (seq > client->acked) {
        client->acked = seq;
        client->deleted = deleted;
    } else if (seq == client->acked) {
        client->deleted = client->deleted || deleted;
    }
}

static void check_content(struct world_client *client, const struct context_entry *entry)
{
    uint8_t bytes[MEMORY_BYTES_MAX];
    size_t length = world_content(client, entry->version.seq, bytes);
    if (length != entry->sealed_length || memcmp(bytes, entry->sealed, length) != 0)
        world_fail(client->world, "%s of seq %llu has another content", client->id.text,
                   (unsigned long long)entry->version.seq);
}

static void check_read(struct world_client *client, uint64_t seq, bool deleted)
{
    bool older = seq < client->asked_acked ||
                 (seq == client->asked_acked && client->asked_deleted && !deleted);
    if (older)
        world_fail(client->world, "%s is read as %llu%s; %llu%s was kept before", client->id.text,
                   (unsigned long long)seq, deleted ? " (deleted)" : "",
                   (unsigned long long)client->asked_acked,
                   client->asked_deleted ? " (deleted)" : "");
    client->world->counts.read++;
}

static void on_written(struct world_client *client, const struct context_result *result)
{
    client->repeats = false;
    client->world->counts.acked++;
    note_kept(client, result, false);
    if (result->on_disk < context_majority(client->world->node_count))
        world_fail(client->world, "acknowledged with %u on disk", (unsigned)result->on_disk);
}

void world_on_done(void *data, void *caller, const struct context_result *result)
{
    struct world_client *client = caller;
    struct world *world = client->world;
    (void)data;
    client->waiting = false;
    client->result = result->kind;
    world_trace(world, "%s: verb %d seq %llu: result %d (%llu)", client->id.text, client->verb,
                (unsigned long long)client->seq, result->kind, (unsigned long long)result->seq);
    switch (result->kind) {
    case CONTEXT_RESULT_STORED:
        on_written(client, result);
        break;
    case CONTEXT_RESULT_OLDER: /* its own deletion reached further than it knew */
        client->repeats = false;
        if (result->seq < client->seq || (result->seq == client->seq && !result->deleted))
            world_fail(world, "%s: %llu is older than %llu?", client->id.text,
                       (unsigned long long)client->seq, (unsigned long long)result->seq);
        break;
    case CONTEXT_RESULT_FOUND:
        check_content(client, result->entry);
        check_read(client, result->seq, false);
        note_kept(client, result, false);
        break;
    case CONTEXT_RESULT_ABSENT:
        check_read(client, result->seq, true);
        if (result->seq > 0)
            note_kept(client, result, true);
        break;
    case CONTEXT_RESULT_DELETED:
        note_kept(client, result, true);
        world->counts.deleted++;
        break;
    case CONTEXT_RESULT_CONFLICT:
        world_fail(world, "%s: a conflict, with one writer", client->id.text);
        break;
    case CONTEXT_RESULT_FULL:
    case CONTEXT_RESULT_FAILED:
    case CONTEXT_RESULT_NO_QUORUM:
    case CONTEXT_RESULT_KIND_N:
        world->counts.refused++;
        break;
    }
}
