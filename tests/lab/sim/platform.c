#include "tests/lab/sim/platform.h"

#include "common/errors.h"
#include "tests/lab/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEMO_CLIENT "demo-client:demo-secret"

static int clients_add(struct platform *platform, const struct platform_options *options,
                       struct text *why)
{
    if (token_client_add(&platform->tokens, DEMO_CLIENT) != 0)
        return ERR_INTERNAL;
    for (size_t i = 0; i < options->client_count; i++) {
        if (token_client_add(&platform->tokens, options->clients[i]) != 0) {
            text_set(why, "client %zu is not ID:SECRET, or there are too many", i + 1);
            return ERR_INVALID;
        }
    }
    return 0;
}

static int refreshes_add(struct platform *platform, const struct platform_options *options,
                         struct text *why)
{
    platform->refreshes.grace_ms = options->refresh_grace_ms;
    for (size_t i = 0; i < options->refresh_count; i++) {
        if (refresh_add(&platform->refreshes, options->refreshes[i]) != 0) {
            text_set(why, "refresh token %zu is empty or too long", i + 1);
            return ERR_INVALID;
        }
    }
    return 0;
}

static int catalog_start(struct platform *platform)
{
    time_ms now_ms = clock_boot_ms();

    for (size_t i = 0; i < PLAN_COUNT; i++)
        effect_note(&platform->plan_effects[i], now_ms, plan_flow(&platform->plans[i]));
    return catalog_init(&platform->catalog, now_ms, clock_wall_ms());
}

static int plans_init(struct platform *platform, bool versioned)
{
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        char id[PLAN_ID_BYTES] = "";

        (void)snprintf(id, sizeof(id), "plan-%zu", i + 1);
        if (plan_init(&platform->plans[i], id, versioned) != 0)
            return ERR_NO_MEMORY;
    }
    return 0;
}

int platform_new(const struct platform_options *options, struct platform **ret_platform,
                 struct text *why)
{
    struct platform *platform = calloc(1, sizeof(*platform));
    int result = ERR_NO_MEMORY;

    text_set(why, "no memory");
    if (platform == NULL)
        return ERR_NO_MEMORY;
    (void)pthread_mutex_init(&platform->lock, NULL);
    platform->propagation_ms = options->propagation_ms;
    platform->read_lag_ms = options->read_lag_ms;
    platform->deploy_delay_ms = options->deploy_delay_ms;
    platform->attributes_delay_ms = options->attributes_delay_ms;
    platform->edge_count = options->edge_count;
    platform->put_rate = options->put_rate;
    platform->put_parallel = options->put_parallel;
    platform->put_takes_ms = options->put_takes_ms;
    platform->tokens.life_ms = options->token_life_ms;
    platform->tokens.rate_per_minute = options->rate_per_minute;
    platform->journal.fd = -1;
    result = clients_add(platform, options, why);
    if (result == 0)
        result = refreshes_add(platform, options, why);
    if (result == 0)
        result = plans_init(platform, options->versioned);
    if (result == 0)
        result = catalog_start(platform);
    if (result == 0)
        result = journal_open(&platform->journal, options->journal_path, why);
    if (result != 0) {
        platform_free(&platform);
        return result;
    }
    text_clear(why);
    *ret_platform = platform;
    return 0;
}

void platform_free(struct platform **platform)
{
    struct platform *old = *platform;

    if (old == NULL)
        return;
    *platform = NULL;
    for (size_t i = 0; i < PLAN_COUNT; i++)
        plan_fini(&old->plans[i]);
    catalog_fini(&old->catalog);
    journal_close(&old->journal);
    (void)pthread_mutex_destroy(&old->lock);
    free(old);
}

struct plan *platform_find_plan(struct platform *platform, const char *id)
{
    for (size_t i = 0; i < PLAN_COUNT; i++) {
        if (strcmp(platform->plans[i].id, id) == 0)
            return &platform->plans[i];
    }
    return NULL;
}

struct document_clock platform_clock(const struct platform *platform, const struct kind *kind,
                                     time_ms now_ms)
{
    return (struct document_clock){
        .now_ms = now_ms,
        .wall_ms = clock_wall_ms(),
        .read_lag_ms = platform->read_lag_ms,
        .delay_ms = kind->delayed ? platform->deploy_delay_ms : 0,
    };
}

/* The conversations of an entrance come in at its edges in turn. */
static const char *traffic_route(void *data, const char *entrance, int64_t number, time_ms at_ms)
{
    struct platform *platform = data;
    const struct effect_log *effects = platform_effects(platform, entrance);
    int edge = 1 + (int)(number % platform->edge_count);

    return effects == NULL ? NULL : platform_edge_flow(platform, effects, edge, at_ms);
}

void platform_traffic_advance(struct platform *platform, time_ms now_ms)
{
    traffic_advance(&platform->traffic, now_ms, traffic_route, platform);
}

void platform_plan_changed(struct platform *platform, const struct plan *plan, time_ms now_ms)
{
    platform_traffic_advance(platform, now_ms);
    effect_note(&platform->plan_effects[plan - platform->plans], now_ms, plan_flow(plan));
}

void platform_document_changed(struct platform *platform, const struct document *document,
                               time_ms now_ms)
{
    time_ms at_ms = document->pending_until_ms != 0 ? document->pending_until_ms : now_ms;

    platform_traffic_advance(platform, now_ms);
    catalog_effects_note(&platform->catalog, document, at_ms, now_ms);
}

const struct effect_log *platform_effects(struct platform *platform, const char *name)
{
    const char *plan_prefix = "routing-plan/";
    const struct document *document = catalog_find_name(&platform->catalog, name);
    const struct plan *plan = NULL;

    if (document != NULL && document->effects.count > 0)
        return &document->effects;
    if (strncmp(name, plan_prefix, strlen(plan_prefix)) == 0)
        plan = platform_find_plan(platform, name + strlen(plan_prefix));
    return plan == NULL ? NULL : &platform->plan_effects[plan - platform->plans];
}

const char *platform_edge_flow(const struct platform *platform, const struct effect_log *effects,
                               int edge, time_ms now_ms)
{
    return effect_flow(effects, now_ms - platform->propagation_ms * edge / platform->edge_count);
}

void platform_record(struct platform *platform, const struct journal_entry *entry)
{
    int result = journal_append(&platform->journal, entry);

    if (result == 0)
        return;
    fprintf(stderr, "genesys-sim: the journal cannot be written: %s; ending\n", error_name(result));
    _exit(EXIT_FAILURE);
}
