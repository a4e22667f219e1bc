#include "node/io/act/rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "common/check.h"
#include "common/errors.h"

struct limits {
    struct http_rate_limit told;
    time_ms reset_at_ms; /* the window that was told of is over then; 0: none was */
    time_ms limited_until_ms;
    time_ms proof_ms; /* when a proof last went; 0: none did */
    uint64_t limited;
    uint64_t held;
};

struct rates {
    time_ms proof_every_ms;
    pthread_mutex_t mutex;
    struct limits platforms[PLATFORM_COUNT_MAX];
};

int rates_new(time_ms proof_every_ms, struct rates **ret_rates)
{
    struct rates *rates = calloc(1, sizeof *rates);
    if (rates == NULL)
        return ERR_NO_MEMORY;
    CHECK(pthread_mutex_init(&rates->mutex, NULL) == 0);
    rates->proof_every_ms = proof_every_ms;
    *ret_rates = rates;
    return 0;
}

void rates_free(struct rates **rates)
{
    if (*rates == NULL)
        return;
    (void)pthread_mutex_destroy(&(*rates)->mutex);
    free(*rates);
    *rates = NULL;
}

static bool is_told(const struct http_rate_limit *limit)
{
    return limit->count >= 0 && limit->allowed > 0 && limit->reset_s >= 0;
}

void rates_note(struct rates *rates, size_t platform, const struct http_answer *answer,
                time_ms now_ms)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&rates->mutex);
    struct limits *limits = &rates->platforms[platform];
    if (is_told(&answer->rate_limit)) {
        limits->told = answer->rate_limit;
        limits->reset_at_ms = now_ms + (time_ms)answer->rate_limit.reset_s * 1000;
    }
    if (answer->status == 429) {
        limits->limited++;
        limits->limited_until_ms = now_ms + answer->retry_after_ms;
    }
    (void)pthread_mutex_unlock(&rates->mutex);
}

static bool is_near(const struct limits *limits, time_ms now_ms)
{
    return now_ms < limits->reset_at_ms &&
           (int64_t)limits->told.count * 100 >= (int64_t)limits->told.allowed * RATE_NEAR_PERCENT;
}

static int admit(struct limits *limits, bool waited, time_ms now_ms, struct text *why)
{
    if (now_ms < limits->limited_until_ms) {
        text_set(why, "held back: the API wants us to wait for %lld s more",
                 (long long)(limits->limited_until_ms - now_ms + 999) / 1000);
        return ERR_BUSY;
    }
    if (is_near(limits, now_ms) && !waited) {
        text_set(why,
                 "held back: %d of %d requests are used, the rest is kept for moves for %lld s",
                 limits->told.count, limits->told.allowed,
                 (long long)(limits->reset_at_ms - now_ms + 999) / 1000);
        return ERR_BUSY;
    }
    return 0;
}

int rates_admit(struct rates *rates, size_t platform, bool proof, time_ms now_ms, struct text *why)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&rates->mutex);
    struct limits *limits = &rates->platforms[platform];
    bool waited = limits->proof_ms == 0 || now_ms - limits->proof_ms >= rates->proof_every_ms;
    int rc = admit(limits, proof && waited, now_ms, why);
    if (rc < 0)
        limits->held++;
    else if (proof)
        limits->proof_ms = now_ms;
    (void)pthread_mutex_unlock(&rates->mutex);
    return rc;
}

struct rate_view rates_view(struct rates *rates, size_t platform, time_ms now_ms)
{
    CHECK(platform < PLATFORM_COUNT_MAX);
    (void)pthread_mutex_lock(&rates->mutex);
    const struct limits *limits = &rates->platforms[platform];
    bool runs = now_ms < limits->reset_at_ms;
    time_ms limited_ms = limits->limited_until_ms - now_ms;
    struct rate_view view = {
        .used = runs ? limits->told.count : -1,
        .allowed = limits->reset_at_ms != 0 ? limits->told.allowed : -1,
        .reset_ms = runs ? limits->reset_at_ms - now_ms : -1,
        .limited_ms = limited_ms > 0 ? limited_ms : 0,
        .limited = limits->limited,
        .held = limits->held,
    };
    (void)pthread_mutex_unlock(&rates->mutex);
    return view;
}
