#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOLD_PATH "/v1/services/" CLUSTER_SERVICE "/hold"

enum {
    DISK_BYTES = 8 * 1024 * 1024,
    POSTERS = 4,
    POSTS_EACH = 1100, /* together more than the leader keeps of its log */
};

/* A small disk of its own under each node's folder, in a mount namespace that ends with the test.
 */
static bool mount_disks(const struct cluster *cluster)
{
    char options[32];
    (void)snprintf(options, sizeof options, "size=%d", DISK_BYTES);
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        const char *folder = cluster->nodes[i].data;
        if (mkdir(folder, 0700) != 0 || mount("tmpfs", folder, "tmpfs", 0, options) != 0)
            return false;
    }
    return true;
}

static void unmount_disks(const struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        (void)umount2(cluster->nodes[i].data, MNT_DETACH);
}

static void fill_path(const struct cluster *cluster, size_t place, char path[CLUSTER_PATH_SIZE + 8])
{
    (void)snprintf(path, CLUSTER_PATH_SIZE + 8, "%s/fill", cluster->nodes[place].data);
}

static void fill_disk(const struct cluster *cluster, size_t place)
{
    static const char zeros[4096];
    char path[CLUSTER_PATH_SIZE + 8];
    fill_path(cluster, place, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    while (write(fd, zeros, sizeof zeros) > 0)
        ;
    assert_int_equal(errno, ENOSPC);
    (void)close(fd);
}

static bool is_failed(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    bool failed = strcmp(client_text(page, "condition"), "failed") == 0;
    if (failed)
        assert_non_null(strstr(client_text(page, "condition_why"), cluster->nodes[place].data));
    cJSON_Delete(page);
    return failed;
}

/* A hold with a number as its reason. */
static bool is_acknowledged(const struct cluster *cluster, size_t place, int number)
{
    char body[64];
    struct client_reply reply = {0};
    (void)snprintf(body, sizeof body, "{\"reason\":\"%d\",\"for\":\"1h\"}", number);
    ask_send(cluster, place, "POST", HOLD_PATH, ASK_WRITE, body, &reply);
    bool acknowledged = reply.status == 200;
    client_reply_free(&reply);
    return acknowledged;
}

/* Fills the disks and goes on until the node says so; gives the last number that was acknowledged.
 */
static int hold_until_full(const struct cluster *cluster, size_t place, bool all_disks)
{
    enum { BEFORE_COUNT = 20 };
    time_ms until_ms = clock_boot_ms() + 20000;
    int number = 0;
    int acknowledged = 0;
    while (number < BEFORE_COUNT)
        assert_true(is_acknowledged(cluster, place, ++number));
    acknowledged = number;
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (all_disks || i == place)
            fill_disk(cluster, i);
    while (!is_failed(cluster, place) && clock_boot_ms() < until_ms)
        if (is_acknowledged(cluster, place, ++number))
            acknowledged = number;
    assert_true(is_failed(cluster, place));
    return acknowledged;
}

static int hold_number(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE);
    const cJSON *hold = cJSON_GetObjectItemCaseSensitive(page, "hold");
    int number = (int)strtol(client_text(hold, "reason"), NULL, 10);
    cJSON_Delete(page);
    return number;
}

static void test_a_full_disk_costs_one_voter_and_no_entry(void **state)
{
    struct cluster *cluster = *state;
    char path[CLUSTER_PATH_SIZE + 8];
    if (!mount_disks(cluster)) {
        cluster->passed = true;
        skip();
    }
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
    ask_init(cluster, 0, 200);
    WAIT_UNTIL(ask_settled(cluster));
    size_t victim = ask_wait_leader(cluster);
    int acknowledged = hold_until_full(cluster, victim, false);
    assert_int_equal(ask_status_code(cluster, victim, "/readyz"), 503);
    assert_true(node_logged(cluster, victim, "full=1"));
    assert_int_not_equal(ask_wait_leader(cluster), victim);
    size_t other = (victim + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(ask_status_code(cluster, other, "/readyz") == 200);
    WAIT_UNTIL(hold_number(cluster, other) >= acknowledged);
    assert_true(is_acknowledged(cluster, other, 1000000));
    node_stop(cluster, victim);
    fill_path(cluster, victim, path);
    assert_int_equal(unlink(path), 0);
    node_start_and_wait(cluster, victim);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    assert_int_equal(hold_number(cluster, victim), 1000000);
    cluster_finish(cluster);
    unmount_disks(cluster);
}

static void test_what_was_acknowledged_before_the_disk_was_full_stays(void **state)
{
    struct cluster *cluster = *state;
    if (!mount_disks(cluster)) {
        cluster->passed = true;
        skip();
    }
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
    ask_init(cluster, 0, 200);
    WAIT_UNTIL(ask_settled(cluster));
    size_t leader = ask_wait_leader(cluster);
    int acknowledged = hold_until_full(cluster, leader, true);
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++) {
        char path[CLUSTER_PATH_SIZE + 8];
        node_kill(cluster, i);
        fill_path(cluster, i, path);
        assert_int_equal(unlink(path), 0);
    }
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        node_start_and_wait(cluster, i);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    assert_true(hold_number(cluster, leader) >= acknowledged);
    cluster_finish(cluster);
    unmount_disks(cluster);
}

struct poster {
    const struct cluster *cluster;
    size_t place;
    pthread_t thread;
    int accepted;
};

static void *post_holds(void *data)
{
    struct poster *poster = data;
    for (int i = 0; i < POSTS_EACH; i++) {
        struct client_reply reply = {0};
        ask_send(poster->cluster, poster->place, "POST", HOLD_PATH, ASK_WRITE,
                 "{\"reason\":\"load\",\"for\":\"1h\"}", &reply);
        poster->accepted += reply.status == 200;
        client_reply_free(&reply);
    }
    return NULL;
}

static void test_a_node_that_missed_more_than_the_log_keeps_gets_a_snapshot(void **state)
{
    struct cluster *cluster = *state;
    struct poster posters[POSTERS];
    size_t leader = ask_wait_leader(cluster);
    size_t laggard = (leader + 1) % CLUSTER_NODE_COUNT;
    int accepted = 0;
    node_kill(cluster, laggard);
    for (size_t i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.cluster = cluster, .place = leader};
        assert_int_equal(pthread_create(&posters[i].thread, NULL, post_holds, &posters[i]), 0);
    }
    for (size_t i = 0; i < POSTERS; i++) {
        assert_int_equal(pthread_join(posters[i].thread, NULL), 0);
        accepted += posters[i].accepted;
    }
    assert_int_equal(accepted, POSTERS * POSTS_EACH);
    assert_true(node_logged(cluster, leader, "snapshot_taken"));
    node_start_and_wait(cluster, laggard);
    WAIT_UNTIL(node_logged(cluster, laggard, "snapshot_installed"));
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    node_stop(cluster, laggard);
    node_start_and_wait(cluster, laggard);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    cluster_finish(cluster);
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_opened, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(test_a_full_disk_costs_one_voter_and_no_entry),
        OPENED(test_what_was_acknowledged_before_the_disk_was_full_stays),
        cmocka_unit_test_setup_teardown(
            test_a_node_that_missed_more_than_the_log_keeps_gets_a_snapshot, cluster_setup_started,
            cluster_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
