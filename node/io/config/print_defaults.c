#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/cleanup.h"
#include "node/io/config/config.h"
#include "node/io/config/schema.h"

enum { KEY_SIZE = 96 };

static const char *row_key(const struct schema_row *row, char buffer[KEY_SIZE])
{
    snprintf(buffer, KEY_SIZE, "%s%s", schema_place_prefix(row->place), row->path);
    return buffer;
}

static bool has_limits(const struct schema_row *row)
{
    return row->type == SCHEMA_DURATION || row->type == SCHEMA_COUNT || row->type == SCHEMA_BUDGET;
}

static const char *row_limit(const struct schema_row *row, int64_t limit,
                             char buffer[DURATION_BYTES])
{
    if (row->type == SCHEMA_DURATION)
        return duration_format(limit, buffer);
    snprintf(buffer, DURATION_BYTES, "%lld", (long long)limit);
    return buffer;
}

static const char *row_default(const struct schema_row *row)
{
    if (row->default_value != NULL)
        return row->default_value;
    return (row->flags & SCHEMA_REQUIRED) != 0 ? "(required)" : "-";
}

static void print_text(FILE *out)
{
    char key[KEY_SIZE];
    char min[DURATION_BYTES];
    char max[DURATION_BYTES];
    fprintf(out, "%-48s %-19s %-16s %-18s %-6s %-9s %s\n", "KEY", "TYPE", "UNIT", "DEFAULT", "MIN",
            "MAX", "MEANING");
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        bool limits = has_limits(row);
        fprintf(out, "%-48s %-19s %-16s %-18s %-6s %-9s %s", row_key(row, key),
                schema_type_name(row->type), row->unit != NULL ? row->unit : "-", row_default(row),
                limits ? row_limit(row, row->min, min) : "-",
                limits ? row_limit(row, row->max, max) : "-", row->help);
        for (size_t word = 0; row->words != NULL && row->words[word] != NULL; word++)
            fprintf(out, "%s%s", word == 0 ? " [" : ", ", row->words[word]);
        fprintf(out, "%s\n", row->words != NULL ? "]" : "");
    }
}

static void add_text_or_null(cJSON *object, const char *name, const char *text)
{
    if (text != NULL)
        cJSON_AddStringToObject(object, name, text);
    else
        cJSON_AddNullToObject(object, name);
}

static void add_limit(cJSON *object, const char *name, const struct schema_row *row, int64_t limit)
{
    char buffer[DURATION_BYTES];
    if (!has_limits(row))
        cJSON_AddNullToObject(object, name);
    else if (row->type == SCHEMA_DURATION)
        cJSON_AddStringToObject(object, name, duration_format(limit, buffer));
    else
        cJSON_AddNumberToObject(object, name, (double)limit);
}

static cJSON *row_json(const struct schema_row *row)
{
    cJSON *object = cJSON_CreateObject();
    char key[KEY_SIZE];
    cJSON_AddStringToObject(object, "path", row_key(row, key));
    cJSON_AddStringToObject(object, "type", schema_type_name(row->type));
    add_text_or_null(object, "unit", row->unit);
    add_text_or_null(object, "default", row->default_value);
    cJSON_AddBoolToObject(object, "required", (row->flags & SCHEMA_REQUIRED) != 0);
    add_limit(object, "min", row, row->min);
    add_limit(object, "max", row, row->max);
    cJSON_AddStringToObject(object, "help", row->help);
    if (row->words != NULL) {
        cJSON *words = cJSON_AddArrayToObject(object, "words");
        for (size_t i = 0; row->words[i] != NULL; i++)
            cJSON_AddItemToArray(words, cJSON_CreateString(row->words[i]));
    }
    return object;
}

static void print_json(FILE *out)
{
    cJSON *rows = cJSON_CreateArray();
    for (size_t i = 0; i < schema_count(); i++)
        cJSON_AddItemToArray(rows, row_json(schema_at(i)));
    CLEANUP(cleanup_free) char *text = cJSON_Print(rows);
    cJSON_Delete(rows);
    fprintf(out, "%s\n", text != NULL ? text : "[]");
}

void config_print_defaults(FILE *out, bool json)
{
    if (json)
        print_json(out);
    else
        print_text(out);
}
