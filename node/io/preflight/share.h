/* What two flows both use of the world outside: data actions, integrations, bots, and the hosts
 * that their actions call. Never asks the platform.
 * Called by the check of isolation. */
#ifndef QUORATE_IO_PREFLIGHT_SHARE_H
#define QUORATE_IO_PREFLIGHT_SHARE_H

#include "node/io/preflight/facts.h"

/* The platform's types of resources that reach outside; NULL-terminated. */
extern const char *const share_types[];

/* Names, with commas between them, what stands in both lists and not in `allowed` (names or ids
 * with commas between them). Returns how many. */
size_t share_list(const struct preflight_uses *primary, const struct preflight_uses *standby,
                  const char *allowed, struct text *ret_names);
/* The same for hosts of the actions' URLs; an action in `allowed` counts for nothing. */
size_t share_hosts(const struct preflight_uses *primary, const struct preflight_uses *standby,
                   const char *allowed, struct text *ret_hosts);

/* How many of the list reach outside. */
size_t share_count(const cJSON *list);
/* Is it a data action, whose configuration says what it calls? */
bool share_is_action(const cJSON *dependency);

#endif
