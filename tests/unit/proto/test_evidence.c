#include "proto/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "tests/vectors/vectors.h"

struct claim {
    struct command close;
    struct evidence_list list;
    struct evidence_electors electors;
};

static struct claim good_claim(void)
{
    struct claim claim = {.close = example_close(), .electors = example_electors()};
    example_evidence(&claim.list);
    return claim;
}

static int verify(const struct claim *claim)
{
    uint8_t bytes[EVIDENCE_BYTES_MAX];
    size_t length = 0;
    assert_int_equal(evidence_list_encode(&claim->list, bytes, sizeof bytes, &length), 0);
    return evidence_verify_close(&claim->close, bytes, length, &claim->electors, example_verify);
}

/* Replaces a voter's vote by a signed one with these values. */
static void vote_again(struct claim *claim, node_id voter, enum vote_value primary,
                       enum vote_value standby)
{
    struct votes votes;
    struct evidence_list rest = {0};
    struct evidence evidence;
    example_votes_of(voter, primary, standby, &votes);
    assert_int_equal(evidence_make(&votes, 0, &evidence), 0);
    for (uint8_t i = 0; i < claim->list.count; i++)
        if (claim->list.items[i].header.voter != voter)
            assert_int_equal(evidence_list_add(&rest, &claim->list.items[i]), 0);
    assert_int_equal(evidence_list_add(&rest, &evidence), 0);
    claim->list = rest;
}

static void drop(struct claim *claim, node_id voter)
{
    struct evidence_list rest = {0};
    for (uint8_t i = 0; i < claim->list.count; i++)
        if (claim->list.items[i].header.voter != voter)
            assert_int_equal(evidence_list_add(&rest, &claim->list.items[i]), 0);
    claim->list = rest;
}

static void every_leaf_of_every_size_of_frame_finds_the_root(void **state)
{
    (void)state;
    for (uint16_t count = 1; count <= VOTES_COUNT_MAX; count++) {
        struct votes votes;
        uint8_t message[VOTES_MESSAGE_BYTES];
        example_votes(2, count, VOTE_DOWN, &votes);
        assert_int_equal(votes_message(&votes, message), 0);
        for (uint16_t i = 0; i < count; i++) {
            struct evidence evidence;
            uint8_t again[VOTES_MESSAGE_BYTES];
            assert_int_equal(evidence_make(&votes, i, &evidence), 0);
            assert_int_equal(evidence.vote.service, i);
            assert_int_equal(evidence_check_path(&evidence, again), 0);
            assert_memory_equal(again, message, sizeof message);
        }
    }
}

static void a_leaf_at_another_place_finds_another_root(void **state)
{
    struct votes votes;
    struct evidence evidence;
    uint8_t message[VOTES_MESSAGE_BYTES];
    uint8_t other[VOTES_MESSAGE_BYTES];
    (void)state;
    example_votes(2, 8, VOTE_DOWN, &votes);
    assert_int_equal(votes_message(&votes, message), 0);
    assert_int_equal(evidence_make(&votes, 2, &evidence), 0);
    evidence.position = 3;
    assert_int_equal(evidence_check_path(&evidence, other), 0);
    assert_memory_not_equal(message, other, sizeof message);
}

static void a_path_of_the_wrong_length_is_malformed(void **state)
{
    struct votes votes;
    struct evidence evidence;
    uint8_t message[VOTES_MESSAGE_BYTES];
    (void)state;
    example_votes(2, 5, VOTE_DOWN, &votes);
    assert_int_equal(evidence_make(&votes, 4, &evidence), 0);
    assert_int_equal(evidence.path_count, 1);
    evidence.path_count = 2;
    assert_int_equal(evidence_check_path(&evidence, message), ERR_MALFORMED);
    evidence.path_count = 0;
    assert_int_equal(evidence_check_path(&evidence, message), ERR_MALFORMED);
    assert_int_equal(evidence_make(&votes, 5, &evidence), ERR_INVALID);
}

static void the_first_vote_of_a_voter_stands(void **state)
{
    struct evidence_list list;
    (void)state;
    example_evidence(&list);
    struct evidence again = list.items[1];
    assert_int_equal(evidence_list_add(&list, &again), ERR_EXISTS);
    assert_int_equal(list.count, 3);
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(list.items[i].header.voter, i + 1);
    again.header.voter = 0;
    assert_int_equal(evidence_list_add(&list, &again), ERR_INVALID);
}

static void the_longest_list_fits(void **state)
{
    struct evidence_list list = {0};
    uint8_t bytes[EVIDENCE_BYTES_MAX];
    size_t length = 0;
    (void)state;
    for (node_id voter = 1; voter <= NODE_COUNT_MAX; voter++) {
        struct votes votes;
        struct evidence evidence;
        example_votes(voter, VOTES_COUNT_MAX, VOTE_DOWN, &votes);
        for (int side = 0; side < SIDE_N; side++)
            votes.votes[0].side[side].sample = (struct sample){
                SAMPLE_OK, INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX,
                INT32_MAX, INT32_MAX, INT32_MAX, true,      "0123456789 0123456789 012345678"};
        votes.header.incarnation = votes.header.sequence = UINT64_MAX;
        assert_int_equal(evidence_make(&votes, 0, &evidence), 0);
        assert_int_equal(evidence_list_add(&list, &evidence), 0);
    }
    assert_int_equal(evidence_list_encode(&list, bytes, sizeof bytes, &length), 0);
}

static void a_close_with_its_votes_is_believed(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    assert_int_equal(verify(&claim), 0);
    drop(&claim, 2);
    assert_int_equal(verify(&claim), 0);
}

static void less_than_a_quorum_is_not_believed(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    drop(&claim, 2);
    drop(&claim, 3);
    assert_int_equal(verify(&claim), ERR_AUTH);
    drop(&claim, 1);
    assert_int_equal(verify(&claim), ERR_AUTH);
    assert_int_equal(evidence_verify_close(&claim.close, NULL, 0, &claim.electors, example_verify),
                     ERR_AUTH);
}

static void cannot_tell_counts_for_neither_side(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    vote_again(&claim, 1, VOTE_CANNOT_TELL, VOTE_UP);
    assert_int_equal(verify(&claim), 0);
    vote_again(&claim, 2, VOTE_CANNOT_TELL, VOTE_UP);
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    vote_again(&claim, 1, VOTE_DOWN, VOTE_CANNOT_TELL);
    vote_again(&claim, 2, VOTE_DOWN, VOTE_CANNOT_TELL);
    assert_int_equal(verify(&claim), ERR_AUTH);
}

static void down_needs_a_quorum_of_down(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    vote_again(&claim, 1, VOTE_SLOW, VOTE_UP);
    assert_int_equal(verify(&claim), 0);
    vote_again(&claim, 2, VOTE_SLOW, VOTE_UP);
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim.close.as.ballot_close.side[SIDE_PRIMARY].severity = SEVERITY_SLOW;
    assert_int_equal(verify(&claim), 0);
}

static void the_complaints_must_span_the_zones(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    claim.electors.min_zones = 3;
    assert_int_equal(verify(&claim), 0);
    claim.electors.zones[2] = claim.electors.zones[0];
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim.electors.min_zones = 2;
    assert_int_equal(verify(&claim), 0);
    vote_again(&claim, 2, VOTE_UP, VOTE_UP);
    assert_int_equal(verify(&claim), ERR_AUTH);
}

static void votes_for_something_else_are_not_believed(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    claim.close.service = 1;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.close.as.ballot_close.inquiry++;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.close.as.ballot_close.ballot++;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.electors.cluster_id[0] ^= 1;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.close.as.ballot_close.inquiry = 0;
    assert_int_equal(verify(&claim), ERR_MALFORMED);
}

static void one_nonce_binds_all_votes(void **state)
{
    struct claim claim = good_claim();
    struct votes votes;
    (void)state;
    example_votes(2, 1, VOTE_DOWN, &votes);
    votes.votes[0].nonce++;
    example_sign(&votes);
    struct evidence evidence;
    assert_int_equal(evidence_make(&votes, 0, &evidence), 0);
    drop(&claim, 2);
    assert_int_equal(evidence_list_add(&claim.list, &evidence), 0);
    assert_int_equal(verify(&claim), ERR_AUTH);
}

static void a_changed_vote_or_a_strange_key_is_not_believed(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    claim.list.items[1].vote.side[SIDE_PRIMARY].sample.status = 500;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.list.items[2].signature[0] ^= 1;
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    memset(claim.electors.keys[1][0], 0, KEY_BYTES);
    assert_int_equal(verify(&claim), ERR_AUTH);
    claim = good_claim();
    claim.electors.node_count = 2;
    assert_int_equal(verify(&claim), ERR_AUTH);
}

static void the_next_key_is_as_good_as_the_current_one(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    memcpy(claim.electors.keys[1][1], claim.electors.keys[1][0], KEY_BYTES);
    memcpy(claim.electors.keys[1][0], claim.electors.keys[2][0], KEY_BYTES);
    assert_int_equal(verify(&claim), 0);
}

static int believe_anything(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                            const uint8_t signature[SIGNATURE_BYTES])
{
    (void)key;
    (void)message;
    (void)length;
    (void)signature;
    return 0;
}

static void a_key_of_zeros_is_not_even_tried(void **state)
{
    struct claim claim = good_claim();
    uint8_t bytes[EVIDENCE_BYTES_MAX];
    size_t length = 0;
    (void)state;
    memset(claim.electors.keys, 0, sizeof claim.electors.keys);
    assert_int_equal(evidence_list_encode(&claim.list, bytes, sizeof bytes, &length), 0);
    assert_int_equal(
        evidence_verify_close(&claim.close, bytes, length, &claim.electors, believe_anything),
        ERR_AUTH);
}

/* The list's head is three bytes: array of 2, version, array of its items. */
static void a_voter_cannot_stand_twice_in_a_list(void **state)
{
    struct claim claim = good_claim();
    uint8_t one[EVIDENCE_BYTES_MAX];
    uint8_t two[2 * EVIDENCE_BYTES_MAX] = {0x92, 0x01, 0x92};
    size_t length = 0;
    (void)state;
    drop(&claim, 2);
    drop(&claim, 3);
    assert_int_equal(evidence_list_encode(&claim.list, one, sizeof one, &length), 0);
    size_t item = length - 3;
    memcpy(two + 3, one + 3, item);
    memcpy(two + 3 + item, one + 3, item);
    assert_int_equal(
        evidence_verify_close(&claim.close, two, 3 + 2 * item, &claim.electors, example_verify),
        ERR_MALFORMED);
    claim.list.items[claim.list.count++] = claim.list.items[0];
    assert_int_equal(evidence_list_encode(&claim.list, one, sizeof one, &length), ERR_INVALID);
}

static void a_void_close_needs_no_votes(void **state)
{
    struct claim claim = good_claim();
    (void)state;
    claim.close.as.ballot_close.side[SIDE_PRIMARY].result = BALLOT_VOID;
    claim.close.as.ballot_close.side[SIDE_STANDBY].closed = false;
    assert_int_equal(evidence_verify_close(&claim.close, NULL, 0, &claim.electors, example_verify),
                     0);
    static const uint8_t damage[] = {0x92, 0x01};
    assert_int_equal(
        evidence_verify_close(&claim.close, damage, sizeof damage, &claim.electors, example_verify),
        ERR_MALFORMED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_of_every_size_of_frame_finds_the_root),
        cmocka_unit_test(a_leaf_at_another_place_finds_another_root),
        cmocka_unit_test(a_path_of_the_wrong_length_is_malformed),
        cmocka_unit_test(the_first_vote_of_a_voter_stands),
        cmocka_unit_test(the_longest_list_fits),
        cmocka_unit_test(a_close_with_its_votes_is_believed),
        cmocka_unit_test(less_than_a_quorum_is_not_believed),
        cmocka_unit_test(cannot_tell_counts_for_neither_side),
        cmocka_unit_test(down_needs_a_quorum_of_down),
        cmocka_unit_test(the_complaints_must_span_the_zones),
        cmocka_unit_test(votes_for_something_else_are_not_believed),
        cmocka_unit_test(one_nonce_binds_all_votes),
        cmocka_unit_test(a_changed_vote_or_a_strange_key_is_not_believed),
        cmocka_unit_test(the_next_key_is_as_good_as_the_current_one),
        cmocka_unit_test(a_key_of_zeros_is_not_even_tried),
        cmocka_unit_test(a_voter_cannot_stand_twice_in_a_list),
        cmocka_unit_test(a_void_close_needs_no_votes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
