#include "node/io/store/mark.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/store/ledger_store.h"

/* The last letter is the version; a store that changes the tables or this layout counts it up. A
 * novice's folder is of the second: a build that does not know the word would vote with it. */
static const char magic[] = "QMARK01";
static const char magic_novice[] = "QMARK02";
enum { MAGIC_BYTES = sizeof magic, CHECKSUM_BYTES = 4 };

static uint8_t *put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
    return at + bytes;
}

static uint64_t take(const uint8_t **at, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)(*at)[i] << (8 * i);
    *at += bytes;
    return value;
}

void mark_encode(const struct mark *mark, uint8_t ret_bytes[MARK_BYTES])
{
    memset(ret_bytes, 0, MARK_BYTES);
    memcpy(ret_bytes, mark->novice ? magic_novice : magic, MAGIC_BYTES);
    uint8_t *at = ret_bytes + MAGIC_BYTES;
    at = put(at, mark->sequence, 8);
    at = put(at, mark->incarnation, 8);
    at = put(at, mark->self, 1);
    memcpy(at, mark->cluster_id, CLUSTER_ID_BYTES);
    at = put(at + CLUSTER_ID_BYTES, mark->term, 8);
    at = put(at, mark->voted_for, 1);
    at = put(at, mark->span.first, 8);
    at = put(at, mark->span.last, 8);
    at = put(at, mark->span.snapshot, 8);
    at = put(at, mark->last_term, 8);
    at = put(at, mark->base_checksum, 4);
    at = put(at, mark->last_checksum, 4);
    at = put(at, mark->snapshot_term, 8);
    at = put(at, mark->snapshot_checksum, 4);
    CHECK(at <= ret_bytes + MARK_BYTES - CHECKSUM_BYTES);
    size_t covered = MARK_BYTES - CHECKSUM_BYTES;
    put(ret_bytes + covered, hash_crc32c(0, ret_bytes, covered), CHECKSUM_BYTES);
}

int mark_decode(const uint8_t *bytes, size_t length, struct mark *ret_mark)
{
    if (length != MARK_BYTES)
        return ERR_MALFORMED;
    size_t covered = MARK_BYTES - CHECKSUM_BYTES;
    const uint8_t *at = bytes + covered;
    if (take(&at, CHECKSUM_BYTES) != hash_crc32c(0, bytes, covered))
        return ERR_MALFORMED;
    bool novice = memcmp(bytes, magic_novice, MAGIC_BYTES) == 0;
    if (!novice && memcmp(bytes, magic, MAGIC_BYTES) != 0)
        return ERR_VERSION;
    struct mark mark = {.novice = novice};
    at = bytes + MAGIC_BYTES;
    mark.sequence = take(&at, 8);
    mark.incarnation = take(&at, 8);
    mark.self = (node_id)take(&at, 1);
    memcpy(mark.cluster_id, at, CLUSTER_ID_BYTES);
    at += CLUSTER_ID_BYTES;
    mark.term = take(&at, 8);
    mark.voted_for = (node_id)take(&at, 1);
    mark.span.first = take(&at, 8);
    mark.span.last = take(&at, 8);
    mark.span.snapshot = take(&at, 8);
    mark.last_term = take(&at, 8);
    mark.base_checksum = (uint32_t)take(&at, 4);
    mark.last_checksum = (uint32_t)take(&at, 4);
    mark.snapshot_term = take(&at, 8);
    mark.snapshot_checksum = (uint32_t)take(&at, 4);
    *ret_mark = mark;
    return 0;
}

bool mark_equal(const struct mark *a, const struct mark *b)
{
    uint8_t bytes_a[MARK_BYTES], bytes_b[MARK_BYTES];
    mark_encode(a, bytes_a);
    mark_encode(b, bytes_b);
    return memcmp(bytes_a, bytes_b, MARK_BYTES) == 0;
}

uint32_t mark_entry_checksum(uint32_t previous, const struct store_entry *entry)
{
    uint8_t head[25];
    uint8_t *at = put(head, entry->index, 8);
    at = put(at, entry->term, 8);
    at = put(at, entry->kind, 1);
    put(at, entry->length, 8);
    return hash_crc32c(hash_crc32c(previous, head, sizeof head), entry->bytes, entry->length);
}

uint32_t mark_snapshot_checksum(const struct store_snapshot *snapshot)
{
    uint8_t head[24];
    uint8_t *at = put(head, snapshot->index, 8);
    at = put(at, snapshot->term, 8);
    put(at, snapshot->length, 8);
    return hash_crc32c(hash_crc32c(0, head, sizeof head), snapshot->bytes, snapshot->length);
}
