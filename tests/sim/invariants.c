#include "tests/sim/invariants.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "tests/sim/world.h"

void invariants_init(struct invariants *invariants)
{
    memset(invariants, 0, sizeof *invariants);
}

void invariants_fini(struct invariants *invariants)
{
    free(invariants->slots);
    free(invariants->terms);
    memset(invariants, 0, sizeof *invariants);
}

bool invariants_hold(const struct invariants *invariants)
{
    return invariants->failure[0] == '\0';
}

void invariants_fail(struct world *world, const char *format, ...)
{
    struct invariants *invariants = &world->invariants;
    if (!invariants_hold(invariants))
        return;
    int length = snprintf(invariants->failure, sizeof invariants->failure,
                          "at %lld ms: ", (long long)world->now_ms);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(invariants->failure + length, sizeof invariants->failure - (size_t)length,
                    format, arguments);
    va_end(arguments);
}

/* Grows a table of zeroed rows so that `row` exists. */
static void *grow(void *table, size_t *capacity, size_t row, size_t row_bytes)
{
    if (row < *capacity)
        return table;
    size_t larger = (row + 16) * 2;
    char *rows = realloc(table, larger * row_bytes);
    CHECK(rows != NULL);
    memset(rows + *capacity * row_bytes, 0, (larger - *capacity) * row_bytes);
    *capacity = larger;
    return rows;
}

static struct invariants_slot *slot_at(struct invariants *invariants, log_index index)
{
    invariants->slots = grow(invariants->slots, &invariants->slot_capacity, (size_t)index,
                             sizeof *invariants->slots);
    return &invariants->slots[index];
}

static struct invariants_term *term_at(struct invariants *invariants, term_id term)
{
    invariants->terms = grow(invariants->terms, &invariants->term_capacity, (size_t)term,
                             sizeof *invariants->terms);
    return &invariants->terms[term];
}

void invariants_forget(struct invariants *invariants, node_id node)
{
    invariants->views[node] = (struct invariants_view){0};
}

/* Log matching, as the induction that proves it: an index and a term name one entry and one
 * predecessor. */
static void register_entry(struct world *world, node_id node, const struct raft_entry *entry,
                           term_id prev_term)
{
    struct invariants_slot *slot = slot_at(&world->invariants, entry->index);
    for (uint8_t i = 0; i < slot->variant_count; i++) {
        if (slot->variants[i].term != entry->term)
            continue;
        if (slot->variants[i].prev_term != prev_term || slot->variants[i].payload != entry->handle)
            invariants_fail(world, "log matching: n%u holds another entry %llu of term %llu", node,
                            (unsigned long long)entry->index, (unsigned long long)entry->term);
        return;
    }
    CHECK(slot->variant_count < INVARIANTS_VARIANTS_MAX);
    slot->variants[slot->variant_count].term = entry->term;
    slot->variants[slot->variant_count].prev_term = prev_term;
    slot->variants[slot->variant_count].payload = entry->handle;
    slot->variant_count++;
}

void invariants_on_persist(struct world *world, node_id node, const struct persist_job *job)
{
    const struct raft *raft = world->nodes[node].raft;
    term_id prev_term = 0;
    if (job->entry_count > 0)
        CHECK(raft_log_term(&raft->log, job->entries[0].index - 1, &prev_term) == 0);
    for (uint32_t i = 0; i < job->entry_count; i++) {
        register_entry(world, node, &job->entries[i], prev_term);
        prev_term = job->entries[i].term;
    }
    if (job->truncate_from != 0 && job->truncate_from <= world->invariants.views[node].commit_index)
        invariants_fail(world, "n%u cuts its log at %llu, which is committed", node,
                        (unsigned long long)job->truncate_from);
}

static void note_vote(struct world *world, term_id term, node_id voter, node_id candidate)
{
    struct invariants_term *row = term_at(&world->invariants, term);
    uint64_t by = world->nodes[voter].disk.incarnation;
    if (row->votes[voter] != 0 && row->votes[voter] != candidate && row->by[voter] == by)
        invariants_fail(world, "n%u votes twice in term %llu: for n%u and n%u", voter,
                        (unsigned long long)term, row->votes[voter], candidate);
    row->votes[voter] = candidate;
    row->by[voter] = by;
}

/* As the log says, not as Raft keeps account of it. */
static struct members members_in_log(struct world *world, node_id node)
{
    const struct world_node *self = &world->nodes[node];
    const struct raft *raft = self->raft;
    struct members members = self->snapshot.members;
    for (log_index at = self->snapshot.index + 1; at <= raft->log.last_index; at++) {
        const struct raft_entry *entry = raft_log_get(&raft->log, at);
        if (entry != NULL && entry->kind == COMMAND_MEMBER)
            (void)members_change(&members, world->settings.voter_count, &entry->member);
    }
    return members;
}

/* It may have voted, by a folder that is gone, in any term before it was admitted. */
static void check_novice(struct world *world, node_id node)
{
    const struct disk *disk = &world->nodes[node].disk;
    if (!disk->novice)
        return;
    struct members members = members_in_log(world, node);
    if (members.incarnation[node] != disk->incarnation)
        invariants_fail(world, "n%u is a novice and votes before its log knows it", node);
}

static void check_vote_on_disk(struct world *world, const struct raft_message *message,
                               node_id candidate)
{
    const struct disk *disk = &world->nodes[message->from].disk;
    note_vote(world, message->term, message->from, candidate);
    check_novice(world, message->from);
    if (disk->term != message->term || disk->voted_for != candidate)
        invariants_fail(world,
                        "persist before send: n%u's vote for n%u in term %llu is not on disk",
                        message->from, candidate, (unsigned long long)message->term);
}

/* What the node's log no longer holds in memory is committed. */
static term_id term_in_log(struct world *world, node_id node, log_index index)
{
    term_id term = 0;
    if (raft_log_term(&world->nodes[node].raft->log, index, &term) == 0)
        return term;
    return slot_at(&world->invariants, index)->committed_term;
}

static void check_ack_on_disk(struct world *world, const struct raft_message *message,
                              log_index index)
{
    const struct disk *disk = &world->nodes[message->from].disk;
    bool holds = index <= disk->snapshot.index ||
                 disk_term_at(disk, index) == term_in_log(world, message->from, index);
    if (!holds || disk->term < message->term)
        invariants_fail(world, "persist before send: n%u acknowledges %llu, which is not on disk",
                        message->from, (unsigned long long)index);
}

void invariants_on_send(struct world *world, const struct raft_message *message)
{
    switch (message->kind) {
    case RAFT_VOTE:
        check_vote_on_disk(world, message, message->from);
        break;
    case RAFT_VOTE_REPLY:
        if (message->as.vote_reply.granted)
            check_vote_on_disk(world, message, message->to);
        break;
    case RAFT_APPEND_REPLY:
        if (message->as.append_reply.matched)
            check_ack_on_disk(world, message, message->as.append_reply.match_index);
        break;
    case RAFT_SNAPSHOT_REPLY:
        if (message->as.snapshot_reply.installed)
            check_ack_on_disk(world, message, message->as.snapshot_reply.index);
        break;
    case RAFT_PREVOTE:
    case RAFT_PREVOTE_REPLY:
    case RAFT_APPEND:
    case RAFT_SNAPSHOT:
    case RAFT_TIMEOUT_NOW:
    case RAFT_MESSAGE_N:
        break;
    }
}

static void check_state(struct world *world, node_id node, log_index index, uint64_t state)
{
    struct invariants_slot *slot = slot_at(&world->invariants, index);
    if (slot->applied_state == 0)
        slot->applied_state = state;
    else if (slot->applied_state != state)
        invariants_fail(world, "state machine safety: n%u's ledger differs at %llu", node,
                        (unsigned long long)index);
}

void invariants_on_apply(struct world *world, node_id node, log_index index, uint64_t payload,
                         uint64_t state)
{
    const struct invariants_slot *slot = slot_at(&world->invariants, index);
    if (slot->committed_term == 0 || slot->committed_payload != payload)
        invariants_fail(world, "state machine safety: n%u applies another entry %llu", node,
                        (unsigned long long)index);
    check_state(world, node, index, state);
}

void invariants_on_settled(struct world *world, node_id node, log_index index)
{
    struct invariants_slot *slot = slot_at(&world->invariants, index);
    const struct members *settled = &world->nodes[node].raft->settled;
    if (!slot->settled)
        slot->members = *settled;
    else if (memcmp(&slot->members, settled, sizeof *settled) != 0)
        invariants_fail(world, "state machine safety: n%u counts other members at %llu", node,
                        (unsigned long long)index);
    slot->settled = true;
}

const struct members *invariants_members_at(struct world *world, log_index index)
{
    return &slot_at(&world->invariants, index)->members;
}

void invariants_on_install(struct world *world, node_id node, log_index index, uint64_t state)
{
    if (index > world->invariants.commit_max)
        invariants_fail(world, "n%u installs a snapshot of entries that nobody committed", node);
    check_state(world, node, index, state);
}

static bool disk_holds(const struct disk *disk, log_index index, term_id term)
{
    return disk->snapshot.index >= index || disk_term_at(disk, index) == term;
}

/* Of the folders that the members mean; one that is lost by now may have acknowledged before. */
static uint8_t disks_holding(const struct world *world, const struct members *members,
                             log_index index, term_id term)
{
    uint8_t count = 0;
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        const struct world_node *node = &world->nodes[id];
        bool means_lost = members->incarnation[id] != node->disk.incarnation;
        if (!members_is_voter(members, id))
            continue;
        if (disk_holds(&node->disk, index, term) ||
            (node->wiped && means_lost && disk_holds(&node->ghost, index, term)))
            count++;
    }
    return count;
}

/* Whoever commits an entry first must have a majority of disks behind it; all others must agree. */
static void commit_entry(struct world *world, node_id node, log_index index)
{
    struct world_node *self = &world->nodes[node];
    struct invariants_slot *slot = slot_at(&world->invariants, index);
    term_id term = 0;
    CHECK(raft_log_term(&self->raft->log, index, &term) == 0);
    uint64_t payload = *world_payload_at(self, index);
    if (slot->committed_term != 0) {
        if (slot->committed_term != term || slot->committed_payload != payload)
            invariants_fail(world, "n%u commits another entry %llu", node,
                            (unsigned long long)index);
        return;
    }
    slot->committed_term = term;
    slot->committed_in = self->raft->term;
    slot->committed_payload = payload;
    if (index > world->invariants.commit_max)
        world->invariants.commit_max = index;
    struct members members = members_in_log(world, node);
    uint8_t voters = members_voter_count(&members, world->settings.voter_count);
    if (disks_holding(world, &members, index, term) < raft_quorum(voters))
        invariants_fail(world, "n%u commits %llu, which no majority of disks holds", node,
                        (unsigned long long)index);
}

static void check_commits(struct world *world, node_id node, const struct invariants_view *view)
{
    const struct raft *raft = world->nodes[node].raft;
    log_index from = view->commit_index;
    if (from < raft->log.snapshot_index)
        from = raft->log.snapshot_index;
    for (log_index index = from + 1; index <= raft->commit_index; index++)
        commit_entry(world, node, index);
    if (raft->commit_index > raft->log.last_index)
        invariants_fail(world, "n%u commits beyond its log", node);
    if (raft->role == RAFT_LEADER && raft->commit_index > view->commit_index &&
        term_in_log(world, node, raft->commit_index) != raft->term)
        invariants_fail(
            world, "n%u leads term %llu and counts answers to entry %llu of an older term", node,
            (unsigned long long)raft->term, (unsigned long long)raft->commit_index);
}

/* Leader completeness: what was committed is in the log of every later leader. */
static void check_completeness(struct world *world, node_id node)
{
    const struct raft *raft = world->nodes[node].raft;
    log_index index = raft->log.first_index;
    for (; index <= world->invariants.commit_max; index++) {
        term_id term = 0;
        const struct invariants_slot *slot = slot_at(&world->invariants, index);
        if (slot->committed_in >= raft->term)
            continue; /* this leader comes too late to matter */
        if (raft_log_term(&raft->log, index, &term) == 0 && term == slot->committed_term)
            continue;
        invariants_fail(world, "leader completeness: n%u leads term %llu without entry %llu", node,
                        (unsigned long long)raft->term, (unsigned long long)index);
        return;
    }
}

static void check_election(struct world *world, node_id node, const struct invariants_term *row)
{
    struct members members = members_in_log(world, node);
    uint8_t granted = 0;
    for (node_id id = 1; id <= world->settings.voter_count; id++)
        if (members_is_voter(&members, id) && row->votes[id] == node)
            granted++;
    if (granted < raft_quorum(members_voter_count(&members, world->settings.voter_count)))
        invariants_fail(world, "election safety: n%u leads without a majority of the voters", node);
}

static void check_new_leader(struct world *world, node_id node)
{
    const struct raft *raft = world->nodes[node].raft;
    struct invariants_term *row = term_at(&world->invariants, raft->term);
    if (row->leader != 0 && row->leader != node)
        invariants_fail(world, "election safety: n%u and n%u lead term %llu", row->leader, node,
                        (unsigned long long)raft->term);
    row->leader = node;
    check_completeness(world, node);
    check_election(world, node, row);
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        const struct world_node *other = &world->nodes[id];
        if (id == node || !other->up || other->raft->term > raft->term)
            continue;
        time_ms until_ms = raft_lease_until_ms(other->raft) - other->clock_ms;
        if (until_ms > world->now_ms)
            invariants_fail(
                world, "lease safety: n%u leads term %llu, n%u may write for %lld ms yet", node,
                (unsigned long long)raft->term, id, (long long)(until_ms - world->now_ms));
    }
}

/* A lease may not come back, either: whoever does not lead the newest term must not have one. */
static void check_lease(struct world *world, node_id node)
{
    const struct raft *raft = world->nodes[node].raft;
    if (raft_lease_until_ms(raft) - world->nodes[node].clock_ms <= world->now_ms)
        return;
    for (node_id id = 1; id <= world->settings.voter_count; id++) {
        const struct world_node *other = &world->nodes[id];
        if (other->up && other->raft->role == RAFT_LEADER && other->raft->term > raft->term)
            invariants_fail(world, "lease safety: n%u may write, though n%u leads term %llu", node,
                            id, (unsigned long long)other->raft->term);
    }
}

void invariants_after_step(struct world *world, node_id node)
{
    const struct raft *raft = world->nodes[node].raft;
    struct invariants_view *view = &world->invariants.views[node];
    if (raft->term < view->term || raft->commit_index < view->commit_index)
        invariants_fail(world, "n%u goes back in term or commit", node);
    bool leads = raft->role == RAFT_LEADER;
    if (leads && (!view->leads || view->term != raft->term))
        check_new_leader(world, node);
    check_lease(world, node);
    check_commits(world, node, view);
    view->term = raft->term;
    view->commit_index = raft->commit_index;
    view->leads = leads;
}
