#include <string.h>

#include "common/check.h"
#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

static struct key key_of(const struct stage *stage, const struct route_job *job,
                         const struct stage_order *order)
{
    const struct platform_part *part = &order->plan[order->part];
    struct key key;
    memset(&key, 0, sizeof key);
    key.move = job->move;
    key.step = job->step;
    key.attempt = job->attempt;
    key.to = job->to;
    key.base = job->base;
    if (stage->services[order->service].platform.part_count > 1) {
        key.part = order->part;
        key.part_version = part->version;
        key.part_edit = part->edit;
    }
    return key;
}

static bool is_same_key(const struct key *a, const struct key *b)
{
    return a->move == b->move && a->step == b->step && a->attempt == b->attempt &&
           a->part == b->part;
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

/* An earlier request must be over, and the route read since, by this very process; the parts of a
 * unit are written one after the other from one reading. */
static void check_repeat(struct stage *stage, node_id node, const struct service_checks *own,
                         const struct key *key, bool continues)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    if (own->flying_count > 0 && !is_same_key(&own->flying, key))
        stage_fail(stage, "a write while another one is under way");
    if (own->flying_count > 0 &&
        (own->flying_node != node || own->flying_incarnation != incarnation))
        stage_fail(stage, "n%u writes while n%u's request is under way", node, own->flying_node);
    if (own->over_ms >= 0 && !continues &&
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

void checks_on_write(struct stage *stage, node_id node, const struct route_job *job,
                     const struct stage_order *order)
{
    struct service_checks *own = &stage->checks->services[order->service];
    struct key key = key_of(stage, job, order);
    stage->checks->counts.writes++;
    if (!order->continues) /* the rest of a job may outlive its leadership, within the lease */
        check_accepted(stage, node, job);
    check_repeat(stage, node, own, &key, order->continues);
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

static void visit(struct way *way, const struct platform_part *part, bool ours)
{
    way->visits =
        checks_grow(way->visits, way->visit_count, &way->visit_capacity, sizeof *way->visits);
    way->visits[way->visit_count++] =
        (struct visit){.state = part->state, .version = part->version, .ours = ours};
}

/* The way of each route: where it began, then every change. */
void checks_on_route(struct stage *stage, uint16_t service, bool effective, bool by_human)
{
    static const struct platform_part beginning = {.state = ROUTE_PRIMARY, .version = 1};
    struct service_checks *own = &stage->checks->services[service];
    const struct platform *platform = &stage->services[service].platform;
    for (uint8_t i = 0; i < platform->part_count; i++) {
        const struct platform_part *part = &platform->parts[i];
        struct way *way = &own->ways[i];
        if (way->visit_count == 0)
            visit(way, &beginning, false);
        const struct visit *last = &way->visits[way->visit_count - 1];
        bool changes = last->state != part->state;
        if (changes || (part->versioned && last->version != part->version))
            visit(way, part, changes && effective && !by_human);
    }
}

/* A state that we wrote and the ledger never learned of is a breach, but where somebody else
 * changed the route before the ledger could. */
static bool is_unknown(const struct way *way, size_t from, size_t to)
{
    bool ours = false;
    for (size_t i = from; i < to; i++)
        ours = way->visits[i].ours;
    return ours && (to == way->visit_count || way->visits[to].ours);
}

static size_t find_visit(const struct way *way, const struct route_part *shown, bool versioned)
{
    size_t place = way->visit_known;
    while (place < way->visit_count &&
           (way->visits[place].state != shown->state ||
            (versioned && way->visits[place].version != shown->version)))
        place++;
    return place;
}

/* Invariant 3: the states that each route of the API went through are those of the ledger, in
 * order. A step whose state was there already changes nothing. */
static void check_way(struct stage *stage, uint16_t service, uint8_t place,
                      const struct route_part *shown)
{
    struct way *way = &stage->checks->services[service].ways[place];
    bool versioned = stage->services[service].platform.parts[place].versioned;
    size_t found = find_visit(way, shown, versioned);
    if (found == way->visit_count)
        stage_fail(stage, "the ledger has a step to %s that the API did not carry out",
                   route_state_name(shown->state));
    if (found > way->visit_known && is_unknown(way, way->visit_known + 1, found))
        stage_fail(stage, "the API carried out a step that the ledger does not have");
    way->visit_known = found;
}

static void check_ways(struct stage *stage, uint16_t service, enum route_state state,
                       uint64_t version, const struct route_parts *parts)
{
    const struct platform *platform = &stage->services[service].platform;
    const struct route_part single = {.state = state, .version = version};
    checks_on_route(stage, service, false, false);
    if (platform->part_count == 1)
        check_way(stage, service, 0, &single);
    for (uint8_t i = 0; i < parts->count; i++)
        check_way(stage, service, i, &parts->part[i]);
}

/* What became of a unit that was half-moved. */
static void count_half(struct stage *stage, uint16_t service, const struct command_outcome *outcome)
{
    struct checks_counts *counts = &stage->checks->counts;
    struct service_checks *own = &stage->checks->services[service];
    bool applied = outcome->outcome == OUTCOME_APPLIED;
    if (outcome->state == ROUTE_MIXED && !own->half)
        counts->half_moved++;
    if (own->half && applied && outcome->step == ROUTE_RESUME)
        counts->taken_back++;
    if (own->half && applied && outcome->step != ROUTE_RESUME)
        counts->finished++;
    own->half = (own->half || outcome->state == ROUTE_MIXED) && !applied;
}

/* Of a unit every outcome says what was seen of its parts. */
void checks_outcome(struct stage *stage, uint16_t service, const struct command_outcome *outcome)
{
    bool unit = stage->services[service].platform.part_count > 1;
    if (outcome->outcome == OUTCOME_APPLIED || unit)
        check_ways(stage, service, outcome->state, outcome->version, &outcome->parts);
    count_half(stage, service, outcome);
}

void checks_late_write(struct stage *stage, uint16_t service, const struct applied *applied,
                       const struct command_route_seen *seen)
{
    bool late = applied->move_before == MOVE_BLOCKED && applied->move_after == MOVE_RETREATING;
    if (late || seen->parts.count > 0)
        check_ways(stage, service, seen->state, seen->version, &seen->parts);
}

void checks_routes_at_end(const struct stage *stage, uint16_t service)
{
    const struct service_checks *own = &stage->checks->services[service];
    for (uint8_t i = 0; i < stage->services[service].platform.part_count; i++)
        if (is_unknown(&own->ways[i], own->ways[i].visit_known + 1, own->ways[i].visit_count))
            stage_fail(stage, "the API carried out a step that the ledger does not have");
}
