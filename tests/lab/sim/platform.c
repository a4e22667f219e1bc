#include "tests/lab/sim/platform.h"

#include "common/errors.h"

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
    platform->tokens.life_ms = options->token_life_ms;
    platform->tokens.rate_per_minute = options->rate_per_minute;
    platform->journal.fd = -1;
    result = clients_add(platform, options, why);
    if (result == 0)
        result = refreshes_add(platform, options, why);
    if (result == 0)
        result = plans_init(platform, options->versioned);
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

void platform_record(struct platform *platform, const struct journal_entry *entry)
{
    int result = journal_append(&platform->journal, entry);

    if (result == 0)
        return;
    fprintf(stderr, "genesys-sim: the journal cannot be written: %s; ending\n", error_name(result));
    _exit(EXIT_FAILURE);
}
