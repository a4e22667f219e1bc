#include "node/io/config/schema.h"

#include <string.h>

#include "common/check.h"
#include "node/io/config/schema_table.h"

static const char *const place_prefixes[PLACE_N] = {
    [PLACE_FILE] = "",
    [PLACE_NODE] = "nodes.NAME.",
    [PLACE_SERVICE] = "services.NAME.",
    [PLACE_SIDE] = "services.NAME.SIDE.",
    [PLACE_PROBE] = "services.NAME.SIDE.probe.",
    [PLACE_ROUTE] = "services.NAME.route.",
    [PLACE_PLATFORM] = "platforms.NAME.",
    [PLACE_NOTIFY] = "notify[].",
    [PLACE_LOCAL] = "local.",
};

static const char *const type_names[SCHEMA_TYPE_N] = {
    [SCHEMA_DURATION] = "duration",
    [SCHEMA_COUNT] = "count",
    [SCHEMA_BOOL] = "bool",
    [SCHEMA_CHOICE] = "word",
    [SCHEMA_WORD] = "word",
    [SCHEMA_FAILBACK] = "bool",
    [SCHEMA_NAME] = "name",
    [SCHEMA_TEXT] = "text",
    [SCHEMA_HOST] = "host",
    [SCHEMA_TARGET] = "url",
    [SCHEMA_URL] = "url",
    [SCHEMA_HEADER] = "text",
    [SCHEMA_QUERY] = "text",
    [SCHEMA_JSON] = "json",
    [SCHEMA_BODY] = "text",
    [SCHEMA_POINTER] = "json pointer",
    [SCHEMA_REGEX] = "regular expression",
    [SCHEMA_STATUSES] = "statuses",
    [SCHEMA_HEADERS] = "list of headers",
    [SCHEMA_TURNS] = "list of texts",
    [SCHEMA_KEY] = "key",
    [SCHEMA_SECRET] = "credential",
    [SCHEMA_OPEN_TEXT] = "text or credential",
    [SCHEMA_OPEN_URL] = "url or credential",
    [SCHEMA_FILE] = "file",
    [SCHEMA_KEY_FILE] = "credential",
    [SCHEMA_BUDGET] = "budget",
    [SCHEMA_LISTEN] = "host:port",
    [SCHEMA_NOTICES] = "list of words",
    [SCHEMA_DIALS] = "map",
    [SCHEMA_OBJECT] = "map",
    [SCHEMA_SECTION] = "map",
    [SCHEMA_MAP] = "map",
    [SCHEMA_LIST] = "list",
};

size_t schema_count(void)
{
    return schema_table_count;
}

const struct schema_row *schema_at(size_t index)
{
    CHECK(index < schema_table_count);
    return &schema_table[index];
}

const struct schema_row *schema_find(enum schema_place place, const char *path)
{
    for (size_t i = 0; i < schema_table_count; i++) {
        if (schema_table[i].place == place && strcmp(schema_table[i].path, path) == 0)
            return &schema_table[i];
    }
    return NULL;
}

/* Is `inner` below `group`? Everything is below "". */
static bool is_below(const char *inner, const char *group)
{
    size_t length = strlen(group);
    return strncmp(inner, group, length) == 0 && (length == 0 || inner[length] == '.');
}

bool schema_is_group(enum schema_place place, const char *path)
{
    for (size_t i = 0; i < schema_table_count; i++) {
        if (schema_table[i].place == place && is_below(schema_table[i].path, path))
            return true;
    }
    return false;
}

const struct schema_row *schema_scalar_row(enum schema_place place, const char *path)
{
    for (size_t i = 0; i < schema_table_count; i++) {
        const struct schema_row *row = &schema_table[i];
        if (row->place == place && (row->flags & SCHEMA_SCALAR) != 0 && is_below(row->path, path))
            return row;
    }
    return NULL;
}

const struct schema_row *schema_item_row(enum schema_place place)
{
    for (size_t i = 0; i < schema_table_count; i++) {
        if (schema_table[i].place == place && (schema_table[i].flags & SCHEMA_ITEM) != 0)
            return &schema_table[i];
    }
    return NULL;
}

bool schema_is_container(enum schema_type type)
{
    return type == SCHEMA_OBJECT || type == SCHEMA_SECTION || type == SCHEMA_MAP ||
           type == SCHEMA_LIST;
}

const char *schema_place_prefix(enum schema_place place)
{
    return place_prefixes[place];
}

const char *schema_type_name(enum schema_type type)
{
    return type_names[type];
}
