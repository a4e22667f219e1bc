#include "node/io/config/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/config/backend.h"
#include "node/io/config/region.h"
#include "node/io/config/rules.h"
#include "node/io/config/service_hash.h"
#include "node/io/config/settle_probe.h"
#include "node/io/config/value.h"
#include "node/io/config/walk.h"
#include "node/io/config/zones.h"
#include "proto/notice.h"

enum { BALLOT_SLACK_MS = 250 };

/* The names in a map, in order, as far as they are names and there is room. */
struct names {
    const yaml_node_t *map;
    int line;
    size_t count; /* pairs in the file, good or not */
};

/* Of the map that stands at `key` below the node; `prefix` is that node's own key, with its dot. */
static struct names names_in(const struct load *load, const yaml_node_t *node, const char *prefix,
                             const char *key, size_t most)
{
    struct names names = {.line = 0};
    struct text whole = {.length = 0};
    names.map = document_get(load->document, node, key, &names.line);
    if (names.map == NULL || names.map->type != YAML_MAPPING_NODE)
        return names;
    names.count = document_count(names.map);
    text_set(&whole, "%s%s", prefix, key);
    if (names.count > most)
        problems_add(load->problems, names.line, whole.bytes, "has %zu entries; %zu is the most",
                     names.count, most);
    return names;
}

static struct names names_of(const struct load *load, const char *container, size_t most)
{
    return names_in(load, document_root(load->document), "", container, most);
}

/* The name of the pair, where it is one and stands there first; the walk has complained otherwise.
 */
static bool name_at(const struct load *load, const struct names *names, size_t pair,
                    struct name *ret_name)
{
    const yaml_node_t *key = NULL;
    const yaml_node_t *value = NULL;
    document_pair(load->document, names->map, pair, &key, &value);
    const char *word = document_scalar(key);
    return word != NULL && name_set(ret_name, word) == 0 &&
           document_get(load->document, names->map, word, NULL) == value;
}

static void fill_nodes(const struct load *load)
{
    struct config *config = load->config;
    struct names names = names_of(load, "nodes", NODE_COUNT_MAX);
    for (size_t i = 0; i < names.count && config->node_count < NODE_COUNT_MAX; i++) {
        struct node_config *node = &config->nodes[config->node_count];
        struct object object;
        if (!name_at(load, &names, i, &node->name))
            continue;
        load_node_object(load, config->node_count++, &object);
        object_fill(&object, node, false, load->problems);
        if (!sodium_is_zero(node->keys[0], KEY_BYTES))
            node->key_count = sodium_is_zero(node->keys[1], KEY_BYTES) ? 1 : 2;
    }
}

static size_t count_items(const struct load *load, const char *container, size_t most)
{
    int line = 0;
    const yaml_node_t *list =
        document_get(load->document, document_root(load->document), container, &line);
    if (list == NULL || list->type != YAML_SEQUENCE_NODE)
        return 0;
    size_t count = document_count(list);
    if (count <= most)
        return count;
    problems_add(load->problems, line, container, "has %zu entries; %zu is the most", count, most);
    return most;
}

static void fill_references(const struct load *load)
{
    load->config->reference_count = count_items(load, "references", REFERENCE_COUNT_MAX);
    for (size_t i = 0; i < load->config->reference_count; i++) {
        struct object object;
        load_reference_object(load, i, &object);
        object_fill(&object, &load->config->references[i], load->node != NULL, load->problems);
        settle_reference_probe(load, i);
    }
}

/* A region's own name, or a domain as it stands: private clouds and labs have their own. */
static int resolve_region(const struct load *load, const struct object *object, const char *word,
                          char ret_domain[ENDPOINT_HOST_SIZE])
{
    char host[ENDPOINT_HOST_SIZE];
    size_t length = strcspn(word, "/");
    snprintf(host, sizeof host, "%.*s", (int)(length < sizeof host ? length : 0), word);
    const struct region *region = region_find(host);
    if (region != NULL) {
        snprintf(ret_domain, ENDPOINT_HOST_SIZE, "%s", region->domain);
        return 0;
    }
    if (endpoint_host_ok(host) && strchr(host, '.') != NULL) {
        snprintf(ret_domain, ENDPOINT_HOST_SIZE, "%s", host);
        return 0;
    }
    const char *nearest = region_nearest(host);
    if (nearest != NULL)
        load_problem(load, object, "region", "'%.60s' is no region (did you mean %s?)", word,
                     nearest);
    else
        load_problem(load, object, "region",
                     "'%.60s' is no region; write e.g. eu-central-1, euc1 or mypurecloud.de", word);
    return ERR_INVALID;
}

/* People also write the API's host or URL as the region. */
static void fill_region(const struct load *load, const struct object *object,
                        struct platform_config *platform)
{
    const struct schema_row *row = schema_find(PLACE_PLATFORM, "region");
    const yaml_node_t *node = object_find(object, row, NULL, NULL);
    const char *region = node != NULL ? document_scalar(node) : NULL;
    static const char *const prefixes[] = {"https://", "http://", "api.", "login."};
    if (region == NULL)
        return;
    for (size_t i = 0; i < ARRAY_COUNT(prefixes); i++) {
        if (strncmp(region, prefixes[i], strlen(prefixes[i])) == 0)
            region += strlen(prefixes[i]);
    }
    char domain[ENDPOINT_HOST_SIZE];
    if (resolve_region(load, object, region, domain) != 0)
        return;
    CHECK(text_copy(platform->region, sizeof platform->region, domain) == 0);
    if (platform->api_url[0] == '\0')
        snprintf(platform->api_url, sizeof platform->api_url, "https://api.%s", domain);
    if (platform->login_url[0] == '\0')
        snprintf(platform->login_url, sizeof platform->login_url, "https://login.%s", domain);
}

static void fill_platforms(const struct load *load)
{
    struct config *config = load->config;
    struct names names = names_of(load, "platforms", PLATFORM_COUNT_MAX);
    for (size_t i = 0; i < names.count && config->platform_count < PLATFORM_COUNT_MAX; i++) {
        struct platform_config *platform = &config->platforms[config->platform_count];
        struct object object;
        if (!name_at(load, &names, i, &platform->name))
            continue;
        load_platform_object(load, config->platform_count++, &object);
        object_fill(&object, platform, load->node != NULL, load->problems);
        fill_region(load, &object, platform);
    }
}

static void fill_notify(const struct load *load)
{
    load->config->notify_count = count_items(load, "notify", NOTIFY_COUNT_MAX);
    for (size_t i = 0; i < load->config->notify_count; i++) {
        struct notify_config *notify = &load->config->notify[i];
        struct object object;
        load_notify_object(load, i, &object);
        object_fill(&object, notify, load->node != NULL, load->problems);
        notify->kind = object_has(&object, "webhook") ? NOTIFY_WEBHOOK : NOTIFY_EXEC;
        if (!object_has(&object, "on"))
            notify->on_mask = (UINT32_C(1) << NOTICE_N) - 1;
    }
}

/* What is not written but follows from what is. */
static void derive_settings(const struct load *load, struct service_config *service)
{
    struct service_settings *settings = &service->settings;
    time_ms slower_ms = 0;
    for (size_t side = 0; side < SIDE_N; side++) {
        const struct probe_config *probe = &service->side[side].probe;
        time_ms whole_ms = config_probe_whole_ms(probe);
        slower_ms = whole_ms > slower_ms ? whole_ms : slower_ms;
    }
    settings->ballot_deadline_ms = slower_ms + BALLOT_SLACK_MS;
    if (settings->min_zones == 0)
        settings->min_zones = zones_count(load->config) >= 2 ? 2 : 1;
    settings->actuator_deadline_ms = load->config->timing.actuator_deadline_ms;
    if (service->drain_count.url[0] != '\0')
        service->drain_count.of = COUNT_URL;
    if (service->drain_count.of == COUNT_NOTHING)
        settings->drain_every_ms = 0;
    settings->versioned = true;
    for (size_t i = 0; i < service->route_count; i++)
        settings->versioned = settings->versioned && config_route_is_versioned(&service->routes[i]);
}

/* A route that cannot be paused is not drained: where nothing is written, no drain is meant. */
static void derive_drains(const struct object *object, struct service_config *service)
{
    static const char *const paths[DRAIN_KIND_N] = {[DRAIN_SLOW] = "drain.slow",
                                                    [DRAIN_DOWN] = "drain.down",
                                                    [DRAIN_PLANNED] = "drain.planned"};
    bool pauses = true;
    for (size_t i = 0; i < service->route_count; i++)
        pauses = pauses && config_route_can_pause(&service->routes[i]);
    for (size_t i = 0; i < DRAIN_KIND_N && !pauses; i++)
        if (!object_has(object, paths[i]))
            service->settings.drain_ms[i] = 0;
}

static void fill_route(const struct load *load, size_t place, size_t at)
{
    struct object object;
    load_route_object(load, place, at, &object);
    struct route_config *route = &load->config->services[place].routes[at];
    object_fill(&object, route, load->node != NULL, load->problems);
    if (!config_route_uses_platform(route))
        route->via[0] = '\0'; /* of the defaults; rules refuse one of its own */
}

/* One route, or the names under `routes`; what `defaults` say of a route is then said of each. */
static void fill_routes(const struct load *load, size_t place, const struct object *object)
{
    struct service_config *service = &load->config->services[place];
    struct text prefix = {.length = 0};
    bool several = document_get(load->document, object->sources[0].map, "routes", NULL) != NULL;
    if (!several && object_has(object, "route")) {
        CHECK(name_set(&service->routes[0].name, "route") == 0);
        service->route_count = 1;
        fill_route(load, place, 0);
        return;
    }
    text_set(&prefix, "services.%s.", service->name.text);
    struct names names =
        names_in(load, object->sources[0].map, prefix.bytes, "routes", ROUTE_COUNT_MAX);
    for (size_t i = 0; i < names.count && service->route_count < ROUTE_COUNT_MAX; i++) {
        if (!name_at(load, &names, i, &service->routes[service->route_count].name))
            continue;
        fill_route(load, place, service->route_count++);
    }
}

static void fill_service(const struct load *load, size_t place)
{
    struct service_config *service = &load->config->services[place];
    struct object object;
    load_service_object(load, place, &object);
    object_fill(&object, service, false, load->problems);
    for (size_t i = 0; i < SIDE_N; i++) {
        enum side side = (enum side)i;
        if (!object_has(&object, side_name(side)))
            continue; /* missing, which has been said */
        struct object part;
        load_side_object(load, place, side, &part);
        object_fill(&part, &service->side[side], false, load->problems);
        load_probe_object(load, place, side, &part);
        object_fill(&part, &service->side[side].probe, load->node != NULL, load->problems);
    }
    fill_routes(load, place, &object);
    derive_drains(&object, service);
    settle_side_probes(load, place);
    derive_settings(load, service);
}

static int fill_services(const struct load *load)
{
    struct config *config = load->config;
    struct names names = names_of(load, "services", SERVICE_COUNT_MAX);
    size_t most = names.count < SERVICE_COUNT_MAX ? names.count : SERVICE_COUNT_MAX;
    config->services = calloc(most + 1, sizeof config->services[0]);
    if (config->services == NULL)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < names.count && config->service_count < most; i++) {
        if (!name_at(load, &names, i, &config->services[config->service_count].name))
            continue;
        fill_service(load, config->service_count++);
    }
    if (names.map != NULL && names.count == 0)
        problems_add(load->problems, names.line, "services", "has no service");
    return 0;
}

static void fill_local(const struct load *load)
{
    struct config *config = load->config;
    struct object object;
    size_t place = 0;
    load_local_object(load, load->node, &object);
    object_fill(&object, &config->local, load->node != NULL, load->problems);
    if (config->local.api_port != 0)
        return;
    CHECK(text_copy(config->local.api_host, sizeof config->local.api_host, "127.0.0.1") == 0);
    config->local.api_port = 7700;
    if (load->node != NULL && config_find_node(config, load->node, &place) == 0)
        config->local.api_port = config->nodes[place].api_port;
}

static int fill_config(const struct load *load)
{
    struct object file;
    load_file_object(load, &file);
    object_fill(&file, load->config, load->node != NULL, load->problems);
    fill_nodes(load);
    fill_references(load);
    fill_platforms(load);
    fill_notify(load);
    fill_local(load);
    int result = fill_services(load);
    for (size_t i = 0; i < load->config->service_count; i++) {
        struct service_config *service = &load->config->services[i];
        service->settings.config_hash = service_hash(load->config, service);
    }
    return result;
}

static int load_document(const struct document *document, const char *node,
                         struct problem_list *problems, struct config **ret_config)
{
    CLEANUP(config_free) struct config *config = calloc(1, sizeof *config);
    struct load load = {document, problems, config, node};
    if (config == NULL)
        return ERR_NO_MEMORY;
    walk_document(document, problems);
    if (document_root(document)->type != YAML_MAPPING_NODE)
        return ERR_INVALID;
    int result = fill_config(&load);
    if (result != 0)
        return result;
    rules_run(&load);
    if (problems->lines->count > 0)
        return ERR_INVALID;
    *ret_config = TAKE_PTR(config);
    return 0;
}

int config_load(const char *path, const char *node, struct config **ret_config,
                struct config_problems *problems)
{
    struct problem_list list;
    struct document document;
    problems_open(&list, problems, path);
    if (sodium_init() < 0)
        return ERR_INTERNAL;
    int result = document_open(&document, path, &list);
    if (result == 0)
        result = load_document(&document, node, &list, ret_config);
    document_close(&document);
    problems_sort(&list);
    return result;
}
