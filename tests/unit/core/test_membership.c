/* What the leading core does about a node that says that its folder is empty. */
#include "node/core/core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "node/core/ledger.h"

enum { ELECTION_MS = 1000, HEARTBEAT_MS = 100, FOLDER = 32 };

/* Node 1 of three, which leads by decree: membership is the leader's alone. */
struct seat {
    struct core core;
    struct update update;
    time_ms now_ms;
    size_t proposed;
    struct member member; /* of the last proposal */
    size_t admitted;
    size_t notices[NOTICE_N];
};

static void note_effects(struct seat *seat)
{
    for (size_t i = 0; i < seat->update.count; i++) {
        const struct effect *effect = &seat->update.effects[i];
        if (effect->kind == EFFECT_PROPOSE && effect->as.propose.kind == COMMAND_MEMBER) {
            seat->proposed++;
            seat->member = effect->as.propose.as.member;
        }
        seat->admitted += effect->kind == EFFECT_ADMIT;
        if (effect->kind == EFFECT_NOTICE)
            seat->notices[effect->as.notice.kind]++;
    }
}

static void step(struct seat *seat, struct event *event)
{
    event->now_ms = seat->now_ms;
    core_step(&seat->core, event, &seat->update);
    note_effects(seat);
}

static int setup(void **state)
{
    struct seat *seat = calloc(1, sizeof *seat);
    static struct ledger ledger;
    struct core_settings settings = {.self = 1,
                                     .node_count = 3,
                                     .level = PROTO_LEVEL_NEWEST,
                                     .election_ms = ELECTION_MS,
                                     .heartbeat_ms = HEARTBEAT_MS,
                                     .actuator_proof_ms = 60000,
                                     .seed = 1};
    if (seat == NULL)
        return -1;
    ledger_init(&ledger);
    ledger.level = PROTO_LEVEL_HELLO;
    ledger.node_count = 3;
    core_init(&seat->core, &settings, &ledger, 0);
    seat->now_ms = 10 * ELECTION_MS;
    seat->core.raft.role = RAFT_LEADER;
    seat->core.raft.leader = 1;
    seat->core.raft.term = 1;
    seat->core.raft.heartbeat_at_ms = TIME_NEVER;
    seat->core.raft.quorum_since_ms = seat->now_ms;
    struct raft_entry entry = {.index = 1, .term = 1, .kind = COMMAND_NOOP};
    CHECK(raft_log_append(&seat->core.raft.log, &entry) == 0);
    seat->core.raft.noop_index = 1;
    seat->core.raft.commit_index = 1;
    seat->core.raft.emitted_index = 1;
    seat->core.raft.applied_index = 1;
    seat->core.ledger.index = 1;
    *state = seat;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void join(struct seat *seat, node_id node, uint64_t incarnation)
{
    struct event event = {.kind = EVENT_JOIN};
    event.as.join.node = node;
    event.as.join.level = PROTO_LEVEL_HELLO;
    event.as.join.incarnation = incarnation;
    step(seat, &event);
}

/* The last proposal is appended, committed and applied. */
static void commit(struct seat *seat)
{
    struct raft *raft = &seat->core.raft;
    struct command command = {.kind = COMMAND_MEMBER, .service = SERVICE_SLOT_NONE};
    command.as.member = seat->member;
    struct event event = {.kind = EVENT_PROPOSE};
    event.as.propose.kind = COMMAND_MEMBER;
    event.as.propose.member = seat->member;
    step(seat, &event);
    raft->commit_index = raft->log.last_index;
    raft->emitted_index = raft->log.last_index;
    event = (struct event){.kind = EVENT_COMMITTED};
    event.as.committed.index = raft->log.last_index;
    event.as.committed.term = 1;
    event.as.committed.command = &command;
    step(seat, &event);
}

static void an_empty_node_becomes_a_learner_and_is_then_admitted(void **state)
{
    struct seat *seat = *state;
    join(seat, 3, FOLDER);
    assert_int_equal(seat->proposed, 1);
    assert_false(seat->member.voter);
    assert_int_equal(seat->member.incarnation, FOLDER);
    join(seat, 3, FOLDER);
    assert_int_equal(seat->proposed, 1); /* it is on its way */
    assert_int_equal(seat->admitted, 0); /* not before it is committed */
    commit(seat);
    assert_int_equal(seat->notices[NOTICE_READMITTED], 1);
    join(seat, 3, FOLDER);
    assert_int_equal(seat->admitted, 1);
    join(seat, 3, FOLDER + 1);
    assert_int_equal(seat->admitted, 1); /* it lost its data again */
    assert_int_equal(seat->member.incarnation, FOLDER + 1);
}

static void a_learner_that_has_caught_up_becomes_a_voter(void **state)
{
    struct seat *seat = *state;
    struct event tick = {.kind = EVENT_TICK};
    join(seat, 3, FOLDER);
    commit(seat);
    seat->now_ms += PEER_FRESH_MS + 1;
    seat->core.raft.quorum_since_ms = seat->now_ms;
    step(seat, &tick);
    assert_int_equal(seat->proposed, 1); /* nothing was heard of it */
    seat->core.raft.peers[3].heard_ms = seat->now_ms;
    seat->core.raft.peers[3].match_index = seat->core.raft.log.last_index;
    step(seat, &tick);
    assert_int_equal(seat->proposed, 2);
    assert_true(seat->member.voter);
    commit(seat);
    assert_int_equal(seat->notices[NOTICE_REJOINED], 1);
    assert_true(members_is_voter(&seat->core.ledger.members, 3));
}

static void nobody_is_readmitted_below_wire_level_2(void **state)
{
    struct seat *seat = *state;
    seat->core.ledger.level = PROTO_LEVEL_FIRST;
    join(seat, 3, FOLDER);
    assert_int_equal(seat->proposed, 0);
}

/* Its folder was empty when the cluster was made, a moment ago. */
static void a_voter_that_says_hello_has_a_folder_again(void **state)
{
    struct seat *seat = *state;
    struct event hello = {.kind = EVENT_HELLO};
    hello.as.hello.node = 3;
    hello.as.hello.level = PROTO_LEVEL_HELLO;
    seat->core.ledger.level = PROTO_LEVEL_FIRST;
    join(seat, 3, FOLDER);
    step(seat, &hello);
    seat->core.ledger.level = PROTO_LEVEL_HELLO;
    step(seat, &hello);
    assert_int_equal(seat->proposed, 0);
    join(seat, 3, FOLDER);
    assert_int_equal(seat->proposed, 1);
}

/* Or an empty node would hold the level down, and the level the node out. */
static void an_empty_node_says_what_it_speaks(void **state)
{
    struct seat *seat = *state;
    join(seat, 3, FOLDER);
    assert_int_equal(seat->core.peers[3].level, PROTO_LEVEL_HELLO);
    assert_false(seat->core.peers[3].can_act);
}

static void a_node_that_does_not_lead_admits_nobody(void **state)
{
    struct seat *seat = *state;
    seat->core.raft.role = RAFT_FOLLOWER;
    join(seat, 3, FOLDER);
    assert_int_equal(seat->proposed + seat->admitted, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_node_becomes_a_learner_and_is_then_admitted),
        TEST(a_learner_that_has_caught_up_becomes_a_voter),
        TEST(nobody_is_readmitted_below_wire_level_2),
        TEST(a_voter_that_says_hello_has_a_folder_again),
        TEST(an_empty_node_says_what_it_speaks),
        TEST(a_node_that_does_not_lead_admits_nobody),
    };
    return cmocka_run_group_tests_name("membership", tests, NULL, NULL);
}
