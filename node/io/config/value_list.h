/* The values of a probe that are lists: statuses, headers, turns.
 * Never reads a credential while checking; only storing does, where it is asked to.
 * Called by the values of the configuration. */
#ifndef QUORATE_IO_CONFIG_VALUE_LIST_H
#define QUORATE_IO_CONFIG_VALUE_LIST_H

#include "node/io/config/config.h"
#include "node/io/config/value.h"

bool value_is_list(enum schema_type type);

/* Is the list one of the type's? Returns 0 or ERR_INVALID with `why` set. */
int value_list_check(const struct document *document, enum schema_type type,
                     const yaml_node_t *list, struct text *why);

/* What a probe's text must be: a body whose placeholders are ${id} and ${session}, a JSON pointer
 * (RFC 6901), a regular expression, one status or a range. Returns 0 or ERR_INVALID with `why` set.
 */
int value_probe_check(enum schema_type type, const char *text, struct text *why);

/* Stores a checked value into the type's struct. With `read_credentials` the headers that are
 * credentials are read, else they stay empty. Returns 0, ERR_INVALID or ERR_IO with `why` set. */
int value_list_store(const struct document *document, enum schema_type type,
                     const struct value *value, void *field, bool read_credentials,
                     struct text *why);

#endif
