#include "node/io/act/trouble.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"

enum trouble {
    TROUBLE_NONE,
    TROUBLE_AUTH_REFUSED,
    TROUBLE_AUTH_UNREACHABLE,
    TROUBLE_API_UNREACHABLE,
    TROUBLE_API_ERROR,
    TROUBLE_N
};

static const char *const events[TROUBLE_N] = {
    [TROUBLE_NONE] = "none",
    [TROUBLE_AUTH_REFUSED] = "auth_refused",
    [TROUBLE_AUTH_UNREACHABLE] = "auth_unreachable",
    [TROUBLE_API_UNREACHABLE] = "api_unreachable",
    [TROUBLE_API_ERROR] = "api_error",
};

/* What one counterpart does just now. */
struct state {
    enum trouble trouble;
    uint64_t count; /* of the same, in a row */
};

struct platform_troubles {
    struct state auth;
    struct state api;
    uint64_t counts[TROUBLE_N];
    uint64_t token_expired;
};

struct troubles {
    const struct config *config;
    pthread_mutex_t mutex;
    struct platform_troubles platforms[PLATFORM_COUNT_MAX];
};

int troubles_new(const struct config *config, struct troubles **ret_troubles)
{
    struct troubles *troubles = calloc(1, sizeof *troubles);
    if (troubles == NULL)
        return ERR_NO_MEMORY;
    CHECK(pthread_mutex_init(&troubles->mutex, NULL) == 0);
    troubles->config = config;
    *ret_troubles = troubles;
    return 0;
}

void troubles_free(struct troubles **troubles)
{
    if (*troubles == NULL)
        return;
    (void)pthread_mutex_destroy(&(*troubles)->mutex);
    free(*troubles);
    *troubles = NULL;
}

static const char *name_of(const struct troubles *troubles, size_t platform)
{
    return troubles->config->platforms[platform].name.text;
}

static void note(struct troubles *troubles, const struct trouble_case *ended, struct state *state,
                 enum trouble trouble, const char *recovered)
{
    struct platform_troubles *own = &troubles->platforms[ended->platform];
    if (trouble == TROUBLE_NONE && state->trouble != TROUBLE_NONE)
        log_info(recovered, "platform=%s was=%s failures=%" PRIu64,
                 name_of(troubles, ended->platform), events[state->trouble], state->count);
    else if (trouble != state->trouble)
        log_warn(events[trouble], "platform=%s status=%d why=\"%s\"",
                 name_of(troubles, ended->platform), ended->status, ended->why);
    state->count = trouble == state->trouble ? state->count + 1 : 1;
    state->trouble = trouble;
    own->counts[trouble]++;
}

void troubles_auth(struct troubles *troubles, const struct trouble_case *ended)
{
    enum trouble trouble = TROUBLE_AUTH_UNREACHABLE;
    CHECK(ended->platform < PLATFORM_COUNT_MAX);
    if (ended->result == ROUTE_RESULT_CANCELED)
        return;
    if (ended->result == ROUTE_RESULT_OK)
        trouble = TROUBLE_NONE;
    else if (ended->result == ROUTE_RESULT_UNAUTHORIZED)
        trouble = TROUBLE_AUTH_REFUSED;
    (void)pthread_mutex_lock(&troubles->mutex);
    note(troubles, ended, &troubles->platforms[ended->platform].auth, trouble, "auth_recovered");
    (void)pthread_mutex_unlock(&troubles->mutex);
}

void troubles_api(struct troubles *troubles, const struct trouble_case *ended)
{
    enum trouble trouble = TROUBLE_API_ERROR;
    CHECK(ended->platform < PLATFORM_COUNT_MAX);
    /* A refused token says nothing about the API. */
    if (ended->result == ROUTE_RESULT_CANCELED || ended->result == ROUTE_RESULT_UNAUTHORIZED)
        return;
    if (ended->result == ROUTE_RESULT_OK || ended->result == ROUTE_RESULT_CONFLICT)
        trouble = TROUBLE_NONE;
    else if (ended->status == 0)
        trouble = TROUBLE_API_UNREACHABLE;
    (void)pthread_mutex_lock(&troubles->mutex);
    note(troubles, ended, &troubles->platforms[ended->platform].api, trouble, "api_recovered");
    (void)pthread_mutex_unlock(&troubles->mutex);
}

void troubles_expired(struct troubles *troubles, size_t platform, const char *reason,
                      time_ms age_ms)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&troubles->mutex);
    troubles->platforms[platform].token_expired++;
    (void)pthread_mutex_unlock(&troubles->mutex);
    log_warn("token_expired", "platform=%s reason=%s age_ms=%" PRId64, name_of(troubles, platform),
             reason, age_ms);
}

struct trouble_counts troubles_counts(struct troubles *troubles, size_t platform)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&troubles->mutex);
    const struct platform_troubles *own = &troubles->platforms[platform];
    struct trouble_counts counts = {
        .token_expired = own->token_expired,
        .auth_refused = own->counts[TROUBLE_AUTH_REFUSED],
        .auth_unreachable = own->counts[TROUBLE_AUTH_UNREACHABLE],
        .api_unreachable = own->counts[TROUBLE_API_UNREACHABLE],
        .api_error = own->counts[TROUBLE_API_ERROR],
    };
    (void)pthread_mutex_unlock(&troubles->mutex);
    return counts;
}
