#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "node/core/ballot.h"

/* Votes as letters by voter: D, S, U, ? cannot tell, - silent. Zones as letters, too. */
struct row {
    const char *votes;
    const char *zones;
    uint8_t min_zones;
    enum ballot_result result;
    enum severity severity; /* of a FAIL */
};

static const struct row rows[] = {
    {"---", "abc", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"D--", "abc", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DD-", "abc", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"DDU", "abc", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"DS-", "abc", 2, BALLOT_FAIL, SEVERITY_SLOW},
    {"DDS", "abc", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"SSS", "abc", 2, BALLOT_FAIL, SEVERITY_SLOW},
    {"UU-", "abc", 2, BALLOT_PASS, SEVERITY_SLOW},
    {"DUU", "abc", 2, BALLOT_PASS, SEVERITY_SLOW},
    {"DU?", "abc", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"???", "abc", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"D??", "abc", 2, BALLOT_VOID, SEVERITY_SLOW},
    /* a FAIL needs two zones, a PASS does not */
    {"DD-", "aab", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DD-", "aab", 1, BALLOT_FAIL, SEVERITY_DOWN},
    {"DDU", "aab", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DDD", "aab", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"UU-", "aab", 2, BALLOT_PASS, SEVERITY_SLOW},
    {"DDS", "aaa", 2, BALLOT_VOID, SEVERITY_SLOW},
    /* five voters: three are a quorum */
    {"DD---", "abcde", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DDS--", "abcde", 2, BALLOT_FAIL, SEVERITY_SLOW},
    {"DDDSS", "abcde", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"DDUU-", "abcde", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DDUUU", "abcde", 2, BALLOT_PASS, SEVERITY_SLOW},
    {"DDD--", "aaabb", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DD-D-", "aaabb", 2, BALLOT_FAIL, SEVERITY_DOWN},
    {"DD-D-", "aaabb", 3, BALLOT_VOID, SEVERITY_SLOW},
    {"D?D?D", "abcde", 3, BALLOT_FAIL, SEVERITY_DOWN},
    /* four voters: three are a quorum, too */
    {"DD--", "abcd", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DDUU", "abcd", 2, BALLOT_VOID, SEVERITY_SLOW},
    {"DDD-", "abcd", 2, BALLOT_FAIL, SEVERITY_DOWN},
};

static enum vote_value value_of(char letter)
{
    switch (letter) {
    case 'D':
        return VOTE_DOWN;
    case 'S':
        return VOTE_SLOW;
    case 'U':
        return VOTE_UP;
    default:
        return VOTE_CANNOT_TELL;
    }
}

static void fill(const struct row *row, struct ballot *ballot, struct electorate *electorate)
{
    *ballot = (struct ballot){0};
    *electorate = (struct electorate){.voter_count = (uint8_t)strlen(row->votes),
                                      .min_zones = row->min_zones};
    for (node_id voter = 1; voter <= electorate->voter_count; voter++) {
        struct vote vote = {.voter = voter};
        electorate->zone[voter] = (uint8_t)(row->zones[voter - 1] - 'a');
        vote.side[SIDE_PRIMARY].value = value_of(row->votes[voter - 1]);
        vote.side[SIDE_STANDBY].value = VOTE_CANNOT_TELL;
        if (row->votes[voter - 1] != '-')
            assert_int_equal(ballot_add(ballot, &vote), 0);
    }
}

static void a_quorum_decides_a_ballot(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ballot ballot;
        struct electorate electorate;
        struct side_close close;
        fill(&rows[i], &ballot, &electorate);
        ballot_tally(&ballot, &electorate, SIDE_PRIMARY, &close);
        if (close.result != rows[i].result ||
            (close.result == BALLOT_FAIL && close.severity != rows[i].severity))
            fail_msg("%s in zones %s: %s/%s", rows[i].votes, rows[i].zones,
                     ballot_result_name(close.result), severity_name(close.severity));
        assert_true(close.closed);
    }
}

static void the_sides_are_counted_apart(void **state)
{
    (void)state;
    struct ballot ballot;
    struct electorate electorate;
    struct side_close close;
    fill(&(struct row){"DDD", "abc", 2, BALLOT_FAIL, SEVERITY_DOWN}, &ballot, &electorate);
    ballot_tally(&ballot, &electorate, SIDE_STANDBY, &close);
    assert_int_equal(close.result, BALLOT_VOID);
    assert_int_equal(close.votes[VOTE_CANNOT_TELL], 3);
    assert_int_equal(close.zones, 0);
}

static void the_close_holds_the_counts(void **state)
{
    (void)state;
    struct ballot ballot;
    struct electorate electorate;
    struct side_close close;
    fill(&(struct row){"DSU?-", "aabcd", 1, BALLOT_VOID, SEVERITY_SLOW}, &ballot, &electorate);
    ballot_tally(&ballot, &electorate, SIDE_PRIMARY, &close);
    for (int value = 0; value < VOTE_VALUE_N; value++)
        assert_int_equal(close.votes[value], 1);
    assert_int_equal(close.zones, 1);
}

static void the_first_vote_of_a_voter_stands(void **state)
{
    (void)state;
    struct ballot ballot = {0};
    struct electorate electorate = {.voter_count = 3, .zone = {0, 0, 1, 2}, .min_zones = 2};
    struct side_close close;
    struct vote vote = {.voter = 2};
    vote.side[SIDE_PRIMARY].value = VOTE_UP;
    assert_int_equal(ballot_add(&ballot, &vote), 0);
    vote.side[SIDE_PRIMARY].value = VOTE_DOWN;
    assert_int_equal(ballot_add(&ballot, &vote), ERR_EXISTS);
    ballot_tally(&ballot, &electorate, SIDE_PRIMARY, &close);
    assert_int_equal(close.votes[VOTE_UP], 1);
    assert_int_equal(close.votes[VOTE_DOWN], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quorum_decides_a_ballot),
        cmocka_unit_test(the_sides_are_counted_apart),
        cmocka_unit_test(the_close_holds_the_counts),
        cmocka_unit_test(the_first_vote_of_a_voter_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
