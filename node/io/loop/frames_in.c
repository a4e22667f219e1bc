#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

static void drop(struct node *node, enum drop_reason reason, node_id sender)
{
    node->drops[reason]++;
    log_debug("frame_dropped", "from=%u reason=%s", sender, drop_reason_name(reason));
}

/* Sequences rise with each frame; one that is lower by more than the window is a restart after a
 * clock was set back. */
static bool is_old(uint64_t sequence, uint64_t seen)
{
    return sequence <= seen && seen - sequence < REPLAY_WINDOW;
}

/* Frames of one connection come in order; what is not newer was seen before. */
static bool is_replayed(struct node *node, enum bus_channel channel, const struct frame *frame)
{
    node_id sender = frame->header.sender;
    uint64_t *seen = &node->seen_sequence[channel][sender];
    if (node->seen_incarnation[sender] != frame->header.incarnation) {
        node->seen_incarnation[sender] = frame->header.incarnation;
        memset(&node->seen_sequence[BUS_VOTES][sender], 0, sizeof *seen);
        memset(&node->seen_sequence[BUS_RAFT][sender], 0, sizeof *seen);
    }
    if (is_old(frame->header.sequence, *seen))
        return true;
    *seen = frame->header.sequence;
    return false;
}

static int verify_votes(const struct node *node, const struct votes *votes)
{
    const struct node_config *voter = &node->config->nodes[votes->header.voter - 1];
    uint8_t message[VOTES_MESSAGE_BYTES];
    if (votes_message(votes, message) != 0)
        return ERR_MALFORMED;
    for (size_t i = 0; i < voter->key_count; i++)
        if (identity_verify(voter->keys[i], VOTES_DOMAIN, message, sizeof message,
                            votes->signature) == 0)
            return 0;
    return ERR_AUTH;
}

/* Votes come by two ways; a copy of what was counted is passed over before its signature costs
 * anything. */
static void on_votes(struct node *node, const struct frame *frame)
{
    struct votes votes;
    int64_t at_us = clock_boot_us();
    if (frame_decode_votes(frame, &votes) != 0) {
        drop(node, DROP_MALFORMED, frame->header.sender);
        return;
    }
    node_id voter = votes.header.voter;
    if (voter == 0 || voter > node->config->node_count || voter == node->self ||
        memcmp(votes.header.cluster_id, node->cluster_id, CLUSTER_ID_BYTES) != 0) {
        drop(node, DROP_SENDER, frame->header.sender);
        return;
    }
    bool own = frame->header.sender == voter; /* only the voter itself may begin anew */
    uint64_t seen = node->seen_votes[voter];
    if (own ? is_old(votes.header.sequence, seen) : votes.header.sequence <= seen)
        return;
    if (verify_votes(node, &votes) != 0) {
        drop(node, DROP_SIGNATURE, frame->header.sender);
        return;
    }
    node->seen_votes[voter] = votes.header.sequence;
    dossier_add(node->dossier, &votes);
    for (uint16_t i = 0; i < votes.count; i++) {
        struct event event = {.kind = EVENT_VOTE, .as.vote = &votes.votes[i]};
        log_debug("vote_in", "voter=%u service=%u ballot=%u at_us=%lld", voter,
                  votes.votes[i].service, votes.votes[i].ballot, (long long)at_us);
        node->counts.votes_heard++;
        if (votes.votes[i].voter == voter)
            driver_step(node, &event);
    }
}

static void on_call(struct node *node, const struct frame *frame)
{
    struct call call;
    if (frame_decode_call(frame, &call) != 0) {
        drop(node, DROP_MALFORMED, frame->header.sender);
        return;
    }
    struct event event = {.kind = EVENT_CALL, .as.call = &call};
    driver_step(node, &event);
}

/* DESIGN 3, invariant 1: every node verifies a certificate's votes before it appends the entry. */
static bool entry_is_sound(const struct node *node, const struct raft_entry *entry,
                           const uint8_t *bytes)
{
    struct command command;
    const uint8_t *evidence;
    size_t evidence_length;
    term_id known;
    if (entry->kind != COMMAND_BALLOT_CLOSE)
        return true;
    if (raft_log_term(&node->core->raft.log, entry->index, &known) == 0 && known == entry->term)
        return true; /* a copy of what was verified before */
    if (command_decode(bytes, entry->length, &command, &evidence, &evidence_length) != 0)
        return false;
    return command.kind == COMMAND_BALLOT_CLOSE &&
           evidence_carries(node, &command, evidence, evidence_length);
}

static void on_raft(struct node *node, const struct frame *frame)
{
    struct raft_message message;
    if (frame_decode_raft(frame, &message) != 0) {
        drop(node, DROP_MALFORMED, frame->header.sender);
        return;
    }
    message.incarnation = frame->header.incarnation;
    bool append = message.kind == RAFT_APPEND;
    for (uint32_t i = 0; append && i < message.as.append.entry_count; i++) {
        struct raft_entry *entry = &message.as.append.entries[i];
        if (driver_member_of(entry->kind, frame->bytes + entry->handle, entry->length,
                             &entry->member) != 0) {
            drop(node, DROP_MALFORMED, frame->header.sender);
            message.as.append.entry_count = i;
        } else if (!entry_is_sound(node, entry, frame->bytes + entry->handle)) {
            drop(node, DROP_EVIDENCE, frame->header.sender);
            log_error("evidence_refused", "from=%u index=%llu", frame->header.sender,
                      (unsigned long long)entry->index);
            message.as.append.entry_count = i; /* what stands before it is sound */
        }
    }
    struct event event = {.kind = EVENT_RAFT_MESSAGE, .as.message = &message};
    driver_step_from(node, &event, frame->bytes);
}

static void on_operate(struct node *node, const struct frame *frame)
{
    struct operation operation;
    struct operated operated;
    int code = 0;
    if (frame->header.kind == FRAME_OPERATE) {
        code = frame_decode_operate(frame, &operation);
        if (code == 0)
            operations_on_forwarded(node, frame->header.sender, &operation);
    } else {
        code = frame_decode_operated(frame, &operated);
        if (code == 0)
            operations_on_answer(node, &operated);
    }
    if (code != 0)
        drop(node, DROP_MALFORMED, frame->header.sender);
}

static void dispatch(struct node *node, const struct frame *frame)
{
    switch (frame->header.kind) {
    case FRAME_VOTES:
        on_votes(node, frame);
        break;
    case FRAME_CALL:
        on_call(node, frame);
        break;
    case FRAME_RAFT:
        on_raft(node, frame);
        break;
    case FRAME_PING:
    case FRAME_PONG:
        pings_on_frame(node, frame);
        break;
    case FRAME_HELLO:
        hello_on_frame(node, frame);
        break;
    case FRAME_OPERATE:
    case FRAME_OPERATED:
        on_operate(node, frame);
        break;
    case FRAME_INIT_ASK:
    case FRAME_INIT_ANSWER:
    case FRAME_INIT_SET:
    case FRAME_INIT_DONE:
        cluster_init_on_frame(node, frame);
        break;
    case FRAME_JOIN:
    case FRAME_ADMIT:
        cluster_join_on_frame(node, frame);
        break;
    case FRAME_KIND_N:
        drop(node, DROP_VERSION, frame->header.sender);
        break;
    }
}

void frames_on_frame(enum bus_channel channel, node_id sender, const uint8_t *bytes, size_t length,
                     void *data)
{
    struct node *node = data;
    struct frame frame;
    int code = frame_open(bytes, length, &frame);
    if (code != 0) {
        drop(node, code == ERR_VERSION ? DROP_VERSION : DROP_MALFORMED, sender);
        return;
    }
    bool init = frame_kind_is_init(frame.header.kind);
    if (frame.header.sender != sender) {
        drop(node, DROP_SENDER, sender);
    } else if (!init && node->core == NULL) {
        drop(node, DROP_UNEXPECTED, sender);
    } else if (!init && memcmp(frame.header.cluster_id, node->cluster_id, CLUSTER_ID_BYTES) != 0) {
        drop(node, DROP_CLUSTER, sender);
    } else if (is_replayed(node, channel, &frame)) {
        drop(node, DROP_REPLAYED, sender);
    } else {
        dispatch(node, &frame);
    }
}
