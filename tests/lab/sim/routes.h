/* Which path is served by what.
 * Never serves; never looks at the method.
 * Called by the API for each request, under the platform's lock. */
#ifndef QUORATE_LAB_ROUTES_H
#define QUORATE_LAB_ROUTES_H

#include "tests/lab/sim/call.h"

/* Sets serve, plan, kind, document and words; call_refuse_unknown where nothing serves it. */
void routes_find(struct call *call);

#endif
