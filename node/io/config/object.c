#include "node/io/config/object.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "node/io/config/value.h"

enum { OBJECT_WORD_SIZE = 32 };

void object_init(struct object *object, const struct document *document, enum schema_place place,
                 int line)
{
    memset(object, 0, sizeof *object);
    object->document = document;
    object->place = place;
    object->line = line;
}

void object_add_source(struct object *object, const yaml_node_t *map, bool sections_only,
                       const char *format, ...)
{
    CHECK(object->source_count < OBJECT_SOURCE_COUNT_MAX);
    struct object_source *source = &object->sources[object->source_count++];
    va_list arguments;
    source->map = map;
    source->sections_only = sections_only;
    va_start(arguments, format);
    int length = vsnprintf(source->key, sizeof source->key, format, arguments);
    va_end(arguments);
    if (length < 0)
        source->key[0] = '\0';
}

/* Follows the row's path from the map. A scalar on the way is the value of a SCHEMA_SCALAR row; for
 * its neighbours it means that they are not written here, and that sources further away are out of
 * sight. */
static const yaml_node_t *follow(const struct document *document, const yaml_node_t *map,
                                 const struct schema_row *row, bool *ret_hidden, int *ret_line)
{
    const yaml_node_t *node = map;
    const char *at = row->path;
    if (map != NULL && map->type == YAML_SCALAR_NODE)
        return (row->flags & SCHEMA_ITEM) != 0 ? map : NULL;
    while (*at != '\0') {
        char word[OBJECT_WORD_SIZE];
        size_t length = strcspn(at, ".");
        CHECK(length < sizeof word);
        memcpy(word, at, length);
        word[length] = '\0';
        node = document_get(document, node, word, ret_line);
        at += length + (at[length] == '.');
        if (node == NULL || *at == '\0')
            return node;
        *ret_hidden = *ret_hidden || (row->flags & SCHEMA_WHOLE) != 0;
        if (node->type == YAML_SCALAR_NODE) {
            *ret_hidden = true;
            return (row->flags & SCHEMA_SCALAR) != 0 ? node : NULL;
        }
    }
    return NULL;
}

const yaml_node_t *object_find(const struct object *object, const struct schema_row *row,
                               const struct object_source **ret_source, int *ret_line)
{
    for (size_t i = 0; i < object->source_count; i++) {
        const struct object_source *source = &object->sources[i];
        bool hidden = false;
        int line = 0;
        if (source->sections_only && (row->flags & SCHEMA_GLOBAL) == 0)
            continue;
        if (i > 0 && (row->flags & SCHEMA_OWN) != 0)
            continue;
        const yaml_node_t *node = follow(object->document, source->map, row, &hidden, &line);
        if (node != NULL) {
            if (ret_source != NULL)
                *ret_source = source;
            if (ret_line != NULL)
                *ret_line = line;
            return node;
        }
        if (hidden)
            return NULL;
    }
    return NULL;
}

bool object_has(const struct object *object, const char *path)
{
    const struct schema_row *row = schema_find(object->place, path);
    CHECK(row != NULL);
    return object_find(object, row, NULL, NULL) != NULL;
}

int object_locate(const struct object *object, const char *path, struct text *ret_key)
{
    const struct schema_row *row = schema_find(object->place, path);
    const struct object_source *source = &object->sources[0];
    int line = object->line;
    if (row != NULL)
        object_find(object, row, &source, &line);
    text_set(ret_key, "%s%s%s", source->key, source->key[0] != '\0' && path[0] != '\0' ? "." : "",
             path);
    return line;
}

static void report_missing(const struct object *object, const struct schema_row *row,
                           struct problem_list *problems)
{
    struct text key = {.length = 0};
    int line = object_locate(object, row->path, &key);
    problems_add(problems, line, key.bytes, "is missing: %s", row->help);
}

static void fill_row(const struct object *object, const struct schema_row *row, void *structure,
                     bool read_credentials, struct problem_list *problems)
{
    struct value value;
    struct text why = {.length = 0};
    struct text key = {.length = 0};
    const yaml_node_t *node = object_find(object, row, NULL, NULL);
    bool parsed = node != NULL && value_parse(object->document, row, node, &value, &why) == 0;
    if (node == NULL && (row->flags & SCHEMA_REQUIRED) != 0)
        report_missing(object, row, problems);
    if (!parsed && row->default_value == NULL)
        return;
    if (!parsed)
        CHECK(value_parse_text(row, row->default_value, &value, &why) == 0);
    if (value_store(object->document, row, &value, structure, read_credentials, &why) != 0) {
        int line = object_locate(object, row->path, &key);
        problems_add(problems, line, key.bytes, "%s", why.bytes);
    }
}

void object_fill(const struct object *object, void *structure, bool read_credentials,
                 struct problem_list *problems)
{
    for (size_t i = 0; i < schema_count(); i++) {
        const struct schema_row *row = schema_at(i);
        if (row->place != object->place)
            continue;
        if (!schema_is_container(row->type))
            fill_row(object, row, structure, read_credentials, problems);
        else if ((row->flags & SCHEMA_REQUIRED) != 0 &&
                 object_find(object, row, NULL, NULL) == NULL)
            report_missing(object, row, problems);
    }
}
