/* Scenarios in virtual time against golden traces; `test_raft_golden --write` renews the traces. */
#include "tests/sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"

enum { ELECTION_MS = 1000, HEARTBEAT_MS = 100, SETTLE_MS = 10000 };

struct scenario {
    const char *name;
    void (*play)(struct world *world);
};

static void say(struct world *world, const char *what)
{
    trace_add(&world->trace, world->now_ms, 0, "%s", what);
}

static void settle(struct world *world)
{
    if (world_run_until(world, world_is_settled, SETTLE_MS) != 0)
        invariants_fail(world, "the scenario expected that all nodes agree by now");
}

static void expect(struct world *world, bool truth, const char *what)
{
    if (!truth)
        invariants_fail(world, "the scenario expected that %s", what);
}

static node_id some_follower(const struct world *world)
{
    return world_leader(world) == 1 ? 2 : 1;
}

static void offer(struct world *world, node_id node, int count)
{
    for (int i = 0; i < count; i++)
        (void)world_propose(world, node, COMMAND_TICK);
}

static void play_first_election(struct world *world)
{
    settle(world);
}

static void play_leader_crash(struct world *world)
{
    settle(world);
    node_id old_leader = world_leader(world);
    offer(world, old_leader, 2);
    world_run(world, 200);
    world_crash(world, old_leader, 0);
    world_run(world, 2 * ELECTION_MS);
    expect(world, world_leader(world) != 0, "another node leads");
    world_restart(world, old_leader);
    settle(world);
}

/* The leader that is cut off gives up by itself before the others can have a new one, and comes
 * back quietly. */
static void play_partition_of_the_leader(struct world *world)
{
    settle(world);
    node_id old_leader = world_leader(world);
    say(world, "the leader is cut off");
    network_isolate(&world->network, old_leader);
    world_run(world, ELECTION_MS);
    expect(world, world->nodes[old_leader].raft->role != RAFT_LEADER, "the old leader gave up");
    world_run(world, 2 * ELECTION_MS);
    expect(world, world_leader(world) != 0, "the others have a leader");
    term_id term = world->nodes[world_leader(world)].raft->term;
    world_heal(world);
    world_run(world, ELECTION_MS);
    settle(world);
    expect(world, world->nodes[world_leader(world)].raft->term == term, "the heal disturbs nobody");
}

static void play_lost_leadership_truncates(struct world *world)
{
    settle(world);
    node_id old_leader = world_leader(world);
    say(world, "the leader is cut off and takes two entries that nobody else sees");
    network_isolate(&world->network, old_leader);
    offer(world, old_leader, 2);
    world_run(world, 3 * ELECTION_MS);
    expect(world, world->nodes[old_leader].raft->log.last_index == 3, "it holds what it took");
    offer(world, world_leader(world), 1);
    world_run(world, 50);
    world_heal(world);
    settle(world);
}

static void play_snapshot_to_a_laggard(struct world *world)
{
    settle(world);
    node_id laggard = some_follower(world);
    say(world, "a follower is cut off");
    network_isolate(&world->network, laggard);
    for (int i = 0; i < 4; i++) {
        offer(world, world_leader(world), 6);
        world_run(world, 60);
    }
    world_heal(world);
    settle(world);
    expect(world, world->nodes[laggard].raft->log.snapshot_index > 0, "it got a snapshot");
    world_crash(world, laggard, 0);
    world_restart(world, laggard);
    settle(world);
}

static void play_transfer(struct world *world)
{
    settle(world);
    world_run(world, ELECTION_MS);
    node_id target = some_follower(world);
    say(world, "leadership is handed over while an entry is on its way");
    offer(world, world_leader(world), 1);
    world_run(world, 1);
    world_transfer(world, world_leader(world), target);
    settle(world);
    world_run(world, 100);
    expect(world, world_leader(world) == target, "the target leads");
}

/* The old leader resumes after one base; the permission that is still on its way is worth nothing
 * by then. */
static void play_transfer_that_fails(struct world *world)
{
    settle(world);
    world_run(world, ELECTION_MS);
    node_id leader = world_leader(world);
    node_id target = some_follower(world);
    say(world, "leadership is handed over, but the successor is deaf");
    network_cut(&world->network, leader, target);
    world_transfer(world, leader, target);
    expect(world, raft_lease_until_ms(world->nodes[leader].raft) == 0, "the lease ended");
    offer(world, leader, 1);
    world_run(world, ELECTION_MS + 50);
    expect(world, world->nodes[leader].raft->role == RAFT_LEADER, "it leads on");
    expect(world, raft_lease_until_ms(world->nodes[leader].raft) > world->now_ms,
           "with a new lease");
    world_heal(world);
    offer(world, leader, 1);
    world_run(world, 300);
    settle(world);
    expect(world, world_leader(world) == leader, "nobody campaigned");
}

static void play_disk_failure(struct world *world)
{
    settle(world);
    node_id leader = world_leader(world);
    world_break_disk(world, leader);
    offer(world, leader, 1);
    world_run(world, 2 * ELECTION_MS + 500);
    expect(world, world->nodes[leader].raft->failed, "the old leader serves nothing");
    expect(world, world_leader(world) != 0 && world_leader(world) != leader, "another node leads");
    world_heal(world);
    settle(world);
}

static bool somebody_learns(const struct world *world)
{
    return world_leader(world) != 0 &&
           world->nodes[world_leader(world)].raft->settled.learners != 0;
}

/* The new folder takes the place of the lost one: a learner, a snapshot, then a voter that can be
 * one of two. */
static void play_lost_folder(struct world *world)
{
    settle(world);
    node_id leader = world_leader(world);
    node_id lost = some_follower(world);
    offer(world, leader, 12);
    world_run(world, 200);
    world_wipe(world, lost);
    world_restart(world, lost);
    expect(world, world_run_until(world, somebody_learns, SETTLE_MS) == 0, "there is a learner");
    settle(world);
    expect(world, world->rejoins == 1, "it votes again");
    say(world, "the old leader stops for good");
    world_crash(world, leader, 0);
    world_run(world, 3 * ELECTION_MS);
    expect(world, world_leader(world) != 0, "the two that are left have a leader");
    offer(world, world_leader(world), 1);
    world_run(world, 200);
    world_restart(world, leader);
    settle(world);
}

static const struct scenario scenarios[] = {
    {"first-election", play_first_election},
    {"leader-crash", play_leader_crash},
    {"partition-of-the-leader", play_partition_of_the_leader},
    {"lost-leadership-truncates", play_lost_leadership_truncates},
    {"snapshot-to-a-laggard", play_snapshot_to_a_laggard},
    {"transfer", play_transfer},
    {"transfer-that-fails", play_transfer_that_fails},
    {"disk-failure", play_disk_failure},
    {"lost-folder", play_lost_folder},
};

static void play(const struct scenario *scenario, struct world *ret_world)
{
    struct world_settings settings = {.seed = 1,
                                      .voter_count = 3,
                                      .election_ms = ELECTION_MS,
                                      .heartbeat_ms = HEARTBEAT_MS,
                                      .latency_min_ms = 5,
                                      .latency_max_ms = 5,
                                      .persist_min_ms = 3,
                                      .persist_max_ms = 3,
                                      .snapshot_every = 10,
                                      .snapshot_trailing = 2,
                                      .chunk_bytes = 128,
                                      .trace = true};
    world_init(ret_world, &settings, &world_brain_raft);
    scenario->play(ret_world);
}

static void path_of(const struct scenario *scenario, char *ret_path, size_t size)
{
    int length = snprintf(ret_path, size, "%s/%s.txt", GOLDEN_FOLDER, scenario->name);
    CHECK(length > 0 && (size_t)length < size);
}

static void the_scenario_runs_as_its_trace_says(void **state)
{
    const struct scenario *scenario = *state;
    struct world world;
    char path[512];
    path_of(scenario, path, sizeof path);
    play(scenario, &world);
    assert_string_equal(world.invariants.failure, "");
    assert_int_equal(trace_compare(&world.trace, path), 0);
    world_fini(&world);
}

static int write_traces(void)
{
    int failures = 0;
    for (size_t i = 0; i < ARRAY_COUNT(scenarios); i++) {
        struct world world;
        char path[512];
        path_of(&scenarios[i], path, sizeof path);
        play(&scenarios[i], &world);
        if (!invariants_hold(&world.invariants)) {
            fprintf(stderr, "%s: %s\n", scenarios[i].name, world.invariants.failure);
            failures++;
        }
        if (trace_write(&world.trace, path) != 0) {
            perror(path);
            failures++;
        }
        world_fini(&world);
    }
    return failures;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--write") == 0)
        return write_traces() == 0 ? 0 : 1;
    struct CMUnitTest tests[ARRAY_COUNT(scenarios)];
    for (size_t i = 0; i < ARRAY_COUNT(scenarios); i++)
        tests[i] = (struct CMUnitTest){.name = scenarios[i].name,
                                       .test_func = the_scenario_runs_as_its_trace_says,
                                       .initial_state = (void *)&scenarios[i]};
    return cmocka_run_group_tests_name("raft_golden", tests, NULL, NULL);
}
