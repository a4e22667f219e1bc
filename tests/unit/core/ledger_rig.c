#include "tests/unit/core/ledger_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"

static const struct service_settings settings = {.config_hash = 1,
                                                 .mode = MODE_ACT,
                                                 .rule_fail = 3,
                                                 .rule_of = 5,
                                                 .min_zones = 2,
                                                 .max_calls = 10,
                                                 .max_aborts = 3,
                                                 .verify_reads = 3,
                                                 .verify_canaries = 2,
                                                 .budget_moves = 3,
                                                 .max_concurrent = 4,
                                                 .versioned = true,
                                                 .within_ms = 120000,
                                                 .interval_ms = 30000,
                                                 .drain_ms = {10000, 0, 10000},
                                                 .paused_max_ms = 30000,
                                                 .verify_within_ms = 60000,
                                                 .cooldown_ms = 600000,
                                                 .budget_window_ms = 86400000};

struct service_record *ledger_rig_service(struct ledger_rig *rig)
{
    return &rig->ledger.services[0];
}

static void apply(struct ledger_rig *rig, const struct command *command)
{
    rig->before = rig->ledger;
    rig->applied = ledger_apply(&rig->ledger, rig->ledger.index + 1, rig->term, command);
    assert_int_equal(rig->ledger.index, rig->before.index + 1);
    assert_int_equal(rig->applied.index, rig->ledger.index);
    assert_true(rig->applied.accepted || rig->applied.why != WHY_NONE);
}

void ledger_rig_accept(struct ledger_rig *rig, const struct command *command)
{
    apply(rig, command);
    if (!rig->applied.accepted)
        fail_msg("%s is refused: %s", command_kind_name(command->kind), why_code(rig->applied.why));
}

void ledger_rig_refuse(struct ledger_rig *rig, const struct command *command, enum why why)
{
    apply(rig, command);
    if (rig->applied.accepted || rig->applied.why != why)
        fail_msg("%s: %s instead of %s", command_kind_name(command->kind),
                 why_code(rig->applied.why), why_code(why));
    rig->before.index = rig->ledger.index;
    rig->before.term = rig->ledger.term;
    rig->before.now_ms = rig->ledger.now_ms;
    memcpy(rig->before.requests, rig->ledger.requests, sizeof rig->before.requests);
    rig->before.request_next = rig->ledger.request_next;
    assert_memory_equal(&rig->ledger, &rig->before, sizeof rig->ledger);
}

void ledger_rig_wait(struct ledger_rig *rig, time_ms elapsed_ms)
{
    struct command command = {
        .kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE, .elapsed_ms = elapsed_ms};
    ledger_rig_accept(rig, &command);
}

struct ledger_rig *ledger_rig_new(void)
{
    struct ledger_rig *rig = calloc(1, sizeof *rig);
    struct command cluster = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    struct command set = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    struct command seen = ledger_rig_seen(ROUTE_PRIMARY);
    CHECK(rig != NULL);
    rig->term = 1;
    ledger_init(&rig->ledger);
    cluster.as.cluster.cluster_id[0] = 9;
    cluster.as.cluster.node_count = 3;
    ledger_rig_accept(rig, &cluster);
    CHECK(name_set(&set.as.service_set.name, "line") == 0);
    set.as.service_set.settings = settings;
    ledger_rig_accept(rig, &set);
    ledger_rig_accept(rig, &seen);
    ledger_rig_wait(rig, 1000);
    return rig;
}

void ledger_rig_free(struct ledger_rig **rig)
{
    free(*rig);
    *rig = NULL;
}

struct command ledger_rig_command(enum command_kind kind)
{
    return (struct command){.kind = kind, .service = 0, .elapsed_ms = 10};
}

struct command ledger_rig_open(node_id voter, enum side side)
{
    struct command command = ledger_rig_command(COMMAND_INQUIRY_OPEN);
    command.as.inquiry_open.voter = voter;
    command.as.inquiry_open.side = side;
    command.as.inquiry_open.value = VOTE_DOWN;
    return command;
}

static struct side_close close_of(char letter)
{
    struct side_close close = {.closed = letter != '-', .result = BALLOT_VOID};
    if (letter == 'P')
        close.result = BALLOT_PASS;
    if (letter == 'F' || letter == 'f')
        close.result = BALLOT_FAIL;
    close.severity = letter == 'F' ? SEVERITY_DOWN : SEVERITY_SLOW;
    return close;
}

struct command ledger_rig_close(struct ledger_rig *rig, const char *letters)
{
    struct command command = ledger_rig_command(COMMAND_BALLOT_CLOSE);
    struct command_ballot_close *close = &command.as.ballot_close;
    close->inquiry = ledger_rig_service(rig)->inquiry.index;
    close->ballot = ++rig->ballot;
    for (int side = 0; side < SIDE_N; side++)
        close->side[side] = close_of(letters[side]);
    return command;
}

struct command ledger_rig_close_and_move(struct ledger_rig *rig, const char *letters,
                                         enum route_step first_step)
{
    struct command command = ledger_rig_close(rig, letters);
    command.as.ballot_close.move =
        (struct move_opening){.present = true,
                              .to = side_other(ledger_rig_service(rig)->serving),
                              .cause = CAUSE_CONVICTION,
                              .first_step = first_step,
                              .base = {.version = 7, .body_hash = 70}};
    return command;
}

struct command ledger_rig_intent(const struct ledger_rig *rig, enum route_step step)
{
    const struct move_record *move = &rig->ledger.services[0].move;
    struct command command = ledger_rig_command(COMMAND_INTENT);
    command.as.intent = (struct command_intent){.move = move->id,
                                                .step = step,
                                                .attempt = move->attempt + 1,
                                                .base = {.version = 8, .body_hash = 80}};
    return command;
}

struct command ledger_rig_outcome(const struct ledger_rig *rig, enum outcome outcome, enum why why,
                                  enum route_state state)
{
    const struct move_record *move = &rig->ledger.services[0].move;
    struct command command = ledger_rig_command(COMMAND_OUTCOME);
    command.as.outcome = (struct command_outcome){.move = move->id,
                                                  .step = move->intent.step,
                                                  .attempt = move->intent.attempt,
                                                  .outcome = outcome,
                                                  .why = why,
                                                  .state = state,
                                                  .version = 9};
    return command;
}

struct command ledger_rig_input(const struct ledger_rig *rig, enum move_input input)
{
    struct command command = ledger_rig_command(COMMAND_MOVE_INPUT);
    command.as.move_input.move = rig->ledger.services[0].move.id;
    command.as.move_input.input = input;
    return command;
}

struct command ledger_rig_seen(enum route_state state)
{
    struct command command = ledger_rig_command(COMMAND_ROUTE_SEEN);
    command.as.route_seen.state = state;
    command.as.route_seen.version = 3;
    return command;
}

struct command ledger_rig_operator_move(enum side to, uint64_t request_id)
{
    struct command command = ledger_rig_command(COMMAND_MOVE_OPEN);
    command.request_id = request_id;
    command.as.move_open.move = (struct move_opening){
        .present = true, .to = to, .cause = CAUSE_OPERATOR, .first_step = ROUTE_SWITCH};
    CHECK(name_set(&command.as.move_open.actor, "ada") == 0);
    return command;
}

void ledger_rig_close_all(struct ledger_rig *rig, const char *letters, int count)
{
    for (int i = 0; i < count; i++) {
        struct command close = ledger_rig_close(rig, letters);
        ledger_rig_accept(rig, &close);
    }
}

void ledger_rig_settle(struct ledger_rig *rig, enum outcome outcome, enum why why,
                       enum route_state seen)
{
    struct command command = ledger_rig_outcome(rig, outcome, why, seen);
    ledger_rig_accept(rig, &command);
}

void ledger_rig_accept_input(struct ledger_rig *rig, enum move_input input)
{
    struct command command = ledger_rig_input(rig, input);
    ledger_rig_accept(rig, &command);
}

void ledger_rig_accept_intent(struct ledger_rig *rig, enum route_step step)
{
    struct command command = ledger_rig_intent(rig, step);
    ledger_rig_accept(rig, &command);
}

void ledger_rig_assert_state(struct ledger_rig *rig, enum move_state state)
{
    enum move_state seen = ledger_rig_service(rig)->move.state;
    if (seen != state)
        fail_msg("%s instead of %s", move_state_name(seen), move_state_name(state));
}

void ledger_rig_inquire(struct ledger_rig *rig)
{
    struct command command = ledger_rig_open(1, SIDE_PRIMARY);
    ledger_rig_accept(rig, &command);
    rig->ballot = 0;
}

static void convict(struct ledger_rig *rig, const char *letters, enum route_step first_step)
{
    ledger_rig_inquire(rig);
    for (int i = 0; i < 2; i++) {
        struct command command = ledger_rig_close(rig, letters);
        ledger_rig_accept(rig, &command);
    }
    struct command command = ledger_rig_close_and_move(rig, letters, first_step);
    ledger_rig_accept(rig, &command);
}

void ledger_rig_to_pausing(struct ledger_rig *rig)
{
    convict(rig, "fP", ROUTE_PAUSE);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_PAUSING);
}

void ledger_rig_to_draining(struct ledger_rig *rig)
{
    ledger_rig_to_pausing(rig);
    struct command command = ledger_rig_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_PAUSED);
    ledger_rig_accept(rig, &command);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_DRAINING);
}

void ledger_rig_to_ready(struct ledger_rig *rig)
{
    ledger_rig_to_draining(rig);
    ledger_rig_wait(rig, 10000);
    struct command command = ledger_rig_input(rig, MOVE_IN_DRAINED);
    ledger_rig_accept(rig, &command);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_READY);
}

void ledger_rig_to_switching(struct ledger_rig *rig)
{
    convict(rig, "FP", ROUTE_SWITCH);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_SWITCHING);
}

void ledger_rig_to_verifying(struct ledger_rig *rig)
{
    ledger_rig_to_switching(rig);
    struct command command = ledger_rig_outcome(rig, OUTCOME_APPLIED, WHY_NONE, ROUTE_STANDBY);
    ledger_rig_accept(rig, &command);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_VERIFYING);
}

void ledger_rig_to_blocked(struct ledger_rig *rig)
{
    ledger_rig_to_switching(rig);
    struct command command = ledger_rig_outcome(rig, OUTCOME_STUCK, WHY_FORBIDDEN, ROUTE_UNKNOWN);
    ledger_rig_accept(rig, &command);
    assert_int_equal(ledger_rig_service(rig)->move.state, MOVE_BLOCKED);
}
