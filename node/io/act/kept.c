#include "node/io/act/kept.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/json.h"

struct reading {
    const struct routing_backend *backend;
    cJSON *route; /* NULL before the first */
    struct route_view view;
};

struct kept {
    const struct config *config;
    pthread_mutex_t mutex;
    struct reading *readings; /* one a service */
};

int kept_new(const struct config *config, struct kept **ret_kept)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept == NULL)
        return ERR_NO_MEMORY;
    kept->readings = calloc(config->service_count + 1, sizeof *kept->readings);
    if (kept->readings == NULL) {
        free(kept);
        return ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < config->service_count; i++) {
        kept->readings[i].backend = routing_find_backend(config->services[i].route.backend);
        CHECK(kept->readings[i].backend != NULL);
    }
    CHECK(pthread_mutex_init(&kept->mutex, NULL) == 0);
    kept->config = config;
    *ret_kept = kept;
    return 0;
}

void kept_free(struct kept **kept)
{
    struct kept *old = *kept;
    if (old == NULL)
        return;
    *kept = NULL;
    for (size_t i = 0; i < old->config->service_count; i++)
        cJSON_Delete(old->readings[i].route);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old->readings);
    free(old);
}

int kept_store(struct kept *kept, size_t service, const char *text, size_t length,
               struct route_view *ret_view, struct text *why)
{
    struct reading *reading = &kept->readings[service];
    CLEANUP(cleanup_json) cJSON *route = NULL;
    struct route_view view = {0};
    int rc = routing_read(reading->backend, &kept->config->services[service], text, length, &route,
                          &view, why);
    if (rc < 0)
        return rc;
    (void)pthread_mutex_lock(&kept->mutex);
    cJSON *older = reading->route;
    reading->route = TAKE_PTR(route);
    reading->view = view;
    (void)pthread_mutex_unlock(&kept->mutex);
    cJSON_Delete(older);
    *ret_view = view;
    return 0;
}

static int make_body(const struct kept *kept, size_t service, enum route_step step, enum side to,
                     const struct route_base *base, char **ret_text, struct text *why)
{
    const struct reading *reading = &kept->readings[service];
    CLEANUP(cleanup_json_text) char *body = NULL;
    if (reading->route == NULL) {
        text_set(why, "the route was never read");
        return ERR_NOT_FOUND;
    }
    if (reading->view.version != base->version) {
        text_set(why, "the route is at version %" PRIu64 ", the intent was made from %" PRIu64,
                 reading->view.version, base->version);
        return ERR_CONFLICT;
    }
    int rc = routing_make_body(reading->backend, &kept->config->services[service], reading->route,
                               step, to, &body, why);
    if (rc < 0)
        return rc;
    if (hash_bytes(HASH_SEED, body, strlen(body)) != base->body_hash) {
        text_set(why, "the body for %s from version %" PRIu64 " is not the intent's",
                 route_step_name(step), base->version);
        return ERR_CONFLICT;
    }
    *ret_text = TAKE_PTR(body);
    return 0;
}

int kept_make_body(struct kept *kept, size_t service, enum route_step step, enum side to,
                   const struct route_base *base, char **ret_text, struct text *why)
{
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = make_body(kept, service, step, to, base, ret_text, why);
    (void)pthread_mutex_unlock(&kept->mutex);
    return rc;
}
