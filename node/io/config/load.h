/* What the loader shares with the rules while a file is being read.
 * Never seen outside node/io/config.
 * Called by load.c and the rules. */
#ifndef QUORATE_IO_CONFIG_LOAD_H
#define QUORATE_IO_CONFIG_LOAD_H

#include "node/io/config/config.h"
#include "node/io/config/object.h"

struct load {
    const struct document *document;
    struct problem_list *problems;
    struct config *config;
    const char *node; /* whose `local:` counts; NULL for a check */
};

/* The objects behind the structs, with their sources in order. `place` is the place in config's
 * array. */
void load_file_object(const struct load *load, struct object *ret_object);
void load_node_object(const struct load *load, size_t place, struct object *ret_object);
void load_reference_object(const struct load *load, size_t place, struct object *ret_object);
void load_service_object(const struct load *load, size_t place, struct object *ret_object);
void load_side_object(const struct load *load, size_t place, enum side side,
                      struct object *ret_object);
void load_probe_object(const struct load *load, size_t place, enum side side,
                       struct object *ret_object);
/* `route` is the place in the service's routes. */
void load_route_object(const struct load *load, size_t place, size_t route,
                       struct object *ret_object);
void load_platform_object(const struct load *load, size_t place, struct object *ret_object);
void load_notify_object(const struct load *load, size_t place, struct object *ret_object);
/* `node` picks the override; NULL is `local:` alone. */
void load_local_object(const struct load *load, const char *node, struct object *ret_object);

/* Adds a problem about a row of the object, in its own line, under its own key. */
void load_problem(const struct load *load, const struct object *object, const char *path,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
