#include "proto/evidence.h"

#include <string.h>

#include "common/errors.h"
#include "proto/parts.h"

enum { EVIDENCE_VERSION = 1 };

int evidence_make(const struct votes *votes, uint16_t position, struct evidence *ret_evidence)
{
    uint8_t row[VOTES_COUNT_MAX][HASH_BYTES];
    int error = votes_leaf_row(votes, row);
    if (error != 0 || position >= votes->count)
        return ERR_INVALID;
    memset(ret_evidence, 0, sizeof *ret_evidence);
    ret_evidence->header = votes->header;
    ret_evidence->vote = votes->votes[position];
    ret_evidence->count = votes->count;
    ret_evidence->position = position;
    memcpy(ret_evidence->signature, votes->signature, SIGNATURE_BYTES);
    for (uint16_t left = votes->count; left > 1; left = votes_fold_row(row, left)) {
        uint16_t sibling = position ^ 1;
        if (sibling < left)
            memcpy(ret_evidence->path[ret_evidence->path_count++], row[sibling], HASH_BYTES);
        position /= 2;
    }
    return 0;
}

/* From the leaf's hash up to the root, as RFC 9162, section 2.1.3, walks an audit path. */
static int walk_path(const struct evidence *evidence, uint8_t hash[HASH_BYTES])
{
    uint16_t position = evidence->position;
    uint8_t next = 0;
    for (uint16_t left = evidence->count; left > 1; left = (uint16_t)((left + 1) / 2)) {
        if ((position ^ 1) < left) {
            if (next >= evidence->path_count)
                return ERR_MALFORMED;
            const uint8_t *sibling = evidence->path[next++];
            if (position % 2 == 0)
                votes_node_hash(hash, sibling, hash);
            else
                votes_node_hash(sibling, hash, hash);
        }
        position /= 2;
    }
    return next == evidence->path_count ? 0 : ERR_MALFORMED;
}

int evidence_check_path(const struct evidence *evidence, uint8_t ret_message[VOTES_MESSAGE_BYTES])
{
    uint8_t hash[HASH_BYTES];
    if (evidence->count == 0 || evidence->count > VOTES_COUNT_MAX ||
        evidence->position >= evidence->count || evidence->path_count > VOTES_PATH_MAX ||
        evidence->vote.voter != evidence->header.voter ||
        votes_leaf_hash(&evidence->vote, hash) != 0)
        return ERR_MALFORMED;
    int error = walk_path(evidence, hash);
    if (error == 0)
        votes_message_of(&evidence->header, evidence->count, hash, ret_message);
    return error;
}

int evidence_list_add(struct evidence_list *list, const struct evidence *evidence)
{
    uint8_t at = 0;
    if (evidence->header.voter == 0 || evidence->header.voter > NODE_COUNT_MAX)
        return ERR_INVALID;
    while (at < list->count && list->items[at].header.voter < evidence->header.voter)
        at++;
    if (at < list->count && list->items[at].header.voter == evidence->header.voter)
        return ERR_EXISTS;
    memmove(&list->items[at + 1], &list->items[at], (size_t)(list->count - at) * sizeof *evidence);
    list->items[at] = *evidence;
    list->count++;
    return 0;
}

static void code_evidence(struct codec *codec, struct evidence *evidence)
{
    codec_array(codec, 6);
    codec_votes_header(codec, &evidence->header);
    codec_vote_leaf(codec, &evidence->vote);
    codec_u16(codec, &evidence->count, VOTES_COUNT_MAX);
    codec_u16(codec, &evidence->position, VOTES_COUNT_MAX - 1);
    codec_count8(codec, &evidence->path_count, VOTES_PATH_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < evidence->path_count; i++)
        codec_fixed(codec, evidence->path[i], HASH_BYTES);
    codec_fixed(codec, evidence->signature, SIGNATURE_BYTES);
    if (evidence->position >= evidence->count || evidence->vote.voter != evidence->header.voter)
        codec_refuse(codec);
}

static void code_list(struct codec *codec, struct evidence_list *list)
{
    node_id last = 0;
    codec_versioned_array(codec, 2, EVIDENCE_VERSION);
    codec_count8(codec, &list->count, NODE_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < list->count; i++) {
        code_evidence(codec, &list->items[i]);
        if (list->items[i].header.voter <= last)
            codec_refuse(codec);
        last = list->items[i].header.voter;
    }
}

int evidence_list_encode(const struct evidence_list *list, uint8_t *buffer, size_t size,
                         size_t *ret_length)
{
    struct writer writer;
    writer_init(&writer, buffer, size);
    struct codec codec = codec_for_writing(&writer);
    code_list(&codec, (struct evidence_list *)list);
    return codec_finish_writing(&writer, ret_length);
}

int evidence_list_decode(const uint8_t *bytes, size_t length, struct evidence_list *ret_list)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    struct codec codec = codec_for_reading(&reader);
    memset(ret_list, 0, sizeof *ret_list);
    code_list(&codec, ret_list);
    return codec_finish_reading(&reader, ret_list, sizeof *ret_list);
}

/* Signed by the voter's current or next key, for this cluster. */
static int check_signature(const struct evidence *evidence,
                           const struct evidence_electors *electors, signature_verify_fn *verify)
{
    static const uint8_t no_key[KEY_BYTES];
    uint8_t message[VOTES_MESSAGE_BYTES];
    node_id voter = evidence->header.voter;
    if (voter > electors->node_count ||
        memcmp(evidence->header.cluster_id, electors->cluster_id, CLUSTER_ID_BYTES) != 0)
        return ERR_AUTH;
    int error = evidence_check_path(evidence, message);
    if (error != 0)
        return error;
    for (int i = 0; i < 2; i++) {
        const uint8_t *key = electors->keys[voter - 1][i];
        if (memcmp(key, no_key, KEY_BYTES) != 0 &&
            verify(key, message, sizeof message, evidence->signature) == 0)
            return 0;
    }
    return ERR_AUTH;
}

static int check_votes(const struct command *close, const struct evidence_list *list,
                       const struct evidence_electors *electors, signature_verify_fn *verify)
{
    for (uint8_t i = 0; i < list->count; i++) {
        const struct vote *vote = &list->items[i].vote;
        if (vote->service != close->service || vote->inquiry != close->as.ballot_close.inquiry ||
            vote->ballot != close->as.ballot_close.ballot ||
            vote->nonce != list->items[0].vote.nonce)
            return ERR_AUTH;
    }
    for (uint8_t i = 0; i < list->count; i++) {
        int error = check_signature(&list->items[i], electors, verify);
        if (error != 0)
            return error;
    }
    return 0;
}

struct tally {
    uint8_t values[VOTE_VALUE_N];
    uint8_t zones; /* distinct zones of the voters that said SLOW or DOWN */
};

static struct tally tally_side(const struct evidence_list *list,
                               const struct evidence_electors *electors, enum side side)
{
    struct tally tally = {{0}, 0};
    bool zone_seen[UINT8_MAX + 1] = {false};
    for (uint8_t i = 0; i < list->count; i++) {
        enum vote_value value = list->items[i].vote.side[side].value;
        uint8_t zone = electors->zones[list->items[i].header.voter - 1];
        tally.values[value]++;
        if ((value == VOTE_SLOW || value == VOTE_DOWN) && !zone_seen[zone]) {
            zone_seen[zone] = true;
            tally.zones++;
        }
    }
    return tally;
}

static bool carries(const struct tally *tally, const struct side_close *side,
                    const struct evidence_electors *electors)
{
    uint8_t quorum = (uint8_t)(electors->node_count / 2 + 1);
    switch (side->result) {
    case BALLOT_VOID:
        return true;
    case BALLOT_PASS:
        return tally->values[VOTE_UP] >= quorum;
    case BALLOT_FAIL:
        return tally->values[VOTE_SLOW] + tally->values[VOTE_DOWN] >= quorum &&
               tally->zones >= electors->min_zones &&
               (side->severity != SEVERITY_DOWN || tally->values[VOTE_DOWN] >= quorum);
    case BALLOT_RESULT_N:
        break;
    }
    return false;
}

int evidence_verify_close(const struct command *close, const uint8_t *evidence, size_t length,
                          const struct evidence_electors *electors, signature_verify_fn *verify)
{
    struct evidence_list list = {0};
    if (close->kind != COMMAND_BALLOT_CLOSE || close->as.ballot_close.inquiry == 0 ||
        electors->node_count == 0 || electors->node_count > NODE_COUNT_MAX ||
        (length > 0 && evidence_list_decode(evidence, length, &list) != 0))
        return ERR_MALFORMED;
    int error = check_votes(close, &list, electors, verify);
    if (error != 0)
        return error;
    for (int side = 0; side < SIDE_N; side++) {
        const struct side_close *claim = &close->as.ballot_close.side[side];
        struct tally tally = tally_side(&list, electors, (enum side)side);
        if (claim->closed && !carries(&tally, claim, electors))
            return ERR_AUTH;
    }
    return 0;
}
