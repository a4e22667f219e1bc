#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/core/ledger.h"
#include "node/io/config/seal_key.h"
#include "node/io/loop/parts.h"

/* The core counts only the platforms whose refresh token the cluster keeps, in the file's order. */
static size_t place_in_config(const struct node *node, uint8_t place)
{
    for (size_t i = 0; i < node->config->platform_count; i++)
        if (node->config->platforms[i].grant == GRANT_REFRESH_TOKEN && place-- == 0)
            return i;
    return node->config->platform_count;
}

static uint8_t place_in_core(const struct node *node, size_t platform)
{
    uint8_t place = 0;
    for (size_t i = 0; i < platform; i++)
        if (node->config->platforms[i].grant == GRANT_REFRESH_TOKEN)
            place++;
    return place;
}

void tokens_fill_settings(const struct node *node, struct core_settings *settings)
{
    uint8_t key[SEAL_KEY_BYTES];
    settings->token_fresh_ms = node->config->timing.token_fresh_ms;
    if (seal_key_parse(node->config->seal, key) != 0)
        return; /* there is no such platform: the loader demands a key with one */
    for (size_t i = 0; i < node->config->platform_count; i++) {
        const struct platform_config *platform = &node->config->platforms[i];
        if (platform->grant != GRANT_REFRESH_TOKEN || settings->platform_count == TOKEN_COUNT_MAX)
            continue;
        settings->platforms[settings->platform_count++] = (struct platform_settings){
            .name = platform->name, .seed_hash = seal_key_hash(key, platform->refresh_token)};
    }
    sodium_memzero(key, sizeof key);
}

uint8_t tokens_platform_of(const struct node *node, const struct service_config *service)
{
    const struct platform_config *platform =
        config_find_platform(node->config, service->routes[0].via);
    if (platform == NULL || platform->grant != GRANT_REFRESH_TOKEN)
        return 0;
    return (uint8_t)(place_in_core(node, (size_t)(platform - node->config->platforms)) + 1);
}

void effect_exchange(struct node *node, const struct effect *effect)
{
    struct actuator_job job = {.kind = ACTUATOR_EXCHANGE,
                               .ticket = effect->as.exchange.ticket,
                               .platform = place_in_config(node, effect->as.exchange.platform),
                               .generation = effect->as.exchange.generation,
                               .from_generation = effect->as.exchange.from_generation,
                               .start_before_ms = effect->as.exchange.start_before_ms,
                               .deadline_ms = node->config->timing.actuator_deadline_ms};
    memcpy(job.cluster_id, node->cluster_id, sizeof job.cluster_id);
    int code = actuator_submit(node->actuator, &job);
    if (code == 0)
        return;
    struct letter letter = {.kind = LETTER_ROUTED};
    letter.as.routed.job = job;
    letter.as.routed.result = ROUTE_RESULT_NOT_SENT;
    text_set(&letter.as.routed.why, "the actuator does not take the job: %s", error_name(code));
    mailbox_post(&node->mailbox, &letter);
}

void effect_token(struct node *node, const struct effect *effect)
{
    size_t platform = place_in_config(node, effect->as.token.platform);
    const struct token_record *token =
        ledger_token(&node->core->ledger, &node->config->platforms[platform].name);
    if (token == NULL)
        return;
    struct token_news news = {.platform = platform,
                              .generation = token->generation,
                              .locked_out = token->locked_out,
                              .sealed = token->sealed,
                              .sealed_length = token->sealed_length,
                              .age_ms = token->life_ms - effect->as.token.left_ms,
                              .left_ms = effect->as.token.left_ms};
    memcpy(news.cluster_id, node->cluster_id, sizeof news.cluster_id);
    actuator_follow(node->actuator, &news);
}

static enum exchange_result result_of(const struct actuator_result *result)
{
    if (result->result == ROUTE_RESULT_OK)
        return EXCHANGE_OK;
    if (result->exchange_refused)
        return EXCHANGE_REFUSED;
    return result->exchange_lost ? EXCHANGE_LOST : EXCHANGE_FAILED;
}

void tokens_on_exchanged(struct node *node, const struct actuator_result *result)
{
    uint8_t sealed[SEALED_BYTES_MAX];
    const char *name = node->config->platforms[result->job.platform].name.text;
    struct event event = {.kind = EVENT_EXCHANGED};
    event.as.exchanged.ticket = result->job.ticket;
    event.as.exchanged.platform = place_in_core(node, result->job.platform);
    event.as.exchanged.result = result_of(result);
    event.as.exchanged.sealed = sealed;
    event.as.exchanged.life_ms = result->life_ms;
    event.as.exchanged.retry_after_ms = result->retry_after_ms;
    if (event.as.exchanged.result == EXCHANGE_OK &&
        actuator_copy_sealed(node->actuator, result->job.platform, result->job.generation, sealed,
                             &event.as.exchanged.sealed_length) != 0)
        event.as.exchanged.result = EXCHANGE_FAILED; /* the ledger has something newer */
    log_event(event.as.exchanged.result == EXCHANGE_OK ? LOG_INFO : LOG_WARN, "token_exchange",
              "platform=%s generation=%llu result=%s status=%d why=\"%s\"", name,
              (unsigned long long)result->job.generation, route_result_name(result->result),
              result->status, result->why.bytes);
    driver_step(node, &event);
}
