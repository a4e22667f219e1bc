#include "common/check.h"
#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

void checks_on_operation(struct stage *stage, uint64_t request_id)
{
    struct checks *checks = stage->checks;
    checks->requests[checks->request_count++ % CHECKS_REQUESTS] = request_id;
}

static bool was_asked(const struct checks *checks, uint64_t request_id)
{
    for (size_t i = 0; i < checks->request_count && i < CHECKS_REQUESTS; i++)
        if (checks->requests[i] == request_id)
            return true;
    return false;
}

/* DOWN 0, SLOW 1, UP 2 by the last closed ballot; -1 where there is no young one. */
static int quality(const struct service_record *record, enum side side, time_ms now_ms)
{
    const struct rolling *rolling = &record->rolling[side];
    if (rolling->count == 0)
        return -1;
    const struct ballot_record *last = &rolling->records[rolling->count - 1];
    if (now_ms - last->closed_ms >= record->settings.within_ms)
        return -1;
    if (last->result == BALLOT_PASS)
        return 2;
    return last->severity == SEVERITY_DOWN ? 0 : 1;
}

/* Invariant 5. A destination that nobody knows is not better. A return needs its primary well, not
 * its standby ill. */
static bool is_better(const struct service_record *record, time_ms now_ms)
{
    int there = quality(record, record->move.to, now_ms);
    if (record->move.cause == CAUSE_FAILBACK)
        return there == 2;
    return there >= 0 && there > quality(record, record->move.from, now_ms);
}

static uint8_t moving_count(const struct ledger *ledger)
{
    uint8_t count = 0;
    for (uint16_t i = 0; i < ledger->service_count; i++) {
        const struct move_record *move = &ledger->services[i].move;
        count = (uint8_t)(count + (move_is_open(move) && move->state != MOVE_BLOCKED ? 1 : 0));
    }
    return count;
}

static uint8_t moves_in_window(const struct service_record *record, time_ms now_ms)
{
    uint8_t count = 0;
    for (uint8_t i = 0; i < record->moves.count; i++)
        if (record->moves.at_ms[i] > now_ms - record->settings.budget_window_ms)
            count++;
    return count;
}

/* DESIGN 2.6: what stands against an automatic move stands in the ledger. */
static void check_guard(struct stage *stage, const struct ledger *ledger,
                        const struct service_record *before, const struct service_record *record)
{
    if (before->mode != MODE_ACT)
        stage_fail(stage, "an automatic move though only observing");
    if (record->hold.active || ledger->hold.active)
        stage_fail(stage, "an automatic move under a hold");
    if (ledger->now_ms < before->cooldown_until_ms && !before->reverse_exempt)
        stage_fail(stage, "an automatic move before the cooldown is over");
    if (moves_in_window(record, ledger->now_ms) > record->settings.budget_moves)
        stage_fail(stage, "an automatic move beyond the budget");
    if (!is_better(record, ledger->now_ms))
        stage_fail(stage, "a move to a side that is not better");
}

/* DESIGN 2.8: back to the primary, not before the hold time is over; every further failover in the
 * window doubles it. */
static void check_failback(struct stage *stage, const struct service_record *before,
                           const struct ledger *ledger)
{
    const struct service_settings *settings = &before->settings;
    time_ms hold_ms = settings->failback_after_ms;
    uint8_t recent = 0;
    for (uint8_t i = 0; i < before->failovers.count; i++)
        if (before->failovers.at_ms[i] > before->failback_from_ms - settings->budget_window_ms)
            recent++;
    for (; recent > 1; recent--)
        hold_ms *= 2;
    if (hold_ms > settings->failback_longest_ms)
        hold_ms = settings->failback_longest_ms;
    if (!settings->failback_auto || before->serving != SIDE_STANDBY)
        stage_fail(stage, "a return that nobody asked for");
    if (ledger->now_ms < before->failback_from_ms + hold_ms)
        stage_fail(stage, "a return before its hold time is over");
}

/* Invariants 1, 2, 5 and 9, when a move is opened. */
static void check_opening(struct stage *stage, uint16_t service, const struct ledger *ledger,
                          const struct service_record *record, const struct command *command)
{
    struct checks *checks = stage->checks;
    struct service_checks *own = &checks->services[service];
    const struct move_record *move = &record->move;
    bool asked = command->request_id != 0 && was_asked(checks, command->request_id);
    if (move_is_open(&own->before.move))
        stage_fail(stage, "a second open move");
    if (move->cause == CAUSE_OPERATOR && !asked)
        stage_fail(stage, "a move without an operator");
    if (move->cause == CAUSE_CONVICTION &&
        !checks_convicted(stage, service, move->from, ledger->now_ms))
        stage_fail(stage, "a move without a certificate");
    if (move->cause == CAUSE_FAILBACK)
        check_failback(stage, &own->before, ledger);
    if (moving_count(ledger) > record->settings.max_concurrent)
        stage_fail(stage, "more services move at once than may");
    if (move->cause != CAUSE_OPERATOR && checks->moves_forbidden)
        stage_fail(stage, "a move though only a minority is ill");
    if (move->cause != CAUSE_OPERATOR)
        check_guard(stage, ledger, &own->before, record);
    own->opened = move->id;
    checks->counts.moves[move->cause]++;
}

static void check_intent(struct stage *stage, uint16_t service, const struct ledger *ledger,
                         const struct service_record *record)
{
    const struct service_checks *own = &stage->checks->services[service];
    const struct move_record *move = &record->move;
    if (own->opened != move->id)
        stage_fail(stage, "an intent of a move that was never opened");
    if (own->before.move.id == move->id && own->before.move.intent.index != 0)
        stage_fail(stage, "a second open intent");
    if (move->intent.step == ROUTE_SWITCH && move->cause != CAUSE_OPERATOR &&
        !is_better(record, ledger->now_ms))
        stage_fail(stage, "a switch to a side that is not better");
}

/* DESIGN 2.7: after the switch intent only forward; a switch that surely did not happen is before
 * it again. */
static void check_direction(struct stage *stage, enum move_state from, enum move_state to)
{
    static const uint32_t after_switching =
        1u << MOVE_VERIFYING | 1u << MOVE_READY | 1u << MOVE_BLOCKED | 1u << MOVE_RETREATING;
    static const uint32_t after_verifying = 1u << MOVE_DONE | 1u << MOVE_UNVERIFIED;
    uint32_t bit = 1u << to;
    if ((from == MOVE_SWITCHING && !(after_switching & bit)) ||
        (from == MOVE_VERIFYING && !(after_verifying & bit)))
        stage_fail(stage, "a move goes from %s to %s", move_state_name(from), move_state_name(to));
}

/* A count that ends a drain leaves nobody behind, also not where an edge heard of the pause late.
 * By a clock that jumped meanwhile it cannot be told. */
static void check_emptied(struct stage *stage, uint16_t service)
{
    const struct platform *platform = &stage->services[service].platform;
    bool ours = platform->paused_ms >= 0 && stage->jumped_ms < platform->paused_ms;
    stage->checks->counts.emptied++;
    if (ours && platform_live(platform, stage->now_ms) > 0)
        stage_fail(stage, "a drain ends by count while a conversation lives");
}

void checks_move(struct stage *stage, uint16_t service, const struct ledger *ledger,
                 const struct service_record *record, const struct applied *applied,
                 const struct command *command)
{
    struct checks_counts *counts = &stage->checks->counts;
    bool opens = record->move.id == applied->index;
    bool intends = record->move.intent.index == applied->index;
    bool changes = applied->move_before != applied->move_after;
    if (opens)
        check_opening(stage, service, ledger, record, command);
    if (intends)
        check_intent(stage, service, ledger, record);
    if (changes && !opens)
        check_direction(stage, applied->move_before, applied->move_after);
    if (changes && command->kind == COMMAND_MOVE_INPUT &&
        command->as.move_input.input == MOVE_IN_EMPTIED)
        check_emptied(stage, service);
    if (changes && record->move.state == MOVE_BLOCKED && record->route == ROUTE_MIXED)
        stage_fail(stage, "a move rests half-moved");
    if (changes && (!move_is_open(&record->move) || record->move.state == MOVE_BLOCKED))
        counts->ended[record->move.state]++;
    if (changes || intends || command->kind == COMMAND_OUTCOME)
        counts->move_steps++;
}
