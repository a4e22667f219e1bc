#include <stdarg.h>
#include <stdio.h>

#include "node/io/config/load.h"

/* The map nodes.NAME and the like, with the line of NAME. */
static const yaml_node_t *named_map(const struct load *load, const char *container,
                                    const char *name, int *ret_line)
{
    const yaml_node_t *map =
        document_get(load->document, document_root(load->document), container, NULL);
    return document_get(load->document, map, name, ret_line);
}

static const yaml_node_t *top_map(const struct load *load, const char *name)
{
    return document_get(load->document, document_root(load->document), name, NULL);
}

void load_file_object(const struct load *load, struct object *ret_object)
{
    const yaml_node_t *root = document_root(load->document);
    object_init(ret_object, load->document, PLACE_FILE, document_line(root));
    object_add_source(ret_object, root, false, "%s", "");
}

static void init_named(const struct load *load, enum schema_place place, const char *container,
                       const char *name, struct object *ret_object)
{
    int line = 0;
    const yaml_node_t *map = named_map(load, container, name, &line);
    object_init(ret_object, load->document, place, line);
    object_add_source(ret_object, map, false, "%s.%s", container, name);
}

static void init_item(const struct load *load, enum schema_place place, const char *container,
                      size_t at, struct object *ret_object)
{
    const yaml_node_t *list = top_map(load, container);
    const yaml_node_t *item = document_item(load->document, list, at);
    object_init(ret_object, load->document, place, document_line(item));
    object_add_source(ret_object, item, false, "%s[%zu]", container, at);
}

void load_node_object(const struct load *load, size_t place, struct object *ret_object)
{
    init_named(load, PLACE_NODE, "nodes", load->config->nodes[place].name.text, ret_object);
}

void load_reference_object(const struct load *load, size_t place, struct object *ret_object)
{
    init_item(load, PLACE_PROBE, "references", place, ret_object);
}

void load_platform_object(const struct load *load, size_t place, struct object *ret_object)
{
    init_named(load, PLACE_PLATFORM, "platforms", load->config->platforms[place].name.text,
               ret_object);
}

void load_notify_object(const struct load *load, size_t place, struct object *ret_object)
{
    init_item(load, PLACE_NOTIFY, "notify", place, ret_object);
}

void load_service_object(const struct load *load, size_t place, struct object *ret_object)
{
    init_named(load, PLACE_SERVICE, "services", load->config->services[place].name.text,
               ret_object);
    object_add_source(ret_object, top_map(load, "defaults"), false, "defaults");
    object_add_source(ret_object, document_root(load->document), true, "%s", "");
}

void load_side_object(const struct load *load, size_t place, enum side side,
                      struct object *ret_object)
{
    const char *name = load->config->services[place].name.text;
    int line = 0;
    const yaml_node_t *service = named_map(load, "services", name, &line);
    const yaml_node_t *map = document_get(load->document, service, side_name(side), &line);
    object_init(ret_object, load->document, PLACE_SIDE, line);
    object_add_source(ret_object, map, false, "services.%s.%s", name, side_name(side));
}

void load_probe_object(const struct load *load, size_t place, enum side side,
                       struct object *ret_object)
{
    const char *name = load->config->services[place].name.text;
    int line = 0;
    const yaml_node_t *service = named_map(load, "services", name, &line);
    const yaml_node_t *map = document_get(load->document, service, side_name(side), &line);
    const yaml_node_t *probe = document_get(load->document, map, "probe", &line);
    const yaml_node_t *shared = document_get(load->document, service, "probe", NULL);
    const yaml_node_t *defaults =
        document_get(load->document, top_map(load, "defaults"), "probe", NULL);
    object_init(ret_object, load->document, PLACE_PROBE, line);
    object_add_source(ret_object, probe, false, "services.%s.%s.probe", name, side_name(side));
    object_add_source(ret_object, shared, false, "services.%s.probe", name);
    object_add_source(ret_object, defaults, false, "defaults.probe");
}

void load_route_object(const struct load *load, size_t place, size_t route,
                       struct object *ret_object)
{
    const char *name = load->config->services[place].name.text;
    const char *word = load->config->services[place].routes[route].name.text;
    int line = 0;
    const yaml_node_t *service = named_map(load, "services", name, &line);
    const yaml_node_t *several = document_get(load->document, service, "routes", &line);
    const yaml_node_t *map = several != NULL
                                 ? document_get(load->document, several, word, &line)
                                 : document_get(load->document, service, "route", &line);
    const yaml_node_t *shared =
        document_get(load->document, top_map(load, "defaults"), "route", NULL);
    object_init(ret_object, load->document, PLACE_ROUTE, line);
    if (several != NULL)
        object_add_source(ret_object, map, false, "services.%s.routes.%s", name, word);
    else
        object_add_source(ret_object, map, false, "services.%s.route", name);
    object_add_source(ret_object, shared, false, "defaults.route");
}

void load_local_object(const struct load *load, const char *node, struct object *ret_object)
{
    int line = 0;
    const yaml_node_t *local =
        document_get(load->document, document_root(load->document), "local", &line);
    const yaml_node_t *overrides = document_get(load->document, local, "nodes", NULL);
    const yaml_node_t *override =
        node != NULL ? document_get(load->document, overrides, node, &line) : NULL;
    object_init(ret_object, load->document, PLACE_LOCAL, line);
    if (override != NULL)
        object_add_source(ret_object, override, false, "local.nodes.%s", node);
    object_add_source(ret_object, local, false, "local");
}

void load_problem(const struct load *load, const struct object *object, const char *path,
                  const char *format, ...)
{
    char message[TEXT_BYTES];
    struct text key = {.length = 0};
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    int line = object_locate(object, path, &key);
    problems_add(load->problems, line, key.bytes, "%s", length < 0 ? "?" : message);
}
