#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "proto/level.h"

/* The exchange of one platform's refresh token, as the leader sees it. */
struct task {
    struct core *core;
    uint8_t place; /* in settings.platforms */
    const struct platform_settings *platform;
    struct exchange *exchange;
    const struct token_record *token; /* NULL: the ledger has none yet */
    struct update *update;
};

static struct task task_of(struct core *core, uint8_t place, struct update *update)
{
    const struct platform_settings *platform = &core->settings.platforms[place];
    return (struct task){.core = core,
                         .place = place,
                         .platform = platform,
                         .exchange = &core->exchanges[place],
                         .token = ledger_token(&core->ledger, &platform->name),
                         .update = update};
}

static void propose(struct task *task, struct command *command)
{
    command->service = SERVICE_SLOT_NONE;
    task->exchange->proposed = true;
    task->exchange->proposed_ms = task->core->now_ms;
    core_propose(task->core, command, task->update);
}

static void propose_intent(struct task *task)
{
    struct command command = {.kind = COMMAND_TOKEN_INTENT};
    command.as.token_intent.platform = task->platform->name;
    command.as.token_intent.generation = task->token == NULL ? 1 : task->token->intended + 1;
    command.as.token_intent.seed_hash = task->platform->seed_hash;
    propose(task, &command);
}

static void wait_for(struct task *task, time_ms wait_ms)
{
    task->exchange->until_ms = task->core->now_ms + wait_ms;
    update_deadline(task->update, task->exchange->until_ms);
}

static void back_off(struct task *task, time_ms at_least_ms)
{
    struct exchange *exchange = task->exchange;
    exchange->backoff_ms = exchange->backoff_ms == 0 ? BACKOFF_FIRST_MS : exchange->backoff_ms * 2;
    if (exchange->backoff_ms > BACKOFF_LAST_MS)
        exchange->backoff_ms = BACKOFF_LAST_MS;
    wait_for(task, exchange->backoff_ms > at_least_ms ? exchange->backoff_ms : at_least_ms);
}

/* The request itself, under this leader's own intent. The lease is checked once more by the
 * actuator, immediately before it starts. */
static void start(struct task *task)
{
    struct core *core = task->core;
    time_ms lease_ms = raft_lease_until_ms(&core->raft);
    if (core->now_ms >= lease_ms) {
        back_off(task, 0);
        return;
    }
    struct effect *effect = update_add(task->update, EFFECT_EXCHANGE);
    effect->as.exchange.ticket = core_ticket(core);
    effect->as.exchange.platform = task->place;
    effect->as.exchange.generation = task->token->intended;
    effect->as.exchange.from_generation = task->token->generation;
    effect->as.exchange.start_before_ms = lease_ms;
    task->exchange->ticket = effect->as.exchange.ticket;
}

/* DESIGN 3, an inherited intent: the leader that made it may still be at it, and what it was
 * answered is lost; then the same refresh token is tried once more, under an intent of our own. */
static void adopt(struct task *task)
{
    const struct core *core = task->core;
    time_ms until_ms = core->leading_since_ms + core->settings.actuator_deadline_ms +
                       (core->by_transfer ? core->settings.election_ms : 0);
    if (core->now_ms < until_ms)
        update_deadline(task->update, until_ms);
    else
        propose_intent(task);
}

/* The ledger's time from which on a new token is due; the inquiry's wish and the API's refusal come
 * before four fifths of its life, but not at any pace. */
static time_ms due_ms(const struct task *task)
{
    const struct token_record *token = task->token;
    time_ms due_ms = token->set_ms + token->life_ms / 5 * 4;
    time_ms fresh_ms = token->set_ms + task->core->settings.token_fresh_ms;
    if (task->exchange->wanted && fresh_ms < due_ms)
        due_ms = fresh_ms;
    if (task->exchange->refused == token->generation && token->set_ms + BACKOFF_LAST_MS < due_ms)
        due_ms = token->set_ms + BACKOFF_LAST_MS;
    return due_ms;
}

static void tick_settled(struct task *task)
{
    const struct token_record *token = task->token;
    if (token != NULL && token->locked_out && token->seed_hash == task->platform->seed_hash)
        return; /* a human has to bring a new one */
    if (token == NULL || token->locked_out || token->generation == 0) {
        propose_intent(task);
        return;
    }
    time_ms left_ms = due_ms(task) - core_ledger_now(task->core, task->core->now_ms);
    if (left_ms <= 0)
        propose_intent(task);
    else
        update_deadline(task->update, task->core->now_ms + left_ms);
}

static void tick(struct task *task)
{
    struct exchange *exchange = task->exchange;
    const struct core *core = task->core;
    time_ms patience_ms = exchange->proposed_ms + PROPOSAL_PATIENCE_MS;
    if (exchange->ticket != 0)
        return;
    if (exchange->proposed && core->now_ms < patience_ms) {
        update_deadline(task->update, patience_ms);
        return;
    }
    exchange->proposed = false;
    if (core->now_ms < exchange->until_ms)
        update_deadline(task->update, exchange->until_ms);
    else if (task->token == NULL || task->token->intent == 0)
        tick_settled(task);
    else if (task->token->intent_term != core->leading_term)
        adopt(task);
    else
        start(task);
}

void token_tick(struct core *core, struct update *update)
{
    if (core->ledger.level < PROTO_LEVEL_HELLO)
        return;
    for (uint8_t place = 0; place < core->settings.platform_count; place++) {
        struct task task = task_of(core, place, update);
        tick(&task);
    }
}

static void propose_set(struct task *task, const struct event *event)
{
    struct command command = {.kind = COMMAND_TOKEN_SET};
    command.as.token_set.platform = task->platform->name;
    command.as.token_set.generation = task->token->intended;
    command.as.token_set.life_ms = event->as.exchanged.life_ms;
    command.as.token_set.sealed = event->as.exchanged.sealed;
    command.as.token_set.sealed_length = event->as.exchanged.sealed_length;
    task->exchange->backoff_ms = 0;
    propose(task, &command);
}

static void propose_locked_out(struct task *task)
{
    struct command command = {.kind = COMMAND_TOKEN_LOCKED_OUT};
    command.as.token_locked_out.platform = task->platform->name;
    command.as.token_locked_out.generation = task->token->intended;
    propose(task, &command);
}

void token_on_exchanged(struct core *core, const struct event *event, struct update *update)
{
    if (!core->leading || event->as.exchanged.platform >= core->settings.platform_count)
        return;
    struct task task = task_of(core, event->as.exchanged.platform, update);
    if (task.exchange->ticket == 0 || task.exchange->ticket != event->as.exchanged.ticket)
        return;
    task.exchange->ticket = 0;
    if (task.token == NULL || task.token->intent == 0)
        return;
    switch (event->as.exchanged.result) {
    case EXCHANGE_OK:
        propose_set(&task, event);
        break;
    case EXCHANGE_REFUSED:
        propose_locked_out(&task);
        break;
    case EXCHANGE_LOST: /* the platform may still be at it */
        wait_for(&task, core->settings.actuator_deadline_ms);
        break;
    case EXCHANGE_FAILED:
        back_off(&task, event->as.exchanged.retry_after_ms);
        break;
    case EXCHANGE_RESULT_N:
        break;
    }
}

void token_on_applied(struct core *core, const struct applied *applied, struct update *update)
{
    if (applied->token == 0)
        return;
    const struct token_record *token = &core->ledger.tokens[applied->token - 1];
    for (uint8_t place = 0; place < core->settings.platform_count; place++) {
        if (!name_equal(&core->settings.platforms[place].name, &token->platform))
            continue;
        core->exchanges[place].proposed = false;
        if (!applied->accepted) /* an older leader's entry, or one that would be refused again */
            core->exchanges[place].until_ms = core->now_ms + PROPOSAL_PATIENCE_MS;
        if (applied->accepted && applied->kind == COMMAND_TOKEN_SET)
            core->exchanges[place].wanted = false;
        if (applied->accepted && applied->kind == COMMAND_TOKEN_LOCKED_OUT) {
            core_notice(core, NOTICE_LOCKED_OUT, SERVICE_SLOT_NONE, SIDE_PRIMARY, WHY_LOCKED_OUT,
                        update);
            update->effects[update->count - 1].as.notice.platform = (uint8_t)(place + 1);
        }
    }
}

void token_tell(struct core *core, struct update *update)
{
    for (uint8_t place = 0; place < core->settings.platform_count; place++) {
        const struct token_record *token =
            ledger_token(&core->ledger, &core->settings.platforms[place].name);
        struct token_told *told = &core->told[place];
        if (token == NULL ||
            (told->generation == token->generation && told->locked_out == token->locked_out))
            continue;
        told->generation = token->generation;
        told->locked_out = token->locked_out;
        struct effect *effect = update_add(update, EFFECT_TOKEN);
        effect->as.token.platform = place;
        effect->as.token.left_ms =
            token->set_ms + token->life_ms - core_ledger_now(core, core->now_ms);
    }
}

const struct token_record *token_of_service(const struct core *core, service_slot slot)
{
    for (uint16_t i = 0; i < core->watch_count; i++) {
        const struct watch *watch = &core->watches[i];
        if (watch->slot == slot && watch->platform != 0)
            return ledger_token(&core->ledger, &core->settings.platforms[watch->platform - 1].name);
    }
    return NULL;
}

bool token_is_wanted(struct core *core, service_slot slot)
{
    const struct watch *watch = core_watch_by_slot(core, slot);
    const struct token_record *token = token_of_service(core, slot);
    if (watch == NULL || watch->platform == 0 || token == NULL || token->locked_out)
        return false;
    core->exchanges[watch->platform - 1].wanted = true;
    return true;
}

void token_on_route(struct core *core, const struct event *event)
{
    const struct watch *watch = core_watch_by_slot(core, event->as.route.service);
    if (watch == NULL || watch->platform == 0 ||
        event->as.route.result != ROUTE_RESULT_UNAUTHORIZED)
        return;
    core->exchanges[watch->platform - 1].refused = event->as.route.token_generation;
}
