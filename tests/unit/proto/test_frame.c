#include "proto/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "tests/vectors/vectors.h"

enum {
    OFFSET_VERSION = 1,
    OFFSET_CLUSTER = 4, /* array, version, bin8, 16 */
    OFFSET_SENDER = OFFSET_CLUSTER + CLUSTER_ID_BYTES,
    OFFSET_KIND = OFFSET_SENDER + 2, /* the incarnation is one byte in the examples */
};

static size_t ping(uint8_t *bytes)
{
    size_t length = 0;
    assert_int_equal(encode_ping(bytes, VECTOR_BYTES_MAX, &length), 0);
    return length;
}

static void the_header_comes_back(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    struct frame_header expected = example_header(3);
    struct frame frame;
    size_t length = ping(bytes);
    (void)state;
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_memory_equal(frame.header.cluster_id, expected.cluster_id, CLUSTER_ID_BYTES);
    assert_int_equal(frame.header.sender, 3);
    assert_int_equal(frame.header.incarnation, expected.incarnation);
    assert_int_equal(frame.header.sequence, expected.sequence);
    assert_int_equal(frame.header.kind, FRAME_PING);
    assert_ptr_equal(frame.bytes, bytes);
}

static void another_version_is_told_apart_from_damage(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    static const uint8_t other_shape[] = {0x92, 0x02, 0xc0};
    struct frame frame;
    size_t length = ping(bytes);
    (void)state;
    bytes[OFFSET_VERSION] = PROTO_VERSION + 1;
    assert_int_equal(frame_open(bytes, length, &frame), ERR_VERSION);
    assert_true(all_zero(&frame, sizeof frame));
    assert_int_equal(frame_open(other_shape, sizeof other_shape, &frame), ERR_VERSION);
}

static void an_unknown_kind_is_another_version(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    struct frame frame;
    size_t length = ping(bytes);
    (void)state;
    bytes[OFFSET_KIND] = FRAME_KIND_N;
    assert_int_equal(frame_open(bytes, length, &frame), ERR_VERSION);
    assert_true(all_zero(&frame, sizeof frame));
}

static void a_cluster_of_zeros_is_only_for_the_first_start(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    struct frame_header header = {.sender = 1};
    struct frame_ping content = {1};
    struct frame frame;
    size_t length = ping(bytes);
    (void)state;
    memset(bytes + OFFSET_CLUSTER, 0, CLUSTER_ID_BYTES);
    assert_int_equal(frame_open(bytes, length, &frame), ERR_MALFORMED);
    assert_int_equal(frame_encode_ping(&header, &content, bytes, sizeof bytes, &length),
                     ERR_INVALID);
    assert_int_equal(frame_encode_init_ask(&header, bytes, sizeof bytes, &length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_init_ask(&frame), 0);
}

static void nobody_and_a_stranger_send_nothing(void **state)
{
    uint8_t bytes[VECTOR_BYTES_MAX];
    struct frame frame;
    size_t length = ping(bytes);
    (void)state;
    bytes[OFFSET_SENDER] = 0;
    assert_int_equal(frame_open(bytes, length, &frame), ERR_MALFORMED);
    bytes[OFFSET_SENDER] = NODE_COUNT_MAX + 1;
    assert_int_equal(frame_open(bytes, length, &frame), ERR_MALFORMED);
}

static void a_frame_over_the_limit_is_not_looked_at(void **state)
{
    static const uint8_t large[FRAME_BYTES_MAX + 1];
    struct frame frame;
    (void)state;
    assert_int_equal(frame_open(large, sizeof large, &frame), ERR_TOO_LARGE);
}

static void a_whole_frame_of_votes_fits(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header header = example_header(2);
    struct votes votes;
    struct votes again;
    struct frame frame;
    size_t length = 0;
    (void)state;
    example_votes(2, VOTES_COUNT_MAX, VOTE_SLOW, &votes);
    assert_int_equal(frame_encode_votes(&header, &votes, bytes, sizeof bytes, &length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_votes(&frame, &again), 0);
    assert_int_equal(again.count, VOTES_COUNT_MAX);
    assert_int_equal(again.votes[63].service, 63);
    assert_int_equal(again.votes[63].side[SIDE_PRIMARY].value, VOTE_SLOW);
}

static void votes_of_two_voters_or_of_none_make_no_frame(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header header = example_header(2);
    struct votes votes;
    size_t length = 0;
    (void)state;
    example_votes(2, 2, VOTE_UP, &votes);
    votes.votes[1].voter = 3;
    assert_int_equal(frame_encode_votes(&header, &votes, bytes, sizeof bytes, &length),
                     ERR_INVALID);
    votes.count = 0;
    assert_int_equal(frame_encode_votes(&header, &votes, bytes, sizeof bytes, &length),
                     ERR_INVALID);
    votes.count = VOTES_COUNT_MAX + 1;
    assert_int_equal(frame_encode_votes(&header, &votes, bytes, sizeof bytes, &length),
                     ERR_INVALID);
}

static void votes_may_be_relayed_within_the_cluster_only(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header relay = example_header(3);
    struct votes votes;
    struct frame frame;
    size_t length = 0;
    (void)state;
    example_votes(2, 1, VOTE_UP, &votes);
    assert_int_equal(frame_encode_votes(&relay, &votes, bytes, sizeof bytes, &length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_votes(&frame, &votes), 0);
    assert_int_equal(votes.header.voter, 2);
    bytes[OFFSET_CLUSTER] ^= 1;
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_votes(&frame, &votes), ERR_MALFORMED);
    assert_true(all_zero(&votes, sizeof votes));
}

static void an_operation_needs_a_request_id_and_clean_words(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header header = example_header(1);
    struct operation operation = {.request_id = 1, .kind = OPERATION_RELEASE};
    size_t length = 0;
    (void)state;
    example_name(&operation.service, "billing-bot");
    assert_int_equal(frame_encode_operate(&header, &operation, bytes, sizeof bytes, &length), 0);
    operation.request_id = 0;
    assert_int_equal(frame_encode_operate(&header, &operation, bytes, sizeof bytes, &length),
                     ERR_INVALID);
    operation.request_id = 1;
    memcpy(operation.reason, "bell \a", 6);
    assert_int_equal(frame_encode_operate(&header, &operation, bytes, sizeof bytes, &length),
                     ERR_INVALID);
}

static void an_answer_without_a_known_end_comes_back(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header header = example_header(1);
    struct operated operated = {5, OPERATED_ANSWERED, false, WHY_ON_HOLD, 0, -1};
    struct operated again;
    struct frame frame;
    size_t length = 0;
    (void)state;
    assert_int_equal(frame_encode_operated(&header, &operated, bytes, sizeof bytes, &length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_operated(&frame, &again), 0);
    assert_int_equal(again.earliest_ms, -1);
    assert_int_equal(again.why, WHY_ON_HOLD);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_comes_back),
        cmocka_unit_test(another_version_is_told_apart_from_damage),
        cmocka_unit_test(an_unknown_kind_is_another_version),
        cmocka_unit_test(a_cluster_of_zeros_is_only_for_the_first_start),
        cmocka_unit_test(nobody_and_a_stranger_send_nothing),
        cmocka_unit_test(a_frame_over_the_limit_is_not_looked_at),
        cmocka_unit_test(a_whole_frame_of_votes_fits),
        cmocka_unit_test(votes_of_two_voters_or_of_none_make_no_frame),
        cmocka_unit_test(votes_may_be_relayed_within_the_cluster_only),
        cmocka_unit_test(an_operation_needs_a_request_id_and_clean_words),
        cmocka_unit_test(an_answer_without_a_known_end_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
