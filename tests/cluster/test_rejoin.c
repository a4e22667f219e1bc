#include "tests/cluster/ask.h"
#include "tests/lab/test/assert.h"

#include "node/cmd/exit_codes.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = CLUSTER_PATH_SIZE + 32, HOLDS = 300, KILLS = 4 };

/* What an operator does with a folder that must not be used any more. */
static void move_folder_away(const struct cluster *cluster, size_t place, const char *suffix)
{
    char aside[PATH_SIZE];
    (void)snprintf(aside, sizeof aside, "%s-%s", cluster->nodes[place].data, suffix);
    assert_int_equal(rename(cluster->nodes[place].data, aside), 0);
}

static void hold(const struct cluster *cluster, size_t place, int number, long status)
{
    char body[64];
    (void)snprintf(body, sizeof body, "{\"reason\":\"%d\",\"for\":\"1h\"}", number);
    ask_operate(cluster, place, "hold", body, status);
}

static int hold_number(const struct cluster *cluster, size_t place)
{
    cJSON *page = ask_get(cluster, place, "/v1/services/" CLUSTER_SERVICE);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(page, "hold");
    int number = (int)strtol(client_text(item, "reason"), NULL, 10);
    cJSON_Delete(page);
    return number;
}

/* As the node itself says, or "" while it cannot. */
static bool is_member(const struct cluster *cluster, size_t place, const char *word)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(page, "member");
    bool same = cJSON_IsString(member) && strcmp(member->valuestring, word) == 0;
    cJSON_Delete(page);
    return same;
}

/* As a node has the others, by their places without its own. */
static bool sees_as(const struct cluster *cluster, size_t by, size_t place, const char *word)
{
    cJSON *page = ask_get(cluster, by, "/v1/status");
    const cJSON *peer = NULL;
    bool same = false;
    cJSON_ArrayForEach(peer, cJSON_GetObjectItemCaseSensitive(page, "peers"))
    {
        if (strcmp(client_text(peer, "node"), cluster->nodes[place].name) == 0)
            same = strcmp(client_text(peer, "member"), word) == 0;
    }
    cJSON_Delete(page);
    return same;
}

static bool all_speak_the_newest_level(const struct cluster *cluster)
{
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (node_is_running(cluster, i) && ask_count(cluster, i, "ledger", "level") < 2)
            return false;
    return true;
}

static void wait_until_it_votes(const struct cluster *cluster, size_t place)
{
    WAIT_UNTIL(is_member(cluster, place, "voter"));
    WAIT_UNTIL(ask_settled(cluster));
    for (size_t i = 0; i < CLUSTER_NODE_COUNT; i++)
        if (i != place && node_is_running(cluster, i))
            WAIT_UNTIL(sees_as(cluster, i, place, "voter"));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
}

/* The node that rejoined and one other are a quorum: the third is taken away. */
static void expect_it_counts(struct cluster *cluster, size_t place, size_t gone, int number)
{
    size_t other = CLUSTER_NODE_COUNT - place - gone;
    node_kill(cluster, gone);
    WAIT_UNTIL(ask_leader(cluster) >= 0);
    hold(cluster, ask_wait_leader(cluster), number, 200);
    WAIT_UNTIL(hold_number(cluster, place) == number && hold_number(cluster, other) == number);
    node_start_and_wait(cluster, gone);
    WAIT_UNTIL(ask_settled(cluster));
    WAIT_UNTIL(ask_ledgers_equal(cluster));
}

static void test_a_node_whose_folder_was_deleted_rejoins_by_itself(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    hold(cluster, leader, 1, 200);
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    node_start_and_wait(cluster, victim);
    WAIT_UNTIL(node_logged(cluster, victim, "readmitted"));
    wait_until_it_votes(cluster, victim);
    assert_int_equal(hold_number(cluster, victim), 1);
    assert_true(node_logged(cluster, leader, "kind=readmitted"));
    assert_true(node_logged(cluster, leader, "kind=rejoined"));
    expect_it_counts(cluster, victim, leader, 2);
    node_stop(cluster, victim);
    node_start_and_wait(cluster, victim);
    wait_until_it_votes(cluster, victim);
    cluster_finish(cluster);
}

static void test_a_leader_whose_folder_was_deleted_rejoins_too(void **state)
{
    struct cluster *cluster = *state;
    size_t victim = ask_wait_leader(cluster);
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    hold(cluster, victim, 1, 200);
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    node_start_and_wait(cluster, victim);
    wait_until_it_votes(cluster, victim);
    assert_int_equal(hold_number(cluster, victim), 1);
    cluster_finish(cluster);
}

static void flip_byte(const struct cluster *cluster, size_t place, const char *name, off_t from_end)
{
    char path[PATH_SIZE];
    unsigned char byte;
    (void)snprintf(path, sizeof path, "%s/%s", cluster->nodes[place].data, name);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    off_t at = lseek(fd, 0, SEEK_END) - from_end;
    assert_true(at >= 0);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= 0x10;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    (void)close(fd);
}

static void test_a_flipped_bit_is_refused_and_the_words_say_what_works(void **state)
{
    struct cluster *cluster = *state;
    enum { WAL_FROM_END = 2000 };
    char words[PATH_SIZE + 64];
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 2) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    hold(cluster, leader, 7, 200);
    WAIT_UNTIL(ask_ledgers_equal(cluster));
    node_kill(cluster, victim);
    flip_byte(cluster, victim, "ledger.db-wal", WAL_FROM_END);
    assert_int_equal(node_run_to_end(cluster, victim), EXIT_DAMAGED);
    (void)snprintf(words, sizeof words, "move %s away and start the node again",
                   cluster->nodes[victim].data);
    assert_true(node_logged(cluster, victim, words));
    move_folder_away(cluster, victim, "flipped");
    node_start_and_wait(cluster, victim);
    wait_until_it_votes(cluster, victim);
    assert_int_equal(hold_number(cluster, victim), 7);
    expect_it_counts(cluster, victim, leader, 8);
    cluster_finish(cluster);
}

static void test_a_kill_in_the_middle_of_catching_up_only_delays_it(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    for (int i = 1; i <= HOLDS; i++)
        hold(cluster, leader, i, 200);
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    for (int i = 0; i < KILLS; i++) {
        int starts = node_log_count(cluster, victim, "info started node=");
        node_start(cluster, victim);
        if (i == 0)
            WAIT_UNTIL(node_logged(cluster, victim, "readmitted"));
        else
            WAIT_UNTIL(node_log_count(cluster, victim, "info started node=") > starts);
        (void)poll(NULL, 0, i * 15);
        node_kill(cluster, victim);
    }
    node_start_and_wait(cluster, victim);
    wait_until_it_votes(cluster, victim);
    assert_int_equal(hold_number(cluster, victim), HOLDS);
    cluster_finish(cluster);
}

/* Two voters are left: both are needed, and a learner is no substitute. */
static void test_a_learner_does_not_stand_in_for_a_voter(void **state)
{
    struct cluster *cluster = *state;
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    size_t other = (leader + 2) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    node_start_and_wait(cluster, victim);
    WAIT_UNTIL(is_member(cluster, victim, "learner"));
    hold(cluster, leader, 5, 200);
    node_kill(cluster, other);
    hold(cluster, leader, 6, 503);
    STAYS_FOR(!sees_as(cluster, leader, victim, "voter"), 4000);
    assert_true(is_member(cluster, victim, "learner"));
    node_start_and_wait(cluster, other);
    wait_until_it_votes(cluster, victim);
    assert_true(hold_number(cluster, other) >= 5);
    expect_it_counts(cluster, victim, leader, 9);
    cluster_finish(cluster);
}

static void test_a_folder_that_was_replaced_is_refused_when_it_comes_back(void **state)
{
    struct cluster *cluster = *state;
    char aside[PATH_SIZE];
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    node_start_and_wait(cluster, victim);
    wait_until_it_votes(cluster, victim);
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "new");
    (void)snprintf(aside, sizeof aside, "%s-old", cluster->nodes[victim].data);
    assert_int_equal(rename(aside, cluster->nodes[victim].data), 0);
    node_start_and_wait(cluster, victim);
    WAIT_UNTIL(node_logged(cluster, victim, "this folder is out of date"));
    assert_int_equal(ask_status_code(cluster, victim, "/readyz"), 503);
    cluster_finish(cluster);
}

static void test_init_says_that_an_empty_node_comes_back_by_itself(void **state)
{
    struct cluster *cluster = *state;
    char output[2048];
    size_t leader = ask_wait_leader(cluster);
    size_t victim = (leader + 1) % CLUSTER_NODE_COUNT;
    WAIT_UNTIL(all_speak_the_newest_level(cluster));
    node_kill(cluster, leader); /* nobody readmits it for a while */
    node_kill(cluster, (leader + 2) % CLUSTER_NODE_COUNT);
    node_kill(cluster, victim);
    move_folder_away(cluster, victim, "old");
    node_start_and_wait(cluster, victim);
    node_start_and_wait(cluster, leader);
    (void)quorate_run(cluster, "init --config quorate.yaml --node ada", output, sizeof output);
    node_start_and_wait(cluster, (leader + 2) % CLUSTER_NODE_COUNT);
    cJSON_Delete(ask_post(cluster, leader, "/v1/init", "{}", 409));
    wait_until_it_votes(cluster, victim);
    cluster_finish(cluster);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_started, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(test_a_node_whose_folder_was_deleted_rejoins_by_itself),
        STARTED(test_a_leader_whose_folder_was_deleted_rejoins_too),
        STARTED(test_a_flipped_bit_is_refused_and_the_words_say_what_works),
        STARTED(test_a_kill_in_the_middle_of_catching_up_only_delays_it),
        STARTED(test_a_learner_does_not_stand_in_for_a_voter),
        STARTED(test_a_folder_that_was_replaced_is_refused_when_it_comes_back),
        STARTED(test_init_says_that_an_empty_node_comes_back_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
