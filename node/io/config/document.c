#include "node/io/config/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"

/* What the first pass over the events counts: the tree is built only from files that pass it. */
struct scan {
    struct problem_list *problems;
    size_t depth;
    size_t node_count;
    size_t document_count;
    size_t entry_count[DOCUMENT_DEPTH_MAX + 1];
};

static int read_file(const char *path, struct problem_list *problems, unsigned char **ret_bytes,
                     size_t *ret_length)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "re");
    CLEANUP(cleanup_free) unsigned char *bytes = malloc(DOCUMENT_BYTES_MAX + 1);
    if (bytes == NULL)
        return ERR_NO_MEMORY;
    if (file == NULL) {
        problems_add(problems, 0, "", "cannot be opened: %s", strerror(errno));
        return ERR_IO;
    }
    size_t length = fread(bytes, 1, DOCUMENT_BYTES_MAX + 1, file);
    if (ferror(file)) {
        problems_add(problems, 0, "", "cannot be read: %s", strerror(errno));
        return ERR_IO;
    }
    if (length > DOCUMENT_BYTES_MAX) {
        problems_add(problems, 0, "", "is larger than %d bytes", DOCUMENT_BYTES_MAX);
        return ERR_INVALID;
    }
    *ret_bytes = TAKE_PTR(bytes);
    *ret_length = length;
    return 0;
}

static int line_of_offset(const unsigned char *bytes, size_t length, size_t offset)
{
    int line = 1;
    for (size_t i = 0; i < offset && i < length; i++)
        line += bytes[i] == '\n';
    return line;
}

static int report_parser(const yaml_parser_t *parser, const unsigned char *bytes, size_t length,
                         struct problem_list *problems)
{
    const char *what = parser->problem != NULL ? parser->problem : "unknown error";
    if (parser->error == YAML_MEMORY_ERROR)
        return ERR_NO_MEMORY;
    if (parser->error == YAML_READER_ERROR)
        problems_add(problems, line_of_offset(bytes, length, parser->problem_offset), "",
                     "is not UTF-8 text: %s", what);
    else
        problems_add(problems, (int)parser->problem_mark.line + 1, "", "is not YAML: %s%s%s", what,
                     parser->context != NULL ? " " : "",
                     parser->context != NULL ? parser->context : "");
    return ERR_INVALID;
}

/* Anchors, aliases and tags could make a tree cyclic or change what a value means: plain text only.
 */
static const char *forbidden_property(const yaml_event_t *event)
{
    const yaml_char_t *anchor = NULL;
    const yaml_char_t *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return "aliases (*name) are not supported; write shared settings under defaults:";
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    }
    if (anchor != NULL)
        return "anchors (&name) are not supported; write shared settings under defaults:";
    if (tag != NULL)
        return "tags (!name) are not supported";
    if (event->type == YAML_SCALAR_EVENT &&
        memchr(event->data.scalar.value, '\0', event->data.scalar.length) != NULL)
        return "a value contains a NUL byte";
    return NULL;
}

static const char *scan_event(struct scan *scan, const yaml_event_t *event)
{
    bool opens =
        event->type == YAML_MAPPING_START_EVENT || event->type == YAML_SEQUENCE_START_EVENT;
    if (event->type == YAML_DOCUMENT_START_EVENT && ++scan->document_count > 1)
        return "a second document starts; one file is one configuration";
    if (event->type == YAML_MAPPING_END_EVENT || event->type == YAML_SEQUENCE_END_EVENT)
        scan->depth--;
    if (opens || event->type == YAML_SCALAR_EVENT) {
        if (++scan->entry_count[scan->depth] > DOCUMENT_ENTRIES_MAX && scan->depth > 0)
            return "too many entries in one map or list";
        if (++scan->node_count > DOCUMENT_NODES_MAX)
            return "too many values in the file";
    }
    if (opens) {
        if (scan->depth == DOCUMENT_DEPTH_MAX)
            return "maps and lists are nested too deeply";
        scan->depth++;
        scan->entry_count[scan->depth] = 0;
    }
    return forbidden_property(event);
}

static void open_parser(yaml_parser_t *parser, const unsigned char *bytes, size_t length)
{
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, bytes, length);
}

/* Looks at the events only, so that a hostile file is refused before memory grows with it. */
static int scan_bytes(const unsigned char *bytes, size_t length, struct problem_list *problems)
{
    struct scan scan = {.problems = problems};
    yaml_parser_t parser;
    int result = 0;
    bool ended = false;
    if (!yaml_parser_initialize(&parser))
        return ERR_NO_MEMORY;
    open_parser(&parser, bytes, length);
    while (result == 0 && !ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            result = report_parser(&parser, bytes, length, problems);
            break;
        }
        const char *wrong = scan_event(&scan, &event);
        if (wrong != NULL) {
            problems_add(problems, (int)event.start_mark.line + 1, "", "%s", wrong);
            result = ERR_INVALID;
        }
        ended = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    if (result == 0 && scan.document_count == 0) {
        problems_add(problems, 0, "", "is empty");
        result = ERR_INVALID;
    }
    return result;
}

static int build_tree(struct document *document, const unsigned char *bytes, size_t length,
                      struct problem_list *problems)
{
    yaml_parser_t parser;
    int result = 0;
    if (!yaml_parser_initialize(&parser))
        return ERR_NO_MEMORY;
    open_parser(&parser, bytes, length);
    if (yaml_parser_load(&parser, &document->yaml))
        document->is_open = true;
    else
        result = report_parser(&parser, bytes, length, problems);
    yaml_parser_delete(&parser);
    return result;
}

int document_open(struct document *document, const char *path, struct problem_list *problems)
{
    CLEANUP(cleanup_free) unsigned char *bytes = NULL;
    size_t length = 0;
    document->is_open = false;
    int result = read_file(path, problems, &bytes, &length);
    if (result == 0)
        result = scan_bytes(bytes, length, problems);
    if (result == 0)
        result = build_tree(document, bytes, length, problems);
    return result;
}

void document_close(struct document *document)
{
    if (document->is_open)
        yaml_document_delete(&document->yaml);
    document->is_open = false;
}

/* libyaml's readers take a document that is not const, but only look. */
static const yaml_node_t *node_at(const struct document *document, yaml_node_item_t item)
{
    return document->yaml.nodes.start + item - 1;
}

const yaml_node_t *document_root(const struct document *document)
{
    return document->yaml.nodes.start;
}

size_t document_count(const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE)
        return (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
    if (node->type == YAML_SEQUENCE_NODE)
        return (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    return 0;
}

void document_pair(const struct document *document, const yaml_node_t *map, size_t place,
                   const yaml_node_t **ret_key, const yaml_node_t **ret_value)
{
    const yaml_node_pair_t *pair = map->data.mapping.pairs.start + place;
    *ret_key = node_at(document, pair->key);
    *ret_value = node_at(document, pair->value);
}

const yaml_node_t *document_item(const struct document *document, const yaml_node_t *list,
                                 size_t place)
{
    return node_at(document, list->data.sequence.items.start[place]);
}

const yaml_node_t *document_get(const struct document *document, const yaml_node_t *map,
                                const char *key, int *ret_line)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (size_t i = 0; i < document_count(map); i++) {
        const yaml_node_t *key_node = NULL;
        const yaml_node_t *value = NULL;
        document_pair(document, map, i, &key_node, &value);
        const char *word = document_scalar(key_node);
        if (word == NULL || strcmp(word, key) != 0)
            continue;
        if (ret_line != NULL)
            *ret_line = document_line(key_node);
        return value;
    }
    return NULL;
}

const char *document_scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

int document_line(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}
