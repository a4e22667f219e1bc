#include <string.h>

#include "common/check.h"
#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

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
static void check_key(struct stage *stage, struct service_checks *own, const struct key *key)
{
    for (size_t i = own->key_count; i > 0; i--) {
        if (!is_same_key(&own->keys[i - 1], key))
            continue;
        if (memcmp(&own->keys[i - 1], key, sizeof *key) != 0)
            stage_fail(stage, "one key makes two different requests");
        return;
    }
    own->keys = checks_grow(own->keys, own->key_count, &own->key_capacity, sizeof *own->keys);
    own->keys[own->key_count++] = *key;
}

/* Invariant 1. */
static void check_accepted(struct stage *stage, node_id node, const struct route_job *job)
{
    const struct service_record *record = &stage->actors[node].core->ledger.services[job->service];
    const struct intent_record *intent = &record->move.intent;
    if (intent->index == 0 || record->move.id != job->move || intent->step != job->step ||
        intent->attempt != job->attempt || intent->to != job->to)
        stage_fail(stage, "a write without an accepted intent");
    if (intent->base.version != job->base.version || intent->base.body_hash != job->base.body_hash)
        stage_fail(stage, "a write of another body than the intent's");
}

/* An earlier request must be over, and the route read since, by this very process. */
static void check_repeat(struct stage *stage, node_id node, const struct service_checks *own,
                         const struct key *key)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    if (own->flying_count > 0 && !is_same_key(&own->flying, key))
        stage_fail(stage, "a write while another one is under way");
    if (own->flying_count > 0 &&
        (own->flying_node != node || own->flying_incarnation != incarnation))
        stage_fail(stage, "n%u writes while n%u's request is under way", node, own->flying_node);
    if (own->over_ms >= 0 &&
        (own->read_incarnation[node] != incarnation || own->read_ms[node] < own->over_ms))
        stage_fail(stage, "n%u writes again without having read the route", node);
}

void checks_on_job(struct stage *stage, node_id node, const struct route_job *job)
{
    if (job->kind == ROUTE_JOB_WRITE && stage_own_ms(stage, node) >= job->start_before_ms)
        stage_fail(stage, "n%u asks for a write without a lease", node);
}

void checks_on_read(struct stage *stage, node_id node, uint16_t service)
{
    struct service_checks *own = &stage->checks->services[service];
    own->read_ms[node] = stage->now_ms;
    own->read_incarnation[node] = stage->actors[node].incarnation;
}

void checks_on_write(struct stage *stage, node_id node, uint16_t service,
                     const struct route_job *job)
{
    struct service_checks *own = &stage->checks->services[service];
    struct key key = key_of(job);
    stage->checks->counts.writes++;
    check_accepted(stage, node, job);
    check_repeat(stage, node, own, &key);
    check_key(stage, own, &key);
    checks_lease(stage, node, job);
    own->flying = key;
    own->flying_node = node;
    own->flying_incarnation = stage->actors[node].incarnation;
    own->flying_count++;
}

void checks_on_write_over(struct stage *stage, uint16_t service)
{
    struct service_checks *own = &stage->checks->services[service];
    CHECK(own->flying_count > 0);
    own->flying_count--;
    own->over_ms = stage->now_ms;
}

static void visit(struct service_checks *own, const struct platform *platform, bool ours)
{
    own->visits =
        checks_grow(own->visits, own->visit_count, &own->visit_capacity, sizeof *own->visits);
    own->visits[own->visit_count++] =
        (struct visit){.state = platform->state, .version = platform->version, .ours = ours};
}

/* The route's way: where it began, then every change. */
void checks_on_route(struct stage *stage, uint16_t service, bool effective, bool by_human)
{
    static const struct platform beginning = {.state = ROUTE_PRIMARY, .version = 1};
    struct service_checks *own = &stage->checks->services[service];
    const struct platform *platform = &stage->services[service].platform;
    if (own->visit_count == 0)
        visit(own, &beginning, false);
    const struct visit *last = &own->visits[own->visit_count - 1];
    bool changes = last->state != platform->state;
    if (changes || (platform->versioned && last->version != platform->version))
        visit(own, platform, changes && effective && !by_human);
}

/* A state that we wrote and the ledger never learned of is a breach, but where somebody else
 * changed the route before the ledger could. */
static bool is_unknown(const struct service_checks *own, size_t from, size_t to)
{
    bool ours = false;
    for (size_t i = from; i < to; i++)
        ours = own->visits[i].ours;
    return ours && (to == own->visit_count || own->visits[to].ours);
}

static size_t find_visit(const struct stage *stage, uint16_t service,
                         const struct command_outcome *outcome)
{
    const struct service_checks *own = &stage->checks->services[service];
    bool versioned = stage->services[service].platform.versioned;
    size_t place = own->visit_known;
    while (place < own->visit_count &&
           (own->visits[place].state != outcome->state ||
            (versioned && own->visits[place].version != outcome->version)))
        place++;
    return place;
}

/* Invariant 3: the states that the API's route went through are those of the ledger, in order. A
 * step whose state was there already changes nothing. */
void checks_outcome(struct stage *stage, uint16_t service, const struct command_outcome *outcome)
{
    struct service_checks *own = &stage->checks->services[service];
    checks_on_route(stage, service, false, false);
    size_t place = find_visit(stage, service, outcome);
    if (place == own->visit_count)
        stage_fail(stage, "the ledger has a step to %s that the API did not carry out",
                   route_state_name(outcome->state));
    if (place > own->visit_known && is_unknown(own, own->visit_known + 1, place))
        stage_fail(stage, "the API carried out a step that the ledger does not have");
    own->visit_known = place;
}

void checks_late_write(struct stage *stage, uint16_t service, const struct applied *applied,
                       const struct command_route_seen *seen)
{
    struct command_outcome landed = {.state = seen->state, .version = seen->version};
    if (applied->move_before == MOVE_BLOCKED && applied->move_after == MOVE_RETREATING)
        checks_outcome(stage, service, &landed);
}

void checks_routes_at_end(const struct stage *stage, uint16_t service)
{
    const struct service_checks *own = &stage->checks->services[service];
    if (is_unknown(own, own->visit_known + 1, own->visit_count))
        stage_fail(stage, "the API carried out a step that the ledger does not have");
}
