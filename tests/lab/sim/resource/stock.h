/* What the simulated organisation holds at its start.
 * Never changes anything later.
 * Called once by the catalog. */
#ifndef QUORATE_LAB_STOCK_H
#define QUORATE_LAB_STOCK_H

#include "common/duration.h"

struct catalog;
struct document;

/* Errors: ERR_NO_MEMORY, ERR_FULL, ERR_INTERNAL (a row that does not parse). */
int stock_fill(struct catalog *catalog, time_ms wall_ms);

/* What the platform writes on everything that it keeps: id, selfUri, dates. */
void stock_mark(struct document *document, time_ms wall_ms);

#endif
