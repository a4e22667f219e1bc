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
#include "node/io/config/backend.h"

struct reading {
    struct route_document document; /* empty before the first */
    struct route_reading read;
};

struct readings {
    struct reading route[ROUTE_COUNT_MAX];
};

struct kept {
    const struct config *config;
    pthread_mutex_t mutex;
    struct readings *services;
};

int kept_new(const struct config *config, struct kept **ret_kept)
{
    struct kept *kept = calloc(1, sizeof *kept);
    if (kept == NULL)
        return ERR_NO_MEMORY;
    kept->services = calloc(config->service_count + 1, sizeof *kept->services);
    if (kept->services == NULL) {
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
        for (size_t route = 0; route < ROUTE_COUNT_MAX; route++)
            route_document_free(&old->services[i].route[route].document);
    (void)pthread_mutex_destroy(&old->mutex);
    free(old->services);
    free(old);
}

static struct unit_part part_of(const struct route_config *route, const struct route_reading *read)
{
    struct unit_part part = {.state = read->state,
                             .version = read->version,
                             .versioned = config_route_is_versioned(route)};
    memcpy(part.body_hash, read->body_hash, sizeof part.body_hash);
    return part;
}

int kept_store(struct kept *kept, size_t service, size_t route, const char *text, size_t length,
               struct unit_part *ret_part, struct text *why)
{
    const struct service_config *config = &kept->config->services[service];
    struct reading *reading = &kept->services[service].route[route];
    struct route_document document = {0};
    struct route_reading read = {0};
    int rc = routing_read(config, &config->routes[route], text, length, &document, &read, why);
    if (rc < 0)
        return rc;
    (void)pthread_mutex_lock(&kept->mutex);
    struct route_document older = reading->document;
    reading->document = document;
    reading->read = read;
    (void)pthread_mutex_unlock(&kept->mutex);
    route_document_free(&older);
    *ret_part = part_of(&config->routes[route], &read);
    return 0;
}

static int fill_parts(const struct kept *kept, size_t service,
                      struct unit_part ret_parts[ROUTE_COUNT_MAX])
{
    const struct service_config *config = &kept->config->services[service];
    for (size_t i = 0; i < config->route_count; i++) {
        const struct reading *reading = &kept->services[service].route[i];
        if (reading->document.text == NULL)
            return ERR_NOT_FOUND;
        ret_parts[i] = part_of(&config->routes[i], &reading->read);
    }
    return 0;
}

int kept_view(struct kept *kept, size_t service, struct route_view *ret_view)
{
    struct unit_part parts[ROUTE_COUNT_MAX] = {0};
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = fill_parts(kept, service, parts);
    (void)pthread_mutex_unlock(&kept->mutex);
    if (rc == 0)
        *ret_view = unit_view(parts, (uint8_t)kept->config->services[service].route_count);
    return rc;
}

/* The body that was hashed when the route was read: it is made from the same bytes. */
static int make_body(const struct kept *kept, size_t service, size_t place, enum route_state target,
                     char **ret_text, struct text *why)
{
    const struct service_config *config = &kept->config->services[service];
    const struct route_config *route = &config->routes[place];
    const struct reading *reading = &kept->services[service].route[place];
    CLEANUP(cleanup_json_text) char *body = NULL;
    int rc = routing_prepare(config, route, &reading->document, target, &body, why);
    if (rc < 0)
        return rc;
    if (hash_bytes(HASH_SEED, body, strlen(body)) != reading->read.body_hash[target]) {
        text_set(why, "the body that makes %s %s is not the one that was read", route->name.text,
                 route_state_name(target));
        return ERR_CONFLICT;
    }
    *ret_text = TAKE_PTR(body);
    return 0;
}

static int check_base(const struct route_view *view, enum route_step step, enum side to,
                      const struct route_base *base, struct text *why)
{
    if (view->version != base->version) {
        text_set(why, "the route is at version %" PRIu64 ", the intent was made from %" PRIu64,
                 view->version, base->version);
        return ERR_CONFLICT;
    }
    if (view->body_hash[step][to] != base->body_hash) {
        text_set(why, "the body for %s from version %" PRIu64 " is not the intent's",
                 route_step_name(step), base->version);
        return ERR_CONFLICT;
    }
    return 0;
}

static int make_bodies(const struct kept *kept, size_t service, enum route_step step, enum side to,
                       const struct route_base *base, struct kept_bodies *ret_bodies,
                       struct text *why)
{
    uint8_t count = (uint8_t)kept->config->services[service].route_count;
    enum route_state target = route_state_after(step, to);
    struct unit_part parts[ROUTE_COUNT_MAX] = {0};
    if (fill_parts(kept, service, parts) < 0) {
        text_set(why, "the route was never read");
        return ERR_NOT_FOUND;
    }
    struct route_view view = unit_view(parts, count);
    int rc = check_base(&view, step, to, base, why);
    for (uint8_t i = 0; i < count && rc == 0; i++)
        if (!unit_part_is_done(&parts[i], count, target))
            rc = make_body(kept, service, i, target, &ret_bodies->text[i], why);
    return rc;
}

int kept_make_bodies(struct kept *kept, size_t service, enum route_step step, enum side to,
                     const struct route_base *base, struct kept_bodies *ret_bodies,
                     struct text *why)
{
    struct kept_bodies bodies = {0};
    (void)pthread_mutex_lock(&kept->mutex);
    int rc = make_bodies(kept, service, step, to, base, &bodies, why);
    (void)pthread_mutex_unlock(&kept->mutex);
    if (rc < 0)
        kept_free_bodies(&bodies);
    else
        *ret_bodies = bodies;
    return rc;
}

void kept_free_bodies(struct kept_bodies *bodies)
{
    for (size_t i = 0; i < ROUTE_COUNT_MAX; i++)
        cJSON_free(bodies->text[i]);
    *bodies = (struct kept_bodies){0};
}
