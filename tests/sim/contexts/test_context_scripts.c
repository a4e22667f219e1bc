#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/sim/contexts/world.h"

/* Each is a rule of context_engine.h, in the one order of events that it is for. */

enum { LEARN_MS = 4000 };

static int begin_with(void **state, uint8_t node_count)
{
    struct world *world = malloc(sizeof *world);
    if (world == NULL)
        return -1;
    world_begin_script(world, node_count);
    world_pass(world, 10);
    *state = world;
    return 0;
}

static int begin_three(void **state)
{
    return begin_with(state, 3);
}

static int begin_five(void **state)
{
    return begin_with(state, 5);
}

static int end(void **state)
{
    world_end(*state);
    free(*state);
    return 0;
}

static void expect_held(const struct world *world)
{
    if (world->failure[0] != '\0')
        fail_msg("%s", world->failure);
}

static void cut(struct world *world, node_id one, node_id other, bool is_cut)
{
    world->cut[one][other] = is_cut;
    world->cut[other][one] = is_cut;
}

/* Nodes 4 and 5 hear nothing of 1 to 3. */
static void cut_four_and_five(struct world *world, bool is_cut)
{
    for (node_id one = 1; one <= 3; one++)
        for (node_id other = 4; other <= 5; other++)
            cut(world, one, other, is_cut);
}

static void put(struct world *world, node_id node)
{
    assert_true(world_ask(&world->clients[0], CONTEXT_VERB_PUT, &world->nodes[node]));
}

static void expect_acknowledged(const struct world *world, uint64_t seq)
{
    assert_false(world->clients[0].waiting);
    assert_int_equal(world->clients[0].result, CONTEXT_RESULT_STORED);
    assert_int_equal(world->clients[0].acked, seq);
}

static void two_lost_disks_do_not_teach_each_other(void **state)
{
    struct world *world = *state;
    cut_four_and_five(world, true);
    put(world, 1);
    world_pass(world, 50);
    expect_acknowledged(world, 1);
    world->nodes[3].frozen_to_ms = world->now_ms + 20000; /* the only one that still has it */
    cut_four_and_five(world, false);
    cut(world, 3, 4, true);
    cut(world, 3, 5, true);
    world_lose_disk(&world->nodes[1], 1);
    world_lose_disk(&world->nodes[2], 1);
    world_pass(world, 10000);
    expect_held(world);
    assert_false(world->nodes[1].disk.complete);
    assert_false(world->nodes[2].disk.complete);
    world_pass(world, 20000);
    expect_held(world);
    assert_true(world->nodes[1].disk.complete && world->nodes[2].disk.complete);
    assert_int_equal(memory_store_version(&world->nodes[1].disk, &world->clients[0].id).seq, 1);
}

static void what_was_read_is_read_again_without_who_had_it(void **state)
{
    struct world *world = *state;
    struct world_client *client = &world->clients[0];
    put(world, 1);
    world_pass(world, 50);
    cut(world, 1, 2, true);
    cut(world, 1, 3, true);
    put(world, 1); /* on node 1 alone */
    world_pass(world, WORLD_PATIENCE_MS + 100);
    assert_int_equal(client->result, CONTEXT_RESULT_NO_QUORUM);
    cut(world, 1, 2, false);
    cut(world, 2, 3, true);
    assert_true(world_ask(client, CONTEXT_VERB_GET, &world->nodes[2]));
    world_pass(world, 20);
    assert_int_equal(client->result, CONTEXT_RESULT_FOUND);
    assert_int_equal(client->acked, 2); /* it was shown: it is kept from now on */
    world_crash(&world->nodes[1], 100000);
    cut(world, 2, 3, false);
    assert_true(world_ask(client, CONTEXT_VERB_GET, &world->nodes[3]));
    world_pass(world, 50);
    assert_int_equal(client->result, CONTEXT_RESULT_FOUND);
    expect_held(world);
}

/* Node 2 acknowledges, loses its disk, and is back before node 3 has it: it must not learn from 3,
 * 4 and 5 meanwhile that there is nothing. */
static void a_lost_disk_waits_until_nobody_counts_its_word(void **state)
{
    struct world *world = *state;
    cut(world, 1, 4, true);
    cut(world, 1, 5, true);
    world->slow_ms[1][3] = 1500;
    put(world, 1);
    world_pass(world, 10);
    world_lose_disk(&world->nodes[2], 1);
    cut(world, 1, 2, true); /* the coordinator has counted it already */
    world_pass(world, 1700);
    expect_acknowledged(world, 1);
    expect_held(world);
    world_pass(world, LEARN_MS);
    expect_held(world);
}

/* The coordinator stands still with node 2's word in its socket, longer than the patience. */
static void a_word_that_waited_too_long_does_not_count(void **state)
{
    struct world *world = *state;
    cut(world, 1, 4, true);
    cut(world, 1, 5, true);
    put(world, 1);
    world_pass(world, 1);
    world->nodes[1].frozen_to_ms = world->now_ms + 2 * LEARN_MS;
    world_pass(world, 5);
    world_lose_disk(&world->nodes[2], 1);
    cut(world, 2, 3, true); /* who has it is out of reach */
    world->slow_ms[2][4] = world->slow_ms[2][5] = 0;
    world->nodes[3].frozen_to_ms = world->now_ms + 3 * LEARN_MS;
    world_pass(world, 3 * LEARN_MS);
    expect_held(world);
    assert_int_not_equal(world->clients[0].result, CONTEXT_RESULT_STORED);
}

static void a_node_that_was_away_gets_what_it_missed(void **state)
{
    struct world *world = *state;
    world_crash(&world->nodes[3], 5000);
    for (int i = 0; i < 5; i++) {
        assert_true(world_ask(&world->clients[i], CONTEXT_VERB_PUT, &world->nodes[1]));
        world_pass(world, 50);
    }
    world_pass(world, 5000 + 3000);
    for (int i = 0; i < 5; i++)
        assert_int_equal(memory_store_version(&world->nodes[3].disk, &world->clients[i].id).seq, 1);
    expect_held(world);
}

#define THREE(test) cmocka_unit_test_setup_teardown(test, begin_three, end)
#define FIVE(test) cmocka_unit_test_setup_teardown(test, begin_five, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIVE(two_lost_disks_do_not_teach_each_other),
        THREE(what_was_read_is_read_again_without_who_had_it),
        FIVE(a_lost_disk_waits_until_nobody_counts_its_word),
        FIVE(a_word_that_waited_too_long_does_not_count),
        THREE(a_node_that_was_away_gets_what_it_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
