#include "proto/votes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "tests/vectors/vectors.h"

static void a_vote_comes_back_whole(void **state)
{
    struct vote vote = example_vote(3, 9, VOTE_DOWN);
    struct vote again;
    uint8_t bytes[VOTE_BYTES_MAX];
    size_t length = 0;
    (void)state;
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), 0);
    assert_int_equal(vote_decode(bytes, length, &again), 0);
    assert_int_equal(again.voter, 3);
    assert_int_equal(again.service, 9);
    assert_true(again.nonce == vote.nonce && again.sequence == vote.sequence);
    assert_int_equal(again.side[SIDE_PRIMARY].value, VOTE_DOWN);
    assert_int_equal(again.side[SIDE_PRIMARY].sample.status, 503);
    assert_int_equal(again.side[SIDE_PRIMARY].sample.tls_us, -1);
    assert_int_equal(again.side[SIDE_PRIMARY].reference_failed, 1);
    assert_true(again.side[SIDE_STANDBY].sample.reused);
}

#define LONGEST_DETAIL "0123456789 0123456789 012345678"

static void the_longest_vote_fits(void **state)
{
    struct vote vote = example_vote(NODE_COUNT_MAX, SERVICE_COUNT_MAX - 1, VOTE_CANNOT_TELL);
    uint8_t bytes[VOTE_BYTES_MAX];
    size_t length = 0;
    (void)state;
    vote.config_hash = vote.nonce = vote.sequence = UINT64_MAX;
    vote.inquiry = INT64_MAX - 1;
    vote.ballot = UINT32_MAX;
    vote.probed_wall_ms = INT64_MAX;
    for (int side = 0; side < SIDE_N; side++)
        vote.side[side].sample =
            (struct sample){SAMPLE_PLATFORM, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                            INT32_MAX,       INT32_MAX, INT32_MAX, true,      LONGEST_DETAIL};
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), 0);
}

static void a_detail_comes_back_and_costs_nothing_where_there_is_none(void **state)
{
    struct vote vote = example_vote(1, 0, VOTE_DOWN);
    struct vote again;
    uint8_t plain[VOTE_BYTES_MAX];
    uint8_t bytes[VOTE_BYTES_MAX];
    size_t plain_length = 0;
    size_t length = 0;
    (void)state;
    assert_int_equal(vote_encode(&vote, plain, sizeof plain, &plain_length), 0);
    memcpy(vote.side[SIDE_PRIMARY].sample.detail, "Exit Error", strlen("Exit Error"));
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), 0);
    assert_int_equal(length, plain_length + 1 + strlen("Exit Error"));
    assert_int_equal(vote_decode(bytes, length, &again), 0);
    assert_string_equal(again.side[SIDE_PRIMARY].sample.detail, "Exit Error");
    assert_string_equal(again.side[SIDE_STANDBY].sample.detail, "");
}

/* One vote has one encoding: an empty detail is left out; what is shown to people is printable. */
static void a_detail_that_is_empty_or_unprintable_is_refused(void **state)
{
    struct vote vote = example_vote(1, 0, VOTE_DOWN);
    struct vote again;
    uint8_t bytes[VOTE_BYTES_MAX];
    size_t length = 0;
    (void)state;
    vote.side[SIDE_PRIMARY].sample.detail[0] = '\n';
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
    memset(vote.side[SIDE_PRIMARY].sample.detail, 'x', SAMPLE_DETAIL_SIZE);
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
    memset(vote.side[SIDE_PRIMARY].sample.detail, 0, SAMPLE_DETAIL_SIZE);
    vote.side[SIDE_PRIMARY].sample.detail[0] = '~';
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), 0);
    uint8_t *at = memchr(bytes, '~', length);
    assert_non_null(at);
    *at = 0x07;
    assert_int_equal(vote_decode(bytes, length, &again), ERR_MALFORMED);
    at[-1] = 0xa0; /* the empty text, and one byte less */
    memmove(at, at + 1, length - (size_t)(at - bytes) - 1);
    assert_int_equal(vote_decode(bytes, length - 1, &again), ERR_MALFORMED);
}

static void a_vote_out_of_its_ranges_is_not_encoded(void **state)
{
    uint8_t bytes[VOTE_BYTES_MAX];
    size_t length = 0;
    struct vote vote = example_vote(0, 0, VOTE_UP);
    (void)state;
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
    vote = example_vote(1, SERVICE_SLOT_NONE, VOTE_UP);
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
    vote = example_vote(1, 0, VOTE_VALUE_N);
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
    vote = example_vote(1, 0, VOTE_UP);
    vote.side[0].reference_failed = (uint8_t)(vote.side[0].reference_count + 1);
    assert_int_equal(vote_encode(&vote, bytes, sizeof bytes, &length), ERR_INVALID);
}

static void assert_message_differs(const struct votes *votes, const uint8_t *message)
{
    uint8_t other[VOTES_MESSAGE_BYTES];
    assert_int_equal(votes_message(votes, other), 0);
    assert_memory_not_equal(other, message, sizeof other);
}

static void the_signed_message_covers_everything(void **state)
{
    struct votes votes;
    struct votes changed;
    uint8_t message[VOTES_MESSAGE_BYTES];
    (void)state;
    example_votes(2, 5, VOTE_DOWN, &votes);
    assert_int_equal(votes_message(&votes, message), 0);
    changed = votes;
    changed.header.cluster_id[15] ^= 1;
    assert_message_differs(&changed, message);
    changed = votes;
    changed.header.incarnation++;
    assert_message_differs(&changed, message);
    changed = votes;
    changed.header.sequence++;
    assert_message_differs(&changed, message);
    changed = votes;
    changed.count--;
    assert_message_differs(&changed, message);
    for (uint16_t i = 0; i < votes.count; i++) {
        changed = votes;
        changed.votes[i].side[SIDE_STANDBY].value = VOTE_SLOW;
        assert_message_differs(&changed, message);
    }
    changed = votes;
    changed.votes[0] = votes.votes[1];
    changed.votes[1] = votes.votes[0];
    assert_message_differs(&changed, message);
}

static void a_repeated_last_leaf_is_another_root(void **state)
{
    struct votes three;
    struct votes four;
    uint8_t message[VOTES_MESSAGE_BYTES];
    uint8_t other[VOTES_MESSAGE_BYTES];
    (void)state;
    example_votes(2, 3, VOTE_DOWN, &three);
    example_votes(2, 4, VOTE_DOWN, &four);
    four.votes[3] = four.votes[2];
    assert_int_equal(votes_message(&three, message), 0);
    assert_int_equal(votes_message(&four, other), 0);
    size_t root = VOTES_MESSAGE_BYTES - HASH_BYTES;
    assert_memory_not_equal(message + root, other + root, HASH_BYTES);
}

static void the_message_says_how_many_leaves_there_were(void **state)
{
    static const uint8_t root[HASH_BYTES] = {7};
    static const struct votes_header header = {.voter = 1};
    uint8_t one[VOTES_MESSAGE_BYTES];
    uint8_t other[VOTES_MESSAGE_BYTES];
    (void)state;
    votes_message_of(&header, 1, root, one);
    votes_message_of(&header, 2, root, other);
    assert_memory_not_equal(one, other, sizeof one);
    votes_message_of(&header, 0x101, root, other);
    assert_memory_not_equal(one, other, sizeof one);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vote_comes_back_whole),
        cmocka_unit_test(the_longest_vote_fits),
        cmocka_unit_test(a_detail_comes_back_and_costs_nothing_where_there_is_none),
        cmocka_unit_test(a_detail_that_is_empty_or_unprintable_is_refused),
        cmocka_unit_test(a_vote_out_of_its_ranges_is_not_encoded),
        cmocka_unit_test(the_signed_message_covers_everything),
        cmocka_unit_test(the_message_says_how_many_leaves_there_were),
        cmocka_unit_test(a_repeated_last_leaf_is_another_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
