#include "tests/cluster/ask.h"
#include "tests/cluster/intruder.h"
#include "tests/lab/test/assert.h"

#include "node/io/api/view.h"
#include "proto/evidence.h"

#include <stdlib.h>
#include <string.h>

enum { VICTIM = 0, WITNESS = 1, SELF = 2, VOTER_OTHER = 2 /* node id of WITNESS */ };

/* Of a voter whose votes are relayed: what is not newer is a copy and passed over in silence. */
#define NEWER_THAN_ALL (UINT64_C(1) << 62)

struct scene {
    struct cluster *cluster;
    struct intruder intruder;
    uint8_t frame[3 * FRAME_BYTES_MAX];
};

/* The third node is stopped and the test has its key. */
static struct scene *scene_open(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    scene->cluster = *state;
    node_stop(scene->cluster, SELF);
    WAIT_UNTIL(ask_settled(scene->cluster));
    intruder_open(&scene->intruder, scene->cluster, SELF, &scene->cluster->nodes[SELF].identity,
                  VICTIM);
    return scene;
}

/* Whatever was sent: both real nodes are well, and the third can come back. */
static void scene_close(struct scene *scene)
{
    intruder_close(&scene->intruder);
    node_start_and_wait(scene->cluster, SELF);
    WAIT_UNTIL(ask_settled(scene->cluster));
    WAIT_UNTIL(ask_ledgers_equal(scene->cluster));
    assert_true(ask_all_say(scene->cluster, "serving", "primary"));
    assert_int_equal(ask_effective(scene->cluster, NULL), 0);
    cluster_finish(scene->cluster);
    free(scene);
}

static double drops(const struct scene *scene, const char *reason)
{
    return ask_count(scene->cluster, VICTIM, "drops", reason);
}

static void expect_drop(struct scene *scene, const char *reason, size_t length)
{
    double before = drops(scene, reason);
    intruder_send(&scene->intruder, scene->frame, length);
    WAIT_UNTIL(drops(scene, reason) > before);
}

static size_t make_ping(struct scene *scene, const struct frame_header *header)
{
    struct frame_ping ping = {.stamp_us = 1};
    size_t length;
    assert_int_equal(frame_encode_ping(header, &ping, scene->frame, sizeof scene->frame, &length),
                     0);
    return length;
}

static void test_bytes_that_are_no_frame_are_counted(void **state)
{
    struct scene *scene = scene_open(state);
    size_t length = make_ping(scene, intruder_next(&scene->intruder));
    expect_drop(scene, "malformed", length - 1);
    memset(scene->frame, 0xc1, FRAME_BYTES_MAX);
    expect_drop(scene, "malformed", FRAME_BYTES_MAX);
    expect_drop(scene, "malformed", 0);
    length = make_ping(scene, intruder_next(&scene->intruder));
    scene->frame[length] = 0;
    expect_drop(scene, "malformed", length + 1);
    scene_close(scene);
}

static double large_count(const struct scene *scene)
{
    return ask_count(scene->cluster, VICTIM, "bus", "dropped_large");
}

/* The first frames after the connection ended may be lost with it. */
static bool short_frame_is_counted(struct scene *scene, double before)
{
    intruder_send(&scene->intruder, scene->frame, 1);
    return drops(scene, "malformed") > before;
}

/* Too large is counted; far too large is not even taken off the network, and the sender goes on. */
static void test_a_frame_that_is_too_large_is_dropped(void **state)
{
    struct scene *scene = scene_open(state);
    memset(scene->frame, 0x90, sizeof scene->frame);
    intruder_send(&scene->intruder, scene->frame, FRAME_BYTES_MAX + 1);
    WAIT_UNTIL(large_count(scene) == 1);
    double before = drops(scene, "malformed");
    intruder_send(&scene->intruder, scene->frame, sizeof scene->frame);
    WAIT_UNTIL(short_frame_is_counted(scene, before));
    assert_true(large_count(scene) == 1);
    scene_close(scene);
}

static void test_frames_of_others_and_old_ones_are_counted(void **state)
{
    struct scene *scene = scene_open(state);
    struct frame_header header = *intruder_next(&scene->intruder);
    size_t length = make_ping(scene, &header);
    scene->frame[1] = PROTO_VERSION + 1;
    expect_drop(scene, "version", length);
    header.sender = VOTER_OTHER;
    expect_drop(scene, "sender", make_ping(scene, &header));
    header = *intruder_next(&scene->intruder);
    header.cluster_id[0] ^= 1;
    expect_drop(scene, "cluster", make_ping(scene, &header));
    length = make_ping(scene, intruder_next(&scene->intruder));
    intruder_send(&scene->intruder, scene->frame, length);
    expect_drop(scene, "replayed", length);
    scene_close(scene);
}

static size_t make_votes(struct scene *scene, node_id voter)
{
    const struct frame_header *header = intruder_next(&scene->intruder);
    struct votes votes = {.count = 1};
    size_t length;
    memcpy(votes.header.cluster_id, header->cluster_id, CLUSTER_ID_BYTES);
    votes.header.voter = voter;
    votes.header.incarnation = header->incarnation;
    votes.header.sequence = voter == SELF + 1 ? header->sequence : NEWER_THAN_ALL;
    votes.votes[0].voter = voter;
    votes.votes[0].sequence = header->sequence;
    for (int side = 0; side < SIDE_N; side++)
        votes.votes[0].side[side].value = VOTE_DOWN;
    assert_int_equal(frame_encode_votes(header, &votes, scene->frame, sizeof scene->frame, &length),
                     0);
    return length;
}

static bool signature_drop_seen(struct scene *scene)
{
    intruder_publish(&scene->intruder, scene->frame, make_votes(scene, SELF + 1));
    return drops(scene, "signature") > 0;
}

static void test_votes_that_nobody_signed_are_counted(void **state)
{
    struct scene *scene = scene_open(state);
    WAIT_UNTIL(signature_drop_seen(scene));
    expect_drop(scene, "signature", make_votes(scene, SELF + 1));
    expect_drop(scene, "signature", make_votes(scene, VOTER_OTHER));
    expect_drop(scene, "sender", make_votes(scene, VICTIM + 1));
    expect_drop(scene, "sender", make_votes(scene, NODE_COUNT_MAX));
    scene_close(scene);
}

static size_t make_conviction(struct scene *scene, term_id term)
{
    struct command command = {.kind = COMMAND_BALLOT_CLOSE};
    struct raft_message message = {.kind = RAFT_APPEND, .from = SELF + 1, .to = VICTIM + 1};
    uint8_t payload_bytes[COMMAND_BYTES_MAX];
    size_t payload_length;
    size_t length;
    log_index last = (log_index)ask_count(scene->cluster, VICTIM, "ledger", "last");
    command.as.ballot_close.inquiry = 1;
    command.as.ballot_close.ballot = 1;
    command.as.ballot_close.side[SIDE_PRIMARY] = (struct side_close){
        .closed = true, .result = BALLOT_FAIL, .severity = SEVERITY_DOWN, .zones = 2};
    command.as.ballot_close.side[SIDE_PRIMARY].votes[VOTE_DOWN] = 2;
    assert_int_equal(
        command_encode(&command, NULL, 0, payload_bytes, sizeof payload_bytes, &payload_length), 0);
    struct payload payload = {.bytes = payload_bytes, .length = payload_length};
    message.term = term;
    message.as.append.prev_index = last;
    message.as.append.prev_term = term - 1;
    message.as.append.entry_count = 1;
    message.as.append.entries[0] = (struct raft_entry){.index = last + 1,
                                                       .term = term,
                                                       .kind = COMMAND_BALLOT_CLOSE,
                                                       .length = (uint32_t)payload_length};
    assert_int_equal(frame_encode_raft(intruder_next(&scene->intruder), &message, &payload, 1,
                                       scene->frame, sizeof scene->frame, &length),
                     0);
    return length;
}

static void test_a_conviction_without_its_votes_is_not_appended(void **state)
{
    struct scene *scene = scene_open(state);
    double term = ask_count(scene->cluster, VICTIM, NULL, "term");
    expect_drop(scene, "evidence", make_conviction(scene, (term_id)term + 1));
    assert_true(ask_count(scene->cluster, VICTIM, NULL, "term") == term);
    scene_close(scene);
}

static void test_a_stranger_is_turned_away(void **state)
{
    struct scene *scene = scene_open(state);
    struct identity stranger;
    struct intruder intruder;
    double before = ask_count(scene->cluster, VICTIM, "bus", "zap_refused");
    assert_int_equal(identity_generate(&stranger), 0);
    intruder_open(&intruder, scene->cluster, SELF, &stranger, VICTIM);
    assert_false(intruder_is_let_in(&intruder, 1000));
    assert_true(ask_count(scene->cluster, VICTIM, "bus", "zap_refused") > before);
    intruder_close(&intruder);
    scene_close(scene);
}

#define STARTED(test) cmocka_unit_test_setup_teardown(test, cluster_setup_started, cluster_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STARTED(test_bytes_that_are_no_frame_are_counted),
        STARTED(test_a_frame_that_is_too_large_is_dropped),
        STARTED(test_frames_of_others_and_old_ones_are_counted),
        STARTED(test_votes_that_nobody_signed_are_counted),
        STARTED(test_a_conviction_without_its_votes_is_not_appended),
        STARTED(test_a_stranger_is_turned_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
