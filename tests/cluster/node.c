#include "tests/cluster/cluster.h"

#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COMMAND_SIZE = 640 };

/* Its log goes to a file, so that it never waits for a reader. */
static void spawn(struct cluster *cluster, size_t place)
{
    struct cluster_node *node = &cluster->nodes[place];
    const char *level = cluster->settings.log_level;
    const char *program = node->program != NULL ? node->program : cluster->settings.program;
    const char *failpoint = cluster->settings.failpoint;
    char command[COMMAND_SIZE];
    const char *argv[] = {"/bin/sh", "-c", command, NULL};
    (void)snprintf(command, sizeof command,
                   "QUORATE_FAILPOINT=%s exec %s run --config %s --node %s%s%s >>%s 2>&1",
                   failpoint != NULL ? failpoint : "", program != NULL ? program : QUORATE,
                   cluster->config, node->name, level != NULL ? " --log-level " : "",
                   level != NULL ? level : "", node->log);
    network_enter(&cluster->network, place);
    process_spawn(&node->process, argv);
    network_leave(&cluster->network);
}

void node_start(struct cluster *cluster, size_t place)
{
    assert_int_equal(cluster->nodes[place].process.pid, 0);
    spawn(cluster, place);
}

bool node_has_ended(const struct cluster *cluster, size_t place)
{
    siginfo_t info = {.si_pid = 0};
    (void)waitid(P_PID, (id_t)cluster->nodes[place].process.pid, &info,
                 WEXITED | WNOHANG | WNOWAIT);
    return info.si_pid != 0;
}

static bool is_serving(const struct cluster *cluster, size_t place)
{
    if (node_has_ended(cluster, place))
        fail_msg("node %s ended; see %s", cluster->nodes[place].name, cluster->nodes[place].log);
    return ask_status_code(cluster, place, "/healthz") == 200;
}

void node_start_and_wait(struct cluster *cluster, size_t place)
{
    node_start(cluster, place);
    WAIT_UNTIL(is_serving(cluster, place));
}

void node_stop(struct cluster *cluster, size_t place)
{
    assert_int_equal(process_stop(&cluster->nodes[place].process, NULL), 0);
}

void node_kill(struct cluster *cluster, size_t place)
{
    assert_int_equal(kill(cluster->nodes[place].process.pid, SIGKILL), 0);
    node_bury(cluster, place);
}

void node_bury(struct cluster *cluster, size_t place)
{
    assert_int_equal(process_wait(&cluster->nodes[place].process), -SIGKILL);
    cluster->nodes[place].was_killed = true;
}

void node_freeze(struct cluster *cluster, size_t place)
{
    assert_int_equal(kill(cluster->nodes[place].process.pid, SIGSTOP), 0);
    cluster->nodes[place].frozen = true;
}

void node_thaw(struct cluster *cluster, size_t place)
{
    assert_int_equal(kill(cluster->nodes[place].process.pid, SIGCONT), 0);
    cluster->nodes[place].frozen = false;
}

int node_run_to_end(struct cluster *cluster, size_t place)
{
    node_start(cluster, place);
    return process_wait(&cluster->nodes[place].process);
}

bool node_is_running(const struct cluster *cluster, size_t place)
{
    return cluster->nodes[place].process.pid > 0 && !cluster->nodes[place].frozen;
}

int quorate_run(const struct cluster *cluster, const char *arguments, char *output, size_t size)
{
    char command[COMMAND_SIZE];
    (void)snprintf(command, sizeof command, "cd %s && exec %s %s 2>&1", cluster->folder, QUORATE,
                   arguments);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    size_t length = fread(output, 1, size - 1, pipe);
    output[length] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int node_log_count(const struct cluster *cluster, size_t place, const char *text)
{
    char *line = NULL;
    size_t size = 0;
    int count = 0;
    FILE *file = fopen(cluster->nodes[place].log, "re");
    while (file != NULL && getline(&line, &size, file) > 0)
        count += strstr(line, text) != NULL;
    free(line);
    if (file != NULL)
        (void)fclose(file);
    return count;
}

bool node_logged(const struct cluster *cluster, size_t place, const char *text)
{
    return node_log_count(cluster, place, text) > 0;
}
