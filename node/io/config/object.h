/* One struct of the configuration and the maps that its values come from, the nearest first.
 * Never complains about a value that does not parse: the walk did.
 * Called by the loader (to fill) and by the rules (to say where a value stands). */
#ifndef QUORATE_IO_CONFIG_OBJECT_H
#define QUORATE_IO_CONFIG_OBJECT_H

#include "node/io/config/document.h"
#include "node/io/config/schema.h"

enum { OBJECT_SOURCE_COUNT_MAX = 4, OBJECT_KEY_SIZE = 192 };

struct object_source {
    const yaml_node_t *map; /* NULL where it is not written */
    char key[OBJECT_KEY_SIZE];
    bool sections_only; /* the file's top: only rows that are SCHEMA_GLOBAL */
};

struct object {
    enum schema_place place;
    const struct document *document;
    int line; /* of the object's own key */
    struct object_source sources[OBJECT_SOURCE_COUNT_MAX];
    size_t source_count;
};

void object_init(struct object *object, const struct document *document, enum schema_place place,
                 int line);
/* Adds a source behind those that stand already. `map` may be NULL. */
void object_add_source(struct object *object, const yaml_node_t *map, bool sections_only,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The node that the row's value comes from, or NULL (then its default holds). ret_source and
 * ret_line may be NULL. */
const yaml_node_t *object_find(const struct object *object, const struct schema_row *row,
                               const struct object_source **ret_source, int *ret_line);
bool object_has(const struct object *object, const char *path);

/* Where a person finds the value: its line (the object's own where the default holds) and its whole
 * key. */
int object_locate(const struct object *object, const char *path, struct text *ret_key);

/* Stores all values and defaults into the struct. Adds problems for required rows that nobody wrote
 * and for credentials that cannot be read. */
void object_fill(const struct object *object, void *structure, bool read_credentials,
                 struct problem_list *problems);

#endif
