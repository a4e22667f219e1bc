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
        add_text(state, object, row->path, field);
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

/* What only the preflight reads: no vote and no move depends on it. */
static bool is_apart(const struct schema_row *row)
{
    return (row->place == PLACE_SIDE && strcmp(row->path, "min_version") == 0) ||
           (row->place == PLACE_SERVICE && strcmp(row->path, "isolation.may_share") == 0);
}

/* Keys of a route that builds before them did not have: in the hash only where they are written. */
static bool is_unwritten(const struct schema_row *row, const void *structure)
{
    static const char *const first[] = {"backend", "plan", "via", "hold_flow"};
    if (row->place != PLACE_ROUTE || row->size == 0)
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(first); i++)
        if (strcmp(row->path, first[i]) == 0)
            return false;
    return ((const char *)structure)[row->offset] == '\0';
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
