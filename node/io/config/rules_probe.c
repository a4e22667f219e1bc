#include <stdio.h>
#include <string.h>

#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"

#define OF(kind) (1u << (kind))

/* Keys that mean something to some kinds of probe only. */
struct key_rule {
    const char *path;
    unsigned kinds;
};

static const struct key_rule key_rules[] = {
    {"url", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR) | OF(PROBE_TCP) | OF(PROBE_TLS)},
    {"method", OF(PROBE_HTTP)},
    {"headers", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR)},
    {"body", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR)},
    {"via", OF(PROBE_BOT)},
    {"turns", OF(PROBE_BOT) | OF(PROBE_CONNECTOR)},
    {"expect.status", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR)},
    {"expect.body", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR) | OF(PROBE_BOT)},
    {"expect.regex", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR) | OF(PROBE_BOT)},
    {"expect.json.pointer", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR)},
    {"expect.json.equals", OF(PROBE_HTTP) | OF(PROBE_CONNECTOR)},
};

static const char *const kind_words[PROBE_KIND_N] = {
    [PROBE_HTTP] = "http", [PROBE_CONNECTOR] = "connector",
    [PROBE_BOT] = "bot",   [PROBE_TCP] = "tcp",
    [PROBE_TLS] = "tls",
};

/* Written at the probe itself: what stands in defaults may be for other kinds. */
static bool is_written_here(const struct object *object, const char *path)
{
    const struct object_source *source = NULL;
    return object_find(object, schema_find(PLACE_PROBE, path), &source, NULL) != NULL &&
           source == &object->sources[0];
}

static void check_keys(const struct load *load, const struct object *object,
                       const struct probe_config *probe)
{
    for (size_t i = 0; i < ARRAY_COUNT(key_rules); i++)
        if ((key_rules[i].kinds & OF(probe->kind)) == 0 &&
            is_written_here(object, key_rules[i].path))
            load_problem(load, object, key_rules[i].path, "means nothing to a probe of kind %s",
                         kind_words[probe->kind]);
}

static void check_url(const struct load *load, const struct object *object,
                      const struct probe_config *probe)
{
    struct endpoint endpoint;
    struct text unused = {.length = 0};
    if (probe->kind == PROBE_BOT)
        return;
    if (!object_has(object, "url")) {
        load_problem(load, object, "url", "is missing: %s", schema_find(PLACE_PROBE, "url")->help);
        return;
    }
    if (endpoint_parse_url(probe->url, &endpoint, &unused) != 0)
        return; /* the walk has said so */
    bool asks = probe->kind == PROBE_HTTP || probe->kind == PROBE_CONNECTOR;
    bool fits =
        asks ? endpoint_is_http(&endpoint) : strcmp(endpoint.scheme, kind_words[probe->kind]) == 0;
    if (!fits)
        load_problem(load, object, "kind", "%s does not go with %s:// in the url",
                     kind_words[probe->kind], endpoint.scheme);
}

static void check_via(const struct load *load, const struct object *object,
                      const struct probe_config *probe)
{
    const char *names[PLATFORM_COUNT_MAX];
    if (probe->kind != PROBE_BOT || !object_has(object, "via") ||
        config_find_platform(load->config, probe->via) != NULL)
        return; /* the route's own is checked with the route */
    for (size_t i = 0; i < load->config->platform_count; i++)
        names[i] = load->config->platforms[i].name.text;
    const char *nearest = text_nearest(probe->via, names, load->config->platform_count);
    load_problem(load, object, "via", "no platform %.60s%s%s%s", probe->via,
                 nearest != NULL ? " (did you mean " : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "?)" : "");
}

static void check_request(const struct load *load, const struct object *object,
                          const struct probe_config *probe)
{
    bool head = strcmp(probe->method, "HEAD") == 0;
    bool wants_body = probe->expect_body[0] != '\0' || probe->expect_regex[0] != '\0' ||
                      probe->expect_pointer[0] != '\0';
    if (head && probe->body[0] != '\0')
        load_problem(load, object, "method", "HEAD sends no body");
    if (head && wants_body)
        load_problem(load, object, "method", "the answer to HEAD has no body to expect");
    if (probe->expect_equals[0] != '\0' && probe->expect_pointer[0] == '\0')
        load_problem(load, object, "expect.json.equals",
                     "needs expect.json.pointer: what shall be equal");
}

static void check_turns(const struct load *load, const struct object *object,
                        const struct probe_config *probe)
{
    if (probe->kind != PROBE_CONNECTOR || probe->turns.count == 0)
        return;
    if (probe->turns.count > 1)
        load_problem(load, object, "turns", "a connector is asked once; one text may stand there");
    else if (probe->body[0] != '\0' && is_written_here(object, "turns"))
        load_problem(load, object, "turns", "turns and body exclude each other");
}

static void check_probe(const struct load *load, const struct object *object,
                        const struct probe_config *probe)
{
    check_keys(load, object, probe);
    check_url(load, object, probe);
    check_via(load, object, probe);
    check_request(load, object, probe);
    check_turns(load, object, probe);
}

static void check_side_probes(const struct load *load)
{
    for (size_t i = 0; i < load->config->service_count; i++)
        for (size_t side = 0; side < SIDE_N; side++) {
            const struct side_config *config = &load->config->services[i].side[side];
            struct object service;
            struct object object;
            load_service_object(load, i, &service);
            if (!object_has(&service, side_name((enum side)side)))
                continue; /* missing, which has been said */
            load_probe_object(load, i, (enum side)side, &object);
            check_probe(load, &object, &config->probe);
        }
}

/* A reference is well when this node's network is: a bot's word is about something else. */
static void check_reference_probes(const struct load *load)
{
    for (size_t i = 0; i < load->config->reference_count; i++) {
        const struct probe_config *probe = &load->config->references[i];
        struct object object;
        load_reference_object(load, i, &object);
        if (probe->kind == PROBE_BOT || probe->kind == PROBE_CONNECTOR)
            load_problem(load, &object, "kind", "a reference is no bot; ask some other host's URL");
        else
            check_probe(load, &object, probe);
        if (strstr(probe->body, "${id}") != NULL)
            load_problem(load, &object, "body", "a reference has no flow for ${id}");
    }
}

const rule_check rules_of_probe[] = {check_side_probes, check_reference_probes};
const size_t rules_of_probe_count = ARRAY_COUNT(rules_of_probe);
