#include "node/io/config/service_hash.h"

#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "common/check.h"
#include "node/io/config/schema.h"
#include "node/io/config/value.h"

static void add_text(crypto_generichash_state *state, const char *object, const char *path,
                     const char *text)
{
    char head[256];
    /* The length makes the text's end unmistakable. */
    int length = snprintf(head, sizeof head, "%s.%s=%zu:", object, path, strlen(text));
    CHECK(length > 0 && (size_t)length < sizeof head);
    crypto_generichash_update(state, (const unsigned char *)head, (unsigned)length);
    crypto_generichash_update(state, (const unsigned char *)text, strlen(text));
    crypto_generichash_update(state, (const unsigned char *)"\n", 1);
}

static void add_number(crypto_generichash_state *state, const char *object, const char *path,
                       int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)number);
    add_text(state, object, path, text);
}

/* The one status as builds hashed it that knew no more. */
static void add_statuses(crypto_generichash_state *state, const char *object, const char *path,
                         const struct status_set *set)
{
    if (set->count == 1 && set->ranges[0].from == set->ranges[0].to) {
        add_number(state, object, path, set->ranges[0].from);
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        char text[24];
        (void)snprintf(text, sizeof text, "%u-%u", (unsigned)set->ranges[i].from,
                       (unsigned)set->ranges[i].to);
        add_text(state, object, path, text);
    }
}

/* What a credential holds is in no hash: check does not read it. */
static void add_headers(crypto_generichash_state *state, const char *object, const char *path,
                        const struct header_list *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        add_text(state, object, path,
                 (headers->secret_mask >> i & 1) != 0 ? "(credential)" : headers->lines[i]);
}

static void add_turns(crypto_generichash_state *state, const char *object, const char *path,
                      const struct turn_list *turns)
{
    for (size_t i = 0; i < turns->count; i++)
        add_text(state, object, path, turns->texts[i]);
}

static void add_row(crypto_generichash_state *state, const char *object,
                    const struct schema_row *row, const void *structure)
{
    const void *field = (const char *)structure + row->offset;
    switch (row->type) {
    case SCHEMA_DURATION:
    case SCHEMA_COUNT:
    case SCHEMA_BOOL:
    case SCHEMA_CHOICE:
    case SCHEMA_FAILBACK:
    case SCHEMA_NOTICES:
        if (row->size > 0)
            add_number(state, object, row->path, value_read_number(field, row->size));
        break;
    case SCHEMA_BUDGET:
        add_number(state, object, row->path, value_read_number(field, row->size));
        add_number(state, object, "limits.moves.window",
                   ((const struct service_config *)structure)->settings.budget_window_ms);
        break;
    case SCHEMA_WORD:
    case SCHEMA_NAME:
    case SCHEMA_TEXT:
    case SCHEMA_HOST:
    case SCHEMA_TARGET:
    case SCHEMA_URL:
    case SCHEMA_HEADER:
    case SCHEMA_QUERY:
    case SCHEMA_JSON:
    case SCHEMA_BODY:
    case SCHEMA_POINTER:
    case SCHEMA_REGEX:
        add_text(state, object, row->path, field);
        break;
    case SCHEMA_STATUSES:
        add_statuses(state, object, row->path, field);
        break;
    case SCHEMA_HEADERS:
        add_headers(state, object, row->path, field);
        break;
    case SCHEMA_TURNS:
        add_turns(state, object, row->path, field);
        break;
    case SCHEMA_KEY:
    case SCHEMA_SECRET:
    case SCHEMA_OPEN_TEXT:
    case SCHEMA_OPEN_URL:
    case SCHEMA_FILE:
    case SCHEMA_KEY_FILE:
    case SCHEMA_LISTEN:
    case SCHEMA_DIALS:
    case SCHEMA_OBJECT:
    case SCHEMA_SECTION:
    case SCHEMA_MAP:
    case SCHEMA_LIST:
    case SCHEMA_TYPE_N:
        break;
    }
}

/* Settings that count only together with another one, which builds before them refused: left out of
 * the hash elsewhere, so that in a roll-out the same file has the same hash on both. */
static bool is_idle(const struct schema_row *row, const void *structure)
{
    const struct service_config *service = structure;
    if (row->place != PLACE_SERVICE)
        return false;
    if (strcmp(row->path, "failback.longest") == 0)
        return !service->settings.failback_auto;
    bool counts =
        strcmp(row->path, "drain.every") == 0 || strncmp(row->path, "drain.count.", 12) == 0;
    return counts && service->drain_count.of == COUNT_NOTHING;
}

/* What only the preflight and warnings read: no vote and no move depends on it. */
static bool is_apart(const struct schema_row *row)
{
    return (row->place == PLACE_PROBE && strcmp(row->path, "cert_warn") == 0) ||
           (row->place == PLACE_SIDE && strcmp(row->path, "min_version") == 0) ||
           (row->place == PLACE_SERVICE && strcmp(row->path, "isolation.may_share") == 0);
}

static bool is_among(const char *path, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(path, paths[i]) == 0)
            return true;
    return false;
}

static bool is_empty(const struct schema_row *row, const void *structure)
{
    const char *field = (const char *)structure + row->offset;
    for (size_t i = 0; i < row->size; i++)
        if (field[i] != '\0')
            return false;
    return true;
}

/* The URL's scheme says it, and said it to builds that knew no kinds. */
static bool is_plain_kind(const struct schema_row *row, const void *structure)
{
    enum probe_kind kind = ((const struct probe_config *)structure)->kind;
    return strcmp(row->path, "kind") == 0 && kind != PROBE_BOT && kind != PROBE_CONNECTOR;
}

/* Keys of a route or a probe that builds before them did not have: in the hash only where they are
 * written. */
static bool is_unwritten(const struct schema_row *row, const void *structure)
{
    static const char *const route[] = {"backend", "plan", "via", "hold_flow"};
    static const char *const probe[] = {"url",        "connect_timeout", "timeout",     "latency",
                                        "latency_of", "expect.status",   "expect.body", "reuse"};
    if (row->place == PLACE_ROUTE && row->size > 0)
        return !is_among(row->path, route, ARRAY_COUNT(route)) && is_empty(row, structure);
    if (row->place != PLACE_PROBE || is_among(row->path, probe, ARRAY_COUNT(probe)))
        return false;
    return is_plain_kind(row, structure) || is_empty(row, structure);
}

static void add_object(crypto_generichash_state *state, const char *object, enum schema_place place,
                       const void *structure);

static void add_routes(crypto_generichash_state *state, const struct service_config *service)
{
    for (size_t i = 0; i < service->route_count; i++) {
        struct text object = {.length = 0};
        text_set(&object, "service.%s", service->routes[i].name.text);
        add_object(state, object.bytes, PLACE_ROUTE, &service->routes[i]);
    }
}

static void add_object(crypto_generichash_state *state, const char *object, enum schema_place place,
                       const void *structure)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        if (row->place != place || is_apart(row) || is_idle(row, structure) ||
            is_unwritten(row, structure))
            continue;
        add_row(state, object, row, structure);
        if (row->type == SCHEMA_OBJECT && row->child == PLACE_ROUTE)
            add_routes(state, structure);
    }
}

/* A node that calls itself late or congested by another measure votes differently. */
static void add_timing(crypto_generichash_state *state, const struct timing_config *timing)
{
    add_number(state, "timing", "timer_late", timing->timer_late_ms);
    add_number(state, "timing", "inflation_factor", timing->reference_inflation_factor);
    add_number(state, "timing", "inflation_minimum", timing->reference_inflation_min_ms);
}

uint64_t service_hash(const struct config *config, const struct service_config *service)
{
    unsigned char digest[crypto_generichash_BYTES];
    crypto_generichash_state state;
    uint64_t hash = 0;
    crypto_generichash_init(&state, NULL, 0, sizeof digest);
    add_text(&state, "service", "name", service->name.text);
    add_object(&state, "service", PLACE_SERVICE, service);
    for (size_t side = 0; side < SIDE_N; side++) {
        add_object(&state, side_name((enum side)side), PLACE_SIDE, &service->side[side]);
        add_object(&state, side_name((enum side)side), PLACE_PROBE, &service->side[side].probe);
    }
    add_number(&state, "references", "count", (int64_t)config->reference_count);
    for (size_t i = 0; i < config->reference_count; i++)
        add_object(&state, "reference", PLACE_PROBE, &config->references[i]);
    add_timing(&state, &config->timing);
    for (size_t i = 0; i < service->route_count; i++) {
        const struct platform_config *platform =
            config_find_platform(config, service->routes[i].via);
        add_text(&state, "platform", "api_url", platform != NULL ? platform->api_url : "");
    }
    crypto_generichash_final(&state, digest, sizeof digest);
    for (size_t i = 0; i < sizeof hash; i++)
        hash = hash << 8 | digest[i];
    return hash;
}
