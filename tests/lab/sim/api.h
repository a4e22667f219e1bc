/* The public API of the simulated platform: /oauth/token and /api/v2/...; carries out the faults.
 * Never serves /sim/...; that is the control interface.
 * Called by the web server, one thread a connection. */
#ifndef QUORATE_LAB_API_H
#define QUORATE_LAB_API_H

#include "tests/lab/base/web.h"
#include "tests/lab/sim/platform.h"

void api_handle(const struct web_request *request, struct web_answer *answer,
                struct platform *platform);

#endif
