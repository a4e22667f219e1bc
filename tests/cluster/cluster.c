#include "tests/cluster/cluster.h"

#include "node/io/config/seal_key.h"
#include "tests/cluster/ask.h"
#include "tests/cluster/check.h"
#include "tests/lab/test/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const names[CLUSTER_NODE_COUNT_MAX] = {"ada", "ben", "cyd", "dan", "eve"};

static void write_secret(const struct cluster *cluster, const char *name, const char *secret)
{
    char path[CLUSTER_PATH_SIZE + 16];
    (void)snprintf(path, sizeof path, "%s/%s", cluster->folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, secret, strlen(secret)), strlen(secret));
    (void)close(fd);
}

static void take_ports(struct cluster *cluster)
{
    uint16_t *ports[CLUSTER_NODE_COUNT_MAX * 4];
    size_t count = 0;
    for (size_t i = 0; i < cluster->node_count; i++) {
        ports[count++] = &cluster->nodes[i].api_port;
        ports[count++] = &cluster->nodes[i].vote_port;
        ports[count++] = &cluster->nodes[i].raft_port;
        ports[count++] = &cluster->nodes[i].context_port;
    }
    for (size_t i = 0; i < count; i++) {
        bool taken = true;
        while (taken) {
            *ports[i] = process_port_find();
            taken = false;
            for (size_t j = 0; j < i; j++)
                taken = taken || *ports[j] == *ports[i];
        }
    }
}

static void make_nodes(struct cluster *cluster)
{
    struct text why = {.length = 0};
    for (size_t i = 0; i < cluster->node_count; i++) {
        struct cluster_node *node = &cluster->nodes[i];
        node->name = names[i];
        (void)snprintf(node->key_file, sizeof node->key_file, "%.64s/%s.key", cluster->folder,
                       node->name);
        (void)snprintf(node->data, sizeof node->data, "%.64s/%s", cluster->folder, node->name);
        (void)snprintf(node->log, sizeof node->log, "%.64s/%s.log", cluster->folder, node->name);
        assert_int_equal(identity_generate(&node->identity), 0);
        if (identity_save(&node->identity, node->key_file, &why) != 0)
            fail_msg("%s", why.bytes);
    }
    take_ports(cluster);
}

static void start_lab(struct cluster *cluster)
{
    const char *host = cluster->settings.networked ? "0.0.0.0" : "127.0.0.1";
    sim_start_at(&cluster->sim, host, cluster->settings.sim_option, cluster->settings.sim_option_2);
    bot_start_at(&cluster->primary, host);
    bot_start_at(&cluster->standby, host);
    bot_start_at(&cluster->references, host);
}

void cluster_open(struct cluster *cluster, const struct cluster_settings *settings)
{
    char seal[SEAL_KEY_TEXT_SIZE];
    if (settings != NULL)
        cluster->settings = *settings;
    cluster->node_count =
        cluster->settings.node_count != 0 ? cluster->settings.node_count : CLUSTER_NODE_COUNT;
    if (cluster->settings.networked)
        network_open(&cluster->network, cluster->node_count);
    (void)snprintf(cluster->folder, sizeof cluster->folder, "/tmp/quorate-cluster-XXXXXX");
    assert_non_null(mkdtemp(cluster->folder));
    (void)snprintf(cluster->config, sizeof cluster->config, "%.64s/quorate.yaml", cluster->folder);
    start_lab(cluster);
    if (cluster->settings.api_over_chaos)
        chaos_start(&cluster->chaos, cluster->sim.port);
    else if (cluster->settings.last_over_chaos)
        chaos_start(&cluster->chaos, cluster->primary.port);
    write_secret(cluster, "secret", "demo-secret");
    write_secret(cluster, "refresh", CLUSTER_REFRESH_SEED);
    seal_key_make(seal);
    write_secret(cluster, "seal", seal);
    write_secret(cluster, "context-read", CLUSTER_CONTEXT_READ_TOKEN);
    write_secret(cluster, "context-write", CLUSTER_CONTEXT_WRITE_TOKEN);
    write_secret(cluster, "read", CLUSTER_READ_TOKEN);
    write_secret(cluster, "write", CLUSTER_WRITE_TOKEN);
    make_nodes(cluster);
    cluster_write_config(cluster);
}

void cluster_start(struct cluster *cluster, const struct cluster_settings *settings)
{
    cluster_open(cluster, settings);
    for (size_t i = 0; i < cluster->node_count; i++)
        node_start_and_wait(cluster, i);
    ask_init(cluster, 0, 200);
    ask_wait_leader(cluster);
    WAIT_UNTIL(ask_settled(cluster));
}

void cluster_finish(struct cluster *cluster)
{
    check_histories(cluster);
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            node_stop(cluster, i);
    cluster->passed = true;
}

static void end_process(struct process *process)
{
    if (process->pid <= 0)
        return;
    (void)kill(process->pid, SIGCONT);
    (void)kill(process->pid, SIGKILL);
    (void)waitpid(process->pid, NULL, 0);
    (void)close(process->output_fd);
    process->pid = 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void cluster_abandon(struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        end_process(&cluster->nodes[i].process);
    end_process(&cluster->sim.process);
    end_process(&cluster->primary.process);
    end_process(&cluster->standby.process);
    end_process(&cluster->references.process);
    end_process(&cluster->chaos.process);
    network_close(&cluster->network);
    if (cluster->passed) {
        (void)unlink(cluster->sim.journal);
        (void)nftw(cluster->folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    } else {
        print_message("the nodes' logs are in %s, the API's journal is %s\n", cluster->folder,
                      cluster->sim.journal);
    }
}

static int setup(void **state, void (*begin)(struct cluster *, const struct cluster_settings *))
{
    const struct cluster_settings *settings = *state;
    struct cluster *cluster = calloc(1, sizeof *cluster);
    if (cluster == NULL)
        return -1;
    *state = cluster;
    begin(cluster, settings);
    return 0;
}

int cluster_setup_opened(void **state)
{
    return setup(state, cluster_open);
}

int cluster_setup_started(void **state)
{
    return setup(state, cluster_start);
}

int cluster_setup_networked(void **state)
{
    if (network_is_permitted())
        return cluster_setup_started(state);
    print_message("skipped: network namespaces are not permitted to this user\n");
    *state = NULL;
    return 0;
}

struct cluster *cluster_of_networked(void **state)
{
    if (*state == NULL)
        skip();
    return *state;
}

int cluster_teardown(void **state)
{
    struct cluster *cluster = *state;
    if (cluster == NULL)
        return 0;
    cluster_abandon(cluster);
    free(cluster);
    return 0;
}
