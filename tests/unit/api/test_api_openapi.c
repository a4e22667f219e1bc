#include "tests/unit/api/api_world.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <yaml.h>

#include "node/io/api/routes.h"

struct description {
    yaml_document_t document;
    const yaml_node_t *paths;
    const yaml_node_t *schemas;
};

static const yaml_node_t *node_at(struct description *description, int index)
{
    return yaml_document_get_node(&description->document, index);
}

static const char *word_of(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* NULL where the map is NULL, too. */
static const yaml_node_t *find(struct description *description, const yaml_node_t *map,
                               const char *key)
{
    if (map == NULL)
        return NULL;
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
         pair++)
        if (strcmp(word_of(node_at(description, pair->key)), key) == 0)
            return node_at(description, pair->value);
    return NULL;
}

static int load(void **state)
{
    static struct description description;
    yaml_parser_t parser;
    FILE *file = fopen(QUORATE_OPENAPI, "r");
    assert_non_null(file);
    assert_int_equal(yaml_parser_initialize(&parser), 1);
    yaml_parser_set_input_file(&parser, file);
    assert_int_equal(yaml_parser_load(&parser, &description.document), 1);
    yaml_parser_delete(&parser);
    fclose(file);
    const yaml_node_t *root = yaml_document_get_root_node(&description.document);
    description.paths = find(&description, root, "paths");
    description.schemas = find(&description, find(&description, root, "components"), "schemas");
    assert_non_null(description.paths);
    assert_non_null(description.schemas);
    *state = &description;
    return 0;
}

static int unload(void **state)
{
    struct description *description = *state;
    yaml_document_delete(&description->document);
    return 0;
}

static bool is_method(const char *word)
{
    static const char *const methods[] = {"get", "put", "post", "delete", "patch", "head"};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
        if (strcmp(word, methods[i]) == 0)
            return true;
    return false;
}

static void every_route_of_the_code_is_described(void **state)
{
    size_t count = 0;
    const struct api_route *routes = routes_table(&count);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *path =
            find(*state, ((struct description *)*state)->paths, routes[i].path);
        const char *method = strcmp(routes[i].method, "GET") == 0 ? "get" : "post";
        if (path == NULL || find(*state, path, method) == NULL)
            fail_msg("%s %s is not in openapi.yaml", routes[i].method, routes[i].path);
    }
}

static bool code_has(const char *method, const char *path)
{
    size_t count = 0;
    const struct api_route *routes = routes_table(&count);
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(routes[i].method, method) == 0 && strcmp(routes[i].path, path) == 0)
            return true;
    return false;
}

static void every_described_route_is_in_the_code(void **state)
{
    struct description *description = *state;
    const yaml_node_t *paths = description->paths;
    size_t seen = 0;
    for (yaml_node_pair_t *path = paths->data.mapping.pairs.start;
         path < paths->data.mapping.pairs.top; path++) {
        const char *name = word_of(node_at(description, path->key));
        const yaml_node_t *item = node_at(description, path->value);
        for (yaml_node_pair_t *pair = item->data.mapping.pairs.start;
             pair < item->data.mapping.pairs.top; pair++) {
            const char *method = word_of(node_at(description, pair->key));
            if (!is_method(method))
                continue;
            seen++;
            if (!code_has(method, name))
                fail_msg("%s %s is described, but the code has no such route", method, name);
        }
    }
    size_t count = 0;
    routes_table(&count);
    assert_int_equal(seen, count);
}

static bool is_empty_list(const yaml_node_t *node)
{
    return node != NULL && node->data.sequence.items.start == node->data.sequence.items.top;
}

/* Writes and open pages say so. */
static void access_is_described(void **state)
{
    size_t count = 0;
    const struct api_route *routes = routes_table(&count);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *path =
            find(*state, ((struct description *)*state)->paths, routes[i].path);
        char method[8] = "";
        for (size_t j = 0; j + 1 < sizeof method && routes[i].method[j] != '\0'; j++)
            method[j] = (char)tolower((unsigned char)routes[i].method[j]);
        const yaml_node_t *item = find(*state, path, method);
        if (item == NULL)
            fail_msg("%s %s is not in openapi.yaml", routes[i].method, routes[i].path);
        bool open = is_empty_list(find(*state, item, "security"));
        bool refuses = find(*state, find(*state, item, "responses"), "401") != NULL;
        if (open != (routes[i].access == ACCESS_OPEN) || refuses == open)
            fail_msg("%s %s: its access is described wrongly", routes[i].method, routes[i].path);
    }
}

/* Both ways: an answer's members stand in its schema, and the schema's in the answer. */
static void compare_members(struct description *description, const char *schema_name,
                            const struct reply *reply)
{
    const yaml_node_t *schema = find(description, description->schemas, schema_name);
    assert_non_null(schema);
    const yaml_node_t *properties = find(description, schema, "properties");
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, reply->json)
    {
        if (find(description, properties, member->string) == NULL)
            fail_msg("%s.%s is not described", schema_name, member->string);
    }
    for (yaml_node_pair_t *pair = properties->data.mapping.pairs.start;
         pair < properties->data.mapping.pairs.top; pair++) {
        const char *name = word_of(node_at(description, pair->key));
        if (!cJSON_HasObjectItem(reply->json, name))
            fail_msg("%s.%s is described, but not answered", schema_name, name);
    }
}

struct page {
    const char *path;
    const char *schema;
};

static void answers_have_the_described_members(void **state)
{
    static const struct page pages[] = {
        {"/v1/status", "Status"},
        {"/v1/leader", "Leader"},
        {"/v1/services", "Services"},
        {"/v1/services/line", "Service"},
        {"/v1/services/chat", "Service"},
        {"/v1/services/line/explain", "Explain"},
        {"/readyz", "Ready"},
        {"/v1/services/none", "Error"},
    };
    struct world *world = world_new(&(struct world_options){.read_token = false});
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        struct reply reply = world_ask(world, "GET", pages[i].path, NULL, NULL);
        compare_members(*state, pages[i].schema, &reply);
        reply_clear(&reply);
    }
    struct operated operated = {.accepted = true, .move = 7};
    world_answers(world, ANSWER_AT_ONCE, &operated);
    struct reply reply = world_ask(world, "POST", "/v1/services/line/failover", WORLD_WRITE, "{}");
    compare_members(*state, "Accepted", &reply);
    reply_clear(&reply);
    operated.accepted = false;
    operated.why = WHY_BUDGET;
    world_answers(world, ANSWER_AT_ONCE, &operated);
    reply = world_ask(world, "POST", "/v1/services/line/failover", WORLD_WRITE, "{}");
    compare_members(*state, "Refused", &reply);
    reply_clear(&reply);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_of_the_code_is_described),
        cmocka_unit_test(every_described_route_is_in_the_code),
        cmocka_unit_test(access_is_described),
        cmocka_unit_test(answers_have_the_described_members),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
