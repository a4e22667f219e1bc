#include <string.h>

#include "common/check.h"
#include "proto/context.h"
#include "tests/vectors/vectors.h"

static const uint8_t sealed_bytes[] = "what is open to both tokens, sealed";
static const uint8_t secret_bytes[] = "and the secret fields";

static struct context_version version_of(uint64_t seq)
{
    struct context_version version = {.seq = seq, .stamp_ms = INT64_C(1764115200123)};
    for (int i = 0; i < CONTEXT_HASH_BYTES; i++)
        version.hash[i] = (uint8_t)(0x10 + i);
    return version;
}

static struct context_id id_of(const char *text)
{
    struct context_id id;
    CHECK(context_id_set(&id, text) == 0);
    return id;
}

static struct context_entry entry_of(const char *id, uint64_t seq)
{
    return (struct context_entry){.id = id_of(id),
                                  .version = version_of(seq),
                                  .follows = true,
                                  .age_ms = 1500,
                                  .sealed = sealed_bytes,
                                  .sealed_length = sizeof sealed_bytes - 1,
                                  .secret = secret_bytes,
                                  .secret_length = sizeof secret_bytes - 1};
}

static struct context_frame frame_of(node_id sender, enum context_frame_kind kind)
{
    struct context_frame frame = {.sender = sender,
                                  .kind = kind,
                                  .round = UINT64_C(0x0123456789abc005),
                                  .store_id = UINT64_C(0x5152535455565758),
                                  .complete = true};
    example_name(&frame.cluster, "support");
    return frame;
}

int encode_context_put(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(1, CONTEXT_FRAME_PUT);
    frame.entry = entry_of("contact-4711", 7);
    return context_frame_encode(&frame, buffer, size, ret_length);
}

/* A tombstone that is brought to a node that lacks it. */
int encode_context_put_deleted(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(2, CONTEXT_FRAME_PUT);
    frame.repair = true;
    frame.entry = (struct context_entry){.id = id_of("+49-69-123"),
                                         .version = {.seq = 9, .deleted = true, .stamp_ms = 5},
                                         .age_ms = 70000};
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_held(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(3, CONTEXT_FRAME_HELD);
    frame.outcome = CONTEXT_OLDER;
    frame.version = version_of(8);
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_get(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(1, CONTEXT_FRAME_GET);
    frame.id = id_of("contact-4711");
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_entry(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(2, CONTEXT_FRAME_ENTRY);
    frame.id = id_of("contact-4711");
    frame.present = true;
    frame.entry = entry_of("contact-4711", 7);
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_entry_none(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(2, CONTEXT_FRAME_ENTRY);
    frame.complete = false;
    frame.id = id_of("contact-4711");
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_page_ask(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(1, CONTEXT_FRAME_PAGE_ASK);
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_page(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(2, CONTEXT_FRAME_PAGE);
    frame.more = true;
    frame.stub_count = 2;
    frame.stubs[0] = (struct context_stub){id_of("contact-1"), version_of(1)};
    frame.stubs[1] = (struct context_stub){id_of("contact-2"), version_of(UINT64_C(1) << 40)};
    frame.stubs[1].version.deleted = true;
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_hello(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(3, CONTEXT_FRAME_HELLO);
    frame.round = 0;
    frame.missed = true;
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int encode_context_written(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct context_frame frame = frame_of(1, CONTEXT_FRAME_WRITTEN);
    frame.round = 0;
    frame.id = id_of("contact-4711");
    frame.seq = 7;
    return context_frame_encode(&frame, buffer, size, ret_length);
}

int context_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                   size_t *ret_length, bool *ret_dirty)
{
    struct context_frame frame;
    int error = context_frame_decode(bytes, length, &frame);
    *ret_dirty = error != 0 && !all_zero(&frame, sizeof frame);
    return error != 0 ? error : context_frame_encode(&frame, buffer, size, ret_length);
}
