#include "node/io/config/walk.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "node/io/config/schema.h"
#include "node/io/config/value.h"

enum { SEGMENT_SIZE = 32, SEGMENT_COUNT_MAX = 32, WALK_PATH_SIZE = 128 };

/* A map that is being walked: the keys of `place` below `group` may stand in it. */
struct level {
    const struct document *document;
    struct problem_list *problems;
    enum schema_place place;
    char group[WALK_PATH_SIZE]; /* "" or a path of the schema within the place */
    struct text key;            /* as a person writes it: services.x.probe */
    bool is_shared; /* settings for several objects: rows that are an object's OWN are refused */
};

static void walk_map(const struct level *level, const yaml_node_t *map, int line);

static struct level level_below(const struct level *level, const char *word)
{
    struct level below = *level;
    text_add(&below.key, "%s%.60s", level->key.length > 0 ? "." : "", word);
    return below;
}

/* "rule" in group "" is "rule"; "fail" in group "rule" is "rule.fail". Too long a word is no key of
 * ours. */
static bool join(const char *group, const char *word, char ret_path[WALK_PATH_SIZE])
{
    int length =
        snprintf(ret_path, WALK_PATH_SIZE, "%s%s%s", group, group[0] != '\0' ? "." : "", word);
    return length > 0 && length < WALK_PATH_SIZE;
}

/* The distinct words that may follow the group. */
static size_t list_words(const struct level *level, char words[][SEGMENT_SIZE], const char **list)
{
    size_t count = 0;
    size_t skip = strlen(level->group) + (level->group[0] != '\0' ? 1 : 0);
    for (size_t i = 0; i < schema_count() && count < SEGMENT_COUNT_MAX; i++) {
        const struct schema_row *row = schema_at(i);
        if (row->place != level->place ||
            strncmp(row->path, level->group, strlen(level->group)) != 0)
            continue;
        if (strlen(row->path) <= skip || (skip > 0 && row->path[skip - 1] != '.'))
            continue;
        size_t length = strcspn(row->path + skip, ".");
        CHECK(length < SEGMENT_SIZE);
        memcpy(words[count], row->path + skip, length);
        words[count][length] = '\0';
        if (count > 0 && strcmp(words[count - 1], words[count]) == 0)
            continue;
        list[count] = words[count];
        count++;
    }
    return count;
}

static void report_unknown(const struct level *level, const char *word, int line)
{
    char words[SEGMENT_COUNT_MAX][SEGMENT_SIZE];
    const char *list[SEGMENT_COUNT_MAX];
    struct level below = level_below(level, word);
    size_t count = list_words(level, words, list);
    const char *nearest = text_nearest(word, list, count);
    if (strcmp(word, "<<") == 0) {
        problems_add(level->problems, line, below.key.bytes,
                     "merge keys are not supported; write shared settings under defaults:");
        return;
    }
    if (nearest != NULL) {
        problems_add(level->problems, line, below.key.bytes, "unknown key (did you mean %s?)",
                     nearest);
        return;
    }
    struct text all = {.length = 0};
    for (size_t i = 0; i < count; i++)
        text_add(&all, "%s%s", i > 0 ? ", " : "", list[i]);
    problems_add(level->problems, line, below.key.bytes, "unknown key; known here are %.300s",
                 all.bytes);
}

/* The key of the pair at `place`, or NULL after a complaint: no text, or it stood before. */
static const char *walk_key(const struct level *level, const yaml_node_t *map, size_t place,
                            const yaml_node_t **ret_value, int *ret_line)
{
    const yaml_node_t *key = NULL;
    document_pair(level->document, map, place, &key, ret_value);
    const char *word = document_scalar(key);
    *ret_line = document_line(key);
    if (word == NULL) {
        problems_add(level->problems, *ret_line, level->key.bytes, "a key must be plain text");
        return NULL;
    }
    int first_line = 0;
    if (document_get(level->document, map, word, &first_line) == *ret_value)
        return word;
    struct level below = level_below(level, word);
    problems_add(level->problems, *ret_line, below.key.bytes,
                 "duplicate key; it stands in line %d already", first_line);
    return NULL;
}

static void walk_value(const struct level *level, const struct schema_row *row,
                       const yaml_node_t *node)
{
    struct value value;
    struct text why = {.length = 0};
    if (value_parse(level->document, row, node, &value, &why) != 0)
        problems_add(level->problems, document_line(node), level->key.bytes, "%s", why.bytes);
}

/* nodes, services, platforms, local.nodes: names that the user chose. */
static void walk_names(const struct level *level, enum schema_place child, const yaml_node_t *map)
{
    if (map->type != YAML_MAPPING_NODE) {
        problems_add(level->problems, document_line(map), level->key.bytes,
                     "must be a map of names");
        return;
    }
    for (size_t i = 0; i < document_count(map); i++) {
        const yaml_node_t *node = NULL;
        int line = 0;
        const char *word = walk_key(level, map, i, &node, &line);
        if (word == NULL)
            continue;
        struct level below = level_below(level, word);
        struct name name;
        if (name_set(&name, word) != 0)
            problems_add(level->problems, line, below.key.bytes,
                         "is no name: 1 to %d of letters, digits, '.', '_', '-'", NAME_BYTES_MAX);
        /* An override of local is local's place again, but has no overrides of its own. */
        below.is_shared = level->place == PLACE_LOCAL;
        below.place = child;
        below.group[0] = '\0';
        walk_map(&below, node, line);
    }
}

/* references and notify; a plain reference is its url. */
static void walk_list(const struct level *level, enum schema_place child, const yaml_node_t *list)
{
    const struct schema_row *short_row = schema_item_row(child);
    if (list->type != YAML_SEQUENCE_NODE) {
        problems_add(level->problems, document_line(list), level->key.bytes, "must be a list");
        return;
    }
    for (size_t i = 0; i < document_count(list); i++) {
        const yaml_node_t *item = document_item(level->document, list, i);
        struct level below = *level;
        text_add(&below.key, "[%zu]", i);
        below.place = child;
        below.group[0] = '\0';
        if (short_row != NULL && item->type == YAML_SCALAR_NODE)
            walk_value(&below, short_row, item);
        else
            walk_map(&below, item, document_line(item));
    }
}

static void walk_container(const struct level *level, const struct schema_row *row,
                           const yaml_node_t *node, int line)
{
    struct level below = *level;
    if (row->type == SCHEMA_MAP) {
        walk_names(level, row->child, node);
        return;
    }
    if (row->type == SCHEMA_LIST) {
        walk_list(level, row->child, node);
        return;
    }
    below.place = row->child;
    below.group[0] = '\0';
    if (row->type == SCHEMA_SECTION)
        CHECK(text_copy(below.group, sizeof below.group, row->path) == 0);
    /* defaults, rule, ... stand for all services; services.NAME.probe for both sides. */
    if (level->place == PLACE_FILE && row->child == PLACE_SERVICE)
        below.is_shared = true;
    if (level->place == PLACE_SERVICE && row->child == PLACE_PROBE)
        below.is_shared = true;
    walk_map(&below, node, line);
}

static void walk_pair(const struct level *level, const char *word, const yaml_node_t *node,
                      int line)
{
    char path[WALK_PATH_SIZE];
    struct level below = level_below(level, word);
    bool fits = join(level->group, word, path) && strchr(word, '.') == NULL;
    const struct schema_row *row = fits ? schema_find(level->place, path) : NULL;
    if (row == NULL && (!fits || !schema_is_group(level->place, path))) {
        report_unknown(level, word, line);
        return;
    }
    if (row != NULL && level->is_shared && (row->flags & SCHEMA_OWN) != 0) {
        problems_add(level->problems, line, below.key.bytes,
                     "cannot be shared; it stands in %s%s only", schema_place_prefix(row->place),
                     row->path);
        return;
    }
    if (row == NULL) {
        const struct schema_row *short_row = schema_scalar_row(level->place, path);
        if (short_row != NULL && node->type == YAML_SCALAR_NODE) {
            walk_value(&below, short_row, node);
            return;
        }
        CHECK(text_copy(below.group, sizeof below.group, path) == 0);
        walk_map(&below, node, line);
    } else if (schema_is_container(row->type)) {
        walk_container(&below, row, node, line);
    } else {
        walk_value(&below, row, node);
    }
}

static void walk_map(const struct level *level, const yaml_node_t *map, int line)
{
    if (map->type != YAML_MAPPING_NODE) {
        problems_add(level->problems, line, level->key.bytes,
                     "must be a map (KEY: VALUE lines below it)");
        return;
    }
    for (size_t i = 0; i < document_count(map); i++) {
        const yaml_node_t *node = NULL;
        int key_line = 0;
        const char *word = walk_key(level, map, i, &node, &key_line);
        if (word != NULL)
            walk_pair(level, word, node, key_line);
    }
}

void walk_document(const struct document *document, struct problem_list *problems)
{
    struct level top = {.document = document, .problems = problems, .place = PLACE_FILE};
    walk_map(&top, document_root(document), document_line(document_root(document)));
}
