/* Peers that prove who they are and talk nonsense: whatever they say, this voter goes on. */
#include "tests/unit/core/raft_rig.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define TEST(name) cmocka_unit_test_setup_teardown(name, raft_rig_setup, raft_rig_teardown)

enum { MESSAGE_COUNT = 200000, TERMS = 6, INDEXES = 40 };

static uint64_t around(struct prng *prng, uint64_t value)
{
    uint64_t low = value > 3 ? value - 3 : 0;
    return prng_below(prng, 50) == 0 ? prng_next(prng) : low + prng_below(prng, 6);
}

static void fill_append(struct prng *prng, const struct raft *raft, struct raft_message *message)
{
    message->as.append.prev_index = around(prng, raft->log.last_index);
    message->as.append.prev_term = prng_below(prng, message->term + 1);
    message->as.append.commit = around(prng, raft->commit_index);
    message->as.append.round = 1 + prng_below(prng, 5);
    message->as.append.entry_count = (uint32_t)prng_below(prng, 5);
    term_id term = message->as.append.prev_term;
    for (uint32_t i = 0; i < message->as.append.entry_count; i++) {
        term += prng_below(prng, 4) == 0;
        message->as.append.entries[i] = (struct raft_entry){
            .index = message->as.append.prev_index + 1 + i, .term = term, .length = 10};
    }
}

static void fill_snapshot(struct prng *prng, const struct raft *raft, struct raft_message *message)
{
    message->as.snapshot.index = around(prng, raft->log.last_index);
    message->as.snapshot.index_term = prng_below(prng, message->term + 1);
    message->as.snapshot.total = (uint32_t)prng_below(prng, 30);
    message->as.snapshot.offset = (uint32_t)prng_below(prng, 30);
    message->as.snapshot.length = (uint32_t)prng_below(prng, 30);
    message->as.snapshot.round = 1 + prng_below(prng, 5);
}

static void fill_reply(struct prng *prng, const struct raft *raft, struct raft_message *message)
{
    if (message->kind == RAFT_SNAPSHOT_REPLY) {
        message->as.snapshot_reply.index = around(prng, raft->log.snapshot_index);
        message->as.snapshot_reply.received = (uint32_t)around(prng, 20);
        message->as.snapshot_reply.installed = prng_below(prng, 2) == 0;
        message->as.snapshot_reply.round = around(prng, raft->round);
        return;
    }
    message->as.append_reply.matched = prng_below(prng, 2) == 0;
    message->as.append_reply.match_index = around(prng, raft->log.last_index);
    message->as.append_reply.hint_index = prng_below(prng, INDEXES);
    message->as.append_reply.round = around(prng, raft->round);
}

static void fill_vote(struct prng *prng, const struct raft *raft, struct raft_message *message)
{
    bool asks = message->kind == RAFT_PREVOTE || message->kind == RAFT_VOTE;
    if (asks) {
        message->as.vote.last_index = around(prng, raft->log.last_index);
        message->as.vote.last_term = prng_below(prng, message->term + 1);
        message->as.vote.transfer = prng_below(prng, 2) == 0;
        message->as.vote.round = prng_below(prng, 5);
        return;
    }
    message->as.vote_reply.granted = prng_below(prng, 2) == 0;
    message->as.vote_reply.nonce = raft->nonce;
    message->as.vote_reply.retry_ms = (time_ms)around(prng, 20);
}

static struct raft_message nonsense(struct prng *prng, const struct raft *raft)
{
    struct raft_message message = {.kind =
                                       (enum raft_message_kind)prng_below(prng, RAFT_MESSAGE_N)};
    message.from = (node_id)(2 + prng_below(prng, 2));
    message.to = 1;
    message.term = raft->term + (prng_below(prng, 100) == 0);
    if (message.kind == RAFT_APPEND)
        fill_append(prng, raft, &message);
    else if (message.kind == RAFT_SNAPSHOT)
        fill_snapshot(prng, raft, &message);
    else if (message.kind == RAFT_APPEND_REPLY || message.kind == RAFT_SNAPSHOT_REPLY)
        fill_reply(prng, raft, &message);
    else if (message.kind == RAFT_TIMEOUT_NOW)
        message.as.timeout_now.round = 1 + prng_below(prng, 5);
    else
        fill_vote(prng, raft, &message);
    return message;
}

/* What a driver would answer, sometimes at once. */
static void answer(struct raft_rig *rig, struct prng *prng)
{
    bool proposes = raft_rig_count(rig, EFFECT_PROPOSE) > 0;
    if (raft_rig_count(rig, EFFECT_APPLY) > 0)
        raft_rig_apply(rig);
    if (proposes)
        raft_rig_propose(rig, COMMAND_NOOP, 8);
    if (rig->raft.receipt.installing) {
        static const struct members members;
        struct event event = {.kind = EVENT_SNAPSHOT_INSTALLED, .now_ms = rig->now_ms};
        event.as.snapshot.members = &members;
        event.as.snapshot.index = rig->raft.receipt.index;
        event.as.snapshot.term = rig->raft.receipt.index_term;
        update_clear(&rig->update);
        raft_step(&rig->raft, &event, &rig->update);
    }
    if (prng_below(prng, 3) == 0)
        raft_rig_persist_all(rig);
    if (raft_rig_count(rig, EFFECT_APPLY) > 0)
        raft_rig_apply(rig);
    if (prng_below(prng, 10) == 0)
        raft_rig_propose(rig, COMMAND_TICK, 8);
}

static void confuse(struct raft_rig *rig, uint64_t seed)
{
    struct prng prng;
    prng_init(&prng, seed);
    raft_rig_start(rig, 1, 3);
    rig->raft.settings.snapshot_every = 20;
    rig->raft.settings.snapshot_trailing = 3;
    for (int i = 0; i < MESSAGE_COUNT / 100; i++) {
        struct raft_message message = nonsense(&prng, &rig->raft);
        raft_rig_message(rig, &message);
        answer(rig, &prng);
        if (prng_below(&prng, 20) == 0)
            raft_rig_transfer(rig, (node_id)prng_below(&prng, 6));
        raft_rig_tick(rig, rig->now_ms + (time_ms)prng_below(&prng, 60));
        answer(rig, &prng);
        assert_true(rig->raft.commit_index <= rig->raft.log.last_index);
        assert_true(rig->update.deadline_ms > rig->now_ms - RIG_ELECTION_MS);
    }
}

static void whatever_peers_say_this_voter_goes_on(void **state)
{
    struct raft_rig *rig = *state;
    for (uint64_t seed = 1; seed <= 100; seed++)
        confuse(rig, seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(whatever_peers_say_this_voter_goes_on)};
    return cmocka_run_group_tests_name("raft_confused", tests, NULL, NULL);
}
