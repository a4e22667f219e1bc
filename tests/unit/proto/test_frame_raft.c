#include "proto/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "proto/command.h"
#include "proto/ledger.h"
#include "tests/vectors/vectors.h"

static const uint8_t block[RAFT_ENTRIES_BYTES_MAX + 1] = {1, 2, 3};

static struct raft_message append_of(uint32_t count, uint32_t length, struct payload *ret_payloads)
{
    struct raft_message message = {.kind = RAFT_APPEND, .from = 1, .to = 2, .term = INT64_MAX - 1};
    message.as.append.prev_index = 100;
    message.as.append.entry_count = count;
    for (uint32_t i = 0; i < count; i++) {
        message.as.append.entries[i] = (struct raft_entry){
            .index = 101 + i, .term = INT64_MAX - 1, .kind = COMMAND_TICK, .length = length};
        ret_payloads[i] = (struct payload){block, length};
    }
    return message;
}

static int encode(const struct raft_message *message, const struct payload *payloads, size_t count)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    struct frame_header header = example_header(1);
    size_t length = 0;
    return frame_encode_raft(&header, message, payloads, count, bytes, sizeof bytes, &length);
}

static void handles_are_offsets_of_the_payloads_in_the_frame(void **state)
{
    uint8_t bytes[FRAME_BYTES_MAX];
    uint8_t noop[64];
    size_t length = 0;
    size_t noop_length = 0;
    struct frame frame;
    struct raft_message message;
    (void)state;
    assert_int_equal(encode_append(bytes, sizeof bytes, &length), 0);
    assert_int_equal(encode_noop(noop, sizeof noop, &noop_length), 0);
    assert_int_equal(frame_open(bytes, length, &frame), 0);
    assert_int_equal(frame_decode_raft(&frame, &message), 0);
    assert_int_equal(message.from, 1);
    assert_int_equal(message.as.append.entries[0].index, 4801);
    assert_int_equal(message.as.append.entries[1].index, 4802);
    assert_int_equal(message.as.append.entries[0].length, noop_length);
    assert_memory_equal(bytes + message.as.append.entries[0].handle, noop, noop_length);
}

static void the_largest_messages_fit_into_a_frame(void **state)
{
    struct payload payloads[RAFT_ENTRIES_MAX] = {{0}};
    struct raft_message many =
        append_of(RAFT_ENTRIES_MAX, RAFT_ENTRIES_BYTES_MAX / RAFT_ENTRIES_MAX, payloads);
    (void)state;
    assert_int_equal(encode(&many, payloads, RAFT_ENTRIES_MAX), 0);
    struct raft_message one = append_of(1, COMMAND_BYTES_MAX, payloads);
    assert_int_equal(encode(&one, payloads, 1), 0);
    struct raft_message chunk = {.kind = RAFT_SNAPSHOT, .from = 1, .to = 2, .term = 1};
    chunk.as.snapshot.length = RAFT_CHUNK_BYTES_MAX;
    chunk.as.snapshot.offset = LEDGER_BYTES_MAX - RAFT_CHUNK_BYTES_MAX;
    chunk.as.snapshot.total = LEDGER_BYTES_MAX;
    payloads[0] = (struct payload){block, RAFT_CHUNK_BYTES_MAX};
    assert_int_equal(encode(&chunk, payloads, 1), 0);
}

static void one_byte_over_a_limit_makes_no_frame(void **state)
{
    struct payload payloads[RAFT_ENTRIES_MAX] = {{0}};
    struct raft_message large = append_of(1, COMMAND_BYTES_MAX + 1, payloads);
    (void)state;
    assert_int_equal(encode(&large, payloads, 1), ERR_INVALID);
    struct raft_message many = append_of(2, RAFT_ENTRIES_BYTES_MAX / 2 + 1, payloads);
    assert_int_equal(encode(&many, payloads, 2), ERR_INVALID);
    struct raft_message chunk = {.kind = RAFT_SNAPSHOT, .from = 1, .to = 2, .term = 1};
    chunk.as.snapshot.length = 2;
    chunk.as.snapshot.offset = 9;
    chunk.as.snapshot.total = 10;
    payloads[0] = (struct payload){block, 2};
    assert_int_equal(encode(&chunk, payloads, 1), ERR_INVALID);
}

static void payloads_must_be_the_message_s(void **state)
{
    struct payload payloads[RAFT_ENTRIES_MAX] = {{0}};
    struct raft_message message = append_of(2, 10, payloads);
    (void)state;
    assert_int_equal(encode(&message, payloads, 1), ERR_INVALID);
    assert_int_equal(encode(&message, payloads, 3), ERR_INVALID);
    payloads[1].length = 9;
    assert_int_equal(encode(&message, payloads, 2), ERR_INVALID);
}

static void entries_must_follow_each_other(void **state)
{
    struct payload payloads[RAFT_ENTRIES_MAX] = {{0}};
    struct raft_message message = append_of(2, 10, payloads);
    (void)state;
    message.as.append.entries[1].index = 103;
    assert_int_equal(encode(&message, payloads, 2), ERR_INVALID);
}

static void the_sender_speaks_for_itself_only(void **state)
{
    struct payload payloads[RAFT_ENTRIES_MAX] = {{0}};
    struct raft_message message = append_of(0, 0, payloads);
    (void)state;
    assert_int_equal(encode(&message, payloads, 0), 0);
    message.from = 3;
    assert_int_equal(encode(&message, payloads, 0), ERR_INVALID);
}

static void every_kind_has_a_name(void **state)
{
    (void)state;
    for (int kind = 0; kind < RAFT_MESSAGE_N; kind++)
        assert_string_not_equal(raft_message_kind_name((enum raft_message_kind)kind), "?");
    assert_string_equal(raft_message_kind_name(RAFT_MESSAGE_N), "?");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(handles_are_offsets_of_the_payloads_in_the_frame),
        cmocka_unit_test(the_largest_messages_fit_into_a_frame),
        cmocka_unit_test(one_byte_over_a_limit_makes_no_frame),
        cmocka_unit_test(payloads_must_be_the_message_s),
        cmocka_unit_test(entries_must_follow_each_other),
        cmocka_unit_test(the_sender_speaks_for_itself_only),
        cmocka_unit_test(every_kind_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
