#include "node/io/probe/prober.h"

#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "common/hash.h"
#include "node/io/probe/probe_worker.h"

struct prober {
    struct probe_settings settings;
    struct probe_worker *workers[PROBER_THREAD_COUNT_MAX];
    size_t worker_count;
};

/* curl wants HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT. */
static int settings_init(struct probe_settings *settings, const struct local_config *local)
{
    memcpy(settings->proxy, local->proxy, sizeof settings->proxy);
    for (size_t i = 0; i < local->connect_to_count; i++) {
        char line[2 * URL_SIZE];
        size_t length = strlen(local->connect_to[i].from);
        memcpy(line, local->connect_to[i].from, length);
        line[length] = ':';
        if (text_copy(line + length + 1, sizeof line - length - 1, local->connect_to[i].to) < 0) {
            return ERR_NO_MEMORY;
        }
        struct curl_slist *longer = curl_slist_append(settings->connect_to, line);
        if (longer == NULL) {
            return ERR_NO_MEMORY;
        }
        settings->connect_to = longer;
    }
    return 0;
}

static size_t thread_count(const struct config *config)
{
    size_t wanted = config->timing.prober_threads;
    if (wanted == 0) {
        return 1;
    }
    return wanted < PROBER_THREAD_COUNT_MAX ? wanted : PROBER_THREAD_COUNT_MAX;
}

int prober_new(const struct config *config, prober_done_fn *done, void *data,
               struct prober **ret_prober, struct text *why)
{
    int rc = ERR_INTERNAL;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        text_set(why, "libcurl cannot start");
        return rc;
    }
    struct prober *prober = calloc(1, sizeof *prober);
    if (prober == NULL) {
        curl_global_cleanup();
        text_set(why, "no memory for the prober");
        return ERR_NO_MEMORY;
    }
    rc = settings_init(&prober->settings, &config->local);
    while (rc == 0 && prober->worker_count < thread_count(config)) {
        rc =
            probe_worker_new(&prober->settings, done, data, &prober->workers[prober->worker_count]);
        prober->worker_count += rc == 0;
    }
    if (rc < 0) {
        text_set(why, "prober thread %zu cannot be started", prober->worker_count + 1);
        prober_free(&prober);
        return rc;
    }
    *ret_prober = prober;
    return 0;
}

int prober_submit(struct prober *prober, const struct probe_job *job)
{
    struct probe *probe = NULL;
    int rc = probe_new(job->target, job->ticket, job->token, &probe);
    if (rc < 0) {
        return rc;
    }
    uint64_t hash = hash_mix(hash_bytes(HASH_SEED, probe->key, strlen(probe->key)));
    rc = probe_worker_submit(prober->workers[hash % prober->worker_count], probe);
    if (rc < 0) {
        probe_free(probe);
    }
    return rc;
}

void prober_free(struct prober **prober)
{
    struct prober *mine = *prober;
    if (mine == NULL) {
        return;
    }
    for (size_t i = 0; i < mine->worker_count; i++) {
        probe_worker_free(mine->workers[i]);
    }
    curl_slist_free_all(mine->settings.connect_to);
    free(mine);
    *prober = NULL;
    curl_global_cleanup();
}
