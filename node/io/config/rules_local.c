#include <string.h>

#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"
#include "node/io/config/value.h"

enum { NEEDED_WITHOUT_CONTEXTS = 4 };

static void check_tls_pair(const struct load *load, const struct object *object)
{
    bool cert = object_has(object, "api.tls.cert");
    bool key = object_has(object, "api.tls.key");
    if (cert != key)
        load_problem(load, object, cert ? "api.tls.key" : "api.tls.cert",
                     "is missing: certificate and key go together");
}

static void check_context_tokens(const struct load *load, const struct object *object)
{
    bool read = object_has(object, "contexts.read_token");
    if (read != object_has(object, "contexts.write_token"))
        load_problem(load, object, read ? "contexts.write_token" : "contexts.read_token",
                     "is missing: the two tokens of contexts go together");
}

/* Whoever can reach the API off loopback could move the route. */
static void check_listen(const struct load *load, const struct object *object)
{
    static const char *const needed[] = {"api.tls.cert",        "api.tls.key",
                                         "api.read_token",      "api.write_token",
                                         "contexts.read_token", "contexts.write_token"};
    const size_t count = load->config->contexts.store == CONTEXT_STORE_OFF ? NEEDED_WITHOUT_CONTEXTS
                                                                           : ARRAY_COUNT(needed);
    const struct schema_row *row = schema_find(PLACE_LOCAL, "api.listen");
    const yaml_node_t *node = object_find(object, row, NULL, NULL);
    struct value value;
    struct text missing = {.length = 0};
    if (node == NULL || value_parse(load->document, row, node, &value, &missing) != 0 ||
        endpoint_is_loopback(value.endpoint.host))
        return;
    text_clear(&missing);
    for (size_t i = 0; i < count; i++) {
        if (!object_has(object, needed[i]))
            text_add(&missing, "%s%s", missing.length > 0 ? ", " : "", needed[i]);
    }
    if (missing.length > 0)
        load_problem(load, object, "api.listen",
                     "%s is not loopback; there the API needs TLS and tokens: %s",
                     value.endpoint.host, missing.bytes);
}

/* As each node sees it; the same complaint about all of them stands once. */
static void check_local(const struct load *load)
{
    for (size_t i = 0; i < load->config->node_count; i++) {
        struct object object;
        load_local_object(load, load->config->nodes[i].name.text, &object);
        check_tls_pair(load, &object);
        check_context_tokens(load, &object);
        check_listen(load, &object);
    }
}

static void check_node_name(const struct load *load, const char *name, int line, const char *key)
{
    const char *names[NODE_COUNT_MAX];
    size_t unused = 0;
    if (config_find_node(load->config, name, &unused) == 0)
        return;
    for (size_t i = 0; i < load->config->node_count; i++)
        names[i] = load->config->nodes[i].name.text;
    const char *nearest = text_nearest(name, names, load->config->node_count);
    problems_add(load->problems, line, key, "nodes has no %.60s%s%s%s", name,
                 nearest != NULL ? " (did you mean " : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "?)" : "");
}

static void check_override_names(const struct load *load)
{
    const yaml_node_t *local =
        document_get(load->document, document_root(load->document), "local", NULL);
    const yaml_node_t *overrides = document_get(load->document, local, "nodes", NULL);
    for (size_t i = 0; overrides != NULL && i < document_count(overrides); i++) {
        const yaml_node_t *key = NULL;
        const yaml_node_t *value = NULL;
        if (overrides->type != YAML_MAPPING_NODE)
            return;
        document_pair(load->document, overrides, i, &key, &value);
        if (document_scalar(key) != NULL)
            check_node_name(load, document_scalar(key), document_line(key), "local.nodes");
    }
}

/* A node that runs needs a place in the file and its own key. */
static void check_running_node(const struct load *load)
{
    struct object file;
    struct object local;
    struct text key = {.length = 0};
    if (load->node == NULL)
        return;
    load_file_object(load, &file);
    int line = object_locate(&file, "nodes", &key);
    check_node_name(load, load->node, line, key.bytes);
    load_local_object(load, load->node, &local);
    if (!object_has(&local, "key"))
        load_problem(load, &local, "key", "is missing: %s", schema_find(PLACE_LOCAL, "key")->help);
}

static void check_notify(const struct load *load)
{
    for (size_t i = 0; i < load->config->notify_count; i++) {
        struct object object;
        load_notify_object(load, i, &object);
        bool exec = object_has(&object, "exec");
        if (exec == object_has(&object, "webhook"))
            load_problem(load, &object, "", "must have either exec or webhook");
        else if (exec && object_has(&object, "secret"))
            load_problem(load, &object, "secret", "signs a webhook's body; a program gets none");
    }
}

const rule_check rules_of_local[] = {
    check_local,
    check_override_names,
    check_running_node,
    check_notify,
};
const size_t rules_of_local_count = ARRAY_COUNT(rules_of_local);
