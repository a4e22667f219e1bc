#include "node/io/loop/failpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "node/core/ledger.h"
#include "node/core/move.h"
#include "node/io/act/failpoint_part.h"

#define FAILPOINT_VARIABLE "QUORATE_FAILPOINT"

enum { PLACE_SIZE = 128 };

static bool is_armed(void)
{
    const char *path = getenv(FAILPOINT_VARIABLE);
    return path != NULL && access(path, R_OK) == 0;
}

static void come_to(const struct node *node, enum move_state state, const char *word,
                    const char *point)
{
    const char *role = node->core->raft.role == RAFT_LEADER ? "leader" : "follower";
    char here[PLACE_SIZE];
    (void)snprintf(here, sizeof here, "%s/%s/%s:%s", move_state_name(state), word, point, role);
    failpoint_come_to(here);
}

static void tell(const struct node *node, struct ledger *ledger, const struct applied *applied,
                 const char *point)
{
    const struct service_record *service = ledger_service(ledger, applied->service);
    if (!applied->accepted || service == NULL)
        return;
    if (applied->row != NULL)
        come_to(node, applied->row->from, move_input_name(applied->row->input), point);
    if (service->move.intent.index == applied->index)
        come_to(node, service->move.state, "intent", point);
}

/* The ledger as it will be after the entry: a follower knows what an entry does only by applying
 * it. */
static bool foresee(const struct node *node, log_index to, struct ledger *ledger,
                    struct applied *ret_applied)
{
    for (log_index index = ledger->index + 1; index <= to; index++) {
        const struct raft_entry *entry = raft_log_get(&node->core->raft.log, index);
        const uint8_t *evidence;
        size_t evidence_length;
        struct payload payload;
        struct command command;
        if (entry == NULL || payloads_get(node->payloads, index, &payload) != 0 ||
            command_decode(payload.bytes, payload.length, &command, &evidence, &evidence_length) !=
                0)
            return false;
        *ret_applied = ledger_apply(ledger, index, entry->term, &command);
    }
    return true;
}

static struct ledger *copy_ledger(const struct node *node)
{
    struct ledger *ledger = malloc(sizeof *ledger);
    if (ledger != NULL)
        *ledger = node->core->ledger;
    return ledger;
}

void failpoint_proposed(const struct node *node, const struct command *command)
{
    log_index last = node->core->raft.log.last_index;
    struct applied applied;
    struct ledger *ledger = is_armed() ? copy_ledger(node) : NULL;
    if (ledger != NULL && foresee(node, last, ledger, &applied)) {
        applied = ledger_apply(ledger, last + 1, node->core->raft.term, command);
        tell(node, ledger, &applied, "proposed");
    }
    free(ledger);
}

/* The newest entry that is on disk once the ticket is. */
static log_index last_of(const struct raft *raft, uint64_t ticket)
{
    log_index last = raft->persisted_index;
    for (uint64_t at = raft->job_ring.head; at != raft->job_ring.tail; at++) {
        const struct raft_job *job = &raft->jobs[at & (RAFT_JOBS_MAX - 1)];
        if (job->ticket <= ticket && job->last_index > last)
            last = job->last_index;
    }
    return last;
}

void failpoint_persisted(const struct node *node, uint64_t ticket)
{
    const struct raft *raft = &node->core->raft;
    log_index last = last_of(raft, ticket);
    struct applied applied;
    struct ledger *ledger = is_armed() ? copy_ledger(node) : NULL;
    for (log_index index = raft->persisted_index + 1; ledger != NULL && index <= last; index++)
        if (index > ledger->index && foresee(node, index, ledger, &applied))
            tell(node, ledger, &applied, "persisted");
    free(ledger);
}

void failpoint_applied(const struct node *node, const struct applied *applied)
{
    struct ledger *ledger = is_armed() ? copy_ledger(node) : NULL;
    if (ledger != NULL && applied->index > node->replay_to) {
        if (applied->index > node->core->raft.persisted_index) /* the others' disks were quicker */
            tell(node, ledger, applied, "persisted");
        tell(node, ledger, applied, "applied");
    }
    free(ledger);
}

void failpoint_write(const struct node *node, service_slot slot, const char *point)
{
    if (slot < node->core->ledger.service_count)
        come_to(node, node->core->ledger.services[slot].move.state, "request", point);
}
