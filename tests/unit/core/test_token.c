/* The leader's exchange of refresh tokens: intended first, committed before use, locked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "node/core/ledger.h"
#include "tests/unit/core/core_rig.h"

enum { LIFE_MS = 600000, FRESH_MS = 60000, DEADLINE_MS = 2000, SEED = 17 };

static const uint8_t sealed[] = {1, 2, 3};

/* A leader whose one service's platform has a refresh token. */
static struct core_rig *rig_new(void)
{
    struct core_rig *rig = core_rig_new(1, 3);
    rig->core.settings.level = 2;
    rig->core.settings.token_fresh_ms = FRESH_MS;
    rig->core.settings.platform_count = 1;
    rig->core.settings.platforms[0] =
        (struct platform_settings){.name = {"genesys"}, .seed_hash = SEED};
    rig->core.watches[0].platform = 1;
    return rig;
}

static const struct token_record *token_of(const struct core_rig *rig)
{
    return &rig->core.ledger.tokens[0];
}

static size_t exchanges(const struct core_rig *rig)
{
    return rig->count[EFFECT_EXCHANGE];
}

static void answer(struct core_rig *rig, enum exchange_result result)
{
    struct event event = {.kind = EVENT_EXCHANGED};
    event.as.exchanged.ticket = rig->exchange.as.exchange.ticket;
    event.as.exchanged.result = result;
    event.as.exchanged.sealed = sealed;
    event.as.exchanged.sealed_length = sizeof sealed;
    event.as.exchanged.life_ms = LIFE_MS;
    core_rig_step(rig, &event);
    core_rig_run(rig, 10);
}

/* The first exchange is over. */
static struct core_rig *rig_with_token(void)
{
    struct core_rig *rig = rig_new();
    core_rig_run(rig, 1000);
    answer(rig, EXCHANGE_OK);
    assert_int_equal(token_of(rig)->generation, 1);
    return rig;
}

static void an_exchange_is_committed_before_it_is_asked_for(void **state)
{
    (void)state;
    struct core_rig *rig = rig_new();
    while (rig->core.ledger.token_count == 0)
        core_rig_run(rig, 1);
    core_rig_run(rig, 1);
    assert_int_equal(token_of(rig)->intended, 1);
    assert_int_not_equal(token_of(rig)->intent, 0);
    assert_int_equal(token_of(rig)->seed_hash, SEED);
    assert_int_equal(exchanges(rig), 1);
    assert_int_equal(rig->exchange.as.exchange.generation, 1);
    assert_int_equal(rig->exchange.as.exchange.from_generation, 0);
    assert_true(rig->exchange.as.exchange.start_before_ms > rig->now_ms);
    core_rig_run(rig, 60000);
    assert_int_equal(exchanges(rig), 1); /* one at a time */
    core_rig_free(&rig);
}

static void a_token_is_handed_out_once_it_is_committed(void **state)
{
    (void)state;
    struct core_rig *rig = rig_new();
    core_rig_run(rig, 1000);
    assert_int_equal(rig->count[EFFECT_TOKEN], 0);
    answer(rig, EXCHANGE_OK);
    assert_int_equal(rig->count[EFFECT_TOKEN], 1);
    assert_in_range(rig->token.as.token.left_ms, LIFE_MS - 100, LIFE_MS);
    assert_int_equal(token_of(rig)->intent, 0);
    assert_int_equal(token_of(rig)->sealed_length, sizeof sealed);
    assert_memory_equal(token_of(rig)->sealed, sealed, sizeof sealed);
    core_rig_run(rig, 10000);
    assert_int_equal(rig->count[EFFECT_TOKEN], 1);
    core_rig_free(&rig);
}

static void four_fifths_of_its_life_are_used(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    core_rig_run(rig, LIFE_MS / 5 * 4 - 1000);
    assert_int_equal(exchanges(rig), 1);
    core_rig_run(rig, 1100);
    assert_int_equal(exchanges(rig), 2);
    assert_int_equal(rig->exchange.as.exchange.generation, 2);
    assert_int_equal(rig->exchange.as.exchange.from_generation, 1);
    core_rig_free(&rig);
}

static void an_inquiry_wants_a_fresh_one_but_not_at_any_pace(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    time_ms set_ms = rig->now_ms;
    rig->result[SIDE_PRIMARY] = SAMPLE_LOCAL; /* informs nobody, so that the inquiry lasts */
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, set_ms + FRESH_MS - 1000 - rig->now_ms);
    assert_int_equal(exchanges(rig), 1);
    core_rig_run(rig, 2000);
    assert_int_equal(exchanges(rig), 2);
    assert_int_equal(rig->mints, 0);
    core_rig_free(&rig);
}

static void an_inherited_intent_waits_and_gets_a_new_one(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    struct token_record *token = &rig->core.ledger.tokens[0];
    token->intended = 5;
    token->intent = 3;
    token->intent_term = rig->core.leading_term - 1;
    rig->core.leading_since_ms = rig->now_ms;
    core_rig_run(rig, DEADLINE_MS - 10);
    assert_int_equal(token->intended, 5);
    core_rig_run(rig, 20);
    assert_int_equal(token->intended, 6);
    assert_int_equal(token->intent_term, rig->core.leading_term);
    assert_int_equal(exchanges(rig), 2);
    assert_int_equal(rig->exchange.as.exchange.from_generation, 1); /* the old refresh token */
    answer(rig, EXCHANGE_OK);
    assert_int_equal(token->generation, 6);
    core_rig_free(&rig);
}

static void a_dead_refresh_token_locks_out_and_tells_people(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    core_rig_run(rig, LIFE_MS / 5 * 4);
    answer(rig, EXCHANGE_REFUSED);
    assert_true(token_of(rig)->locked_out);
    assert_int_equal(rig->notices[NOTICE_LOCKED_OUT], 1);
    assert_int_equal(rig->count[EFFECT_TOKEN], 2);
    size_t before = exchanges(rig);
    log_index index = rig->core.ledger.index;
    core_rig_run(rig, 2 * LIFE_MS);
    assert_in_range(rig->core.ledger.index - index, 1, 2 * LIFE_MS / LEDGER_SLOW_TICK_MS + 1);
    assert_int_equal(exchanges(rig), before);
    assert_int_equal(rig->notices[NOTICE_LOCKED_OUT], 1);
    core_rig_operate(rig, OPERATION_FAILOVER, 5);
    core_rig_run(rig, 1000);
    assert_int_not_equal(rig->mints, 0); /* client credentials, where there are any */
    core_rig_free(&rig);
}

static void another_seed_ends_a_lock_out(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    core_rig_run(rig, LIFE_MS / 5 * 4);
    answer(rig, EXCHANGE_REFUSED);
    rig->core.settings.platforms[0].seed_hash = SEED + 1;
    core_rig_run(rig, 1000);
    assert_false(token_of(rig)->locked_out);
    assert_int_equal(token_of(rig)->seed_hash, SEED + 1);
    assert_int_equal(rig->exchange.as.exchange.generation, 3);
    assert_int_equal(rig->exchange.as.exchange.from_generation, 0);
    answer(rig, EXCHANGE_OK);
    assert_int_equal(token_of(rig)->generation, 3);
    core_rig_free(&rig);
}

static void another_seed_does_not_end_a_chain_that_holds(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    rig->core.settings.platforms[0].seed_hash = SEED + 1;
    core_rig_run(rig, LIFE_MS / 5 * 4 + 100);
    assert_int_equal(rig->exchange.as.exchange.from_generation, 1);
    assert_int_equal(token_of(rig)->seed_hash, SEED);
    core_rig_free(&rig);
}

static void a_lost_answer_is_waited_for_and_tried_again(void **state)
{
    (void)state;
    struct core_rig *rig = rig_new();
    core_rig_run(rig, 1000);
    answer(rig, EXCHANGE_LOST);
    core_rig_run(rig, DEADLINE_MS - 100);
    assert_int_equal(exchanges(rig), 1);
    core_rig_run(rig, 200);
    assert_int_equal(exchanges(rig), 2);
    assert_int_equal(rig->exchange.as.exchange.generation, 1); /* the same intent, of this term */
    core_rig_free(&rig);
}

static void a_failed_exchange_has_a_back_off(void **state)
{
    (void)state;
    struct core_rig *rig = rig_new();
    core_rig_run(rig, 1000);
    for (int i = 0; i < 12; i++) {
        answer(rig, EXCHANGE_FAILED);
        core_rig_run(rig, BACKOFF_LAST_MS);
    }
    assert_int_equal(exchanges(rig), 13);
    answer(rig, EXCHANGE_FAILED);
    core_rig_run(rig, BACKOFF_LAST_MS - 100);
    assert_int_equal(exchanges(rig), 13);
    core_rig_free(&rig);
}

static void a_refused_token_is_exchanged_before_its_time(void **state)
{
    (void)state;
    struct core_rig *rig = rig_with_token();
    struct event event = {.kind = EVENT_ROUTE};
    event.as.route.result = ROUTE_RESULT_UNAUTHORIZED;
    event.as.route.kind = ROUTE_JOB_READ;
    event.as.route.token_generation = 1;
    core_rig_step(rig, &event);
    core_rig_run(rig, BACKOFF_LAST_MS - 100);
    assert_int_equal(exchanges(rig), 1);
    core_rig_run(rig, 200);
    assert_int_equal(exchanges(rig), 2);
    answer(rig, EXCHANGE_OK);
    core_rig_step(rig, &event); /* the old one's refusal, late */
    core_rig_run(rig, 30000);
    assert_int_equal(exchanges(rig), 2);
    core_rig_free(&rig);
}

static void nothing_is_exchanged_below_the_level(void **state)
{
    (void)state;
    struct core_rig *rig = rig_new();
    rig->core.settings.level = 1;
    core_rig_run(rig, 60000);
    assert_int_equal(rig->core.ledger.token_count, 0);
    assert_int_equal(exchanges(rig), 0);
    core_rig_free(&rig);
}

static struct applied apply(struct ledger *ledger, term_id term, struct command *command)
{
    command->service = SERVICE_SLOT_NONE;
    return ledger_apply(ledger, ledger->index + 1, term, command);
}

static struct command intent_of(const char *platform, uint64_t generation)
{
    struct command command = {.kind = COMMAND_TOKEN_INTENT};
    (void)name_set(&command.as.token_intent.platform, platform);
    command.as.token_intent.generation = generation;
    return command;
}

static struct command set_of(const char *platform, uint64_t generation)
{
    struct command command = {.kind = COMMAND_TOKEN_SET};
    (void)name_set(&command.as.token_set.platform, platform);
    command.as.token_set.generation = generation;
    command.as.token_set.sealed = sealed;
    command.as.token_set.sealed_length = sizeof sealed;
    return command;
}

static void only_the_intents_own_term_and_generation_set_a_token(void **state)
{
    (void)state;
    static struct ledger ledger;
    ledger_init(&ledger);
    struct command early = set_of("genesys", 1);
    struct command intent = intent_of("genesys", 1);
    struct command second = intent_of("genesys", 2);
    assert_int_equal(apply(&ledger, 4, &early).why, WHY_STALE);
    assert_int_equal(apply(&ledger, 4, &second).why, WHY_STALE);
    assert_int_equal(ledger.token_count, 0);
    assert_true(apply(&ledger, 4, &intent).accepted);
    assert_true(apply(&ledger, 5, &second).accepted);
    struct command late = set_of("genesys", 1);
    struct command right = set_of("genesys", 2);
    assert_int_equal(apply(&ledger, 4, &late).why, WHY_STALE);
    assert_int_equal(apply(&ledger, 5, &late).why, WHY_STALE);
    assert_int_equal(apply(&ledger, 4, &right).why, WHY_STALE);
    assert_true(apply(&ledger, 5, &right).accepted);
    assert_int_equal(apply(&ledger, 5, &right).why, WHY_STALE); /* once */
}

static void the_ledger_keeps_so_many_platforms(void **state)
{
    (void)state;
    static struct ledger ledger;
    ledger_init(&ledger);
    static const char *const names[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < TOKEN_COUNT_MAX; i++) {
        struct command intent = intent_of(names[i], 1);
        assert_true(apply(&ledger, 4, &intent).accepted);
    }
    struct command more = intent_of(names[TOKEN_COUNT_MAX], 1);
    assert_int_equal(apply(&ledger, 4, &more).why, WHY_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_exchange_is_committed_before_it_is_asked_for),
        cmocka_unit_test(a_token_is_handed_out_once_it_is_committed),
        cmocka_unit_test(four_fifths_of_its_life_are_used),
        cmocka_unit_test(an_inquiry_wants_a_fresh_one_but_not_at_any_pace),
        cmocka_unit_test(an_inherited_intent_waits_and_gets_a_new_one),
        cmocka_unit_test(a_dead_refresh_token_locks_out_and_tells_people),
        cmocka_unit_test(another_seed_ends_a_lock_out),
        cmocka_unit_test(another_seed_does_not_end_a_chain_that_holds),
        cmocka_unit_test(a_lost_answer_is_waited_for_and_tried_again),
        cmocka_unit_test(a_failed_exchange_has_a_back_off),
        cmocka_unit_test(a_refused_token_is_exchanged_before_its_time),
        cmocka_unit_test(nothing_is_exchanged_below_the_level),
        cmocka_unit_test(only_the_intents_own_term_and_generation_set_a_token),
        cmocka_unit_test(the_ledger_keeps_so_many_platforms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
