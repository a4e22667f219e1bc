#include "node/io/act/tokens_parts.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/act/clock.h"

static void drop_pending(struct pending_tokens *pending)
{
    sodium_memzero(pending, sizeof *pending);
}

static void open_shared(struct tokens *tokens, const struct token_news *news)
{
    struct platform_tokens *own = &tokens->platforms[news->platform];
    const struct name *name = &tokens->config->platforms[news->platform].name;
    const struct sealed_about about = {news->cluster_id, name, news->generation};
    time_ms now_ms = clock_now_ms();
    int code = sealed_token_open(tokens->seal_key, &about, news->sealed, news->sealed_length,
                                 own->shared.value, own->refresh);
    own->unopened = code != 0;
    if (code != 0) {
        log_error("token_not_opened", "platform=%s generation=%" PRIu64 " error=%s why=\"%s\"",
                  name->text, news->generation, error_name(code),
                  "is the seal key the one of the other nodes?");
        return;
    }
    own->shared.minted_ms = now_ms - news->age_ms;
    own->shared.expires_ms = now_ms + news->left_ms;
    own->shared.generation = news->generation;
    log_info("token_taken", "platform=%s generation=%" PRIu64 " left_ms=%" PRId64, name->text,
             news->generation, news->left_ms);
}

void tokens_follow(struct tokens *tokens, const struct token_news *news)
{
    CHECK(news->platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    struct platform_tokens *own = &tokens->platforms[news->platform];
    own->locked_out = news->locked_out;
    if (own->pending.generation <= news->generation)
        drop_pending(&own->pending);
    if (own->shared.generation != news->generation) {
        sodium_memzero(&own->shared, sizeof own->shared);
        sodium_memzero(own->refresh, sizeof own->refresh);
        own->shared.shared = true;
        own->expiry_logged = false;
        own->unopened = false;
        if (news->generation != 0)
            open_shared(tokens, news);
    }
    (void)pthread_cond_broadcast(&tokens->changed);
    (void)pthread_mutex_unlock(&tokens->mutex);
}

/* Copies the refresh token that goes in. Returns 0, or ERR_NOT_FOUND with `why`. */
static int find_refresh(const struct tokens *tokens, const struct exchange_order *order,
                        char ret_refresh[REFRESH_SIZE], struct text *why)
{
    const struct platform_tokens *own = &tokens->platforms[order->platform];
    if (order->from_generation == 0)
        return text_copy(ret_refresh, REFRESH_SIZE,
                         tokens->config->platforms[order->platform].refresh_token);
    if (own->unopened || own->shared.generation != order->from_generation) {
        text_set(why, "the ledger's token of generation %" PRIu64 " is not at hand%s",
                 order->from_generation, own->unopened ? ": it could not be opened" : "");
        return ERR_NOT_FOUND;
    }
    return text_copy(ret_refresh, REFRESH_SIZE, own->refresh);
}

/* Seals what is pending for the order's generation. */
static void answer_pending(struct tokens *tokens, const struct exchange_order *order,
                           struct exchange_answer *answer)
{
    struct pending_tokens *pending = &tokens->platforms[order->platform].pending;
    const struct sealed_about about = {
        order->cluster_id, &tokens->config->platforms[order->platform].name, order->generation};
    time_ms left_ms = pending->expires_ms - clock_now_ms();
    CHECK(sealed_token_make(tokens->seal_key, &about, pending->access, pending->refresh,
                            pending->sealed, &pending->sealed_length) == 0);
    pending->generation = order->generation;
    answer->result = ROUTE_RESULT_OK;
    answer->life_ms = left_ms > 0 ? left_ms : 0;
    text_clear(&answer->why);
}

/* A platform that does not rotate names no new refresh token: the old one goes on. */
static void keep_pending(struct tokens *tokens, const struct exchange_order *order,
                         const struct grant_answer *grant, const char *old_refresh)
{
    struct pending_tokens *pending = &tokens->platforms[order->platform].pending;
    const char *refresh = grant->refresh[0] != '\0' ? grant->refresh : old_refresh;
    drop_pending(pending);
    pending->generation = order->generation;
    pending->expires_ms = grant->expires_ms;
    CHECK(text_copy(pending->access, sizeof pending->access, grant->access) == 0);
    CHECK(text_copy(pending->refresh, sizeof pending->refresh, refresh) == 0);
}

static void take_grant(const struct grant_answer *grant, struct exchange_answer *answer)
{
    answer->result = grant->result;
    answer->status = grant->status;
    answer->retry_after_ms = grant->retry_after_ms;
    answer->refused = grant->invalid_grant;
    answer->lost = grant->lost;
    answer->started_ms = grant->started_ms;
    answer->why = grant->why;
}

static void exchange(struct tokens *tokens, struct http_client *client,
                     const struct exchange_order *order, const char *refresh,
                     struct exchange_answer *answer)
{
    const struct platform_config *platform = &tokens->config->platforms[order->platform];
    const struct grant_request request = {.login_url = platform->login_url,
                                          .client_id = platform->client_id,
                                          .client_secret = platform->client_secret,
                                          .refresh_token = refresh,
                                          .deadline_ms = order->deadline_ms,
                                          .start_before_ms = order->start_before_ms};
    struct grant_answer grant;
    grant_ask(client, &request, &grant);
    take_grant(&grant, answer);
    const struct trouble_case ended = {order->platform, grant.result, grant.status,
                                       grant.why.bytes};
    troubles_auth(tokens->troubles, &ended);
    (void)pthread_mutex_lock(&tokens->mutex);
    if (grant.result == ROUTE_RESULT_OK) {
        keep_pending(tokens, order, &grant, refresh);
        answer_pending(tokens, order, answer);
    }
    (void)pthread_mutex_unlock(&tokens->mutex);
    sodium_memzero(&grant, sizeof grant);
}

void tokens_exchange(struct tokens *tokens, struct http_client *client,
                     const struct exchange_order *order, struct exchange_answer *ret_answer)
{
    char refresh[REFRESH_SIZE];
    CHECK(order->platform < tokens->config->platform_count);
    *ret_answer = (struct exchange_answer){.result = ROUTE_RESULT_NOT_SENT};
    (void)pthread_mutex_lock(&tokens->mutex);
    bool kept = tokens->platforms[order->platform].pending.generation != 0;
    int code = 0;
    if (kept)
        answer_pending(tokens, order, ret_answer);
    else
        code = find_refresh(tokens, order, refresh, &ret_answer->why);
    (void)pthread_mutex_unlock(&tokens->mutex);
    if (!kept && code == 0)
        exchange(tokens, client, order, refresh, ret_answer);
    sodium_memzero(refresh, sizeof refresh);
}

int tokens_copy_sealed(struct tokens *tokens, size_t platform, uint64_t generation,
                       uint8_t ret_sealed[SEALED_BYTES_MAX], size_t *ret_length)
{
    CHECK(platform < tokens->config->platform_count);
    (void)pthread_mutex_lock(&tokens->mutex);
    const struct pending_tokens *pending = &tokens->platforms[platform].pending;
    int code = generation != 0 && pending->generation == generation ? 0 : ERR_NOT_FOUND;
    if (code == 0) {
        memcpy(ret_sealed, pending->sealed, pending->sealed_length);
        *ret_length = pending->sealed_length;
    }
    (void)pthread_mutex_unlock(&tokens->mutex);
    return code;
}
