#include "node/io/contexts/contexts.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/thread.h"
#include "node/io/contexts/context_answer.h"
#include "node/io/contexts/context_body.h"
#include "node/io/contexts/context_bus.h"
#include "node/io/contexts/context_queue.h"
#include "node/io/contexts/store_redis.h"
#include "node/io/contexts/store_sqlite.h"
#include "node/io/contexts/through_feed.h"

enum {
    FRAMES_AT_ONCE = 256, /* between two polls, so that no peer starves the clients */
    TICK_MS = 25,
    POLL_BUSY_MS = 20,
    POLL_IDLE_MS = 100,
    HEARD_MS = 3000,
    NICENESS = 5, /* the control loop goes first where cores are few */
};

static const uint64_t latency_bounds_us[CONTEXT_LATENCY_COUNT] = {
    1000, 2000, 5000, 10000, 20000, 50000, 100000, 500000, 2000000, 0};

struct contexts {
    const struct config *config;
    node_id self;
    contexts_wake_fn *wake;
    void *wake_data;
    struct context_queue queue;
    pthread_t thread;
    bool started;
    atomic_bool leads;
    _Atomic(struct through *) through; /* NULL: nothing is written through */
    pthread_mutex_t stats_mutex;
    struct contexts_stats stats; /* what others may read */
    uint64_t refused_busy;
    /* Of the contexts' thread alone: */
    struct context_seal seal;
    struct context_bus *bus; /* NULL: the store is shared, no node is asked */
    struct context_store *store;
    struct context_engine *engine;
    struct through_feed feed;
    struct context_frame frame;
    struct contexts_stats own; /* copied to `stats` in each turn */
    time_ms ticked_ms;
    int logged_error;
};

uint64_t contexts_latency_bound_us(size_t bucket)
{
    CHECK(bucket < CONTEXT_LATENCY_COUNT);
    return latency_bounds_us[bucket];
}

const char *context_verb_name(enum context_verb verb)
{
    static const char *const names[CONTEXT_VERB_N] = {"put", "get", "delete"};
    return verb < CONTEXT_VERB_N ? names[verb] : "?";
}

const char *context_refusal_name(enum context_refusal refusal)
{
    static const char *const names[CONTEXT_REFUSAL_N] = {"form", "busy",   "full",  "no-quorum",
                                                         "new",  "failed", "older", "conflict"};
    return refusal < CONTEXT_REFUSAL_N ? names[refusal] : "?";
}

static int64_t clock_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static time_ms engine_now_ms(void *data)
{
    (void)data;
    return clock_us(CLOCK_BOOTTIME) / 1000;
}

static int64_t engine_wall_ms(void *data)
{
    (void)data;
    return clock_us(CLOCK_REALTIME) / 1000;
}

static int engine_send(void *data, node_id to, const uint8_t *bytes, size_t length)
{
    struct contexts *contexts = data;
    return context_bus_send(contexts->bus, to, bytes, length);
}

static void count_latency(struct contexts *contexts, const struct context_parcel *parcel)
{
    enum context_verb verb = parcel->request.verb;
    uint64_t took_us = (uint64_t)(clock_us(CLOCK_BOOTTIME) - parcel->begun_us);
    size_t bucket = 0;
    while (bucket + 1 < CONTEXT_LATENCY_COUNT && took_us > latency_bounds_us[bucket])
        bucket++;
    contexts->own.calls[verb]++;
    contexts->own.latency[verb][bucket]++;
    contexts->own.latency_sum_us[verb] += took_us;
}

static void answer(struct contexts *contexts, struct context_parcel *parcel,
                   enum context_refusal refusal)
{
    parcel->answer.request_id = parcel->request.request_id;
    if (refusal == CONTEXT_REFUSAL_N)
        count_latency(contexts, parcel);
    else
        contexts->own.refused[refusal]++;
    if (context_queue_answer(&contexts->queue, parcel))
        contexts->wake(contexts->wake_data);
}

static void on_done(void *data, void *caller, const struct context_result *result)
{
    struct contexts *contexts = data;
    struct context_parcel *parcel = caller;
    answer(contexts, parcel,
           context_answer_result(&contexts->seal, &parcel->request, result, &parcel->answer));
}

static bool is_written_through(struct contexts *contexts, const struct context_content *content)
{
    enum context_target to = contexts->config->contexts.write_through.to;
    if (to == CONTEXT_TARGET_OFF)
        return false;
    if (to != CONTEXT_TARGET_PARTICIPANT ||
        (content->conversation.text[0] != '\0' && content->participant.text[0] != '\0'))
        return true;
    contexts->own.through.unnamed++;
    return false;
}

/* Reads and seals the body of a PUT. Returns 0, or an error with `why`. */
static int prepare_put(struct contexts *contexts, const struct context_request *request,
                       struct context_call *call, uint8_t **ret_bytes, struct text *why)
{
    struct context_content *content = NULL;
    int error = context_body_read(request->body != NULL ? request->body : "", request->body_length,
                                  request->seq, contexts->config->contexts.value_max,
                                  &call->entry.version.seq, &content, why);
    if (error != 0)
        return error;
    call->entry.id = call->id;
    call->entry.follows = is_written_through(contexts, content);
    error = context_seal_make(&contexts->seal, content, &call->entry, ret_bytes);
    if (error == ERR_TOO_LARGE)
        text_set(why, "fields: together they are over what a context may hold (64 KiB)");
    context_content_free(&content);
    return error;
}

static void begin(struct contexts *contexts, struct context_parcel *parcel)
{
    struct context_call call = {.verb = parcel->request.verb, .caller = parcel};
    struct text why = {.length = 0};
    uint8_t *bytes = NULL;
    int error = context_id_set(&call.id, parcel->request.id);
    if (error != 0)
        text_set(&why, "the id in the path: 1 to %d printable characters without '/' are wanted",
                 CONTEXT_ID_BYTES_MAX);
    if (error == 0 && call.verb == CONTEXT_VERB_PUT)
        error = prepare_put(contexts, &parcel->request, &call, &bytes, &why);
    if (error != 0) {
        answer(contexts, parcel, context_answer_form(error, &why, &parcel->answer));
        return;
    }
    error = context_engine_begin(contexts->engine, &call);
    free(bytes);
    if (error != 0)
        answer(contexts, parcel, context_answer_refused(error, &parcel->answer));
}

static void take_requests(struct contexts *contexts)
{
    struct context_parcel *parcel = context_queue_requests(&contexts->queue);
    while (parcel != NULL) {
        struct context_parcel *next = parcel->next;
        begin(contexts, parcel);
        parcel = next;
    }
}

/* The frame's own sender must be who the connection proved. */
static void take_frame(struct contexts *contexts, zmq_msg_t *message, node_id sender)
{
    int error =
        context_frame_decode(zmq_msg_data(message), zmq_msg_size(message), &contexts->frame);
    if (error == 0 && contexts->frame.sender == sender)
        context_engine_frame(contexts->engine, &contexts->frame);
    else
        contexts->own.frames_dropped++;
}

static void take_frames(struct contexts *contexts)
{
    zmq_msg_t message;
    int error = 0;
    (void)zmq_msg_init(&message);
    for (int i = 0; i < FRAMES_AT_ONCE && error != ERR_NOT_FOUND; i++) {
        node_id sender = 0;
        error = context_bus_receive(contexts->bus, &message, &sender);
        if (error == 0)
            take_frame(contexts, &message, sender);
        else if (error != ERR_NOT_FOUND)
            contexts->own.frames_dropped++;
    }
    (void)zmq_msg_close(&message);
}

static int open_store(struct contexts *contexts, bool anew, struct text *why)
{
    const struct contexts_config *config = &contexts->config->contexts;
    const struct context_limits limits = {
        .ttl_ms = config->ttl_ms, .count_max = config->count_max, .bytes_max = config->bytes_max};
    if (config->store == CONTEXT_STORE_REDIS) {
        const struct store_redis_options options = {
            .redis = &config->redis, .cluster = contexts->config->cluster.text, .limits = limits};
        return store_redis_open(&options, &contexts->store, why);
    }
    return store_sqlite_open(contexts->config->local.data, &limits, engine_now_ms(NULL), anew,
                             &contexts->store, why);
}

/* A damaged store is begun anew and learns from the others; a disk that failed is not tried again:
 * what it reported as written may not be there. */
static void mend_store(struct contexts *contexts)
{
    int error = context_engine_error(contexts->engine);
    struct text why = {.length = 0};
    if (error == 0 || contexts->logged_error != 0)
        return;
    contexts->logged_error = error;
    log_error("contexts_failed", "error=%s", error_name(error));
    if (error != ERR_DAMAGED)
        return;
    context_store_free(&contexts->store);
    error = open_store(contexts, true, &why);
    if (error != 0) {
        log_error("contexts_failed", "why=\"%s\"", why.bytes);
        return; /* the engine is left with its error, and asks no store */
    }
    context_engine_replace(contexts->engine, contexts->store);
    contexts->logged_error = 0;
}

static void publish_stats(struct contexts *contexts)
{
    struct contexts_stats *own = &contexts->own;
    struct context_engine_counts counts;
    context_engine_counts_get(contexts->engine, &counts);
    if (own->complete != context_engine_complete(contexts->engine)) {
        own->complete = !own->complete;
        log_info(own->complete ? "contexts_ready" : "contexts_learning", "store=%s", own->store);
    }
    own->failed = context_engine_error(contexts->engine) != 0;
    if (!own->failed) {
        struct context_store_state state = context_store_state(contexts->store);
        own->count = state.count;
        own->bytes = state.bytes;
    }
    own->in_flight = context_queue_in_flight(&contexts->queue);
    own->commits = counts.commits;
    own->repaired = counts.repaired;
    own->expired = counts.expired;
    if (contexts->feed.through != NULL) {
        uint64_t unnamed = own->through.unnamed;
        through_stats(contexts->feed.through, &own->through);
        own->through.unnamed = unnamed;
        own->through.pending = contexts->feed.pending;
    }
    own->peers_heard = context_engine_heard(contexts->engine, HEARD_MS);
    pthread_mutex_lock(&contexts->stats_mutex);
    contexts->stats = *own;
    pthread_mutex_unlock(&contexts->stats_mutex);
}

static void wait_for_work(struct contexts *contexts)
{
    zmq_pollitem_t items[1 + CONTEXT_BUS_POLL_COUNT] = {
        {.fd = contexts->queue.wake_fd, .events = ZMQ_POLLIN}};
    bool busy = context_engine_open_calls(contexts->engine) > 0;
    int count = 1;
    if (contexts->bus != NULL) {
        context_bus_poll_items(contexts->bus, items + 1);
        count += CONTEXT_BUS_POLL_COUNT;
    }
    (void)zmq_poll(items, count, busy ? POLL_BUSY_MS : POLL_IDLE_MS);
}

static void feed_through(struct contexts *contexts, time_ms now_ms)
{
    contexts->feed.through = atomic_load(&contexts->through);
    if (context_engine_error(contexts->engine) == 0 && context_engine_complete(contexts->engine))
        through_feed_turn(&contexts->feed, contexts->store, atomic_load(&contexts->leads), now_ms);
}

static void *run(void *data)
{
    struct contexts *contexts = data;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
    while (!context_queue_stopping(&contexts->queue)) {
        wait_for_work(contexts);
        if (contexts->bus != NULL)
            context_bus_authenticate(contexts->bus);
        take_requests(contexts);
        if (contexts->bus != NULL)
            take_frames(contexts);
        context_engine_flush(contexts->engine);
        time_ms now_ms = engine_now_ms(NULL);
        if (now_ms - contexts->ticked_ms >= TICK_MS) {
            contexts->ticked_ms = now_ms;
            context_engine_tick(contexts->engine);
        }
        feed_through(contexts, now_ms);
        mend_store(contexts);
        publish_stats(contexts);
    }
    return NULL;
}

static int start_thread(struct contexts *contexts, struct text *why)
{
    if (thread_start(&contexts->thread, "contexts", run, contexts) != 0) {
        text_set(why, "no thread for contexts");
        return ERR_NO_MEMORY;
    }
    contexts->started = true;
    return 0;
}

static int open_engine(struct contexts *contexts, struct text *why)
{
    const struct config *config = contexts->config;
    bool shared = contexts->store->vtable->shared;
    struct context_engine_settings settings = {.cluster = config->cluster,
                                               .self = shared ? 1 : contexts->self,
                                               .node_count =
                                                   shared ? 1 : (uint8_t)config->node_count,
                                               .in_flight = config->contexts.in_flight,
                                               .patience_ms = config->contexts.patience_ms,
                                               .store = contexts->store,
                                               .data = contexts,
                                               .now_ms = engine_now_ms,
                                               .wall_ms = engine_wall_ms,
                                               .send = engine_send,
                                               .done = on_done};
    randombytes_buf(&settings.round_first, sizeof settings.round_first);
    int error = context_engine_new(&settings, &contexts->engine);
    if (error != 0)
        text_set(why, "no memory for contexts");
    contexts->feed.engine = contexts->engine;
    contexts->feed.seal = &contexts->seal;
    contexts->own.on = true;
    contexts->own.store = contexts->store->vtable->name;
    return error;
}

static int open_parts(struct contexts *contexts, const struct identity *identity, struct text *why)
{
    uint8_t key[SEAL_KEY_BYTES];
    int error = seal_key_parse(contexts->config->seal, key);
    if (error != 0) {
        text_set(why, "seal holds no key");
        return error;
    }
    context_seal_init(&contexts->seal, key, &contexts->config->cluster);
    sodium_memzero(key, sizeof key);
    error = open_store(contexts, false, why);
    if (error == 0 && !contexts->store->vtable->shared)
        error = context_bus_new(contexts->config, contexts->self, identity, &contexts->bus, why);
    if (error == 0)
        error = open_engine(contexts, why);
    if (error == 0)
        publish_stats(contexts);
    return error != 0 ? error : start_thread(contexts, why);
}

int contexts_new(const struct config *config, node_id self, const struct identity *identity,
                 contexts_wake_fn *wake, void *data, struct contexts **ret_contexts,
                 struct text *why)
{
    CHECK(config->contexts.store != CONTEXT_STORE_OFF);
    struct contexts *contexts = calloc(1, sizeof *contexts);
    if (contexts == NULL)
        return ERR_NO_MEMORY;
    if (context_queue_init(&contexts->queue, config->contexts.in_flight) != 0) {
        free(contexts);
        return ERR_NO_MEMORY;
    }
    CHECK(pthread_mutex_init(&contexts->stats_mutex, NULL) == 0);
    contexts->config = config;
    contexts->self = self;
    contexts->wake = wake;
    contexts->wake_data = data;
    int error = open_parts(contexts, identity, why);
    if (error == 0)
        *ret_contexts = contexts;
    else
        contexts_free(&contexts);
    return error;
}

int contexts_write_through(struct contexts *contexts, struct actuator *actuator, struct text *why)
{
    struct through *through = NULL;
    int error = through_new(contexts->config, actuator, &through, why);
    if (error == 0)
        atomic_store(&contexts->through, through);
    return error;
}

void contexts_lead(struct contexts *contexts, bool leads)
{
    atomic_store(&contexts->leads, leads);
}

int contexts_submit(struct contexts *contexts, const struct context_request *request)
{
    int error = context_queue_submit(&contexts->queue, request);
    if (error == ERR_FULL) {
        pthread_mutex_lock(&contexts->stats_mutex);
        contexts->refused_busy++;
        pthread_mutex_unlock(&contexts->stats_mutex);
    }
    return error;
}

int contexts_take(struct contexts *contexts, struct context_answer *ret_answer)
{
    struct context_parcel *parcel = context_queue_take(&contexts->queue);
    if (parcel == NULL)
        return ERR_NOT_FOUND;
    *ret_answer = parcel->answer;
    context_parcel_free(parcel);
    return 0;
}

void contexts_stats_get(struct contexts *contexts, struct contexts_stats *ret_stats)
{
    pthread_mutex_lock(&contexts->stats_mutex);
    *ret_stats = contexts->stats;
    ret_stats->refused[CONTEXT_REFUSED_BUSY] += contexts->refused_busy;
    pthread_mutex_unlock(&contexts->stats_mutex);
}

void contexts_free(struct contexts **contexts)
{
    struct contexts *old = *contexts;
    if (old == NULL)
        return;
    if (old->started) {
        context_queue_stop(&old->queue);
        pthread_join(old->thread, NULL);
    }
    struct through *through = atomic_load(&old->through);
    through_free(&through);
    context_engine_free(&old->engine);
    context_bus_free(&old->bus);
    context_store_free(&old->store);
    context_queue_fini(&old->queue);
    context_seal_fini(&old->seal);
    pthread_mutex_destroy(&old->stats_mutex);
    free(old);
    *contexts = NULL;
}
