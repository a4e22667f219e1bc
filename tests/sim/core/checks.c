#include "tests/sim/core/checks.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/hash.h"
#include "node/core/vote.h"
#include "tests/sim/core/stage_parts.h"

enum { VOTES_MAX = 16384, ENTRIES_MAX = 8192, REQUESTS_MAX = 64, ROUTES_MAX = 256, KEYS_MAX = 256 };

struct said {
    log_index inquiry;
    uint32_t ballot;
    uint64_t nonce;
    node_id voter;
    enum vote_value value[SIDE_N];
};

/* A request's key and everything that must not differ under it. */
struct key {
    log_index move;
    enum route_step step;
    uint32_t attempt;
    enum side to;
    struct route_base base;
};

struct checks {
    size_t said_count;
    struct said said[VOTES_MAX];
    uint64_t ledger_hash[ENTRIES_MAX]; /* by index; 0: nobody applied it */
    size_t request_count;
    uint64_t requests[REQUESTS_MAX];
    size_t route_count;
    enum route_state routes[ROUTES_MAX]; /* as accepted outcomes tell it */
    log_index opened;                    /* the last move that was opened rightly */
    size_t key_count;
    struct key keys[KEYS_MAX];
    size_t flying_count; /* requests that left and did not arrive yet */
    struct key flying;
    uint8_t buffer[LEDGER_BYTES_MAX];
};

struct checks *checks_new(void)
{
    struct checks *checks = calloc(1, sizeof *checks);
    CHECK(checks != NULL);
    return checks;
}

void checks_free(struct checks **checks)
{
    free(*checks);
    *checks = NULL;
}

void checks_on_vote(struct stage *stage, const struct vote *vote)
{
    struct checks *checks = stage->checks;
    if (vote->inquiry == 0)
        return;
    for (size_t i = 0; i < checks->said_count; i++) {
        const struct said *said = &checks->said[i];
        if (said->inquiry == vote->inquiry && said->nonce == vote->nonce &&
            said->voter == vote->voter)
            stage_fail(stage, "n%u votes twice in ballot %u", vote->voter, vote->ballot);
    }
    CHECK(checks->said_count < VOTES_MAX);
    checks->said[checks->said_count++] =
        (struct said){.inquiry = vote->inquiry,
                      .ballot = vote->ballot,
                      .nonce = vote->nonce,
                      .voter = vote->voter,
                      .value = {vote->side[SIDE_PRIMARY].value, vote->side[SIDE_STANDBY].value}};
}

void checks_on_operation(struct stage *stage, uint64_t request_id)
{
    struct checks *checks = stage->checks;
    CHECK(checks->request_count < REQUESTS_MAX);
    checks->requests[checks->request_count++] = request_id;
}

static bool was_asked(const struct checks *checks, uint64_t request_id)
{
    for (size_t i = 0; i < checks->request_count; i++)
        if (checks->requests[i] == request_id)
            return true;
    return false;
}

/* A close may claim only what voters said, by a quorum and from enough zones. */
static void check_close(struct stage *stage, const struct command_ballot_close *close,
                        enum side side)
{
    const struct checks *checks = stage->checks;
    uint8_t count[VOTE_VALUE_N] = {0};
    uint32_t zones = 0;
    uint8_t quorum = raft_quorum(stage->node_count);
    for (size_t i = 0; i < checks->said_count; i++) {
        const struct said *said = &checks->said[i];
        if (said->inquiry != close->inquiry || said->ballot != close->ballot)
            continue;
        count[said->value[side]]++;
        if (vote_is_not_up(said->value[side]))
            zones |= UINT32_C(1) << ((said->voter - 1) % 3);
    }
    const struct side_close *part = &close->side[side];
    bool fail = count[VOTE_DOWN] + count[VOTE_SLOW] >= quorum &&
                __builtin_popcount(zones) >= stage->settings.min_zones;
    if (part->result == BALLOT_FAIL && !fail)
        stage_fail(stage, "ballot %u of the %s is closed as FAIL without a quorum", close->ballot,
                   side_name(side));
    if (part->result == BALLOT_FAIL && part->severity == SEVERITY_DOWN && count[VOTE_DOWN] < quorum)
        stage_fail(stage, "ballot %u of the %s is closed as DOWN without a quorum", close->ballot,
                   side_name(side));
    if (part->result == BALLOT_PASS && count[VOTE_UP] < quorum)
        stage_fail(stage, "ballot %u of the %s is closed as PASS without a quorum", close->ballot,
                   side_name(side));
}

static uint8_t fails_of(const struct rolling *rolling)
{
    uint8_t fails = 0;
    for (uint8_t i = 0; i < rolling->count; i++)
        fails = (uint8_t)(fails + (rolling->records[i].result == BALLOT_FAIL ? 1 : 0));
    return fails;
}

/* 0 down, 1 slow, 2 up; -1 unknown. */
static int quality(const struct stage *stage, const struct rolling *rolling, time_ms ledger_ms)
{
    if (rolling->count == 0)
        return -1;
    const struct ballot_record *last = &rolling->records[rolling->count - 1];
    if (ledger_ms - last->closed_ms >= stage->settings.within_ms)
        return -1;
    if (last->result == BALLOT_PASS)
        return 2;
    return last->severity == SEVERITY_DOWN ? 0 : 1;
}

/* Invariants 1 and 5, when a move is opened or its switch is intended. */
static void check_intent(struct stage *stage, const struct ledger *ledger,
                         const struct applied *applied, const struct command *command)
{
    const struct service_record *service = &ledger->services[applied->service];
    time_ms ledger_ms = ledger->now_ms;
    struct checks *checks = stage->checks;
    const struct move_record *move = &service->move;
    if (move->id == applied->index) {
        bool asked = command->request_id != 0 && was_asked(checks, command->request_id);
        bool convicted = fails_of(&service->rolling[move->from]) >= stage->settings.rule_fail;
        bool returns = move->cause == CAUSE_FAILBACK && move->to == SIDE_PRIMARY &&
                       stage->settings.failback_auto;
        if (move->cause == CAUSE_OPERATOR ? !asked : !convicted && !returns)
            stage_fail(stage, "a move without a certificate or an operator");
        checks->opened = move->id;
    }
    if (checks->opened != move->id)
        stage_fail(stage, "an intent of a move that was never opened");
    bool better = quality(stage, &service->rolling[move->to], ledger_ms) >
                      quality(stage, &service->rolling[move->from], ledger_ms) ||
                  (move->cause == CAUSE_FAILBACK &&
                   quality(stage, &service->rolling[move->to], ledger_ms) == 2);
    if (move->intent.step == ROUTE_SWITCH && move->cause != CAUSE_OPERATOR && !better)
        stage_fail(stage, "a switch to a side that is not better");
}

/* A late own write is known from a reading, and is a step of the move like any other. */
static void note_late_write(struct checks *checks, const struct applied *applied,
                            const struct command *command)
{
    if (command->kind != COMMAND_ROUTE_SEEN || applied->move_before != MOVE_BLOCKED ||
        applied->move_after != MOVE_RETREATING)
        return;
    CHECK(checks->route_count < ROUTES_MAX);
    checks->routes[checks->route_count++] = command->as.route_seen.state;
}

static void note_route(struct checks *checks, const struct command *command)
{
    if (command->kind != COMMAND_OUTCOME || command->as.outcome.outcome != OUTCOME_APPLIED)
        return;
    CHECK(checks->route_count < ROUTES_MAX);
    checks->routes[checks->route_count++] = command->as.outcome.state;
}

/* Invariant 7. */
static bool note_ledger(struct stage *stage, node_id node, log_index index)
{
    struct checks *checks = stage->checks;
    size_t length;
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    CHECK(index < ENTRIES_MAX);
    if (ledger_encode(ledger, checks->buffer, sizeof checks->buffer, &length) != 0)
        stage_fail(stage, "n%u's ledger cannot be encoded", node);
    uint64_t hash = hash_bytes(HASH_SEED, checks->buffer, length);
    if (checks->ledger_hash[index] != 0 && checks->ledger_hash[index] != hash)
        stage_fail(stage, "n%u's ledger differs at entry %llu", node, (unsigned long long)index);
    bool first = checks->ledger_hash[index] == 0;
    checks->ledger_hash[index] = hash;
    return first;
}

bool checks_on_applied(struct stage *stage, node_id node, const struct applied *applied,
                       const struct command *command)
{
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    if (!note_ledger(stage, node, applied->index))
        return false;
    if (!applied->accepted || applied->service >= ledger->service_count)
        return true;
    const struct service_record *service = &ledger->services[applied->service];
    for (int side = 0; side < SIDE_N && command->kind == COMMAND_BALLOT_CLOSE; side++)
        if (command->as.ballot_close.side[side].closed)
            check_close(stage, &command->as.ballot_close, (enum side)side);
    if (service->move.intent.index == applied->index)
        check_intent(stage, ledger, applied, command);
    note_route(stage->checks, command);
    note_late_write(stage->checks, applied, command);
    return true;
}

static struct key key_of(const struct route_job *job)
{
    struct key key;
    memset(&key, 0, sizeof key);
    key.move = job->move;
    key.step = job->step;
    key.attempt = job->attempt;
    key.to = job->to;
    key.base = job->base;
    return key;
}

static bool is_same_key(const struct key *a, const struct key *b)
{
    return a->move == b->move && a->step == b->step && a->attempt == b->attempt;
}

/* Invariant 4. */
static void check_key(struct stage *stage, const struct key *key)
{
    struct checks *checks = stage->checks;
    for (size_t i = 0; i < checks->key_count; i++)
        if (is_same_key(&checks->keys[i], key) && memcmp(&checks->keys[i], key, sizeof *key) != 0)
            stage_fail(stage, "one key makes two different requests");
    CHECK(checks->key_count < KEYS_MAX);
    checks->keys[checks->key_count++] = *key;
}

/* Invariant 6: whoever starts a write is the newest leader that can be. */
static void check_lease(struct stage *stage, node_id node, const struct route_job *job)
{
    const struct raft *raft = &stage->actors[node].core->raft;
    if (stage->now_ms >= job->start_before_ms || job->term != raft->term)
        stage_fail(stage, "n%u writes without a lease", node);
    for (node_id other = 1; other <= stage->node_count; other++) {
        const struct actor *actor = &stage->actors[other];
        if (actor->up && actor->core->raft.role == RAFT_LEADER &&
            actor->core->raft.term > raft->term)
            stage_fail(stage, "n%u writes while n%u leads", node, other);
    }
}

void checks_on_job(struct stage *stage, node_id node, const struct route_job *job)
{
    if (job->kind == ROUTE_JOB_WRITE && stage->now_ms >= job->start_before_ms)
        stage_fail(stage, "n%u asks for a write without a lease", node);
}

void checks_on_write(struct stage *stage, node_id node, const struct route_job *job)
{
    struct checks *checks = stage->checks;
    struct key key = key_of(job);
    const struct service_record *service = &stage->actors[node].core->ledger.services[job->service];
    const struct intent_record *intent = &service->move.intent;
    if (intent->index == 0 || service->move.id != job->move || intent->step != job->step ||
        intent->attempt != job->attempt || intent->to != job->to)
        stage_fail(stage, "a write without an accepted intent");
    if (checks->flying_count > 0 && !is_same_key(&checks->flying, &key))
        stage_fail(stage, "a write while another one is under way");
    check_key(stage, &key);
    check_lease(stage, node, job);
    checks->flying = key;
    checks->flying_count++;
}

void checks_on_write_over(struct stage *stage)
{
    CHECK(stage->checks->flying_count > 0);
    stage->checks->flying_count--;
}

/* Invariant 3: the states that the API's route went through are those of the ledger, in order. A
 * step whose state was there already changes nothing. */
static void check_routes(const struct stage *stage)
{
    const struct checks *checks = stage->checks;
    enum route_state api = ROUTE_PRIMARY;
    enum route_state ledger = ROUTE_PRIMARY;
    size_t place = 0;
    for (size_t i = 0; i < stage->platform.write_count; i++) {
        const struct platform_write *write = &stage->platform.writes[i];
        if (!write->effective || write->state == api)
            continue;
        api = write->state;
        while (place < checks->route_count && checks->routes[place] == ledger)
            place++;
        if (place == checks->route_count || checks->routes[place] != api)
            stage_fail(stage, "the API carried out a %s that the ledger does not have",
                       route_step_name(write->job.step));
        ledger = api;
    }
    for (; place < checks->route_count; place++)
        if (checks->routes[place] != ledger)
            stage_fail(stage, "the ledger has a step that the API did not carry out");
}

/* Invariant 8. */
static void check_rest(const struct stage *stage)
{
    const struct service_record *service = stage_service(stage);
    if (service == NULL)
        stage_fail(stage, "the ledger is empty");
    if (move_is_open(&service->move) && service->move.state != MOVE_BLOCKED)
        stage_fail(stage, "the move is left %s", move_state_name(service->move.state));
    if (service->move.state == MOVE_BLOCKED && service->move.why == WHY_NONE)
        stage_fail(stage, "the move is BLOCKED without a reason");
    if (stage->platform.state == ROUTE_PAUSED)
        stage_fail(stage, "the route is left paused");
}

void checks_at_end(struct stage *stage)
{
    check_routes(stage);
    check_rest(stage);
    if (stage->checks->flying_count > 0)
        stage_fail(stage, "a request is still under way");
}
