/* The hash of everything that one service's votes and moves depend on, so that a differing voter is
 * seen. Never covers `local:` or secrets. Called by config_load. */
#ifndef QUORATE_IO_CONFIG_SERVICE_HASH_H
#define QUORATE_IO_CONFIG_SERVICE_HASH_H

#include "node/io/config/config.h"

/* BLAKE2b over a canonical text of the resolved settings: the order of keys, quoting, and where a
 * value was written (service, defaults, section, not at all) make no difference. sodium_init must
 * have been called. */
uint64_t service_hash(const struct config *config, const struct service_config *service);

#endif
