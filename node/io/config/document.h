/* A YAML file as a checked tree: bounded, UTF-8, one document, no aliases, tags or NUL bytes.
 * Never knows which keys are meant.
 * Called by the loader, its walk and its rules. */
#ifndef QUORATE_IO_CONFIG_DOCUMENT_H
#define QUORATE_IO_CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <yaml.h>

#include "node/io/config/problems.h"

enum {
    DOCUMENT_BYTES_MAX = 1024 * 1024,
    DOCUMENT_DEPTH_MAX = 16,
    DOCUMENT_ENTRIES_MAX = 1024, /* nodes in one map (keys and values) or list */
    DOCUMENT_NODES_MAX = 100000,
};

struct document {
    yaml_document_t yaml;
    bool is_open;
};

/* Reads and parses the file. Returns 0, or with problems added: ERR_IO (the file cannot be read),
 * ERR_INVALID or ERR_NO_MEMORY. On 0 the caller closes it; nodes and their text live until then. */
int document_open(struct document *document, const char *path, struct problem_list *problems);
void document_close(struct document *document);

/* The top of the tree; never NULL on an open document. */
const yaml_node_t *document_root(const struct document *document);

/* The number of children: pairs of a map, items of a list, 0 for a scalar. */
size_t document_count(const yaml_node_t *node);
/* The pair at the place; keys that are no scalars come out as they are. */
void document_pair(const struct document *document, const yaml_node_t *map, size_t place,
                   const yaml_node_t **ret_key, const yaml_node_t **ret_value);
const yaml_node_t *document_item(const struct document *document, const yaml_node_t *list,
                                 size_t place);

/* The value behind a key, or NULL (also where `map` is NULL or no map); ret_line, if not NULL, gets
 * the key's line. */
const yaml_node_t *document_get(const struct document *document, const yaml_node_t *map,
                                const char *key, int *ret_line);

/* The text of a scalar, NUL-terminated; NULL for other nodes. */
const char *document_scalar(const yaml_node_t *node);
int document_line(const yaml_node_t *node);

#endif
