#include "tests/vectors/vectors.h"

#include <sodium.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"

bool all_zero(const void *bytes, size_t size)
{
    const uint8_t *first = bytes;
    return size == 0 || (first[0] == 0 && memcmp(first, first + 1, size - 1) == 0);
}

void example_keys(node_id node, uint8_t ret_public[KEY_BYTES], uint8_t ret_secret[64])
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    memset(seed, node, sizeof seed);
    CHECK(crypto_sign_seed_keypair(ret_public, ret_secret, seed) == 0);
}

/* The domain, a zero byte and the message, as identity_sign does it. */
static size_t domain_message(const uint8_t *message, size_t length, uint8_t ret_bytes[128])
{
    CHECK(sizeof VOTES_DOMAIN + length <= 128);
    memcpy(ret_bytes, VOTES_DOMAIN, sizeof VOTES_DOMAIN);
    memcpy(ret_bytes + sizeof VOTES_DOMAIN, message, length);
    return sizeof VOTES_DOMAIN + length;
}

int example_verify(const uint8_t key[KEY_BYTES], const uint8_t *message, size_t length,
                   const uint8_t signature[SIGNATURE_BYTES])
{
    uint8_t bytes[128];
    size_t whole = domain_message(message, length, bytes);
    return crypto_sign_verify_detached(signature, bytes, whole, key) == 0 ? 0 : ERR_AUTH;
}

void example_cluster_id(uint8_t ret_cluster_id[CLUSTER_ID_BYTES])
{
    for (uint8_t i = 0; i < CLUSTER_ID_BYTES; i++)
        ret_cluster_id[i] = (uint8_t)(0xc0 + i);
}

void example_name(struct name *ret_name, const char *text)
{
    CHECK(name_set(ret_name, text) == 0);
}

struct frame_header example_header(node_id sender)
{
    struct frame_header header = {.sender = sender, .incarnation = 7, .sequence = 1000};
    example_cluster_id(header.cluster_id);
    return header;
}

struct vote example_vote(node_id voter, service_slot service, enum vote_value primary)
{
    struct vote vote = {
        .voter = voter,
        .service = service,
        .config_hash = UINT64_C(0x1122334455667788),
        .inquiry = 4711,
        .ballot = 3,
        .nonce = UINT64_C(0xfedcba9876543210),
        .sequence = UINT64_C(5000000000) + voter,
        .probed_wall_ms = INT64_C(1760000000123),
    };
    vote.side[SIDE_PRIMARY] = (struct side_vote){
        .value = primary,
        .reason = primary == VOTE_DOWN ? VOTE_REASON_STATUS : VOTE_REASON_OK,
        .sample = {SAMPLE_STATUS, 310, 1200, -1, 2900, 3050, 0, 503, false, ""},
        .reference_count = 3,
        .reference_failed = 1,
    };
    vote.side[SIDE_STANDBY] = (struct side_vote){
        .value = VOTE_UP,
        .reason = VOTE_REASON_OK,
        .sample = {SAMPLE_OK, -1, 0, -1, 81000, 82000, 2, 200, true, ""},
        .reference_count = 3,
    };
    return vote;
}

void example_sign(struct votes *votes)
{
    uint8_t message[VOTES_MESSAGE_BYTES];
    uint8_t bytes[128];
    uint8_t public_key[KEY_BYTES];
    uint8_t secret[64];
    CHECK(votes_message(votes, message) == 0);
    example_keys(votes->header.voter, public_key, secret);
    size_t length = domain_message(message, sizeof message, bytes);
    CHECK(crypto_sign_detached(votes->signature, NULL, bytes, length, secret) == 0);
}

static void fill_votes(node_id voter, uint16_t count, enum vote_value primary,
                       struct votes *ret_votes)
{
    memset(ret_votes, 0, sizeof *ret_votes);
    example_cluster_id(ret_votes->header.cluster_id);
    ret_votes->header.voter = voter;
    ret_votes->header.incarnation = 7;
    ret_votes->header.sequence = 1000;
    ret_votes->count = count;
    for (uint16_t i = 0; i < count; i++)
        ret_votes->votes[i] = example_vote(voter, i, primary);
}

void example_votes(node_id voter, uint16_t count, enum vote_value primary, struct votes *ret_votes)
{
    fill_votes(voter, count, primary, ret_votes);
    example_sign(ret_votes);
}

void example_votes_of(node_id voter, enum vote_value primary, enum vote_value standby,
                      struct votes *ret_votes)
{
    fill_votes(voter, 1, primary, ret_votes);
    ret_votes->votes[0].side[SIDE_STANDBY].value = standby;
    example_sign(ret_votes);
}

struct evidence_electors example_electors(void)
{
    struct evidence_electors electors = {.node_count = 3, .min_zones = 2, .zones = {0, 1, 2}};
    uint8_t secret[64];
    example_cluster_id(electors.cluster_id);
    for (node_id node = 1; node <= 3; node++)
        example_keys(node, electors.keys[node - 1][0], secret);
    return electors;
}

struct command example_close(void)
{
    struct command close = {.kind = COMMAND_BALLOT_CLOSE, .service = 0, .elapsed_ms = 140};
    close.as.ballot_close.inquiry = 4711;
    close.as.ballot_close.ballot = 3;
    close.as.ballot_close.side[SIDE_PRIMARY] = (struct side_close){
        .closed = true,
        .result = BALLOT_FAIL,
        .severity = SEVERITY_DOWN,
        .votes = {3, 0, 0, 0},
        .zones = 3,
    };
    close.as.ballot_close.side[SIDE_STANDBY] =
        (struct side_close){.closed = true, .result = BALLOT_PASS, .votes = {0, 0, 3, 0}};
    close.as.ballot_close.move = (struct move_opening){
        .present = true,
        .to = SIDE_STANDBY,
        .cause = CAUSE_CONVICTION,
        .first_step = ROUTE_SWITCH,
        .base = {.version = 12, .body_hash = UINT64_C(0x8899aabbccddeeff)},
    };
    return close;
}

void example_evidence(struct evidence_list *ret_list)
{
    memset(ret_list, 0, sizeof *ret_list);
    for (node_id voter = 3; voter >= 1; voter--) {
        struct votes votes;
        struct evidence evidence;
        example_votes(voter, (uint16_t)(2 * voter - 1), VOTE_DOWN, &votes);
        CHECK(evidence_make(&votes, 0, &evidence) == 0);
        CHECK(evidence_list_add(ret_list, &evidence) == 0);
    }
}
