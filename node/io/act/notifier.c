#include "node/io/act/notifier.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "common/thread.h"
#include "node/io/act/clock.h"
#include "node/io/act/http.h"
#include "node/io/act/run_program.h"

enum {
    TRY_COUNT_MAX = 3, /* of a webhook; a program is run once */
    BACKOFF_MS = 1000, /* before the second try, three times as long before the third */
    BACKOFF_FACTOR = 3,
    REQUEST_LIMIT_MS = 5000,
    PROGRAM_LIMIT_MS = 10000,
    SIGNATURE_SIZE = 32 + 2 * crypto_auth_hmacsha256_BYTES,
};

/* One notice on its way to one target. */
struct delivery {
    bool used;
    size_t target; /* place in config->notify */
    enum notice_kind kind;
    char service[NAME_SIZE];
    char *json;
    int try_count;
    time_ms due_ms;
    uint64_t order; /* of equally due ones the older goes first */
};

struct notifier {
    const struct config *config;
    struct http_client *client;
    int stop_fd; /* an eventfd, readable once it stops */
    pthread_t thread;
    bool started;
    bool curl_ready;
    uint64_t heartbeat_failure_count; /* in a row; the thread's own */
    pthread_mutex_t mutex;            /* everything below */
    pthread_cond_t wake;
    bool stopping;
    bool heartbeat_asked;
    uint64_t next_order;
    struct notifier_counts counts;
    struct delivery deliveries[NOTIFIER_DELIVERY_COUNT_MAX];
};

static void sign(const char *secret, const char *json, char ret_header[SIGNATURE_SIZE])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char hex[2 * sizeof mac + 1];
    (void)crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    (void)crypto_auth_hmacsha256_update(&state, (const unsigned char *)json, strlen(json));
    (void)crypto_auth_hmacsha256_final(&state, mac);
    (void)sodium_bin2hex(hex, sizeof hex, mac, sizeof mac);
    int length = snprintf(ret_header, SIGNATURE_SIZE, "X-Quorate-Signature: sha256=%s", hex);
    CHECK(length > 0 && length < SIGNATURE_SIZE);
}

/* Returns 0, ERR_INVALID (answered so that another try is useless) or ERR_NETWORK. */
static int judge_answer(const struct http_answer *answer, const char *url, struct text *why)
{
    char host[HTTP_HOST_SIZE];
    if (answer->end != HTTP_ANSWERED && answer->end != HTTP_ANSWER_CUT) {
        *why = answer->why;
        return ERR_NETWORK;
    }
    if (answer->status >= 200 && answer->status < 300)
        return 0;
    http_url_host(url, host);
    text_set(why, "%s answered %d", host, answer->status);
    bool useless = answer->status >= 300 && answer->status < 500 && answer->status != 408 &&
                   answer->status != 429;
    return useless ? ERR_INVALID : ERR_NETWORK;
}

static int post(struct notifier *notifier, const struct notify_config *target,
                const struct delivery *delivery, struct text *why)
{
    char signature[SIGNATURE_SIZE] = "";
    struct http_answer answer;
    if (target->secret[0] != '\0')
        sign(target->secret, delivery->json, signature);
    const struct http_request request = {
        .method = HTTP_POST,
        .url = target->target,
        .headers = {"Content-Type: application/json", signature[0] == '\0' ? NULL : signature},
        .body = delivery->json,
        .body_length = strlen(delivery->json),
        .deadline_ms = clock_now_ms() + REQUEST_LIMIT_MS,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    http_client_request(notifier->client, &request, &answer);
    return judge_answer(&answer, target->target, why);
}

static int execute(struct notifier *notifier, const struct notify_config *target,
                   const struct delivery *delivery, struct text *why)
{
    const char *const arguments[] = {target->target, notice_name(delivery->kind), delivery->service,
                                     NULL};
    int rc = run_program(arguments, delivery->json, strlen(delivery->json), PROGRAM_LIMIT_MS,
                         notifier->stop_fd, why);
    return rc < 0 ? ERR_INVALID : 0;
}

/* Returns as judge_answer does. */
static int attempt(struct notifier *notifier, const struct delivery *delivery, struct text *why)
{
    const struct notify_config *target = &notifier->config->notify[delivery->target];
    switch (target->kind) {
    case NOTIFY_EXEC:
        return execute(notifier, target, delivery, why);
    case NOTIFY_WEBHOOK:
        return post(notifier, target, delivery, why);
    case NOTIFY_KIND_N:
        break;
    }
    CHECK(false);
    return ERR_INVALID;
}

static void heartbeat(struct notifier *notifier)
{
    struct http_answer answer;
    struct text why = {0};
    const char *url = notifier->config->heartbeat_url;
    const struct http_request request = {
        .method = HTTP_GET,
        .url = url,
        .deadline_ms = clock_now_ms() + REQUEST_LIMIT_MS,
        .start_before_ms = HTTP_NO_START_LIMIT,
    };
    http_client_request(notifier->client, &request, &answer);
    int rc = judge_answer(&answer, url, &why);
    if (rc < 0 && notifier->heartbeat_failure_count++ == 0)
        log_warn("heartbeat_failed", "why=\"%s\"", why.bytes);
    if (rc < 0)
        return;
    if (notifier->heartbeat_failure_count > 0)
        log_info("heartbeat_recovered", "failures=%" PRIu64, notifier->heartbeat_failure_count);
    notifier->heartbeat_failure_count = 0;
}

static void release(struct delivery *delivery)
{
    free(delivery->json);
    *delivery = (struct delivery){.used = false};
}

/* The delivery that is due first, or NULL. Mutex held. */
static struct delivery *find_first(struct notifier *notifier)
{
    struct delivery *first = NULL;
    for (size_t i = 0; i < NOTIFIER_DELIVERY_COUNT_MAX; i++) {
        struct delivery *delivery = &notifier->deliveries[i];
        if (!delivery->used)
            continue;
        if (first == NULL || delivery->due_ms < first->due_ms ||
            (delivery->due_ms == first->due_ms && delivery->order < first->order))
            first = delivery;
    }
    return first;
}

/* Takes the outcome of a try: done, again later, or given up. Mutex held. */
static void settle(struct notifier *notifier, struct delivery *delivery, int rc,
                   const struct text *why)
{
    delivery->try_count++;
    if (rc == 0) {
        notifier->counts.delivered++;
        release(delivery);
        return;
    }
    if (rc == ERR_NETWORK && delivery->try_count < TRY_COUNT_MAX) {
        time_ms backoff_ms = delivery->try_count == 1 ? BACKOFF_MS : BACKOFF_MS * BACKOFF_FACTOR;
        delivery->due_ms = clock_now_ms() + backoff_ms;
        return;
    }
    notifier->counts.failed++;
    log_error("notify_failed", "kind=%s service=%s tries=%d why=\"%s\"",
              notice_name(delivery->kind), delivery->service, delivery->try_count, why->bytes);
    release(delivery);
}

static void wait_for_work(struct notifier *notifier, const struct delivery *first)
{
    if (first == NULL) {
        (void)pthread_cond_wait(&notifier->wake, &notifier->mutex);
        return;
    }
    struct timespec until = {0};
    time_ms left_ms = first->due_ms - clock_now_ms();
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + (left_ms > 0 ? left_ms : 0) * 1000000;
    until.tv_sec += (time_t)(nanoseconds / 1000000000);
    until.tv_nsec = (long)(nanoseconds % 1000000000);
    (void)pthread_cond_timedwait(&notifier->wake, &notifier->mutex, &until);
}

/* One piece of work outside the mutex, or a wait. Mutex held before and after. The slot of a
 * delivery that is being tried stays used, so nobody else touches it. */
static void step(struct notifier *notifier)
{
    struct delivery *first = find_first(notifier);
    if (notifier->heartbeat_asked) {
        notifier->heartbeat_asked = false;
        (void)pthread_mutex_unlock(&notifier->mutex);
        heartbeat(notifier);
        (void)pthread_mutex_lock(&notifier->mutex);
    } else if (first != NULL && first->due_ms <= clock_now_ms()) {
        struct text why = {0};
        (void)pthread_mutex_unlock(&notifier->mutex);
        int rc = attempt(notifier, first, &why);
        (void)pthread_mutex_lock(&notifier->mutex);
        if (!notifier->stopping || rc == 0)
            settle(notifier, first, rc, &why);
    } else {
        wait_for_work(notifier, first);
    }
}

static void *notifier_main(void *data)
{
    struct notifier *notifier = data;
    (void)pthread_mutex_lock(&notifier->mutex);
    while (!notifier->stopping)
        step(notifier);
    (void)pthread_mutex_unlock(&notifier->mutex);
    return NULL;
}

static int start_thread(struct notifier *notifier)
{
    int rc = thread_start(&notifier->thread, "notifier", notifier_main, notifier);
    notifier->started = rc == 0;
    return rc;
}

static void init_locks(struct notifier *notifier)
{
    pthread_condattr_t attributes;
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&notifier->wake, &attributes) == 0);
    CHECK(pthread_condattr_destroy(&attributes) == 0);
    CHECK(pthread_mutex_init(&notifier->mutex, NULL) == 0);
}

int notifier_new(const struct config *config, struct notifier **ret_notifier, struct text *why)
{
    text_set(why, "the notifier could not be started");
    if (sodium_init() < 0)
        return ERR_INTERNAL;
    struct notifier *notifier = calloc(1, sizeof *notifier);
    if (notifier == NULL)
        return ERR_NO_MEMORY;
    notifier->config = config;
    init_locks(notifier);
    notifier->stop_fd = eventfd(0, EFD_CLOEXEC);
    notifier->curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    int rc = notifier->stop_fd < 0 || !notifier->curl_ready ? ERR_INTERNAL : 0;
    if (rc == 0)
        rc = http_client_new(&config->local, &notifier->client);
    if (rc == 0)
        rc = start_thread(notifier);
    if (rc < 0) {
        notifier_free(&notifier);
        return rc;
    }
    text_clear(why);
    *ret_notifier = notifier;
    return 0;
}

static struct delivery *find_unused(struct notifier *notifier)
{
    for (size_t i = 0; i < NOTIFIER_DELIVERY_COUNT_MAX; i++)
        if (!notifier->deliveries[i].used)
            return &notifier->deliveries[i];
    return NULL;
}

/* Mutex held. */
static int queue(struct notifier *notifier, size_t target, enum notice_kind kind,
                 const char *service, const char *json)
{
    struct delivery *delivery = find_unused(notifier);
    char *copy = delivery == NULL ? NULL : strdup(json);
    if (copy == NULL) {
        notifier->counts.dropped++;
        log_error("notify_dropped", "kind=%s service=%s dropped=%" PRIu64, notice_name(kind),
                  service, notifier->counts.dropped);
        return ERR_FULL;
    }
    *delivery = (struct delivery){
        .used = true,
        .target = target,
        .kind = kind,
        .json = copy,
        .due_ms = clock_now_ms(),
        .order = notifier->next_order++,
    };
    (void)text_copy(delivery->service, sizeof delivery->service, service);
    return 0;
}

int notifier_send(struct notifier *notifier, enum notice_kind kind, const char *service,
                  const char *json)
{
    CHECK(kind < NOTICE_N);
    if (strlen(json) > NOTIFIER_JSON_BYTES_MAX || strlen(service) >= NAME_SIZE)
        return ERR_TOO_LARGE;
    int rc = 0;
    (void)pthread_mutex_lock(&notifier->mutex);
    for (size_t i = 0; i < notifier->config->notify_count; i++) {
        if ((notifier->config->notify[i].on_mask & (UINT32_C(1) << kind)) == 0)
            continue;
        int queued = queue(notifier, i, kind, service, json);
        rc = queued < 0 ? queued : rc;
    }
    (void)pthread_cond_signal(&notifier->wake);
    (void)pthread_mutex_unlock(&notifier->mutex);
    return rc;
}

void notifier_heartbeat(struct notifier *notifier)
{
    if (notifier->config->heartbeat_url[0] == '\0')
        return;
    (void)pthread_mutex_lock(&notifier->mutex);
    notifier->heartbeat_asked = true;
    (void)pthread_cond_signal(&notifier->wake);
    (void)pthread_mutex_unlock(&notifier->mutex);
}

void notifier_count(struct notifier *notifier, struct notifier_counts *ret_counts)
{
    (void)pthread_mutex_lock(&notifier->mutex);
    *ret_counts = notifier->counts;
    (void)pthread_mutex_unlock(&notifier->mutex);
}

static void stop(struct notifier *notifier)
{
    uint64_t one = 1;
    (void)pthread_mutex_lock(&notifier->mutex);
    notifier->stopping = true;
    (void)pthread_cond_signal(&notifier->wake);
    (void)pthread_mutex_unlock(&notifier->mutex);
    if (!notifier->started)
        return;
    http_client_abort(notifier->client);
    CHECK(write(notifier->stop_fd, &one, sizeof one) == (ssize_t)sizeof one);
    (void)pthread_join(notifier->thread, NULL);
}

void notifier_free(struct notifier **notifier)
{
    struct notifier *old = *notifier;
    uint64_t dropped = 0;
    if (old == NULL)
        return;
    *notifier = NULL;
    stop(old);
    for (size_t i = 0; i < NOTIFIER_DELIVERY_COUNT_MAX; i++) {
        dropped += old->deliveries[i].used ? 1 : 0;
        release(&old->deliveries[i]);
    }
    if (dropped > 0)
        log_error("notify_dropped", "waiting_at_stop=%" PRIu64, dropped);
    http_client_free(&old->client);
    if (old->stop_fd >= 0)
        (void)close(old->stop_fd);
    (void)pthread_cond_destroy(&old->wake);
    (void)pthread_mutex_destroy(&old->mutex);
    if (old->curl_ready)
        curl_global_cleanup();
    free(old);
}
