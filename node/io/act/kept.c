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
    struct route_document document; /* empty before the first */
    struct route_reading read;
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
        route_document_free(&old->readings[i].document);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old->readings);
    free(old);
}

static struct route_view view_of(const struct route_reading *read)
{
    struct route_view view = {.state = read->state, .version = read->version};
    for (int step = 0; step < ROUTE_STEP_N; step++)
        for (int side = 0; side < SIDE_N; side++)
            view.body_hash[step][side] =
                read->body_hash[routing_state_after((enum route_step)step, (enum side)side)];
    return view;
}

int kept_store(struct kept *kept, size_t service, const char *text, size_t length,
               struct route_view *ret_view, struct text *why)
{
    const struct service_config *config = &kept->config->services[service];
    struct reading *reading = &kept->readings[service];
    struct route_document document = {0};
    struct route_reading read = {0};
    int rc = routing_read(config, &config->routes[0], text, length, &document, &read, why);
    if (rc < 0)
        return rc;
    (void)pthread_mutex_lock(&kept->mutex);
    struct route_document older = reading->document;
    reading->document = document;
    reading->read = read;
    (void)pthread_mutex_unlock(&kept->mutex);
    route_document_free(&older);
    *ret_view = view_of(&read);
    return 0;
}

static int make_body(const struct kept *kept, size_t service, enum route_step step, enum side to,
                     const struct route_base *base, char **ret_text, struct text *why)
{
    const struct service_config *config = &kept->config->services[service];
    const struct route_config *route = &config->routes[0];
    const struct reading *reading = &kept->readings[service];
    CLEANUP(cleanup_json_text) char *body = NULL;
    if (reading->document.text == NULL) {
        text_set(why, "the route was never read");
        return ERR_NOT_FOUND;
    }
    if (reading->read.version != base->version) {
        text_set(why, "the route is at version %" PRIu64 ", the intent was made from %" PRIu64,
                 reading->read.version, base->version);
        return ERR_CONFLICT;
    }
    int rc = routing_prepare(config, route, &reading->document, routing_state_after(step, to),
                             &body, why);
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
