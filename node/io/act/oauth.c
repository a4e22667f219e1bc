#include "node/io/act/oauth.h"

#include <inttypes.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/act/clock.h"
#include "node/io/act/token_answer.h"

enum {
    BASIC_SIZE = 3 * SECRET_SIZE, /* base64 of two secrets and a colon */
};

static const char grant[] = "grant_type=client_credentials";

/* How asking for a token goes wrong; a repeating failure is logged at its first and its end. */
enum trouble { TROUBLE_NONE, TROUBLE_REFUSED, TROUBLE_UNREACHABLE, TROUBLE_N };

static const char *const trouble_events[TROUBLE_N] = {
    [TROUBLE_REFUSED] = "auth_refused",
    [TROUBLE_UNREACHABLE] = "auth_unreachable",
};

struct platform_tokens {
    struct token token;
    bool minting;       /* by the thread that set it */
    bool expiry_logged; /* of this token */
    enum trouble trouble;
    uint64_t trouble_count;
};

struct tokens {
    const struct config *config;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool stopping;
    struct platform_tokens platforms[PLATFORM_COUNT_MAX];
};

int tokens_new(const struct config *config, struct tokens **ret_tokens)
{
    struct tokens *tokens = calloc(1, sizeof *tokens);
    if (tokens == NULL)
        return ERR_NO_MEMORY;
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&tokens->changed, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&tokens->mutex, NULL) == 0);
    tokens->config = config;
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
    sodium_memzero(old->platforms, sizeof old->platforms);
    free(old);
}

void tokens_stop(struct tokens *tokens)
{
    (void)pthread_mutex_lock(&tokens->mutex);
    tokens->stopping = true;
    (void)pthread_cond_broadcast(&tokens->changed);
    (void)pthread_mutex_unlock(&tokens->mutex);
}

static const char *name_of(const struct tokens *tokens, size_t platform)
{
    return tokens->config->platforms[platform].name.text;
}

void tokens_refuse(struct tokens *tokens, size_t platform, uint64_t generation)
{
    CHECK(platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    struct token *token = &tokens->platforms[platform].token;
    if (generation != 0 && token->generation == generation && token->expires_ms != 0) {
        token->expires_ms = 0;
        tokens->platforms[platform].expiry_logged = true;
        log_warn("token_expired", "platform=%s reason=refused_by_api age_ms=%" PRId64,
                 name_of(tokens, platform), clock_now_ms() - token->minted_ms);
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
        return (now_ms - token->minted_ms) / 4 < (token->expires_ms - token->minted_ms) / 5;
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

/* With a valid token at hand a fresh one is not waited for at the request's cost. */
static time_ms give_up_ms(const struct token *token, const struct token_need *need, time_ms now_ms)
{
    if (need->want == TOKEN_NEW || !is_valid(token, now_ms))
        return need->deadline_ms;
    time_ms half_ms = (need->deadline_ms - now_ms) / 2;
    return now_ms + (half_ms < TOKEN_FALLBACK_MS ? half_ms : TOKEN_FALLBACK_MS);
}

static void log_expiry(struct tokens *tokens, size_t platform, time_ms now_ms)
{
    struct platform_tokens *own = &tokens->platforms[platform];
    if (own->token.generation == 0 || is_valid(&own->token, now_ms) || own->expiry_logged)
        return;
    own->expiry_logged = true;
    log_warn("token_expired", "platform=%s reason=lifetime age_ms=%" PRId64,
             name_of(tokens, platform), now_ms - own->token.minted_ms);
}

static void mint(const struct platform_config *platform, struct http_client *client,
                 time_ms deadline_ms, struct token_answer *answer)
{
    char url[URL_SIZE + 16];
    char host[HTTP_HOST_SIZE];
    char pair[2 * SECRET_SIZE + 1];
    char basic[BASIC_SIZE] = "Authorization: Basic ";
    size_t length = strlen(platform->login_url);
    while (length > 0 && platform->login_url[length - 1] == '/')
        length--;
    int url_length =
        snprintf(url, sizeof url, "%.*s/oauth/token", (int)length, platform->login_url);
    int pair_length =
        snprintf(pair, sizeof pair, "%s:%s", platform->client_id, platform->client_secret);
    CHECK(url_length > 0 && (size_t)url_length < sizeof url);
    CHECK(pair_length > 0 && (size_t)pair_length < sizeof pair);
    size_t used = strlen(basic);
    (void)sodium_bin2base64(basic + used, sizeof basic - used, (const unsigned char *)pair,
                            (size_t)pair_length, sodium_base64_VARIANT_ORIGINAL);
    const struct http_request request = {
        .method = HTTP_POST,
        .url = url,
        .headers = {basic, "Content-Type: application/x-www-form-urlencoded",
                    "Accept: application/json"},
        .body = grant,
        .body_length = sizeof grant - 1,
        .deadline_ms = deadline_ms,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    struct http_answer http;
    http_client_request(client, &request, &http);
    sodium_memzero(pair, sizeof pair);
    sodium_memzero(basic, sizeof basic);
    http_url_host(url, host);
    token_answer_read(&http, host, answer);
}

static void log_trouble(const struct tokens *tokens, size_t platform,
                        const struct token_answer *answer, struct platform_tokens *own)
{
    enum trouble trouble = TROUBLE_UNREACHABLE;
    if (answer->result == ROUTE_RESULT_CANCELED)
        return;
    if (answer->result == ROUTE_RESULT_OK)
        trouble = TROUBLE_NONE;
    else if (answer->result == ROUTE_RESULT_UNAUTHORIZED)
        trouble = TROUBLE_REFUSED;
    if (trouble == TROUBLE_NONE && own->trouble != TROUBLE_NONE)
        log_info("auth_recovered", "platform=%s was=%s failures=%" PRIu64,
                 name_of(tokens, platform), trouble_events[own->trouble], own->trouble_count);
    else if (trouble != own->trouble)
        log_warn(trouble_events[trouble], "platform=%s status=%d why=\"%s\"",
                 name_of(tokens, platform), answer->status, answer->why.bytes);
    own->trouble_count = trouble == own->trouble ? own->trouble_count + 1 : 1;
    own->trouble = trouble;
}

/* Called and returns with the mutex held, lets go of it for the request. */
static void mint_for_all(struct tokens *tokens, struct http_client *client, size_t platform,
                         time_ms deadline_ms, struct token_answer *answer)
{
    struct platform_tokens *own = &tokens->platforms[platform];
    own->minting = true;
    (void)pthread_mutex_unlock(&tokens->mutex);
    mint(&tokens->config->platforms[platform], client, deadline_ms, answer);
    (void)pthread_mutex_lock(&tokens->mutex);
    own->minting = false;
    if (answer->result == ROUTE_RESULT_OK) {
        answer->token.generation = own->token.generation + 1;
        own->token = answer->token;
        own->expiry_logged = false;
    }
    log_trouble(tokens, platform, answer, own);
    (void)pthread_cond_broadcast(&tokens->changed);
}

static void wait_until(struct tokens *tokens, time_ms until_ms)
{
    struct timespec at = {0};
    time_ms left_ms = until_ms - clock_now_ms();
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(left_ms / 1000);
    at.tv_nsec += (long)(left_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_nsec -= 1000000000;
        at.tv_sec++;
    }
    (void)pthread_cond_timedwait(&tokens->changed, &tokens->mutex, &at);
}

/* Waits for another lane's mint. Returns false where the time is over or the store stops. */
static bool await_other_mint(struct tokens *tokens, size_t platform, time_ms until_ms)
{
    while (tokens->platforms[platform].minting && !tokens->stopping) {
        if (clock_now_ms() >= until_ms)
            return false;
        wait_until(tokens, until_ms);
    }
    return !tokens->stopping && clock_now_ms() < until_ms;
}

static void fall_back(struct tokens *tokens, size_t platform, const struct token_need *need,
                      struct token_answer *answer)
{
    const struct token *token = &tokens->platforms[platform].token;
    time_ms now_ms = clock_now_ms();
    if (need->want == TOKEN_NEW || answer->result == ROUTE_RESULT_CANCELED ||
        !is_valid(token, now_ms))
        return;
    if (need->want == TOKEN_FRESH) /* a read's is only the trouble that is logged already */
        log_warn("token_fallback", "platform=%s age_ms=%" PRId64 " left_ms=%" PRId64 " why=\"%s\"",
                 name_of(tokens, platform), now_ms - token->minted_ms, token->expires_ms - now_ms,
                 answer->why.bytes);
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
    const struct token *token = &tokens->platforms[platform].token;
    time_ms until_ms = give_up_ms(token, &exact, clock_now_ms());
    log_expiry(tokens, platform, clock_now_ms());
    if (!satisfies(tokens, token, &exact, clock_now_ms()) &&
        await_other_mint(tokens, platform, until_ms) &&
        !satisfies(tokens, token, &exact, clock_now_ms()))
        mint_for_all(tokens, client, platform, until_ms, ret_answer);
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
