/* The rows of the schema, in the order in which they are printed and hashed.
 * Never used but through schema.h.
 * Called by schema.c. */
#ifndef QUORATE_IO_CONFIG_SCHEMA_TABLE_H
#define QUORATE_IO_CONFIG_SCHEMA_TABLE_H

#include "node/io/config/schema.h"

extern const struct schema_row schema_table[];
extern const size_t schema_table_count;

#endif
