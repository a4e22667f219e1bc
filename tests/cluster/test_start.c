#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include "node/cmd/exit_codes.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_SIZE = 4096 };

/* The node ends by itself with the code, and its log names the thing. */
static void expect_refusal(struct cluster *cluster, size_t place, enum exit_code code,
                           const char *named)
{
    int found = node_run_to_end(cluster, place);
    if (found != (int)code || !node_logged(cluster, place, named))
        fail_msg("exit code %d, not %d, or \"%s\" is not in %s", found, (int)code, named,
                 cluster->nodes[place].log);
}

static int port_occupy(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    return fd;
}

static void expect_port_refusal(struct cluster *cluster, uint16_t port)
{
    char named[16];
    int fd = port_occupy(port);
    (void)snprintf(named, sizeof named, ":%u", (unsigned)port);
    expect_refusal(cluster, 0, EXIT_BUSY, named);
    (void)close(fd);
}

static void test_a_taken_port_is_named(void **state)
{
    struct cluster *cluster = *state;
    expect_port_refusal(cluster, cluster->nodes[0].api_port);
    expect_port_refusal(cluster, cluster->nodes[0].raft_port);
    expect_port_refusal(cluster, cluster->nodes[0].vote_port);
    node_start_and_wait(cluster, 0);
    cluster_finish(cluster);
}

static void test_a_folder_in_use_is_named(void **state)
{
    struct cluster *cluster = *state;
    char output[OUTPUT_SIZE];
    char arguments[256];
    node_start_and_wait(cluster, 0);
    (void)snprintf(arguments, sizeof arguments, "run --node ada --config %s", cluster->config);
    assert_int_equal(quorate_run(cluster, arguments, output, sizeof output), EXIT_BUSY);
    assert_non_null(strstr(output, cluster->nodes[0].data));
    assert_int_equal(ask_status_code(cluster, 0, "/v1/status"), 200);
    cluster_finish(cluster);
}

static void test_a_key_that_is_missing_open_or_wrong_is_named(void **state)
{
    struct cluster *cluster = *state;
    struct text why = {.length = 0};
    const char *path = cluster->nodes[0].key_file;
    assert_int_equal(chmod(path, 0644), 0);
    expect_refusal(cluster, 0, EXIT_AUTH, path);
    assert_int_equal(unlink(path), 0);
    expect_refusal(cluster, 0, EXIT_NOT_FOUND, path);
    assert_int_equal(identity_save(&cluster->nodes[1].identity, path, &why), 0);
    expect_refusal(cluster, 0, EXIT_AUTH, "ada");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(identity_save(&cluster->nodes[0].identity, path, &why), 0);
    node_start_and_wait(cluster, 0);
    cluster_finish(cluster);
}

static void append_to_config(const struct cluster *cluster, const char *text)
{
    FILE *file = fopen(cluster->config, "ae");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_a_wrong_configuration_is_named(void **state)
{
    struct cluster *cluster = *state;
    char output[OUTPUT_SIZE];
    assert_int_equal(
        quorate_run(cluster, "run --config quorate.yaml --node adda", output, sizeof output),
        EXIT_INVALID);
    assert_non_null(strstr(output, "adda"));
    assert_non_null(strstr(output, "did you mean ada?"));
    assert_int_equal(
        quorate_run(cluster, "run --config nowhere.yaml --node ada", output, sizeof output),
        EXIT_IO);
    assert_non_null(strstr(output, "nowhere.yaml"));
    append_to_config(cluster, "heartbeat_evry: 30s\n");
    expect_refusal(cluster, 0, EXIT_INVALID, "heartbeat_every");
    assert_int_equal(access(cluster->nodes[0].data, F_OK), -1);
    cluster_finish(cluster);
}

static void flip_byte(const char *folder, const char *name, off_t from_end)
{
    char path[CLUSTER_PATH_SIZE + 32];
    unsigned char byte;
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    off_t end = lseek(fd, 0, SEEK_END);
    assert_true(end > from_end);
    assert_int_equal(pread(fd, &byte, 1, end - from_end), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, end - from_end), 1);
    (void)close(fd);
}

/* The flipped byte lies in the newest row: SQLite by itself would lose it without a word. */
static void test_a_damaged_ledger_is_refused_and_the_others_go_on(void **state)
{
    struct cluster *cluster = *state;
    enum { WAL_FROM_END = 2000 };
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    ask_operate(cluster, leader, "hold", "{\"reason\":\"a row\",\"for\":\"1h\"}", 200);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    node_kill(cluster, victim);
    flip_byte(cluster->nodes[victim].data, "ledger.db-wal", WAL_FROM_END);
    expect_refusal(cluster, victim, EXIT_DAMAGED, cluster->nodes[victim].data);
    flip_byte(cluster->nodes[victim].data, "ledger.db-wal", WAL_FROM_END);
    node_start_and_wait(cluster, victim);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    cluster_finish(cluster);
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_opened, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(test_a_taken_port_is_named),
        OPENED(test_a_folder_in_use_is_named),
        OPENED(test_a_key_that_is_missing_open_or_wrong_is_named),
        OPENED(test_a_wrong_configuration_is_named),
        cmocka_unit_test_setup_teardown(test_a_damaged_ledger_is_refused_and_the_others_go_on,
                                        cluster_setup_started, cluster_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
