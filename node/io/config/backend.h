/* What the file says about each routing backend: which keys of a route it needs and takes, and what
 * can be promised of it. Never addresses or reads a route; node/io/act/routing.h does.
 * Called by the configuration's rules, by `check`, and by who must know whether a route pauses. */
#ifndef QUORATE_IO_CONFIG_BACKEND_H
#define QUORATE_IO_CONFIG_BACKEND_H

#include "node/io/config/config.h"

struct config_backend {
    const char *name;
    const char *const *needs; /* paths of the schema within a route, NULL-terminated: which route it
                                 is. Two routes that agree in all of them are one */
    const char *const *takes; /* ... that may be written, too */
    bool platform;            /* always goes through a platform */
    bool versioned;           /* a write that names a stale version is refused */
    bool pauses;              /* can be paused without a hold flow or a value that says so */
};

/* NULL-terminated. */
extern const char *const config_backend_names[];

/* Or NULL. Static storage. */
const struct config_backend *config_find_backend(const char *name);

/* Is a write that was made from an old reading refused by the API? */
bool config_route_is_versioned(const struct route_config *route);
/* Does any of its requests go to a platform? */
bool config_route_uses_platform(const struct route_config *route);
/* Is there a state in which the route serves nobody? */
bool config_route_can_pause(const struct route_config *route);

#endif
