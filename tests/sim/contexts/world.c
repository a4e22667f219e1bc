#include "tests/sim/contexts/world.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "node/io/contexts/context_round.h"

enum {
    STORM_MS = 30000, /* with faults; then all is healed */
    HEAL_MS = 15000,
    TICK_MS = 25,
    FAULT_EVERY = 600, /* one in so many milliseconds brings a fault */
    CHECK_EVERY_MS = 4,
};

static uint64_t below(struct world *world, uint64_t bound)
{
    return prng_below(&world->prng, bound);
}

static time_ms now_ms(void *data)
{
    const struct world_node *node = data;
    return node->world->now_ms;
}

static int64_t wall_ms(void *data)
{
    const struct world_node *node = data;
    return 1000000 + node->world->now_ms + node->wall_skew_ms;
}

static time_ms delay_of(struct world *world, node_id from, node_id to)
{
    if (world->scripted)
        return world->slow_ms[from][to];
    time_ms late_ms = below(world, 50) == 0 ? (time_ms)below(world, 2500) : 0;
    return (time_ms)below(world, 20) + late_ms;
}

static void post(struct world *world, node_id from, node_id to, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < WORLD_MAIL_COUNT_MAX; i++) {
        struct world_mail *mail = &world->mail[i];
        if (mail->at_ms != 0)
            continue;
        if (i >= world->mail_top)
            world->mail_top = i + 1;
        mail->at_ms = world->now_ms + 1 + delay_of(world, from, to);
        mail->from = from;
        mail->to = to;
        mail->length = length;
        mail->bytes = malloc(length);
        CHECK(mail->bytes != NULL);
        memcpy(mail->bytes, bytes, length);
        return;
    }
}

static int send_mail(void *data, node_id to, const uint8_t *bytes, size_t length)
{
    struct world_node *node = data;
    struct world *world = node->world;
    if (world->nodes[to].engine == NULL || world->cut[node->id][to])
        return -1; /* its connection is known to be down */
    if (below(world, 100) >= world->loss_percent)
        post(world, node->id, to, bytes, length);
    if (below(world, 100) < world->repeat_percent)
        post(world, node->id, to, bytes, length);
    return 0;
}

static void start_node(struct world_node *node)
{
    struct world *world = node->world;
    struct context_engine_settings settings = {.self = node->id,
                                               .node_count = world->node_count,
                                               .in_flight = 64,
                                               .patience_ms = WORLD_PATIENCE_MS,
                                               .round_first = prng_next(&world->prng),
                                               .store = &node->disk.store,
                                               .data = node,
                                               .now_ms = now_ms,
                                               .wall_ms = wall_ms,
                                               .send = send_mail,
                                               .done = world_on_done};
    CHECK(name_set(&settings.cluster, "sim") == 0);
    CHECK(context_engine_new(&settings, &node->engine) == 0);
    node->up_at_ms = 0;
    node->frozen_to_ms = 0;
    world_trace(world, "node %u starts", (unsigned)node->id);
}

void world_crash(struct world_node *node, time_ms for_ms)
{
    struct world *world = node->world;
    context_engine_free(&node->engine);
    node->up_at_ms = world->now_ms + for_ms;
    world->counts.crashes++;
    world_trace(world, "node %u crashes for %lld ms", (unsigned)node->id, (long long)for_ms);
}

/* A majority that loses its disks at one time loses what was acknowledged: that is not promised. */
static bool may_lose_disk(const struct world *world)
{
    uint8_t counting = 0;
    for (node_id id = 1; id <= world->node_count; id++)
        counting = (uint8_t)(counting + world->nodes[id].disk.complete);
    return counting > context_majority(world->node_count);
}

void world_lose_disk(struct world_node *node, time_ms for_ms)
{
    struct world *world = node->world;
    world_crash(node, for_ms);
    memory_store_init(&node->disk, ++world->store_ids);
    world->counts.disks_lost++;
    world_trace(world, "node %u loses its disk", (unsigned)node->id);
}

static void cut_some(struct world *world)
{
    node_id alone = (node_id)(1 + below(world, world->node_count));
    bool both = below(world, 2) == 0;
    for (node_id other = 1; other <= world->node_count; other++) {
        world->cut[alone][other] = other != alone;
        world->cut[other][alone] = both && other != alone;
    }
    world_trace(world, "node %u is cut off", (unsigned)alone);
}

static void heal(struct world *world)
{
    memset(world->cut, 0, sizeof world->cut);
    world->loss_percent = 0;
    world->repeat_percent = 0;
}

static void bring_fault(struct world *world)
{
    struct world_node *node = &world->nodes[1 + below(world, world->node_count)];
    switch (below(world, 9)) {
    case 0:
    case 1:
        if (node->engine != NULL)
            world_crash(node, 1 + (time_ms)below(world, 2500));
        break;
    case 2:
    case 7:
        if (node->engine != NULL && node->disk.complete && may_lose_disk(world))
            world_lose_disk(node, 1 + (time_ms)below(world, 300));
        break;
    case 3:
        node->frozen_to_ms = world->now_ms + (time_ms)below(world, 3500);
        world_trace(world, "node %u is frozen", (unsigned)node->id);
        break;
    case 4:
        cut_some(world);
        break;
    case 5:
        world->loss_percent = (unsigned)below(world, 30);
        world->repeat_percent = (unsigned)below(world, 20);
        break;
    default:
        heal(world);
        break;
    }
}

static bool is_awake(const struct world *world, const struct world_node *node)
{
    return node->engine != NULL && node->frozen_to_ms <= world->now_ms;
}

static void deliver(struct world *world, struct world_mail *mail)
{
    static struct context_frame frame;
    struct world_node *node = &world->nodes[mail->to];
    if (node->engine != NULL && !is_awake(world, node))
        return; /* it waits in the socket */
    if (node->engine != NULL && !world->cut[mail->from][mail->to]) {
        CHECK(context_frame_decode(mail->bytes, mail->length, &frame) == 0);
        context_engine_frame(node->engine, &frame);
    }
    free(mail->bytes);
    *mail = (struct world_mail){.at_ms = 0};
}

static void step_nodes(struct world *world)
{
    for (node_id id = 1; id <= world->node_count; id++) {
        struct world_node *node = &world->nodes[id];
        if (node->engine == NULL && world->now_ms >= node->up_at_ms)
            start_node(node);
        if (!is_awake(world, node))
            continue;
        bool new = !node->disk.complete;
        context_engine_flush(node->engine);
        if ((world->now_ms + id * 7) % TICK_MS == 0)
            context_engine_tick(node->engine);
        if (new && node->disk.complete) {
            world->counts.learned++;
            world_trace(world, "node %u counts", (unsigned)id);
        }
    }
}

static void step(struct world *world)
{
    world->now_ms++;
    for (size_t i = 0; i < world->mail_top; i++)
        if (world->mail[i].at_ms != 0 && world->mail[i].at_ms <= world->now_ms)
            deliver(world, &world->mail[i]);
    while (world->mail_top > 0 && world->mail[world->mail_top - 1].at_ms == 0)
        world->mail_top--;
    step_nodes(world);
    if (world->now_ms % CHECK_EVERY_MS == 0)
        world_check_stores(world);
}

static void begin(struct world *world, uint8_t node_count)
{
    world->node_count = node_count;
    world->now_ms = 1;
    for (node_id id = 1; id <= world->node_count; id++) {
        struct world_node *node = &world->nodes[id];
        node->world = world;
        node->id = id;
        node->wall_skew_ms = (int64_t)below(world, 20000) - 10000;
        memory_store_init(&node->disk, ++world->store_ids);
        node->disk.complete = world->scripted;
        start_node(node);
    }
    for (size_t i = 0; i < WORLD_CLIENT_COUNT; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "caller-%zu", i);
        world->clients[i].world = world;
        CHECK(context_id_set(&world->clients[i].id, text) == 0);
    }
}

void world_begin_script(struct world *world, uint8_t node_count)
{
    memset(world, 0, sizeof *world);
    world->scripted = true;
    prng_init(&world->prng, 1);
    begin(world, node_count);
}

void world_pass(struct world *world, time_ms for_ms)
{
    for (time_ms until_ms = world->now_ms + for_ms; world->now_ms < until_ms;)
        step(world);
}

void world_end(struct world *world)
{
    for (node_id id = 1; id <= world->node_count; id++)
        context_engine_free(&world->nodes[id].engine);
    for (size_t i = 0; i < WORLD_MAIL_COUNT_MAX; i++)
        free(world->mail[i].bytes);
}

static void heal_all(struct world *world)
{
    heal(world);
    for (node_id id = 1; id <= world->node_count; id++) {
        world->nodes[id].frozen_to_ms = 0;
        world->nodes[id].up_at_ms = 0;
    }
}

static void check_end(struct world *world, uint64_t read_before)
{
    for (node_id id = 1; id <= world->node_count; id++)
        if (!world->nodes[id].disk.complete)
            world_fail(world, "healed, but the store of node %u does not count", (unsigned)id);
    if (world->counts.read < read_before + WORLD_CLIENT_COUNT)
        world_fail(world, "healed, but hardly anything can be read");
}

bool world_run(struct world *world, uint64_t seed, FILE *trace)
{
    memset(world, 0, sizeof *world);
    world->trace = trace;
    prng_init(&world->prng, seed);
    begin(world, below(world, 3) == 0 ? 5 : 3);
    while (world->failure[0] == '\0' && world->now_ms < STORM_MS) {
        if (below(world, FAULT_EVERY) == 0)
            bring_fault(world);
        world_clients_step(world, false);
        step(world);
    }
    heal_all(world);
    uint64_t read_before = world->counts.read;
    while (world->failure[0] == '\0' && world->now_ms < STORM_MS + HEAL_MS) {
        world_clients_step(world, true);
        step(world);
    }
    if (world->failure[0] == '\0')
        check_end(world, read_before);
    bool held = world->failure[0] == '\0';
    world_end(world);
    return held;
}
