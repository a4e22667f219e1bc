#include <string.h>

#include "common/check.h"
#include "node/core/ledger_parts.h"

const struct token_record *ledger_token(const struct ledger *ledger, const struct name *platform)
{
    for (uint8_t i = 0; i < ledger->token_count; i++)
        if (name_equal(&ledger->tokens[i].platform, platform))
            return &ledger->tokens[i];
    return NULL;
}

static struct token_record *find(struct application *application, const struct name *platform)
{
    struct ledger *ledger = application->ledger;
    const struct token_record *found = ledger_token(ledger, platform);
    if (found == NULL)
        return NULL;
    size_t place = (size_t)(found - ledger->tokens);
    application->applied->token = (uint8_t)(place + 1);
    return &ledger->tokens[place];
}

static struct token_record *find_or_add(struct application *application,
                                        const struct name *platform)
{
    struct ledger *ledger = application->ledger;
    if (ledger_token(ledger, platform) == NULL && ledger->token_count < TOKEN_COUNT_MAX)
        ledger->tokens[ledger->token_count++] = (struct token_record){.platform = *platform};
    return find(application, platform);
}

/* A chain goes on under the seed that it began with, whatever other files say; only one that is
 * locked out, or holds nothing yet, begins anew. */
static enum why token_intent(struct application *application)
{
    const struct command_token_intent *intent = &application->command->as.token_intent;
    const struct token_record *known = ledger_token(application->ledger, &intent->platform);
    if (intent->generation != (known == NULL ? 1 : known->intended + 1))
        return WHY_STALE;
    struct token_record *token = find_or_add(application, &intent->platform);
    if (token == NULL)
        return WHY_FULL;
    if (token->locked_out && token->seed_hash == intent->seed_hash)
        return WHY_LOCKED_OUT;
    if (token->locked_out || token->generation == 0)
        *token =
            (struct token_record){.platform = intent->platform, .seed_hash = intent->seed_hash};
    token->intended = intent->generation;
    token->intent = application->index;
    token->intent_term = application->term;
    return WHY_NONE;
}

/* Only the leader that intended an exchange knows how it ended. */
static struct token_record *find_intended(struct application *application,
                                          const struct name *platform, uint64_t generation)
{
    struct token_record *token = find(application, platform);
    if (token == NULL || token->intent == 0 || token->intended != generation ||
        token->intent_term != application->term)
        return NULL;
    return token;
}

static enum why token_set(struct application *application)
{
    const struct command_token_set *set = &application->command->as.token_set;
    struct token_record *token = find_intended(application, &set->platform, set->generation);
    if (token == NULL)
        return WHY_STALE;
    CHECK(set->sealed_length <= sizeof token->sealed);
    token->intent = 0;
    token->generation = set->generation;
    token->set_ms = application->ledger->now_ms;
    token->life_ms = set->life_ms;
    token->sealed_length = (uint16_t)set->sealed_length;
    memset(token->sealed, 0, sizeof token->sealed);
    memcpy(token->sealed, set->sealed, set->sealed_length);
    return WHY_NONE;
}

static enum why token_locked_out(struct application *application)
{
    const struct command_token_locked_out *locked_out = &application->command->as.token_locked_out;
    struct token_record *token =
        find_intended(application, &locked_out->platform, locked_out->generation);
    if (token == NULL)
        return WHY_STALE;
    token->intent = 0;
    token->locked_out = true;
    return WHY_NONE;
}

enum why ledger_token_apply(struct application *application)
{
    if (application->command->kind == COMMAND_TOKEN_INTENT)
        return token_intent(application);
    if (application->command->kind == COMMAND_TOKEN_SET)
        return token_set(application);
    return token_locked_out(application);
}
