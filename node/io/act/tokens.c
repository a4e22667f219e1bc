#include "node/io/act/tokens.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/act/clock.h"
#include "node/io/act/tokens_parts.h"

int tokens_new(const struct config *config, struct troubles *troubles, struct tokens **ret_tokens)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    if (tokens == NULL)
        return ERR_NO_MEMORY;
    if (config->seal[0] != '\0' && seal_key_parse(config->seal, tokens->seal_key) != 0) {
        free(tokens);
        return ERR_INVALID;
    }
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&tokens->changed, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&tokens->mutex, NULL) == 0);
    tokens->config = config;
    tokens->troubles = troubles;
    *ret_tokens = tokens;
    return 0;
}

void tokens_free(struct tokens **tokens)
{
    struct tokens *old = *tokens;
    if (old == NULL)
        return;
    *tokens = NULL;
    (void)pthread_cond_destroy(&old->changed);
    (void)pthread_mutex_destroy(&old->mutex);
    sodium_memzero(old, sizeof *old);
    free(old);
}

void tokens_stop(struct tokens *tokens)
{
    (void)pthread_mutex_lock(&tokens->mutex);
    tokens->stopping = true;
    (void)pthread_cond_broadcast(&tokens->changed);
    (void)pthread_mutex_unlock(&tokens->mutex);
}

static bool has_fallback(const struct platform_config *platform)
{
    return platform->fallback_id[0] != '\0';
}

/* The ledger's tokens are used as long as their chain holds; a fallback client stands in where they
 * are not there yet, or are no more. */
static bool is_shared(const struct tokens *tokens, size_t platform)
{
    const struct platform_config *config = &tokens->config->platforms[platform];
    const struct platform_tokens *own = &tokens->platforms[platform];
    if (config->grant != GRANT_REFRESH_TOKEN)
        return false;
    return !has_fallback(config) || (own->shared.generation != 0 && !own->locked_out);
}

static struct token *token_in_use(struct tokens *tokens, size_t platform)
{
    struct platform_tokens *own = &tokens->platforms[platform];
    return is_shared(tokens, platform) ? &own->shared : &own->own;
}

void tokens_refuse(struct tokens *tokens, size_t platform, const struct token *refused)
{
    CHECK(platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    struct platform_tokens *own = &tokens->platforms[platform];
    struct token *token = refused->shared ? &own->shared : &own->own;
    if (refused->generation != 0 && token->generation == refused->generation &&
        token->expires_ms != 0) {
        token->expires_ms = 0;
        own->expiry_logged = true;
        troubles_expired(tokens->troubles, platform, "refused_by_api",
                         clock_now_ms() - token->minted_ms);
    }
    (void)pthread_mutex_unlock(&tokens->mutex);
}

static bool is_valid(const struct token *token, time_ms now_ms)
{
    return token->generation != 0 && now_ms < token->expires_ms;
}

static bool satisfies(const struct tokens *tokens, const struct token *token,
                      const struct token_need *need, time_ms now_ms)
{
    if (!is_valid(token, now_ms))
        return false;
    bool after = need->minted_after_ms > 0 && token->minted_ms >= need->minted_after_ms;
    switch (need->want) {
    case TOKEN_CACHED:
        return token->shared ||
               (now_ms - token->minted_ms) / 4 < (token->expires_ms - token->minted_ms) / 5;
    case TOKEN_FRESH:
        return after || now_ms - token->minted_ms < tokens->config->timing.token_fresh_ms;
    case TOKEN_NEW:
        return after;
    case TOKEN_WANT_N:
        break;
    }
    CHECK(false);
    return false;
}

/* With a valid token at hand a fresh one is not waited for at the request's cost; nor for long on
 * the leader's exchange, which this very request's answer may have to ask for. */
static time_ms give_up_ms(const struct token *token, bool shared, const struct token_need *need,
                          time_ms now_ms)
{
    bool valid = need->want != TOKEN_NEW && is_valid(token, now_ms);
    if (!valid && !shared)
        return need->deadline_ms;
    time_ms half_ms = (need->deadline_ms - now_ms) / 2;
    return now_ms + (half_ms < TOKEN_FALLBACK_MS ? half_ms : TOKEN_FALLBACK_MS);
}

static void note_expiry(struct tokens *tokens, size_t platform, const struct token *token,
                        time_ms now_ms)
{
    struct platform_tokens *own = &tokens->platforms[platform];
    if (token->generation == 0 || is_valid(token, now_ms) || own->expiry_logged)
        return;
    own->expiry_logged = true;
    troubles_expired(tokens->troubles, platform, "lifetime", now_ms - token->minted_ms);
}

static void mint(const struct platform_config *platform, struct http_client *client,
                 time_ms deadline_ms, struct token_answer *answer)
{
    bool fallback = platform->grant == GRANT_REFRESH_TOKEN;
    const struct grant_request request = {
        .login_url = platform->login_url,
        .client_id = fallback ? platform->fallback_id : platform->client_id,
        .client_secret = fallback ? platform->fallback_secret : platform->client_secret,
        .deadline_ms = deadline_ms,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    struct grant_answer grant;
    grant_ask(client, &request, &grant);
    answer->result = grant.result;
    answer->status = grant.status;
    answer->retry_after_ms = grant.retry_after_ms;
    answer->why = grant.why;
    memcpy(answer->token.value, grant.access, sizeof answer->token.value);
    answer->token.minted_ms = grant.started_ms;
    answer->token.expires_ms = grant.expires_ms;
    sodium_memzero(&grant, sizeof grant);
}

/* Called and returns with the mutex held, lets go of it for the request. */
static void mint_for_all(struct tokens *tokens, struct http_client *client, size_t platform,
                         time_ms deadline_ms, struct token_answer *answer)
{
    struct platform_tokens *own = &tokens->platforms[platform];
    own->minting = true;
    (void)pthread_mutex_unlock(&tokens->mutex);
    mint(&tokens->config->platforms[platform], client, deadline_ms, answer);
    const struct trouble_case ended = {platform, answer->result, answer->status, answer->why.bytes};
    troubles_auth(tokens->troubles, &ended);
    (void)pthread_mutex_lock(&tokens->mutex);
    own->minting = false;
    if (answer->result == ROUTE_RESULT_OK) {
        answer->token.generation = own->own.generation + 1;
        own->own = answer->token;
        own->expiry_logged = false;
    }
    (void)pthread_cond_broadcast(&tokens->changed);
}

/* Waits for another lane's mint. Returns false where the time is over or the store stops. */
static bool await_other_mint(struct tokens *tokens, size_t platform, time_ms until_ms)
{
    while (tokens->platforms[platform].minting && !tokens->stopping) {
        if (clock_now_ms() >= until_ms)
            return false;
        clock_wait_until(&tokens->changed, &tokens->mutex, until_ms);
    }
    return !tokens->stopping && clock_now_ms() < until_ms;
}

/* The leader's exchange brings the next one; this node cannot. */
static void await_shared(struct tokens *tokens, size_t platform, const struct token_need *need,
                         time_ms until_ms, struct token_answer *answer)
{
    const struct platform_tokens *own = &tokens->platforms[platform];
    while (!tokens->stopping && is_shared(tokens, platform) && clock_now_ms() < until_ms &&
           !satisfies(tokens, &own->shared, need, clock_now_ms()))
        clock_wait_until(&tokens->changed, &tokens->mutex, until_ms);
    answer->token.generation = own->shared.generation;
    answer->token.shared = true;
    if (own->shared.generation != 0)
        answer->result = ROUTE_RESULT_UNAUTHORIZED;
    if (own->unopened)
        text_set(&answer->why, "no token: the ledger's cannot be opened with this seal key");
    else if (own->locked_out)
        text_set(&answer->why, "no token: the platform knows the refresh token no more");
    else if (own->shared.generation == 0)
        text_set(&answer->why, "no token: the leader has not exchanged the refresh token yet");
    else
        text_set(&answer->why, "no token: the ledger's is past its life or was refused");
}

static void renew(struct tokens *tokens, struct http_client *client, size_t platform,
                  const struct token_need *need, time_ms until_ms, struct token_answer *answer)
{
    if (is_shared(tokens, platform)) {
        await_shared(tokens, platform, need, until_ms, answer);
        return;
    }
    if (await_other_mint(tokens, platform, until_ms) &&
        !satisfies(tokens, token_in_use(tokens, platform), need, clock_now_ms()))
        mint_for_all(tokens, client, platform, until_ms, answer);
}

static void fall_back(struct tokens *tokens, size_t platform, const struct token_need *need,
                      struct token_answer *answer)
{
    const struct token *token = token_in_use(tokens, platform);
    time_ms now_ms = clock_now_ms();
    if (need->want == TOKEN_NEW || answer->result == ROUTE_RESULT_CANCELED ||
        !is_valid(token, now_ms))
        return;
    if (need->want == TOKEN_FRESH) /* a read's is only the trouble that is logged already */
        log_warn("token_fallback", "platform=%s age_ms=%" PRId64 " left_ms=%" PRId64 " why=\"%s\"",
                 tokens->config->platforms[platform].name.text, now_ms - token->minted_ms,
                 token->expires_ms - now_ms, answer->why.bytes);
    answer->result = ROUTE_RESULT_OK;
    answer->token = *token;
    text_clear(&answer->why);
}

void tokens_get(struct tokens *tokens, struct http_client *client, size_t platform,
                const struct token_need *need, struct token_answer *ret_answer)
{
    CHECK(platform < tokens->config->platform_count);
    struct token_need exact = *need;
    if (exact.want == TOKEN_NEW && exact.minted_after_ms <= 0)
        exact.minted_after_ms = clock_now_ms();
    *ret_answer = (struct token_answer){.result = ROUTE_RESULT_NOT_SENT};
    text_set(&ret_answer->why, "no token in time");
    (void)pthread_mutex_lock(&tokens->mutex);
    const struct token *token = token_in_use(tokens, platform);
    time_ms now_ms = clock_now_ms();
    time_ms until_ms = give_up_ms(token, is_shared(tokens, platform), &exact, now_ms);
    note_expiry(tokens, platform, token, now_ms);
    if (!satisfies(tokens, token, &exact, now_ms))
        renew(tokens, client, platform, &exact, until_ms, ret_answer);
    token = token_in_use(tokens, platform);
    if (tokens->stopping) {
        ret_answer->result = ROUTE_RESULT_CANCELED;
        text_set(&ret_answer->why, "stopping");
    } else if (satisfies(tokens, token, &exact, clock_now_ms())) {
        ret_answer->result = ROUTE_RESULT_OK;
        ret_answer->token = *token;
        text_clear(&ret_answer->why);
    } else if (ret_answer->result != ROUTE_RESULT_OK) {
        fall_back(tokens, platform, &exact, ret_answer);
    }
    (void)pthread_mutex_unlock(&tokens->mutex);
}

int tokens_peek(struct tokens *tokens, size_t platform, struct token *ret_token)
{
    CHECK(platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    const struct token *token = token_in_use(tokens, platform);
    bool valid = is_valid(token, clock_now_ms());
    if (valid)
        *ret_token = *token;
    (void)pthread_mutex_unlock(&tokens->mutex);
    return valid ? 0 : ERR_NOT_FOUND;
}

bool tokens_are_due(struct tokens *tokens, size_t platform)
{
    const struct token_need need = {.want = TOKEN_CACHED};
    CHECK(platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    bool due = !satisfies(tokens, token_in_use(tokens, platform), &need, clock_now_ms());
    (void)pthread_mutex_unlock(&tokens->mutex);
    return due;
}
