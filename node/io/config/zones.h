/* Arithmetic on the voters' layout: quorum, zones, what is left when one zone is lost.
 * Never complains; the rules do.
 * Called by the loader (the default of min_zones) and the rules. */
#ifndef QUORATE_IO_CONFIG_ZONES_H
#define QUORATE_IO_CONFIG_ZONES_H

#include "node/io/config/config.h"

/* A majority of `count` voters. */
size_t zones_quorum(size_t count);
/* How many zones the voters span. */
size_t zones_count(const struct config *config);
/* The zone with most voters; returns how many. `ret_zone` points into config. 0 and NULL without
 * voters. */
size_t zones_largest(const struct config *config, const struct name **ret_zone);

#endif
