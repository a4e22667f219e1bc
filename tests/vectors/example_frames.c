#include "tests/vectors/vectors.h"

#include "common/check.h"

int encode_votes(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(2);
    struct votes votes;
    example_votes(2, 3, VOTE_DOWN, &votes);
    return frame_encode_votes(&header, &votes, buffer, size, ret_length);
}

int encode_call(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(1);
    struct call call = {
        1, 0, 4711, 3, 9, UINT64_C(0xfedcba9876543210), UINT64_C(0x1122334455667788), 1500};
    return frame_encode_call(&header, &call, buffer, size, ret_length);
}

int encode_ping(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(3);
    struct frame_ping ping = {INT64_C(123456789012)};
    return frame_encode_ping(&header, &ping, buffer, size, ret_length);
}

int encode_pong(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(1);
    struct frame_ping ping = {-40000};
    return frame_encode_pong(&header, &ping, buffer, size, ret_length);
}

static struct frame_header nobody(node_id sender)
{
    return (struct frame_header){.sender = sender, .incarnation = 1, .sequence = 1};
}

int encode_hello(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(1);
    struct frame_hello hello = {.level = 2, .can_act = true};
    return frame_encode_hello(&header, &hello, buffer, size, ret_length);
}

int encode_join(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = nobody(3);
    struct frame_join join = {.level = 2};
    return frame_encode_join(&header, &join, buffer, size, ret_length);
}

int encode_admit(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = nobody(1);
    struct frame_admit admit = {.incarnation = UINT64_C(0x0123456789abcdef)};
    example_cluster_id(admit.cluster_id);
    return frame_encode_admit(&header, &admit, buffer, size, ret_length);
}

int encode_init_ask(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = nobody(1);
    return frame_encode_init_ask(&header, buffer, size, ret_length);
}

int encode_init_answer(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = nobody(2);
    struct init_answer answer = {{0}, 0, true, 99};
    return frame_encode_init_answer(&header, &answer, buffer, size, ret_length);
}

int encode_init_set(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = nobody(1);
    uint8_t cluster_id[CLUSTER_ID_BYTES];
    example_cluster_id(cluster_id);
    return frame_encode_init_set(&header, cluster_id, buffer, size, ret_length);
}

int encode_init_done(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(2);
    return frame_encode_init_done(&header, header.cluster_id, buffer, size, ret_length);
}

int encode_operate(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(3);
    struct operation operation = {.request_id = 77,
                                  .kind = OPERATION_FAILOVER,
                                  .force = true,
                                  .expects = true,
                                  .expected = SIDE_PRIMARY,
                                  .for_ms = 3600000};
    example_name(&operation.service, "billing-bot");
    example_name(&operation.actor, "operator-1");
    CHECK(reason_set(operation.reason, "maintenance of the primary \xe2\x80\x93 window 7") == 0);
    return frame_encode_operate(&header, &operation, buffer, size, ret_length);
}

/* About every service: none is named. */
int encode_operate_all(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(3);
    struct operation operation = {.request_id = 81, .kind = OPERATION_HOLD_ALL, .for_ms = 3600000};
    example_name(&operation.actor, "operator-1");
    return frame_encode_operate(&header, &operation, buffer, size, ret_length);
}

int encode_operated(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct frame_header header = example_header(1);
    struct operated operated = {77, OPERATED_ANSWERED, false, WHY_COOLDOWN, 0, 412000};
    return frame_encode_operated(&header, &operated, buffer, size, ret_length);
}

/* Decodes the frame's body into `output` and encodes it again. */
#define RECODE(type, decode, encode)                                      \
    do {                                                                  \
        type output;                                                      \
        int error = decode(frame, &output);                               \
        *ret_dirty = error != 0 && !all_zero(&output, sizeof output);     \
        if (error != 0)                                                   \
            return error;                                                 \
        return encode(&frame->header, &output, buffer, size, ret_length); \
    } while (0)

static int recode_raft(const struct frame *frame, uint8_t *buffer, size_t size, size_t *ret_length,
                       bool *ret_dirty)
{
    struct raft_message message;
    struct payload payloads[RAFT_ENTRIES_MAX];
    size_t count = 0;
    int error = frame_decode_raft(frame, &message);
    *ret_dirty = error != 0 && !all_zero(&message, sizeof message);
    if (error != 0)
        return error;
    if (message.kind == RAFT_APPEND)
        for (; count < message.as.append.entry_count; count++)
            payloads[count] =
                (struct payload){frame->bytes + message.as.append.entries[count].handle,
                                 message.as.append.entries[count].length};
    if (message.kind == RAFT_SNAPSHOT)
        payloads[count++] =
            (struct payload){frame->bytes + message.as.snapshot.handle, message.as.snapshot.length};
    return frame_encode_raft(&frame->header, &message, payloads, count, buffer, size, ret_length);
}

static int recode_ask(const struct frame *frame, uint8_t *buffer, size_t size, size_t *ret_length)
{
    int error = frame_decode_init_ask(frame);
    return error != 0 ? error : frame_encode_init_ask(&frame->header, buffer, size, ret_length);
}

static int recode_id(const struct frame *frame, uint8_t *buffer, size_t size, size_t *ret_length,
                     bool *ret_dirty)
{
    uint8_t id[CLUSTER_ID_BYTES];
    int error = frame_decode_init_id(frame, id);
    *ret_dirty = error != 0 && !all_zero(id, sizeof id);
    if (error != 0)
        return error;
    if (frame->header.kind == FRAME_INIT_SET)
        return frame_encode_init_set(&frame->header, id, buffer, size, ret_length);
    return frame_encode_init_done(&frame->header, id, buffer, size, ret_length);
}

static int recode_body(const struct frame *frame, uint8_t *buffer, size_t size, size_t *ret_length,
                       bool *ret_dirty)
{
    switch (frame->header.kind) {
    case FRAME_VOTES:
        RECODE(struct votes, frame_decode_votes, frame_encode_votes);
    case FRAME_CALL:
        RECODE(struct call, frame_decode_call, frame_encode_call);
    case FRAME_RAFT:
        return recode_raft(frame, buffer, size, ret_length, ret_dirty);
    case FRAME_PING:
        RECODE(struct frame_ping, frame_decode_ping, frame_encode_ping);
    case FRAME_PONG:
        RECODE(struct frame_ping, frame_decode_ping, frame_encode_pong);
    case FRAME_INIT_ASK:
        return recode_ask(frame, buffer, size, ret_length);
    case FRAME_INIT_ANSWER:
        RECODE(struct init_answer, frame_decode_init_answer, frame_encode_init_answer);
    case FRAME_INIT_SET:
    case FRAME_INIT_DONE:
        return recode_id(frame, buffer, size, ret_length, ret_dirty);
    case FRAME_OPERATE:
        RECODE(struct operation, frame_decode_operate, frame_encode_operate);
    case FRAME_OPERATED:
        RECODE(struct operated, frame_decode_operated, frame_encode_operated);
    case FRAME_HELLO:
        RECODE(struct frame_hello, frame_decode_hello, frame_encode_hello);
    case FRAME_JOIN:
        RECODE(struct frame_join, frame_decode_join, frame_encode_join);
    case FRAME_ADMIT:
        RECODE(struct frame_admit, frame_decode_admit, frame_encode_admit);
    case FRAME_KIND_N:
        break;
    }
    CHECK(false);
}

int frame_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                 size_t *ret_length, bool *ret_dirty)
{
    struct frame frame;
    int error = frame_open(bytes, length, &frame);
    *ret_dirty = error != 0 && !all_zero(&frame, sizeof frame);
    return error != 0 ? error : recode_body(&frame, buffer, size, ret_length, ret_dirty);
}
