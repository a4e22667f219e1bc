/* What a probe's settings leave open and others answer: its kind, a bot's platform and flow.
 * Never judges whether they fit together; the rules do.
 * Called by the loader, when the service's sides and routes are filled. */
#ifndef QUORATE_IO_CONFIG_SETTLE_PROBE_H
#define QUORATE_IO_CONFIG_SETTLE_PROBE_H

#include "node/io/config/load.h"

/* Both sides of the service at the place. */
void settle_side_probes(const struct load *load, size_t place);
/* The reference at the place. */
void settle_reference_probe(const struct load *load, size_t place);

#endif
