#include "tests/unit/core/raft_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/errors.h"

#define TEST(name) cmocka_unit_test_setup_teardown(name, raft_rig_setup, raft_rig_teardown)

static const struct raft_message *ack_of(const struct raft_rig *rig)
{
    return raft_rig_sent(rig, RAFT_APPEND_REPLY, 2);
}

static void an_acknowledgement_leaves_only_when_its_ticket_is_down(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 3);
    raft_rig_message(rig, &message);
    assert_null(ack_of(rig));
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 2); /* the term, then the entries */
    const struct persist_job *job = &raft_rig_effect(rig, EFFECT_PERSIST, 1)->as.persist;
    assert_int_equal(job->entry_count, 3);
    assert_int_equal(job->entries[2].handle, 2);
    raft_rig_persisted(rig, job->ticket);
    assert_true(ack_of(rig)->as.append_reply.matched);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, 3);
}

static void a_heartbeat_is_answered_with_what_is_down_already(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 2);
    raft_rig_message(rig, &message);
    raft_rig_persist_all(rig);
    message = raft_rig_append(rig, 2, 1, 2, 1, 2);
    raft_rig_message(rig, &message);
    message = raft_rig_append(rig, 2, 1, 4, 1, 0);
    message.as.append.round = 9;
    raft_rig_message(rig, &message);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, 2);
    assert_int_equal(ack_of(rig)->as.append_reply.round, 9);
    raft_rig_persist_all(rig);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, 4);
}

static void tickets_of_entries_that_were_cut_since_do_not_count(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 4);
    raft_rig_message(rig, &message);
    uint64_t old_ticket = rig->raft.next_ticket - 1;
    message = raft_rig_append(rig, 2, 2, 0, 0, 0);
    message = raft_rig_append(rig, 2, 2, 2, 1, 1);
    raft_rig_message(rig, &message);
    const struct persist_job *job = &raft_rig_effect(rig, EFFECT_PERSIST, 1)->as.persist;
    assert_int_equal(job->truncate_from, 3);
    raft_rig_persisted(rig, old_ticket);
    assert_int_equal(rig->raft.persisted_index, 2);
    raft_rig_persist_all(rig);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, 3);
}

static void logs_that_differ_are_refused_with_a_hint_before_the_differing_term(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 3);
    raft_rig_message(rig, &message);
    message = raft_rig_append(rig, 2, 2, 3, 1, 4);
    raft_rig_message(rig, &message);
    message = raft_rig_append(rig, 2, 5, 6, 4, 1);
    raft_rig_message(rig, &message);
    assert_false(ack_of(rig)->as.append_reply.matched);
    assert_int_equal(ack_of(rig)->as.append_reply.hint_index, 3);
    message = raft_rig_append(rig, 2, 5, 20, 4, 1);
    raft_rig_message(rig, &message);
    assert_int_equal(ack_of(rig)->as.append_reply.hint_index, 7);
    assert_int_equal(rig->raft.log.last_index, 7);
}

static void what_is_committed_is_never_replaced(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 3);
    message.as.append.commit = 3;
    raft_rig_message(rig, &message);
    assert_int_equal(raft_rig_effect(rig, EFFECT_APPLY, 0)->as.apply.last, 3);
    message = raft_rig_append(rig, 2, 2, 1, 1, 1);
    raft_rig_message(rig, &message);
    assert_int_equal(rig->raft.rejected, 1);
    assert_int_equal(rig->raft.log.last_index, 3);
    message = raft_rig_append(rig, 2, 2, 3, 2, 1);
    raft_rig_message(rig, &message);
    assert_int_equal(rig->raft.rejected, 2);
}

static void a_range_is_asked_for_once(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 3);
    message.as.append.commit = 2;
    raft_rig_message(rig, &message);
    assert_int_equal(raft_rig_count(rig, EFFECT_APPLY), 1);
    raft_rig_apply(rig);
    assert_int_equal(rig->raft.applied_index, 2);
    raft_rig_message(rig, &message);
    assert_int_equal(raft_rig_count(rig, EFFECT_APPLY), 0);
    message.as.append.commit = 3;
    raft_rig_message(rig, &message);
    assert_int_equal(raft_rig_effect(rig, EFFECT_APPLY, 0)->as.apply.first, 3);
}

static void an_older_leader_is_told_of_the_newer_term(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message message = raft_rig_append(rig, 2, 5, 0, 0, 0);
    raft_rig_message(rig, &message);
    message = raft_rig_append(rig, 2, 4, 0, 0, 1);
    raft_rig_message(rig, &message);
    assert_false(ack_of(rig)->as.append_reply.matched);
    assert_int_equal(ack_of(rig)->term, 5);
    assert_int_equal(rig->raft.log.last_index, 0);
}

/* Each change makes a sound message one that no voter sends. */
static void spoil(struct raft_message *message, int how)
{
    switch (how) {
    case 0:
        message->from = 0;
        break;
    case 1:
        message->from = 4;
        break;
    case 2:
        message->from = 1;
        break;
    case 3:
        message->to = 2;
        break;
    case 4:
        message->term = 0;
        break;
    case 5:
        message->term = RAFT_TERM_MAX + 1;
        break;
    case 6:
        message->as.append.entry_count = RAFT_ENTRIES_MAX + 1;
        break;
    case 7:
        message->as.append.entries[1].index = 7;
        break;
    case 8:
        message->as.append.entries[0].index = 0;
        break;
    case 9:
        message->as.append.entries[1].term = 2;
        break;
    case 10:
        message->as.append.entries[0].term = 0;
        break;
    case 11:
        message->as.append.entries[0].length = COMMAND_BYTES_MAX + 1;
        break;
    case 12:
        message->as.append.prev_term = 1;
        break;
    case 13:
        message->as.append.prev_index = UINT64_MAX;
        break;
    case 14:
        message->as.append.commit = UINT64_MAX;
        break;
    case 15:
        message->as.append.round = 0;
        break;
    case 16:
        message->kind = RAFT_MESSAGE_N;
        break;
    default:
        CHECK(false);
    }
}

enum { SPOILED_COUNT = 17 };

static void malformed_messages_are_counted_and_change_nothing(void **state)
{
    struct raft_rig *rig = *state;
    for (int how = 0; how < SPOILED_COUNT; how++) {
        struct raft_message message = raft_rig_append(rig, 2, 1, 0, 0, 2);
        spoil(&message, how);
        raft_rig_message(rig, &message);
        assert_int_equal(rig->raft.rejected, (uint64_t)how + 1);
        assert_int_equal(rig->update.count, 0);
        assert_int_equal(rig->raft.term, 0);
    }
}

static void malformed_chunks_are_counted_and_change_nothing(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message sound = {.kind = RAFT_SNAPSHOT, .from = 2, .to = 1, .term = 3};
    sound.as.snapshot.index = 50;
    sound.as.snapshot.index_term = 2;
    sound.as.snapshot.total = 100;
    sound.as.snapshot.length = 100;
    sound.as.snapshot.round = 1;
    struct raft_message bad[] = {sound, sound, sound, sound, sound};
    bad[0].as.snapshot.index = 0;
    bad[1].as.snapshot.index_term = 4;
    bad[2].as.snapshot.offset = 1;
    bad[3].as.snapshot.total = LEDGER_BYTES_MAX + 1;
    bad[4].as.snapshot.offset = UINT32_MAX;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        raft_rig_message(rig, &bad[i]);
    assert_int_equal(rig->raft.rejected, ARRAY_COUNT(bad));
    raft_rig_message(rig, &sound);
    assert_int_equal(raft_rig_count(rig, EFFECT_SNAPSHOT_INSTALL), 1);
}

static void entries_beyond_the_capacity_are_not_accepted(void **state)
{
    struct raft_rig *rig = *state;
    for (log_index at = 0; at < RAFT_LOG_CAPACITY; at += 30) {
        struct raft_message message = raft_rig_append(rig, 2, 1, at, at == 0 ? 0 : 1, 30);
        raft_rig_message(rig, &message);
        raft_rig_persist_all(rig);
    }
    assert_int_equal(rig->raft.log.last_index, RAFT_LOG_CAPACITY);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, RAFT_LOG_CAPACITY);
    struct raft_message message = raft_rig_append(rig, 2, 1, RAFT_LOG_CAPACITY, 1, 1);
    raft_rig_message(rig, &message);
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 0);
    assert_int_equal(ack_of(rig)->as.append_reply.match_index, RAFT_LOG_CAPACITY);
}

static void a_disk_that_does_not_keep_up_stops_the_follower_but_not_its_votes(void **state)
{
    struct raft_rig *rig = *state;
    for (log_index at = 0; at < RAFT_JOBS_MAX; at++) {
        struct raft_message message = raft_rig_append(rig, 2, 1, at, at == 0 ? 0 : 1, 1);
        raft_rig_message(rig, &message);
    }
    assert_int_equal(ring_count(&rig->raft.job_ring), RAFT_JOBS_MAX - RAFT_JOBS_RESERVED);
    raft_rig_tick(rig, RIG_ELECTION_MS);
    for (term_id term = 2; term < 40; term++) {
        struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 3, term);
        raft_rig_message(rig, &request);
    }
    assert_int_equal(ring_count(&rig->raft.job_ring), RAFT_JOBS_MAX);
    assert_int_equal(rig->raft.term, 1 + RAFT_JOBS_RESERVED);
    raft_rig_persist_all(rig);
    assert_true(raft_rig_sent(rig, RAFT_VOTE_REPLY, 3)->as.vote_reply.granted);
}

static void after_a_failed_write_it_neither_votes_nor_acknowledges(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 1, 0, 0, 3);
    raft_rig_message(rig, &append);
    raft_rig_persist_fails(rig);
    raft_rig_persist_all(rig);
    assert_int_equal(rig->update.count, 0);
    append = raft_rig_append(rig, 3, 2, 3, 1, 1);
    raft_rig_message(rig, &append);
    assert_int_equal(rig->update.count, 0);
    assert_int_equal(rig->raft.leader, 3); /* it listens */
    raft_rig_tick(rig, 100000);
    struct raft_message request = raft_rig_vote(rig, RAFT_VOTE, 2, 9);
    raft_rig_message(rig, &request);
    request = raft_rig_vote(rig, RAFT_PREVOTE, 2, 9);
    raft_rig_message(rig, &request);
    assert_int_equal(rig->update.count, 0);
    assert_int_equal(rig->update.deadline_ms, TIME_NEVER);
}

static void a_snapshot_is_put_together_in_order_and_replaces_the_log(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 3, 0, 0, 2);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    struct raft_message chunk = {.kind = RAFT_SNAPSHOT, .from = 2, .to = 1, .term = 3};
    chunk.as.snapshot.index = 50;
    chunk.as.snapshot.index_term = 2;
    chunk.as.snapshot.total = 100;
    chunk.as.snapshot.length = 60;
    chunk.as.snapshot.round = 5;
    chunk.as.snapshot.offset = 40;
    raft_rig_message(rig, &chunk); /* the first one was lost */
    assert_int_equal(raft_rig_sent(rig, RAFT_SNAPSHOT_REPLY, 2)->as.snapshot_reply.received, 0);
    chunk.as.snapshot.offset = 0;
    raft_rig_message(rig, &chunk);
    raft_rig_message(rig, &chunk); /* twice */
    assert_int_equal(raft_rig_count(rig, EFFECT_SNAPSHOT_CHUNK), 0);
    assert_int_equal(raft_rig_sent(rig, RAFT_SNAPSHOT_REPLY, 2)->as.snapshot_reply.received, 60);
    chunk.as.snapshot.offset = 60;
    chunk.as.snapshot.length = 40;
    raft_rig_message(rig, &chunk);
    assert_int_equal(raft_rig_count(rig, EFFECT_SNAPSHOT_INSTALL), 1);
    append = raft_rig_append(rig, 2, 3, 2, 3, 1);
    raft_rig_message(rig, &append); /* the log stands still meanwhile */
    assert_int_equal(raft_rig_count(rig, EFFECT_PERSIST), 0);
    static const struct members members;
    struct event event = {.kind = EVENT_SNAPSHOT_INSTALLED, .now_ms = rig->now_ms};
    event.as.snapshot.members = &members;
    event.as.snapshot.index = 50;
    event.as.snapshot.term = 2;
    update_clear(&rig->update);
    raft_step(&rig->raft, &event, &rig->update);
    assert_true(raft_rig_sent(rig, RAFT_SNAPSHOT_REPLY, 2)->as.snapshot_reply.installed);
    assert_int_equal(rig->raft.applied_index, 50);
    assert_int_equal(rig->raft.log.last_index, 50);
}

static void a_snapshot_of_what_the_log_holds_leaves_the_log_alone(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_message append = raft_rig_append(rig, 2, 3, 0, 0, 6);
    raft_rig_message(rig, &append);
    raft_rig_persist_all(rig);
    struct raft_message chunk = {.kind = RAFT_SNAPSHOT, .from = 2, .to = 1, .term = 3};
    chunk.as.snapshot.index = 4;
    chunk.as.snapshot.index_term = 3;
    chunk.as.snapshot.total = 10;
    chunk.as.snapshot.length = 10;
    chunk.as.snapshot.round = 5;
    raft_rig_message(rig, &chunk);
    assert_true(raft_rig_sent(rig, RAFT_SNAPSHOT_REPLY, 2)->as.snapshot_reply.installed);
    assert_int_equal(rig->raft.log.last_index, 6);
    assert_int_equal(rig->raft.commit_index, 4);
}

static void what_was_on_disk_is_taken_up_again(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_entry entries[6];
    for (uint32_t i = 0; i < ARRAY_COUNT(entries); i++)
        entries[i] = (struct raft_entry){.index = 8 + i, .term = i < 3 ? 2 : 3};
    assert_int_equal(raft_restore(&rig->raft, 5, 2, 10, 2, entries, 6), 0);
    assert_int_equal(rig->raft.log.last_index, 13);
    assert_int_equal(rig->raft.applied_index, 10);
    assert_int_equal(rig->raft.voted_for, 2);
    raft_rig_start(rig, 1, 3);
    assert_int_equal(raft_restore(&rig->raft, 5, 0, 10, 2, &entries[3], 3),
                     0); /* nothing behind it */
}

static void a_disk_that_contradicts_itself_is_refused(void **state)
{
    struct raft_rig *rig = *state;
    struct raft_entry entries[] = {{.index = 11, .term = 3}, {.index = 12, .term = 4}};
    struct raft_entry gap[] = {{.index = 11, .term = 3}, {.index = 13, .term = 4}};
    struct raft_entry other[] = {{.index = 9, .term = 1}, {.index = 10, .term = 1}};
    assert_int_equal(raft_restore(&rig->raft, 3, 0, 10, 2, entries, 2), ERR_INVALID);
    raft_rig_start(rig, 1, 3);
    assert_int_equal(raft_restore(&rig->raft, 4, 0, 9, 2, entries, 2), ERR_INVALID);
    raft_rig_start(rig, 1, 3);
    assert_int_equal(raft_restore(&rig->raft, 4, 0, 10, 2, gap, 2), ERR_INVALID);
    raft_rig_start(rig, 1, 3);
    assert_int_equal(raft_restore(&rig->raft, 4, 0, 10, 2, other, 2), ERR_INVALID);
    raft_rig_start(rig, 1, 3);
    assert_int_equal(raft_restore(&rig->raft, 4, 9, 0, 0, NULL, 0), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_acknowledgement_leaves_only_when_its_ticket_is_down),
        TEST(a_heartbeat_is_answered_with_what_is_down_already),
        TEST(tickets_of_entries_that_were_cut_since_do_not_count),
        TEST(logs_that_differ_are_refused_with_a_hint_before_the_differing_term),
        TEST(what_is_committed_is_never_replaced),
        TEST(a_range_is_asked_for_once),
        TEST(an_older_leader_is_told_of_the_newer_term),
        TEST(malformed_messages_are_counted_and_change_nothing),
        TEST(malformed_chunks_are_counted_and_change_nothing),
        TEST(entries_beyond_the_capacity_are_not_accepted),
        TEST(a_disk_that_does_not_keep_up_stops_the_follower_but_not_its_votes),
        TEST(after_a_failed_write_it_neither_votes_nor_acknowledges),
        TEST(a_snapshot_is_put_together_in_order_and_replaces_the_log),
        TEST(a_snapshot_of_what_the_log_holds_leaves_the_log_alone),
        TEST(what_was_on_disk_is_taken_up_again),
        TEST(a_disk_that_contradicts_itself_is_refused),
    };
    return cmocka_run_group_tests_name("raft_append", tests, NULL, NULL);
}
