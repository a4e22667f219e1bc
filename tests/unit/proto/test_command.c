#include "proto/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "proto/level.h"
#include "tests/vectors/vectors.h"

static int decode(const uint8_t *bytes, size_t length, struct command *ret_command)
{
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    return command_decode(bytes, length, ret_command, &evidence, &evidence_length);
}

static int encode(const struct command *command)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    size_t length = 0;
    return command_encode(command, NULL, 0, bytes, sizeof bytes, &length);
}

static void the_evidence_rides_behind_a_close(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command close = example_close();
    struct command again;
    static const uint8_t votes[] = {1, 2, 3};
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    size_t length = 0;
    (void)state;
    assert_int_equal(command_encode(&close, votes, 3, bytes, sizeof bytes, &length), 0);
    assert_int_equal(command_decode(bytes, length, &again, &evidence, &evidence_length), 0);
    assert_int_equal(evidence_length, 3);
    assert_memory_equal(evidence, votes, 3);
    assert_true(evidence > bytes && evidence < bytes + length);
    assert_int_equal(again.as.ballot_close.side[SIDE_PRIMARY].severity, SEVERITY_DOWN);
    assert_int_equal(again.as.ballot_close.side[SIDE_PRIMARY].votes[VOTE_DOWN], 3);
    assert_true(again.as.ballot_close.move.present);
}

static void only_a_close_carries_evidence(void **state)
{
    struct command tick = {.kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE};
    static const uint8_t votes[] = {1, 2, 3};
    uint8_t bytes[COMMAND_BYTES_MAX];
    size_t length = 0;
    (void)state;
    assert_int_equal(command_encode(&tick, votes, 3, bytes, sizeof bytes, &length), ERR_INVALID);
}

static void a_side_that_is_not_closed_leaves_nothing_behind(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command close = example_close();
    struct command again;
    size_t length = 0;
    (void)state;
    close.as.ballot_close.side[SIDE_STANDBY].closed = false;
    close.as.ballot_close.move.present = false;
    assert_int_equal(command_encode(&close, NULL, 0, bytes, sizeof bytes, &length), 0);
    assert_int_equal(decode(bytes, length, &again), 0);
    assert_true(all_zero(&again.as.ballot_close.side[SIDE_STANDBY], sizeof(struct side_close)));
    assert_true(all_zero(&again.as.ballot_close.move, sizeof(struct move_opening)));
}

static void an_unknown_kind_or_version_is_told_apart_from_damage(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command command;
    size_t length = 0;
    (void)state;
    assert_int_equal(encode_tick(bytes, sizeof bytes, &length), 0);
    bytes[2] = COMMAND_KIND_N;
    assert_int_equal(decode(bytes, length, &command), ERR_VERSION);
    assert_true(all_zero(&command, sizeof command));
    bytes[2] = COMMAND_TICK;
    assert_int_equal(decode(bytes, length, &command), 0);
    bytes[1] = PROTO_LEVEL_NEWEST + 1;
    assert_int_equal(decode(bytes, length, &command), ERR_VERSION);
    bytes[1] = 0;
    assert_int_equal(decode(bytes, length, &command), ERR_VERSION);
}

static void a_level_beyond_ours_is_another_version(void **state)
{
    uint8_t bytes[64];
    size_t length = 0;
    struct command command;
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    (void)state;
    assert_int_equal(encode_level(bytes, sizeof bytes, &length), 0);
    bytes[length - 2] = PROTO_LEVEL_NEWEST + 1; /* before the evidence's nil */
    assert_int_equal(command_decode(bytes, length, &command, &evidence, &evidence_length),
                     ERR_VERSION);
    command = (struct command){.kind = COMMAND_LEVEL,
                               .level = PROTO_LEVEL_HELLO,
                               .service = SERVICE_SLOT_NONE,
                               .as.level.level = PROTO_LEVEL_NEWEST + 1};
    assert_int_equal(command_encode(&command, NULL, 0, bytes, sizeof bytes, &length), ERR_INVALID);
}

static void a_kind_is_not_known_below_its_level(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command command;
    size_t length = 0;
    (void)state;
    assert_int_equal(encode_level(bytes, sizeof bytes, &length), 0);
    assert_int_equal(decode(bytes, length, &command), 0);
    assert_int_equal(command.level, PROTO_LEVEL_HELLO);
    bytes[1] = PROTO_LEVEL_FIRST;
    assert_int_equal(decode(bytes, length, &command), ERR_VERSION);
    command = (struct command){.kind = COMMAND_LEVEL, .service = SERVICE_SLOT_NONE};
    assert_int_equal(encode(&command), ERR_INVALID);
    assert_int_equal(encode_level(bytes, sizeof bytes, &length), 0);
    bytes[length - 2] = PROTO_LEVEL_NEWEST + 1; /* what the cluster is raised to, before the nil */
    assert_int_equal(decode(bytes, length, &command), ERR_VERSION);
}

static void a_sealed_token_is_never_empty_or_over_its_limit(void **state)
{
    static const uint8_t sealed[SEALED_BYTES_MAX + 1] = {1};
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command set = {
        .kind = COMMAND_TOKEN_SET, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    struct command again;
    size_t length = 0;
    (void)state;
    assert_int_equal(name_set(&set.as.token_set.platform, "genesys"), 0);
    set.as.token_set.sealed = sealed;
    assert_int_equal(encode(&set), ERR_INVALID);
    set.as.token_set.sealed_length = SEALED_BYTES_MAX + 1;
    assert_int_equal(encode(&set), ERR_INVALID);
    set.as.token_set.sealed_length = SEALED_BYTES_MAX;
    assert_int_equal(command_encode(&set, NULL, 0, bytes, sizeof bytes, &length), 0);
    assert_int_equal(decode(bytes, length, &again), 0);
    assert_int_equal(again.as.token_set.sealed_length, SEALED_BYTES_MAX);
    assert_memory_equal(again.as.token_set.sealed, sealed, SEALED_BYTES_MAX);
    for (size_t cut = 0; cut < length; cut += 97)
        assert_int_equal(decode(bytes, cut, &again), ERR_MALFORMED);
}

/* It goes into logs and terminals as it is. */
static void a_correlation_id_is_plain_text_from_level_3_on(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command command;
    size_t length = 0;
    (void)state;
    assert_int_equal(encode_outcome_3(bytes, sizeof bytes, &length), 0);
    assert_int_equal(decode(bytes, length, &command), 0);
    assert_int_equal(strlen(command.as.outcome.correlation), 36);
    bytes[length - 3] = '\n'; /* its last letter, before no parts and the evidence's nil */
    assert_int_equal(decode(bytes, length, &(struct command){0}), ERR_MALFORMED);
    command.as.outcome.correlation[3] = ' ';
    assert_int_equal(encode(&command), ERR_INVALID);
    memset(command.as.outcome.correlation, 'c', sizeof command.as.outcome.correlation);
    assert_int_equal(encode(&command), ERR_INVALID);
    command.level = PROTO_LEVEL_HELLO; /* there it is not even looked at */
    assert_int_equal(encode(&command), 0);
}

static void what_could_not_be_decoded_is_not_encoded(void **state)
{
    struct command route = {.kind = COMMAND_ROUTE_SEEN, .service = 1};
    struct command cluster = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    struct command hold = {.kind = COMMAND_HOLD, .service = SERVICE_COUNT_MAX - 1};
    (void)state;
    assert_int_equal(encode(&route), 0);
    route.as.route_seen.state = ROUTE_STATE_N;
    assert_int_equal(encode(&route), ERR_INVALID);
    assert_int_equal(encode(&cluster), ERR_INVALID);
    cluster.as.cluster.node_count = NODE_COUNT_MAX + 1;
    assert_int_equal(encode(&cluster), ERR_INVALID);
    assert_int_equal(encode(&hold), 0);
    hold.as.hold.for_ms = -1;
    assert_int_equal(encode(&hold), ERR_INVALID);
    hold.as.hold.for_ms = 0;
    memset(hold.as.hold.reason, 'x', sizeof hold.as.hold.reason);
    assert_int_equal(encode(&hold), ERR_INVALID);
    hold.as.hold.reason[0] = '\0';
    hold.service = SERVICE_COUNT_MAX;
    assert_int_equal(encode(&hold), ERR_INVALID);
    hold.kind = COMMAND_KIND_N;
    hold.service = 1;
    assert_int_equal(encode(&hold), ERR_INVALID);
}

static void nodes_stand_in_rising_order(void **state)
{
    uint8_t bytes[COMMAND_BYTES_MAX];
    struct command command;
    size_t length = 0;
    (void)state;
    assert_int_equal(encode_cluster(bytes, sizeof bytes, &length), 0);
    assert_int_equal(decode(bytes, length, &command), 0);
    command.as.cluster.nodes[2].id = 2;
    assert_int_equal(encode(&command), ERR_INVALID);
}

static void the_longest_command_is_within_its_limit(void **state)
{
    struct command cluster = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    (void)state;
    example_cluster_id(cluster.as.cluster.cluster_id);
    cluster.as.cluster.node_count = NODE_COUNT_MAX;
    for (uint8_t i = 0; i < NODE_COUNT_MAX; i++) {
        cluster.as.cluster.nodes[i].id = (node_id)(i + 1);
        memset(cluster.as.cluster.nodes[i].name.text, 'n', NAME_BYTES_MAX);
        memset(cluster.as.cluster.nodes[i].zone.text, 'z', NAME_BYTES_MAX);
    }
    assert_int_equal(encode(&cluster), 0);
    static const uint8_t evidence[EVIDENCE_BYTES_MAX];
    uint8_t bytes[COMMAND_BYTES_MAX];
    size_t length = 0;
    struct command close = example_close();
    assert_int_equal(
        command_encode(&close, evidence, sizeof evidence, bytes, sizeof bytes, &length), 0);
}

static void kinds_results_and_outcomes_have_names(void **state)
{
    (void)state;
    for (int kind = 0; kind < COMMAND_KIND_N; kind++)
        assert_string_not_equal(command_kind_name((enum command_kind)kind), "?");
    assert_string_equal(command_kind_name(COMMAND_KIND_N), "?");
    assert_string_equal(ballot_result_name(BALLOT_FAIL), "FAIL");
    assert_string_equal(ballot_result_name(BALLOT_RESULT_N), "?");
    assert_string_equal(outcome_name(OUTCOME_SUPERSEDED), "superseded");
    assert_string_equal(outcome_name(OUTCOME_N), "?");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_evidence_rides_behind_a_close),
        cmocka_unit_test(only_a_close_carries_evidence),
        cmocka_unit_test(a_side_that_is_not_closed_leaves_nothing_behind),
        cmocka_unit_test(an_unknown_kind_or_version_is_told_apart_from_damage),
        cmocka_unit_test(a_level_beyond_ours_is_another_version),
        cmocka_unit_test(a_kind_is_not_known_below_its_level),
        cmocka_unit_test(a_sealed_token_is_never_empty_or_over_its_limit),
        cmocka_unit_test(a_correlation_id_is_plain_text_from_level_3_on),
        cmocka_unit_test(what_could_not_be_decoded_is_not_encoded),
        cmocka_unit_test(nodes_stand_in_rising_order),
        cmocka_unit_test(the_longest_command_is_within_its_limit),
        cmocka_unit_test(kinds_results_and_outcomes_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
