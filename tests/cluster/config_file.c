#include "tests/cluster/cluster.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define LOOPBACK "127.0.0.1"

/* Short timings, with room for a machine that does other things, too. */
static const struct cluster_settings defaults = {
    .mode = "act",
    .rule = "{fail: 3, of: 5, within: 20s}",
    .patrol = "{interval: 600ms, confirm_interval: 200ms}",
    .probe = "{connect_timeout: 200ms, timeout: 300ms, latency: 250ms}",
    .route = "route: {backend: routing-plan, plan: plan-1, via: lab}",
    .drain = "{slow: 2s, down: 0s, planned: 0s}",
    .verify = "{reads: 2, every: 100ms, canaries: 1, within: 8s}",
    .timing = "{election: 600ms, heartbeat: 60ms, timer_late: 250ms,"
              " actuator: {deadline: 1s, proof: 2s, token_fresh: 60s},"
              " reference_inflation: {minimum: 250ms}}",
    .paused_max = "30s",
    .limits = "{cooldown: 0s, moves: 16/5s, max_aborts: 16}",
};

static const char *either(const char *set, const char *otherwise)
{
    return set != NULL ? set : otherwise;
}

static const char *lab_host(const struct cluster *cluster, const char *address)
{
    return cluster->settings.networked ? address : LOOPBACK;
}

static void write_nodes(FILE *file, const struct cluster *cluster)
{
    static const char *const zones[CLUSTER_NODE_COUNT_MAX] = {"north", "south", "west", "east",
                                                              "centre"};
    char key[IDENTITY_TEXT_SIZE];
    (void)fprintf(file, "cluster: test\nnodes:\n");
    for (size_t i = 0; i < cluster->node_count; i++) {
        const struct cluster_node *node = &cluster->nodes[i];
        char host[NETWORK_ADDRESS_SIZE] = LOOPBACK;
        if (cluster->settings.networked)
            network_address(i, host);
        (void)fprintf(file,
                      "  %s: {zone: %s, host: %s, key: \"%s\","
                      " ports: {votes: %u, raft: %u, api: %u, contexts: %u}}\n",
                      node->name, zones[i], host,
                      identity_public_text(node->identity.public_key, key),
                      (unsigned)node->vote_port, (unsigned)node->raft_port,
                      (unsigned)node->api_port, (unsigned)node->context_port);
    }
    (void)fprintf(file, "references:\n");
    for (int i = 1; i <= 3; i++)
        (void)fprintf(file, "  - http://%s:%u/reference-%d\n",
                      lab_host(cluster, NETWORK_REFERENCES), (unsigned)cluster->references.port, i);
}

/* A drain may count by a URL of the simulator, whose port stands for "%u". */
static void write_drain(FILE *file, const struct cluster *cluster)
{
    const char *drain = either(cluster->settings.drain, defaults.drain);
    const char *port = strstr(drain, "%u");
    if (port == NULL)
        (void)fprintf(file, "    drain: %s\n", drain);
    else
        (void)fprintf(file, "    drain: %.*s%u%s\n", (int)(port - drain), drain,
                      (unsigned)cluster->sim.port, port + 2);
}

/* `more` goes on from the side's words, "" or with a comma. */
static void write_side(FILE *file, const struct cluster *cluster, const char *words,
                       const char *more, const char *address, uint16_t port)
{
    (void)fprintf(file, "    %s%s, probe: ", words, more);
    if (cluster->settings.side_probe != NULL)
        (void)fprintf(file, "%s}\n", cluster->settings.side_probe);
    else
        (void)fprintf(file, "{url: \"http://%s:%u/canary\"}}\n", lab_host(cluster, address),
                      (unsigned)port);
}

static void write_service(FILE *file, const struct cluster *cluster)
{
    const struct cluster_settings *settings = &cluster->settings;
    (void)fprintf(file, "rule: %s\npatrol: %s\nlimits: %s\ntiming: %s\n",
                  either(settings->rule, defaults.rule), either(settings->patrol, defaults.patrol),
                  either(settings->limits, defaults.limits),
                  either(settings->timing, defaults.timing));
    (void)fprintf(file, "defaults:\n  probe: %s\nservices:\n  %s:\n    mode: %s\n",
                  either(settings->probe, defaults.probe), CLUSTER_SERVICE,
                  either(settings->mode, defaults.mode));
    write_side(file, cluster, "primary: {id: PRIMARY_FLOW_ID", "", NETWORK_PRIMARY,
               cluster->primary.port);
    write_side(file, cluster, "standby: {id: STANDBY_FLOW_ID, tag: \"env:standby\"",
               either(settings->standby, ""), NETWORK_STANDBY, cluster->standby.port);
    (void)fprintf(file,
                  "    %s\n"
                  "    announce: {header: \"X-Service-Mode: degraded\"}\n"
                  "    paused_max: %s\n    verify: %s\n    propagation: 200ms\n",
                  either(settings->route, defaults.route),
                  either(settings->paused_max, defaults.paused_max),
                  either(settings->verify, defaults.verify));
    write_drain(file, cluster);
}

static void write_node_local(FILE *file, const struct cluster *cluster, size_t place)
{
    const struct cluster_node *node = &cluster->nodes[place];
    (void)fprintf(file, "    %s: {data: %s, key: {file: %s}", node->name, node->data,
                  node->key_file);
    if (cluster->settings.last_over_chaos && place == cluster->node_count - 1)
        (void)fprintf(file, ", connect_to: {\"127.0.0.1:%u\": \"127.0.0.1:%u\"}",
                      (unsigned)cluster->primary.port, (unsigned)cluster->chaos.ports[0]);
    (void)fprintf(file, "}\n");
}

static void write_local(FILE *file, const struct cluster *cluster)
{
    unsigned api = cluster->settings.api_over_chaos ? cluster->chaos.ports[0] : cluster->sim.port;
    const char *host = lab_host(cluster, NETWORK_API);
    (void)fprintf(file,
                  "platforms:\n  lab: {api_url: \"http://%s:%u\","
                  " login_url: \"http://%s:%u\", client_id: demo-client,"
                  " client_secret: {file: %s/secret}",
                  host, api, host, api, cluster->folder);
    if (cluster->settings.grant != NULL)
        (void)fprintf(file, ", refresh_token: {file: %s/refresh}, %s", cluster->folder,
                      cluster->settings.grant);
    (void)fprintf(file, "}\n");
    if (cluster->settings.grant != NULL || cluster->settings.contexts != NULL)
        (void)fprintf(file, "seal: {file: %s/seal}\n", cluster->folder);
    if (cluster->settings.contexts != NULL)
        (void)fprintf(file, "contexts: {%s}\n", cluster->settings.contexts);
    if (cluster->settings.preflight != NULL)
        (void)fprintf(file, "preflight: %s\n", cluster->settings.preflight);
    (void)fprintf(file, "local:\n");
    if (!cluster->settings.no_tokens)
        (void)fprintf(file, "  api: {read_token: {file: %s/read}, write_token: {file: %s/write}}\n",
                      cluster->folder, cluster->folder);
    if (cluster->settings.contexts != NULL)
        (void)fprintf(file,
                      "  contexts: {read_token: {file: %s/context-read},"
                      " write_token: {file: %s/context-write}}\n",
                      cluster->folder, cluster->folder);
    (void)fprintf(file, "  nodes:\n");
    for (size_t i = 0; i < cluster->node_count; i++)
        write_node_local(file, cluster, i);
}

void cluster_write_config(const struct cluster *cluster)
{
    FILE *file = fopen(cluster->config, "we");
    assert_non_null(file);
    write_nodes(file, cluster);
    write_service(file, cluster);
    write_local(file, cluster);
    assert_int_equal(fclose(file), 0);
}
