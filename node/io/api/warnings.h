/* What somebody should see to before it fails: no vote, no alarm yet. So far certificates that end
 * soon. Never changes anything.
 * Called by the status page and the metrics. */
#ifndef QUORATE_IO_API_WARNINGS_H
#define QUORATE_IO_API_WARNINGS_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "node/io/api/view.h"

/* "warnings": [{code, service, side, left_ms, text}, ...], of this node. */
void warnings_add(cJSON *page, const struct node_view *view);
/* The seconds that each known certificate has left. */
void warnings_write_metrics(FILE *out, const struct node_view *view);

#endif
