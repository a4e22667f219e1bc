/* The node's counters and gauges for a monitoring system to fetch, as text.
 * Never holds a secret, and nothing that status does not show in other words.
 * Called through the table of routes.c. */
#ifndef QUORATE_IO_API_METRICS_H
#define QUORATE_IO_API_METRICS_H

#include <stdio.h>

#include "node/io/api/view.h"

#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Returns 0, or -1 where the stream failed. */
int metrics_write(const struct node_view *view, FILE *out);

#endif
