#include "node/io/contexts/through.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/thread.h"
#include "node/io/act/clock.h"
#include "node/io/act/job.h"
#include "node/io/contexts/through_request.h"

enum {
    ANSWER_LIMIT_MS = 5000, /* of one request, token included */
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 60000,
    PAUSE_DEFAULT_MS = 3000, /* a 429 without Retry-After */
    PAUSE_MAX_MS = 180000,
    READ_BACK_MS = 10000, /* attributes of participants show later: a bounded loop */
    READ_BACK_EVERY_MS = 1000,
    READ_BACK_COUNT_MAX = 3, /* of what shows at once */
    WRITE_COUNT_MAX = 2,
    MINUTE_MS = 60000,
};

enum item_state { ITEM_FREE, ITEM_WAITS, ITEM_RUNS, ITEM_ENDED };

struct item {
    enum item_state state;
    struct context_id id;
    uint64_t seq;
    struct context_content *content;
    enum through_end end;
    uint64_t order;
};

struct through {
    const struct config *config;
    struct through_place place;
    size_t platform;
    struct job_tools tools;
    struct http_client *client;
    time_ms gap_ms; /* between two requests */
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex; /* everything below */
    pthread_cond_t wake;
    bool stopping;
    time_ms next_request_ms;
    time_ms paused_until_ms; /* the platform asked for it, or is away */
    time_ms backoff_ms;
    uint64_t order;
    struct item items[THROUGH_ITEM_COUNT_MAX];
    struct through_stats stats;
};

/* Waits until then, or the stop. Mutex held. Returns whether it goes on. */
static bool wait_until(struct through *through, time_ms until_ms)
{
    while (!through->stopping) {
        struct timespec until = {0};
        time_ms left_ms = until_ms - clock_now_ms();
        if (left_ms <= 0)
            return true;
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        int64_t nanoseconds = until.tv_nsec + left_ms * 1000000;
        until.tv_sec += (time_t)(nanoseconds / 1000000000);
        until.tv_nsec = (long)(nanoseconds % 1000000000);
        (void)pthread_cond_timedwait(&through->wake, &through->mutex, &until);
    }
    return false;
}

/* One request in its turn. Returns false at the stop. */
static bool ask(struct through *through, const struct job_question *asked,
                struct job_reply *ret_reply)
{
    struct job_question question = *asked;
    (void)pthread_mutex_lock(&through->mutex);
    bool goes_on = wait_until(through, through->next_request_ms);
    through->next_request_ms = clock_now_ms() + through->gap_ms;
    through->stats.requests += goes_on;
    (void)pthread_mutex_unlock(&through->mutex);
    if (!goes_on)
        return false;
    question.platform = through->platform;
    question.routine = true;
    question.deadline_ms = clock_now_ms() + ANSWER_LIMIT_MS;
    job_ask(&through->tools, &question, ret_reply);
    return true;
}

static time_ms pause_of(struct through *through, const struct job_reply *reply)
{
    if (reply->result == ROUTE_RESULT_RATE_LIMITED) {
        time_ms asked_ms = reply->retry_after_ms > 0 ? reply->retry_after_ms : PAUSE_DEFAULT_MS;
        return asked_ms < PAUSE_MAX_MS ? asked_ms : PAUSE_MAX_MS;
    }
    if (reply->status == 401 || reply->status == 403)
        return BACKOFF_MAX_MS;
    through->backoff_ms = through->backoff_ms == 0 ? BACKOFF_FIRST_MS : 2 * through->backoff_ms;
    if (through->backoff_ms > BACKOFF_MAX_MS)
        through->backoff_ms = BACKOFF_MAX_MS;
    return through->backoff_ms;
}

static void remember(struct through *through, const struct text *why)
{
    (void)text_copy(through->stats.last_error, sizeof through->stats.last_error, why->bytes);
}

/* The platform is away, busy or does not let us: everything waits. */
static enum through_end postpone(struct through *through, const struct job_reply *reply)
{
    (void)pthread_mutex_lock(&through->mutex);
    through->paused_until_ms = clock_now_ms() + pause_of(through, reply);
    remember(through, &reply->why);
    if (through->stats.failures_in_a_row++ == 0)
        log_warn("write_through_failed", "why=\"%s\"", reply->why.bytes);
    through->stats.failed++;
    (void)pthread_mutex_unlock(&through->mutex);
    return THROUGH_LATER;
}

static void recovered(struct through *through)
{
    (void)pthread_mutex_lock(&through->mutex);
    if (through->stats.failures_in_a_row > 0)
        log_info("write_through_recovered", "failures=%" PRIu64, through->stats.failures_in_a_row);
    through->stats.failures_in_a_row = 0;
    through->backoff_ms = 0;
    (void)pthread_mutex_unlock(&through->mutex);
}

/* A later checkpoint may be taken; this one never will. */
static bool is_refusal(const struct job_reply *reply)
{
    static const int statuses[] = {400, 404, 410, 413, 415, 422};
    for (size_t i = 0; i < ARRAY_COUNT(statuses); i++)
        if (reply->status == statuses[i])
            return true;
    return false;
}

static enum through_end refused(struct through *through, const struct text *why)
{
    (void)pthread_mutex_lock(&through->mutex);
    remember(through, why);
    if (through->stats.refused == 0)
        log_warn("write_through_refused", "why=\"%s\"", why->bytes);
    (void)pthread_mutex_unlock(&through->mutex);
    return THROUGH_REFUSED;
}

/* THROUGH_WRITTEN, _DIFFERS, _LATER. */
static enum through_end read_back(struct through *through, const struct item *item,
                                  const struct through_request *request)
{
    const bool later = through->place.to == CONTEXT_TARGET_PARTICIPANT;
    const time_ms until_ms = clock_now_ms() + READ_BACK_MS;
    const struct job_question question = {.url = request->read_url};
    struct job_reply reply;
    for (int count = 0; count < READ_BACK_COUNT_MAX || (later && clock_now_ms() < until_ms);
         count++) {
        if (!ask(through, &question, &reply))
            return THROUGH_LATER;
        if (reply.result != ROUTE_RESULT_OK)
            return postpone(through, &reply);
        if (!reply.cut && through_request_shows(&through->place, item->seq, item->content,
                                                reply.body, reply.body_length))
            return THROUGH_WRITTEN;
        (void)pthread_mutex_lock(&through->mutex);
        (void)wait_until(through, clock_now_ms() + READ_BACK_EVERY_MS);
        (void)pthread_mutex_unlock(&through->mutex);
    }
    return THROUGH_DIFFERS;
}

static enum through_end write_once(struct through *through, const struct item *item,
                                   const struct through_request *request)
{
    const struct job_question question = {
        .url = request->write_url, .method = request->method, .body = request->body};
    struct job_reply reply;
    if (!ask(through, &question, &reply))
        return THROUGH_LATER;
    if (reply.result != ROUTE_RESULT_OK)
        return is_refusal(&reply) ? refused(through, &reply.why) : postpone(through, &reply);
    recovered(through);
    return read_back(through, item, request);
}

static enum through_end work_on(struct through *through, const struct item *item)
{
    struct through_request request;
    struct text why = {0};
    enum through_end end = THROUGH_DIFFERS;
    int rc =
        through_request_make(&through->place, &item->id, item->seq, item->content, &request, &why);
    if (rc == ERR_NO_MEMORY)
        return THROUGH_LATER;
    if (rc < 0)
        return refused(through, &why);
    for (int count = 0; count < WRITE_COUNT_MAX && end == THROUGH_DIFFERS; count++)
        end = write_once(through, item, &request);
    if (end == THROUGH_DIFFERS)
        log_warn("write_through_differs", "seq=%" PRIu64 " writes=%d", item->seq, WRITE_COUNT_MAX);
    through_request_fini(&request);
    return end;
}

static struct item *oldest(struct through *through, enum item_state state)
{
    struct item *found = NULL;
    for (size_t i = 0; i < THROUGH_ITEM_COUNT_MAX; i++) {
        struct item *item = &through->items[i];
        if (item->state == state && (found == NULL || item->order < found->order))
            found = item;
    }
    return found;
}

static void count_end(struct through *through, enum through_end end)
{
    through->stats.written += end == THROUGH_WRITTEN;
    through->stats.refused += end == THROUGH_REFUSED;
    through->stats.differs += end == THROUGH_DIFFERS;
}

/* While the platform is not to be asked, those that were handed over go back: a newer one of the
 * same id may come meanwhile. Mutex held; the item that runs is nobody else's. */
static void step(struct through *through)
{
    struct item *item = oldest(through, ITEM_WAITS);
    if (item == NULL) {
        (void)pthread_cond_wait(&through->wake, &through->mutex);
        return;
    }
    item->state = ITEM_RUNS;
    item->end = THROUGH_LATER;
    if (clock_now_ms() >= through->paused_until_ms) {
        (void)pthread_mutex_unlock(&through->mutex);
        enum through_end end = work_on(through, item);
        (void)pthread_mutex_lock(&through->mutex);
        item->end = end;
    }
    context_content_free(&item->content);
    count_end(through, item->end);
    item->state = ITEM_ENDED;
}

static void *through_main(void *data)
{
    struct through *through = data;
    (void)pthread_mutex_lock(&through->mutex);
    while (!through->stopping)
        step(through);
    (void)pthread_mutex_unlock(&through->mutex);
    return NULL;
}

static int start_thread(struct through *through)
{
    int rc = thread_start(&through->thread, "write-through", through_main, through);
    through->started = rc == 0;
    return rc;
}

static void init_locks(struct through *through)
{
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&through->wake, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&through->mutex, NULL) == 0);
}

int through_new(const struct config *config, struct actuator *actuator,
                struct through **ret_through, struct text *why)
{
    const struct write_through_config *settings = &config->contexts.write_through;
    const struct platform_config *platform = config_find_platform(config, settings->via);
    text_set(why, "contexts.write_through.via: no platform %.60s", settings->via);
    if (platform == NULL)
        return ERR_INVALID;
    text_set(why, "no memory");
    struct through *through = calloc(1, sizeof *through);
    if (through == NULL)
        return ERR_NO_MEMORY;
    through->config = config;
    through->platform = (size_t)(platform - config->platforms);
    through->place = (struct through_place){
        .to = settings->to, .api_url = platform->api_url, .suffix = settings->suffix};
    through->gap_ms = MINUTE_MS / settings->per_minute;
    through->stats.on = true;
    init_locks(through);
    int rc = http_client_new(&config->local, &through->client);
    if (rc == 0)
        actuator_lend_tools(actuator, through->client, &through->tools);
    if (rc == 0)
        rc = start_thread(through);
    if (rc < 0) {
        through_free(&through);
        return rc;
    }
    text_clear(why);
    *ret_through = through;
    return 0;
}

void through_free(struct through **through)
{
    struct through *old = *through;
    if (old == NULL)
        return;
    (void)pthread_mutex_lock(&old->mutex);
    old->stopping = true;
    (void)pthread_cond_signal(&old->wake);
    (void)pthread_mutex_unlock(&old->mutex);
    if (old->started) {
        http_client_abort(old->client);
        (void)pthread_join(old->thread, NULL);
    }
    for (size_t i = 0; i < THROUGH_ITEM_COUNT_MAX; i++)
        context_content_free(&old->items[i].content);
    http_client_free(&old->client);
    (void)pthread_cond_destroy(&old->wake);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old);
    *through = NULL;
}

bool through_wants(struct through *through)
{
    (void)pthread_mutex_lock(&through->mutex);
    bool wants = oldest(through, ITEM_FREE) != NULL && clock_now_ms() >= through->paused_until_ms;
    (void)pthread_mutex_unlock(&through->mutex);
    return wants;
}

bool through_has(struct through *through, const struct context_id *id)
{
    bool has = false;
    (void)pthread_mutex_lock(&through->mutex);
    for (size_t i = 0; i < THROUGH_ITEM_COUNT_MAX; i++)
        has = has || (through->items[i].state != ITEM_FREE &&
                      strcmp(through->items[i].id.text, id->text) == 0);
    (void)pthread_mutex_unlock(&through->mutex);
    return has;
}

int through_give(struct through *through, const struct context_id *id, uint64_t seq,
                 struct context_content **content)
{
    (void)pthread_mutex_lock(&through->mutex);
    struct item *item = oldest(through, ITEM_FREE);
    if (item != NULL) {
        *item = (struct item){.state = ITEM_WAITS,
                              .id = *id,
                              .seq = seq,
                              .content = *content,
                              .order = ++through->order};
        *content = NULL;
        (void)pthread_cond_signal(&through->wake);
    }
    (void)pthread_mutex_unlock(&through->mutex);
    context_content_free(content);
    return item == NULL ? ERR_FULL : 0;
}

int through_take(struct through *through, struct context_id *ret_id, uint64_t *ret_seq,
                 enum through_end *ret_end)
{
    (void)pthread_mutex_lock(&through->mutex);
    struct item *item = oldest(through, ITEM_ENDED);
    if (item != NULL) {
        *ret_id = item->id;
        *ret_seq = item->seq;
        *ret_end = item->end;
        item->state = ITEM_FREE;
    }
    (void)pthread_mutex_unlock(&through->mutex);
    return item == NULL ? ERR_NOT_FOUND : 0;
}

void through_stats(struct through *through, struct through_stats *ret_stats)
{
    (void)pthread_mutex_lock(&through->mutex);
    *ret_stats = through->stats;
    ret_stats->paused = clock_now_ms() < through->paused_until_ms;
    (void)pthread_mutex_unlock(&through->mutex);
}
