/* Lists of request headers: "Name: value", or a reference to a credential that holds such a line.
 * Never quotes a credential in a complaint. Called by the configuration's values. */
#ifndef QUORATE_IO_CONFIG_HEADERS_H
#define QUORATE_IO_CONFIG_HEADERS_H

#include "node/io/config/config.h"
#include "node/io/config/document.h"

/* Is it one line "Name: value"? */
bool headers_line_ok(const char *line);

/* Is the node a list of at most HEADER_COUNT_MAX of them? Returns 0 or ERR_INVALID with `why`. */
int headers_check(const struct document *document, const yaml_node_t *list, struct text *why);

/* Stores a checked list; with `read_credentials` its references are followed, else their lines stay
 * empty. Returns 0, ERR_INVALID or ERR_IO with `why`. */
int headers_store(const struct document *document, const yaml_node_t *list,
                  struct header_list *ret_headers, bool read_credentials, struct text *why);

#endif
