#include "tests/cluster/load/failover.h"

#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 48 /* to each node */, LINE_SIZE = 128 };

struct worker {
    struct load *load;
    int error;
    atomic_bool done;
};

static void *put_main(void *data)
{
    struct worker *worker = data;
    worker->error = load_put(worker->load);
    atomic_store(&worker->done, true);
    return NULL;
}

double failover_metric(const struct cluster *cluster, size_t place, const char *name)
{
    struct client_reply reply;
    char line[LINE_SIZE];
    double value = 0;
    ask_send(cluster, place, "GET", "/metrics", ASK_READ, NULL, &reply);
    (void)snprintf(line, sizeof(line), "\n%s ", name);
    const char *at = reply.body == NULL ? NULL : strstr(reply.body, line);
    if (at != NULL)
        value = strtod(at + strlen(line), NULL);
    client_reply_free(&reply);
    return value;
}

static bool all_are_ready(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (failover_metric(cluster, i, "quorate_contexts_ready") < 1)
            return false;
    return true;
}

static void take_lateness(const struct cluster *cluster, size_t place,
                          struct failover_result *result)
{
    double max_ms = failover_metric(cluster, place, "quorate_loop_late_max_milliseconds");
    result->heartbeats_late += failover_metric(cluster, place, "quorate_heartbeat_late_total");
    if (max_ms > result->late_max_ms)
        result->late_max_ms = max_ms;
}

/* The move is under way, its switch is not: what it waits for is the drain. */
static bool is_draining(const struct cluster *cluster, size_t place)
{
    return ask_move_is(cluster, place, "DRAINING");
}

static void fail_primary(struct cluster *cluster, struct failover_result *result)
{
    bot_mode(&cluster->primary, "{\"mode\":\"error500\"}");
    size_t leader = ask_wait_leader(cluster);
    WAIT_UNTIL(is_draining(cluster, leader));
    take_lateness(cluster, leader, result);
    node_kill(cluster, leader);
    WAIT_UNTIL(ask_all_say(cluster, "serving", "standby"));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    result->moved = true;
}

static struct load_settings settings_of(const struct cluster *cluster,
                                        const struct failover_plan *plan, const char *token)
{
    struct load_settings settings = {
        .token = token,
        .conversations = plan->conversations,
        .period_ms = plan->period_ms,
        .run_ms = plan->run_ms,
        .connections = CONNECTIONS,
    };
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            settings.ports[settings.node_count++] = cluster->nodes[i].api_port;
    return settings;
}

static void read_back(const struct cluster *cluster, const struct failover_plan *plan,
                      struct failover_result *result)
{
    const struct load_settings settings = settings_of(cluster, plan, CLUSTER_CONTEXT_READ_TOKEN);
    assert_int_equal(load_init(&result->read, &settings), 0);
    memcpy(result->read.acknowledged, result->put.acknowledged,
           plan->conversations * sizeof(*result->put.acknowledged));
    assert_int_equal(load_read_back(&result->read), 0);
}

void failover_run(struct cluster *cluster, const struct failover_plan *plan,
                  struct failover_result *ret_result)
{
    const struct load_settings settings = settings_of(cluster, plan, CLUSTER_CONTEXT_WRITE_TOKEN);
    struct worker worker = {.load = &ret_result->put};
    pthread_t thread;
    double late_before = 0;
    *ret_result = (struct failover_result){.terms = 0};
    WAIT_UNTIL(all_are_ready(cluster));
    double term = failover_metric(cluster, ask_wait_leader(cluster), "quorate_term");
    for (size_t i = 0; i < cluster->node_count; i++)
        late_before += failover_metric(cluster, i, "quorate_heartbeat_late_total");
    assert_int_equal(load_init(&ret_result->put, &settings), 0);
    assert_int_equal(pthread_create(&thread, NULL, put_main, &worker), 0);
    (void)poll(NULL, 0, (int)plan->run_ms / 3);
    if (plan->happens != NULL)
        plan->happens(plan->data);
    else
        fail_primary(cluster, ret_result);
    WAIT_UNTIL_MS(atomic_load(&worker.done), (int)plan->run_ms + 2 * LOAD_GIVE_UP_MS);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(worker.error, 0);
    read_back(cluster, plan, ret_result);
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            take_lateness(cluster, i, ret_result);
    ret_result->heartbeats_late -= late_before;
    ret_result->terms = failover_metric(cluster, ask_wait_leader(cluster), "quorate_term") - term;
}

void failover_fini(struct failover_result *result)
{
    load_fini(&result->put);
    load_fini(&result->read);
}
