#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/failpoint.h"
#include "node/io/loop/parts.h"

/* Tickets of jobs that are not Raft's. Raft counts from 1. */
#define TICKET_INSTALL (UINT64_C(1) << 63)
#define TICKET_SNAPSHOT (UINT64_C(1) << 62)
#define TICKET_CLUSTER (UINT64_C(1) << 61)

static bool fill_chunk(const struct node *node, struct raft_message *message,
                       struct payload *ret_payload)
{
    const struct snapshot_bytes *snapshot = &node->snapshot;
    uint32_t offset = message->as.snapshot.offset;
    if (snapshot->bytes == NULL || snapshot->index != message->as.snapshot.index ||
        offset > snapshot->total)
        return false;
    uint32_t length = snapshot->total - offset;
    if (length > RAFT_CHUNK_BYTES_MAX)
        length = RAFT_CHUNK_BYTES_MAX;
    message->as.snapshot.total = snapshot->total;
    message->as.snapshot.length = length;
    *ret_payload = (struct payload){.bytes = snapshot->bytes + offset, .length = length};
    return true;
}

void effect_send(struct node *node, const struct raft_message *asked)
{
    struct raft_message message = *asked;
    struct payload payloads[RAFT_ENTRIES_MAX];
    size_t count = 0;
    if (message.kind == RAFT_APPEND) {
        for (; count < message.as.append.entry_count; count++)
            if (payloads_get(node->payloads, message.as.append.entries[count].index,
                             &payloads[count]) != 0)
                return; /* compacted meanwhile: the core sends a snapshot next */
    } else if (message.kind == RAFT_SNAPSHOT) {
        if (!fill_chunk(node, &message, &payloads[count++]))
            return;
    }
    struct frame_header header = frame_header_of(node);
    size_t length;
    int code = frame_encode_raft(&header, &message, payloads, count, node->frame,
                                 sizeof node->frame, &length);
    if (code != 0) {
        log_error("frame_not_sent", "kind=%s error=%s", raft_message_kind_name(message.kind),
                  error_name(code));
        return;
    }
    frames_send(node, message.to, length);
}

static void submit(struct node *node, const struct store_job *job)
{
    int code = store_submit(node->store, job);
    if (code == 0)
        return;
    struct letter letter = {.kind = LETTER_PERSISTED};
    letter.as.persisted.ticket = job->ticket;
    letter.as.persisted.error = code;
    text_set(&letter.as.persisted.why, "the storage thread does not take the job: %s",
             error_name(code));
    mailbox_post(&node->mailbox, &letter);
}

void effect_persist(struct node *node, const struct persist_job *asked)
{
    struct store_entry entries[RAFT_ENTRIES_MAX];
    struct store_job job = {.ticket = asked->ticket,
                            .has_vote = asked->has_vote,
                            .term = asked->term,
                            .voted_for = asked->voted_for,
                            .truncate_from = asked->truncate_from,
                            .entries = entries,
                            .entry_count = asked->entry_count};
    for (uint32_t i = 0; i < asked->entry_count; i++) {
        const struct raft_entry *entry = &asked->entries[i];
        const uint8_t *bytes = node->source + entry->handle;
        if (payloads_put(node->payloads, entry->index, bytes, entry->length) != 0) {
            driver_fail(node, false, "out of memory");
            return;
        }
        entries[i] = (struct store_entry){.index = entry->index,
                                          .term = entry->term,
                                          .kind = entry->kind,
                                          .bytes = bytes,
                                          .length = entry->length};
    }
    submit(node, &job);
}

void effect_propose(struct node *node, const struct command *command)
{
    uint8_t evidence[EVIDENCE_BYTES_MAX];
    size_t evidence_length = 0;
    size_t length;
    if (command->kind == COMMAND_BALLOT_CLOSE &&
        (dossier_evidence(node->dossier, command, evidence, sizeof evidence, &evidence_length) !=
             0 ||
         !evidence_carries(node, command, evidence, evidence_length))) {
        /* Peers would refuse it, and with it the log; the core calls the next ballot. */
        log_error("close_not_proposed", "service=%u ballot=%u", command->service,
                  command->as.ballot_close.ballot);
        return;
    }
    int code = command_encode(command, evidence_length > 0 ? evidence : NULL, evidence_length,
                              node->command, sizeof node->command, &length);
    if (code != 0) {
        log_error("command_not_encoded", "kind=%s error=%s", command_kind_name(command->kind),
                  error_name(code));
        return;
    }
    const struct member *member = command->kind == COMMAND_MEMBER ? &command->as.member : NULL;
    log_debug("proposed", "kind=%s service=%u at_us=%lld", command_kind_name(command->kind),
              command->service, (long long)clock_boot_us());
    failpoint_proposed(node, command);
    driver_propose(node, (uint8_t)command->kind, member, node->command, length);
}

void effect_snapshot_take(struct node *node, log_index index, term_id term, log_index compact_to)
{
    uint8_t *bytes = malloc(LEDGER_BYTES_MAX);
    size_t length;
    if (bytes == NULL ||
        ledger_encode(&node->core->ledger, bytes, LEDGER_BYTES_MAX, &length) != 0) {
        free(bytes);
        driver_fail(node, false, "the ledger could not be encoded as a snapshot");
        return;
    }
    free(node->snapshot.bytes);
    node->snapshot = (struct snapshot_bytes){.index = index,
                                             .term = term,
                                             .total = (uint32_t)length,
                                             .received = (uint32_t)length,
                                             .bytes = bytes};
    struct store_job job = {
        .ticket = TICKET_SNAPSHOT,
        .has_snapshot = true,
        .snapshot = {.index = index, .term = term, .bytes = bytes, .length = length},
        .compact_to = compact_to};
    submit(node, &job);
    log_info("snapshot_taken", "index=%llu bytes=%zu", (unsigned long long)index, length);
}

void effect_snapshot_chunk(struct node *node, const struct effect *effect)
{
    struct snapshot_bytes *incoming = &node->incoming;
    uint32_t offset = effect->as.snapshot_chunk.offset;
    uint32_t length = effect->as.snapshot_chunk.length;
    if (offset == 0) {
        free(incoming->bytes);
        *incoming = (struct snapshot_bytes){.index = effect->as.snapshot_chunk.index,
                                            .term = effect->as.snapshot_chunk.term,
                                            .total = effect->as.snapshot_chunk.total,
                                            .bytes = malloc(effect->as.snapshot_chunk.total + 1u)};
    }
    if (incoming->bytes == NULL || offset != incoming->received ||
        length > incoming->total - incoming->received)
        return; /* the install then finds it incomplete */
    memcpy(incoming->bytes + offset, node->source + effect->as.snapshot_chunk.handle, length);
    incoming->received += length;
}

void effect_snapshot_install(struct node *node, log_index index, term_id term)
{
    struct snapshot_bytes *incoming = &node->incoming;
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL || incoming->bytes == NULL || incoming->index != index ||
        incoming->received != incoming->total ||
        ledger_decode(incoming->bytes, incoming->total, ledger) != 0 || ledger->index != index) {
        free(ledger);
        driver_fail(node, false, "the leader's snapshot cannot be read; update this build");
        return;
    }
    if (!voters_agree(node, ledger)) {
        free(ledger);
        driver_fail(node, false, VOTERS_DIFFER);
        return;
    }
    free(node->installing);
    node->installing = ledger;
    log_index last = node->core->raft.log.last_index;
    struct store_job job = {.ticket = TICKET_INSTALL,
                            .truncate_from = last > index ? index + 1 : 0,
                            .has_snapshot = true,
                            .snapshot = {.index = index,
                                         .term = term,
                                         .bytes = incoming->bytes,
                                         .length = incoming->total},
                            .compact_to = index};
    submit(node, &job);
}

static void on_installed(struct node *node)
{
    struct ledger *ledger = node->installing;
    if (ledger == NULL)
        return;
    node->installing = NULL;
    free(node->snapshot.bytes);
    node->snapshot = node->incoming;
    node->incoming = (struct snapshot_bytes){0};
    node->apply_to = ledger->index;
    struct event event = {.kind = EVENT_SNAPSHOT_INSTALLED};
    event.as.snapshot.index = node->snapshot.index;
    event.as.snapshot.term = node->snapshot.term;
    event.as.snapshot.ledger = ledger;
    event.as.snapshot.members = &ledger->members;
    driver_step(node, &event);
    free(ledger);
    cluster_join_check(node);
    log_info("snapshot_installed", "index=%llu", (unsigned long long)node->snapshot.index);
}

void ledger_on_persisted(struct node *node, const struct letter *letter)
{
    uint64_t ticket = letter->as.persisted.ticket;
    if (letter->as.persisted.error != 0) {
        struct event event = {.kind = EVENT_PERSIST_FAILED};
        event.as.persist_failed.full = letter->as.persisted.error == ERR_FULL;
        driver_fail(node, event.as.persist_failed.full, letter->as.persisted.why.bytes);
        driver_step(node, &event);
    } else if (ticket == TICKET_INSTALL) {
        on_installed(node);
    } else if (ticket == TICKET_CLUSTER) {
        cluster_init_on_persisted(node);
    } else if (ticket != TICKET_SNAPSHOT) {
        struct event event = {.kind = EVENT_PERSISTED};
        event.as.persisted.ticket = ticket;
        failpoint_persisted(node, ticket);
        driver_step(node, &event);
    }
}

int ledger_store_cluster_id(struct node *node, const uint8_t cluster_id[CLUSTER_ID_BYTES],
                            bool novice)
{
    struct store_job job = {.ticket = TICKET_CLUSTER, .has_cluster_id = true, .novice = novice};
    memcpy(job.cluster_id, cluster_id, CLUSTER_ID_BYTES);
    return store_submit(node->store, &job);
}
