#include "node/io/probe/probe_worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "common/thread.h"

enum {
    US_PER_MS = 1000,
    /* While it probes, the thread wakes at least so often, to see whether it is woken in time. */
    TICK_US = 20 * US_PER_MS,
    IDLE_US = 60 * 1000 * US_PER_MS,
    CONNECTION_COUNT_MAX = 256, /* kept for reuse */
};

struct probe_worker {
    const struct probe_settings *settings;
    prober_done_fn *done;
    void *data;
    CURLM *multi;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the four below */
    struct probe *queue_head;
    struct probe **queue_end;
    size_t pending_count; /* queued and active */
    bool stop;
    /* The thread's own. */
    struct probe *active[PROBER_PENDING_COUNT_MAX];
    size_t active_count;
    int64_t woken_us; /* when this turn began */
    struct probe_targets targets;
    struct probe_patterns patterns;
};

/* The end of every probe. */
static void drop(struct probe_worker *worker, struct probe *probe)
{
    if (probe->target != NULL) {
        probe->target->probe_count -= 1;
    }
    probe_free(probe);
    (void)pthread_mutex_lock(&worker->lock);
    worker->pending_count -= 1;
    (void)pthread_mutex_unlock(&worker->lock);
}

static void fill_done(const struct probe *probe, const struct sample *sample,
                      struct probe_done *ret_done)
{
    *ret_done = (struct probe_done){.ticket = probe->ticket, .sample = *sample};
    if (probe->token != NULL) {
        ret_done->token_refused = sample->result == SAMPLE_PLATFORM && sample->status == 401;
        ret_done->token_generation = probe->token->generation;
        ret_done->token_shared = probe->token->shared;
    }
}

/* It is counted out before it is told, so that the callback may submit the next. */
static void finish(struct probe_worker *worker, struct probe *probe, const struct probe_done *done)
{
    const struct probe_done told = *done;
    bool was_told = probe->told;
    drop(worker, probe);
    if (!was_told) {
        worker->done(&told, worker->data);
    }
}

/* A probe that was never under way. */
static void finish_unstarted(struct probe_worker *worker, struct probe *probe,
                             enum sample_result result, const char *detail)
{
    struct probe_word word;
    struct probe_done done;
    struct sample sample = {
        .result = result,
        .dns_us = -1,
        .connect_us = -1,
        .tls_us = -1,
        .first_byte_us = -1,
        .total_us = -1,
        .late_ms = (int32_t)(probe->late_us / US_PER_MS),
    };
    probe_word_set(&word, result, "%s", detail);
    memcpy(sample.detail, word.detail, sizeof sample.detail);
    fill_done(probe, &sample, &done);
    finish(worker, probe, &done);
}

static void leave_active(struct probe_worker *worker, struct probe *probe)
{
    (void)curl_multi_remove_handle(worker->multi, probe->easy);
    worker->active_count -= 1;
    worker->active[probe->place] = worker->active[worker->active_count];
    worker->active[probe->place]->place = probe->place;
}

static void remember_lookup(struct probe *probe, const struct probe_phases *phases)
{
    if (phases->stage != PROBE_RESOLVING) {
        probe_target_resolved(probe->target);
    } else if (phases->expired) {
        probe_target_lookup_left(probe->target, probe_now_us());
    }
}

static int go_on(struct probe_worker *worker, struct probe *probe)
{
    if (probe_prepare_next(probe) < 0 ||
        curl_multi_add_handle(worker->multi, probe->easy) != CURLM_OK) {
        return ERR_NO_MEMORY;
    }
    probe->place = worker->active_count;
    worker->active[probe->place] = probe;
    worker->active_count += 1;
    return 0;
}

/* What the result was made from, in words. */
static void fill_detail(struct probe_phases *phases)
{
    struct probe_word word = phases->word;
    bool silent = word.result != phases->sample.result;
    if (silent && phases->sample.result == SAMPLE_PLATFORM) {
        probe_word_set(&word, SAMPLE_PLATFORM, "%s: no answer", probe_talk_step_name(phases->step));
    } else if (silent) {
        return;
    }
    memcpy(phases->sample.detail, word.detail, sizeof phases->sample.detail);
}

/* The sample goes out at once; a farewell that is owed to a bot follows it. */
static void tell(struct probe_worker *worker, struct probe *probe, struct probe_phases *phases)
{
    struct probe_done done;
    phases->sample.result =
        probe_judge(phases, &probe->config, probe_target_round_trip_us(probe->target));
    fill_detail(phases);
    fill_done(probe, &phases->sample, &done);
    if (phases->sample.tls_us > 0) { /* what was not accepted may be anybody's */
        done.certificate_end_s = probe_certificate_end(probe);
    }
    leave_active(worker, probe);
    if (!probe_step_leave(probe) || go_on(worker, probe) < 0) {
        finish(worker, probe, &done);
        return;
    }
    probe->told = true;
    worker->done(&done, worker->data);
}

/* One of a probe's requests ended: the next one, or the probe's end. */
static void end_request(struct probe_worker *worker, struct probe *probe, bool expired,
                        CURLcode code)
{
    struct probe_phases phases = {0};
    const struct probe_done nothing = {0};
    int64_t busy_us = probe_now_us() - worker->woken_us;
    probe->late_us = busy_us > probe->late_us ? busy_us : probe->late_us;
    probe_phases_get(probe, expired, code, &phases);
    remember_lookup(probe, &phases);
    if (phases.sample.connect_us > 0 && !phases.sample.reused) {
        probe_target_add_connect(probe->target, phases.sample.connect_us);
    }
    if (probe->told) {
        leave_active(worker, probe);
        finish(worker, probe, &nothing);
    } else if (!probe_step_read(probe, &phases)) {
        tell(worker, probe, &phases);
    } else {
        leave_active(worker, probe);
        if (go_on(worker, probe) < 0) {
            finish_unstarted(worker, probe, SAMPLE_LOCAL, "no memory");
        }
    }
}

static void start_probe(struct probe_worker *worker, struct probe *probe)
{
    int64_t now_us = probe_now_us();
    struct probe_target *target = probe_targets_get(&worker->targets, probe->key, now_us);
    if (target == NULL) {
        finish_unstarted(worker, probe, SAMPLE_LOCAL, "");
        return;
    }
    if (!probe_target_may_resolve(target, now_us)) {
        bool bot = probe->config.kind == PROBE_BOT;
        finish_unstarted(worker, probe, bot ? SAMPLE_PLATFORM : SAMPLE_DNS, bot ? "dns" : "");
        return;
    }
    if (probe->config.kind == PROBE_BOT && probe->token == NULL) {
        finish_unstarted(worker, probe, SAMPLE_PLATFORM, "no token");
        return;
    }
    target->probe_count += 1;
    probe->patterns = &worker->patterns;
    if (probe_prepare(probe, worker->settings, target) < 0 ||
        curl_multi_add_handle(worker->multi, probe->easy) != CURLM_OK) {
        finish_unstarted(worker, probe, SAMPLE_LOCAL, "");
        return;
    }
    probe->place = worker->active_count;
    worker->active[probe->place] = probe;
    worker->active_count += 1;
}

/* Takes over what was queued. */
static struct probe *take_queue(struct probe_worker *worker, bool *ret_stop)
{
    (void)pthread_mutex_lock(&worker->lock);
    struct probe *head = worker->queue_head;
    worker->queue_head = NULL;
    worker->queue_end = &worker->queue_head;
    *ret_stop = worker->stop;
    (void)pthread_mutex_unlock(&worker->lock);
    return head;
}

static void start_all(struct probe_worker *worker, struct probe *head)
{
    while (head != NULL) {
        struct probe *probe = head;
        head = probe->next;
        start_probe(worker, probe);
    }
}

static void cancel_all(struct probe_worker *worker, struct probe *head)
{
    while (head != NULL) {
        struct probe *probe = head;
        head = probe->next;
        finish_unstarted(worker, probe, SAMPLE_LOCAL, "");
    }
    while (worker->active_count > 0) {
        struct probe *probe = worker->active[worker->active_count - 1];
        leave_active(worker, probe);
        finish_unstarted(worker, probe, SAMPLE_LOCAL, "");
    }
}

static void end_answered(struct probe_worker *worker)
{
    int left = 0;
    const CURLMsg *message = curl_multi_info_read(worker->multi, &left);
    while (message != NULL) {
        if (message->msg == CURLMSG_DONE) {
            struct probe *probe = NULL;
            CURLcode code = message->data.result;
            (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&probe);
            end_request(worker, probe, false, code);
        }
        message = curl_multi_info_read(worker->multi, &left);
    }
}

static void end_expired(struct probe_worker *worker)
{
    int64_t now_us = probe_now_us();
    for (size_t i = worker->active_count; i > 0; i--) {
        struct probe *probe = worker->active[i - 1];
        if (now_us >= probe->deadline_us) {
            end_request(worker, probe, true, CURLE_OK);
        }
    }
}

static void note_lateness(struct probe_worker *worker, int64_t late_us)
{
    for (size_t i = 0; i < worker->active_count; i++) {
        struct probe *probe = worker->active[i];
        probe->late_us = late_us > probe->late_us ? late_us : probe->late_us;
    }
}

/* Waits for the network, the next deadline or the next tick, and measures both ways of being late:
 * a turn that took long, and a wake-up that came after it was due. */
static void wait_for_next(struct probe_worker *worker)
{
    int64_t now_us = probe_now_us();
    int64_t wake_us = now_us + (worker->active_count > 0 ? TICK_US : IDLE_US);
    note_lateness(worker, now_us - worker->woken_us);
    for (size_t i = 0; i < worker->active_count; i++) {
        int64_t deadline_us = worker->active[i]->deadline_us;
        wake_us = deadline_us < wake_us ? deadline_us : wake_us;
    }
    int64_t wait_us = wake_us > now_us ? wake_us - now_us : 0;
    int wait_ms = (int)((wait_us + US_PER_MS - 1) / US_PER_MS);
    (void)curl_multi_poll(worker->multi, NULL, 0, wait_ms, NULL);
    worker->woken_us = probe_now_us();
    note_lateness(worker, worker->woken_us - (now_us + (int64_t)wait_ms * US_PER_MS));
}

static void *run(void *data)
{
    struct probe_worker *worker = data;
    bool stop = false;
    worker->woken_us = probe_now_us();
    struct probe *queue = take_queue(worker, &stop);
    while (!stop) {
        int running = 0;
        start_all(worker, queue);
        (void)curl_multi_perform(worker->multi, &running);
        end_answered(worker);
        end_expired(worker);
        wait_for_next(worker);
        queue = take_queue(worker, &stop);
    }
    cancel_all(worker, queue);
    return NULL;
}

int probe_worker_new(const struct probe_settings *settings, prober_done_fn *done, void *data,
                     struct probe_worker **ret_worker)
{
    struct probe_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return ERR_NO_MEMORY;
    }
    worker->settings = settings;
    worker->done = done;
    worker->data = data;
    worker->queue_end = &worker->queue_head;
    worker->multi = curl_multi_init();
    if (worker->multi == NULL) {
        goto fail_multi;
    }
    (void)curl_multi_setopt(worker->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTION_COUNT_MAX);
    if (pthread_mutex_init(&worker->lock, NULL) != 0) {
        goto fail_lock;
    }
    if (thread_start(&worker->thread, "prober", run, worker) < 0) {
        goto fail_thread;
    }
    *ret_worker = worker;
    return 0;

fail_thread:
    (void)pthread_mutex_destroy(&worker->lock);
fail_lock:
    (void)curl_multi_cleanup(worker->multi);
fail_multi:
    free(worker);
    return ERR_INTERNAL;
}

int probe_worker_submit(struct probe_worker *worker, struct probe *probe)
{
    (void)pthread_mutex_lock(&worker->lock);
    bool full = worker->pending_count == PROBER_PENDING_COUNT_MAX;
    if (!full) {
        worker->pending_count += 1;
        *worker->queue_end = probe;
        worker->queue_end = &probe->next;
    }
    (void)pthread_mutex_unlock(&worker->lock);
    if (full) {
        return ERR_FULL;
    }
    (void)curl_multi_wakeup(worker->multi);
    return 0;
}

void probe_worker_free(struct probe_worker *worker)
{
    (void)pthread_mutex_lock(&worker->lock);
    worker->stop = true;
    (void)pthread_mutex_unlock(&worker->lock);
    (void)curl_multi_wakeup(worker->multi);
    (void)pthread_join(worker->thread, NULL);
    (void)curl_multi_cleanup(worker->multi);
    (void)pthread_mutex_destroy(&worker->lock);
    probe_patterns_fini(&worker->patterns);
    free(worker);
}
