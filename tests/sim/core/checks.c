#include "tests/sim/core/checks.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/hash.h"
#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

struct checks *checks_new(void)
{
    struct checks *checks = calloc(1, sizeof *checks);
    CHECK(checks != NULL);
    for (size_t i = 0; i < STAGE_SERVICES_MAX; i++)
        checks->services[i].over_ms = -1;
    return checks;
}

void checks_free(struct checks **checks_pointer)
{
    struct checks *checks = *checks_pointer;
    for (size_t i = 0; i < STAGE_SERVICES_MAX; i++) {
        for (size_t part = 0; part < PLATFORM_PARTS_MAX; part++)
            free(checks->services[i].ways[part].visits);
        free(checks->services[i].keys);
    }
    free(checks->said);
    free(checks->ledger_hash);
    free(checks);
    *checks_pointer = NULL;
}

const struct checks_counts *checks_counts(const struct stage *stage)
{
    return &stage->checks->counts;
}

void checks_forbid_moves(struct stage *stage, bool forbidden)
{
    stage->checks->moves_forbidden = forbidden;
}

void *checks_grow(void *table, size_t count, size_t *capacity, size_t row_bytes)
{
    if (count < *capacity)
        return table;
    size_t larger = (count + 16) * 2;
    char *rows = realloc(table, larger * row_bytes);
    CHECK(rows != NULL);
    memset(rows + *capacity * row_bytes, 0, (larger - *capacity) * row_bytes);
    *capacity = larger;
    return rows;
}

/* Invariant 10: the bare world's checks, on this stage's disks and Rafts. */
static void require_raft(const struct stage *stage)
{
    if (!invariants_hold(&stage->rafts.invariants))
        stage_fail(stage, "Raft: %s", stage->rafts.invariants.failure);
}

static void set_clocks(struct stage *stage)
{
    stage->rafts.now_ms = stage->now_ms;
    for (node_id node = 1; node <= stage->node_count; node++)
        stage->rafts.nodes[node].clock_ms = stage_own_ms(stage, node) - stage->now_ms;
}

void checks_on_start(struct stage *stage, node_id node)
{
    invariants_forget(&stage->rafts.invariants, node);
    memset(&stage->checks->leases[node], 0, sizeof stage->checks->leases[node]);
}

void checks_on_persist(struct stage *stage, node_id node, const struct persist_job *job)
{
    set_clocks(stage);
    invariants_on_persist(&stage->rafts, node, job);
}

void checks_on_step(struct stage *stage, node_id node)
{
    set_clocks(stage);
    invariants_after_step(&stage->rafts, node);
    require_raft(stage);
}

static uint64_t hash_of(struct stage *stage, node_id node, const struct ledger *ledger)
{
    struct checks *checks = stage->checks;
    size_t length;
    if (ledger_encode(ledger, checks->buffer, sizeof checks->buffer, &length) != 0)
        stage_fail(stage, "n%u's ledger cannot be encoded", node);
    uint64_t hash = hash_bytes(HASH_SEED, checks->buffer, length);
    return hash == 0 ? 1 : hash;
}

/* Invariant 7: the hash of the ledger's snapshot at this index. *ret_first: nobody was here before.
 */
static uint64_t note_ledger(struct stage *stage, node_id node, log_index index, bool *ret_first)
{
    struct checks *checks = stage->checks;
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    checks->ledger_hash = checks_grow(checks->ledger_hash, (size_t)index, &checks->hash_capacity,
                                      sizeof *checks->ledger_hash);
    uint64_t *known = &checks->ledger_hash[index];
    uint64_t hash = hash_of(stage, node, ledger);
    *ret_first = *known == 0;
    if (!*ret_first && *known != hash)
        stage_fail(stage, "n%u's ledger differs at entry %llu", node, (unsigned long long)index);
    *known = hash;
    return hash;
}

void checks_on_installed(struct stage *stage, node_id node)
{
    log_index index = stage->actors[node].core->ledger.index;
    bool first;
    uint64_t hash = note_ledger(stage, node, index, &first);
    if (first)
        stage_fail(stage, "n%u installs a ledger that nobody had", node);
    invariants_on_install(&stage->rafts, node, index, hash);
    require_raft(stage);
}

static void look_at(struct stage *stage, const struct ledger *ledger, uint16_t service,
                    const struct applied *applied, const struct command *command)
{
    const struct service_record *record = &ledger->services[applied->service];
    struct service_checks *own = &stage->checks->services[service];
    if (applied->accepted) {
        if (command->kind == COMMAND_BALLOT_CLOSE)
            checks_close(stage, service, ledger, record, &command->as.ballot_close);
        checks_move(stage, service, ledger, record, applied, command);
        if (command->kind == COMMAND_OUTCOME)
            checks_outcome(stage, service, &command->as.outcome);
        if (command->kind == COMMAND_ROUTE_SEEN)
            checks_late_write(stage, service, applied, &command->as.route_seen);
        if (command->kind == COMMAND_INQUIRY_OPEN)
            stage->checks->counts.inquiries++;
    }
    own->before = *record;
}

bool checks_on_applied(struct stage *stage, node_id node, const struct applied *applied,
                       const struct command *command)
{
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    bool first;
    uint64_t hash = note_ledger(stage, node, applied->index, &first);
    invariants_on_apply(&stage->rafts, node, applied->index,
                        *stage_payload_at(stage, node, applied->index), hash);
    require_raft(stage);
    if (!first)
        return false;
    if (command->kind == COMMAND_NOOP)
        stage->checks->counts.terms++;
    if (applied->service < ledger->service_count)
        look_at(stage, ledger, stage_service_at(stage, node, applied->service), applied, command);
    return true;
}

/* Invariant 8. */
static void check_rest(const struct stage *stage, uint16_t service)
{
    const struct service_record *record = stage_record(stage, service);
    const char *name = stage->services[service].name.text;
    if (record == NULL)
        stage_fail(stage, "the ledger does not have %s", name);
    if (move_is_open(&record->move) && record->move.state != MOVE_BLOCKED)
        stage_fail(stage, "the move of %s is left %s", name, move_state_name(record->move.state));
    if (record->move.state == MOVE_BLOCKED && record->move.why == WHY_NONE)
        stage_fail(stage, "the move of %s is BLOCKED without a reason", name);
    if (stage->services[service].platform.state == ROUTE_PAUSED)
        stage_fail(stage, "the route of %s is left paused", name);
    if (stage->services[service].platform.state == ROUTE_MIXED &&
        !stage->services[service].platform.by_human)
        stage_fail(stage, "%s is left half-moved", name);
    if (stage->checks->services[service].flying_count > 0)
        stage_fail(stage, "a request for %s is still under way", name);
}

void checks_at_end(struct stage *stage)
{
    for (uint16_t service = 0; service < stage->service_count; service++) {
        checks_routes_at_end(stage, service);
        check_rest(stage, service);
    }
}
