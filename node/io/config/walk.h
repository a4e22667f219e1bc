/* The first look at a file: every key is known, stands once and in the right place, every value
 * parses. Never fills a struct, never judges how values fit together. Called by config_load. */
#ifndef QUORATE_IO_CONFIG_WALK_H
#define QUORATE_IO_CONFIG_WALK_H

#include "node/io/config/document.h"

void walk_document(const struct document *document, struct problem_list *problems);

#endif
