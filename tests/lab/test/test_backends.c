/* The real actuator against the simulator, for each kind of route: read, change one value, write,
 * read back; what others wrote meanwhile; and the same by hand with the printed commands. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include "common/check.h"
#include "common/text.h"
#include "node/cmd/route_curl.h"
#include "node/cmd/route_job.h"
#include "tests/lab/base/clock.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 128, COMMAND_BYTES = 512, AWAIT_MS = 10000 };

/* A service of the file, and the resource of the simulator that its route is. */
struct kind_row {
    const char *route;
    const char *resource; /* of /sim/documents/ */
    const char *foreign;  /* a human's edit of something else */
    bool versioned;
};

static const struct kind_row kinds[] = {
    {"backend: ivr, ivr: ivr-1", "ivr/ivr-1", "{\"description\":\"by hand\"}", true},
    {"backend: emergency-group, group: group-1", "emergency-group/group-1",
     "{\"description\":\"by hand\"}", true},
    {"backend: datatable-row, table: table-1, row: support line, announce_column: mode",
     "datatable-row/table-1/support line", "{\"note\":\"by hand\"}", false},
    {"backend: message-recipient, recipient: recipient-1", "message-recipient/recipient-1",
     "{\"name\":\"by hand\"}", false},
    {"backend: web-deployment, deployment: deployment-1", "web-deployment/deployment-1",
     "{\"description\":\"by hand\"}", false},
    {"backend: email-route, domain: example.com, email_route: route-1",
     "email-route/example.com/route-1", "{\"fromName\":\"by hand\"}", false},
    {"backend: http, read: {url: /api/v2/routing/message/recipients/recipient-2}, "
     "write: {url: /api/v2/routing/message/recipients/recipient-2, how: body, "
     "body: '{\"flow\":{\"id\":\"${value}\"}}'}, value: /flow/id",
     "message-recipient/recipient-2", "{\"name\":\"by hand\"}", false},
    {"backend: http, read: {url: /api/v2/architect/emergencygroups/group-1}, "
     "write: {url: /api/v2/architect/emergencygroups/group-1}, value: /enabled, "
     "version: /version, values: {primary: \"false\", standby: \"true\"}",
     "emergency-group/group-1", "{\"description\":\"by hand\"}", true},
};

struct world {
    struct sim sim;
    char folder[PATH_BYTES];
    char path[PATH_BYTES];
    struct config *config;
    struct route_desk *desk;
};

static void write_head(FILE *file, const struct world *world)
{
    (void)fprintf(file,
                  "cluster: lab\n"
                  "nodes:\n"
                  "  fra: {zone: a, host: 127.0.0.1, key: "
                  "\"ed25519:ANBaHR6iUTltVXr71FiLPG2Z2+uXL+0QoyVi6ibc3Po=\"}\n"
                  "  dub: {zone: b, host: 127.0.0.2, key: "
                  "\"ed25519:l/Wje2WwsR4wDjZQfXYQq/Nrn//G8he7OeUZT57hbos=\"}\n"
                  "  iad: {zone: c, host: 127.0.0.3, key: "
                  "\"ed25519:bcadRy9/QPR2nq2xWbMu2uabBymjMneYDQdDZTEfTXc=\"}\n"
                  "references: [\"http://a.example/\", \"http://b.example/\", "
                  "\"http://c.example/\"]\n"
                  "platforms:\n"
                  "  lab: {api_url: \"http://127.0.0.1:%u\", login_url: \"http://127.0.0.1:%u\", "
                  "client_id: demo-client, client_secret: {file: %s/secret}}\n"
                  "local: {data: %s, key: {file: %s/key}}\n"
                  "services:\n",
                  (unsigned)world->sim.port, (unsigned)world->sim.port, world->folder,
                  world->folder, world->folder);
}

static void write_config(const struct world *world, const char *route)
{
    FILE *file = fopen(world->path, "we");
    assert_non_null(file);
    write_head(file, world);
    (void)fprintf(file,
                  "  line:\n    mode: observe\n"
                  "    primary: {id: PRIMARY_FLOW_ID, probe: {url: \"http://p.example/\"}}\n"
                  "    standby: {id: STANDBY_FLOW_ID, tag: \"env:standby\", "
                  "probe: {url: \"http://s.example/\"}}\n"
                  "    route: {%s, via: lab}\n",
                  route);
    assert_int_equal(fclose(file), 0);
}

static void load(struct world *world, const char *route)
{
    struct config_problems problems;
    struct text why = {.length = 0};
    write_config(world, route);
    if (config_load(world->path, "fra", &world->config, &problems) != 0)
        fail_msg("%s", problems.lines[0].bytes);
    if (route_desk_open(world->config, &world->desk, &why) != 0)
        fail_msg("%s", why.bytes);
}

static void unload(struct world *world)
{
    route_desk_close(&world->desk);
    config_free(&world->config);
}

static void write_secret(const struct world *world)
{
    char path[PATH_BYTES + 16];
    (void)snprintf(path, sizeof path, "%s/secret", world->folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    (void)fputs("demo-secret", file);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)snprintf(world->folder, sizeof world->folder, "/tmp/quorate-backends-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    CHECK(snprintf(world->path, sizeof world->path, "%.100s/q.yaml", world->folder) > 0);
    write_secret(world);
    sim_start(&world->sim, "--deploy=300ms", NULL);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char path[PATH_BYTES + 16];
    unload(world);
    sim_stop(&world->sim);
    static const char *const names[] = {"secret", "q.yaml", "route.sh", "out"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%s/%s", world->folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(world->folder);
    free(world);
    return 0;
}

static void document_path(const char *resource, char path[PATH_BYTES])
{
    size_t used = (size_t)snprintf(path, PATH_BYTES, "/sim/documents/");
    for (; *resource != '\0' && used + 4 < PATH_BYTES; resource++)
        used += (size_t)snprintf(path + used, PATH_BYTES - used, *resource == ' ' ? "%%20" : "%c",
                                 *resource);
}

/* The resource as the simulator holds it; the caller deletes it. */
static cJSON *document(const struct world *world, const struct kind_row *kind)
{
    char path[PATH_BYTES];
    document_path(kind->resource, path);
    return client_json(world->sim.port, "GET", path, NULL, 200);
}

static void edit_by_hand(const struct world *world, const struct kind_row *kind)
{
    char path[PATH_BYTES];
    document_path(kind->resource, path);
    cJSON_Delete(client_json(world->sim.port, "POST", path, kind->foreign, 200));
}

static bool state_is(const struct world *world, const struct kind_row *kind, const char *state)
{
    cJSON *json = document(world, kind);
    bool same = strcmp(client_text(json, "state"), state) == 0;
    cJSON_Delete(json);
    return same;
}

static struct route_view read_view(const struct world *world)
{
    struct actuator_result result;
    route_desk_read(world->desk, 0, &result);
    if (result.result != ROUTE_RESULT_OK)
        fail_msg("%s: %s", route_result_name(result.result), result.why.bytes);
    return result.view;
}

static void await_state(const struct world *world, enum route_state state)
{
    time_ms until_ms = clock_boot_ms() + AWAIT_MS;
    while (read_view(world).state != state) {
        if (clock_boot_ms() > until_ms)
            fail_msg("the route does not become %s", route_state_name(state));
        (void)poll(NULL, 0, 20);
    }
}

static struct actuator_result move(const struct world *world, enum side to,
                                   const struct route_view *view)
{
    struct actuator_result result;
    route_desk_switch(world->desk, 0, to, view, "lab/1.switch.1", &result);
    return result;
}

/* Everything but what the move changes and what the platform writes itself. */
static void drop_moving_fields(cJSON *object)
{
    static const char *const names[] = {
        "version", "dateModified", "modifiedBy",    "status",          "activeFlow", "mode",
        "enabled", "flow",         "openHoursFlow", "closedHoursFlow", "state"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        cJSON_DeleteItemFromObjectCaseSensitive(object, names[i]);
    for (cJSON *child = object->child; child != NULL; child = child->next)
        if (cJSON_IsObject(child) && strcmp(child->string, "document") == 0)
            drop_moving_fields(child);
}

static void a_move_changes_the_flow_and_erases_nothing(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        const struct kind_row *kind = &kinds[i];
        load(world, kind->route);
        cJSON *before = document(world, kind);
        struct route_view view = read_view(world);
        assert_int_equal(view.state, ROUTE_PRIMARY);
        assert_int_equal(view.version != 0, kind->versioned);
        struct actuator_result result = move(world, SIDE_STANDBY, &view);
        if (result.result != ROUTE_RESULT_OK)
            fail_msg("%s: %s", kind->route, result.why.bytes);
        await_state(world, ROUTE_STANDBY);
        assert_true(state_is(world, kind, "standby"));
        cJSON *after = document(world, kind);
        drop_moving_fields(before);
        drop_moving_fields(after);
        if (!cJSON_Compare(before, after, true))
            fail_msg("%s: was %s, is %s", kind->route, cJSON_Print(before), cJSON_Print(after));
        cJSON_Delete(before);
        cJSON_Delete(after);
        view = read_view(world);
        assert_int_equal(move(world, SIDE_PRIMARY, &view).result, ROUTE_RESULT_OK);
        await_state(world, ROUTE_PRIMARY);
        unload(world);
    }
}

static void what_the_platform_carries_out_later_is_unknown_until_then(void **state)
{
    static const size_t places[] = {4, 5};
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        load(world, kinds[places[i]].route);
        struct route_view view = read_view(world);
        struct actuator_result result = move(world, SIDE_STANDBY, &view);
        assert_int_equal(result.result, ROUTE_RESULT_OK);
        assert_int_equal(result.view.state, ROUTE_UNKNOWN);
        await_state(world, ROUTE_STANDBY);
        unload(world);
    }
}

/* A version refuses what was made from an old reading; without one the write is made from a reading
 * just before it, and refuses itself where that shows another body than the intent's. */
static void what_others_wrote_meanwhile_is_not_undone(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(kinds) - 2; i++) {
        const struct kind_row *kind = &kinds[i];
        load(world, kind->route);
        struct route_view view = read_view(world);
        edit_by_hand(world, kind);
        struct actuator_result result = move(world, SIDE_STANDBY, &view);
        assert_int_equal(result.result,
                         kind->versioned ? ROUTE_RESULT_CONFLICT : ROUTE_RESULT_NOT_SENT);
        assert_true(state_is(world, kind, "primary"));
        view = read_view(world);
        assert_int_equal(move(world, SIDE_STANDBY, &view).result, ROUTE_RESULT_OK);
        await_state(world, ROUTE_STANDBY);
        cJSON *after = document(world, kind);
        char *text = cJSON_PrintUnformatted(after);
        assert_non_null(strstr(text, "by hand"));
        cJSON_free(text);
        cJSON_Delete(after);
        unload(world);
    }
}

static void a_write_that_is_limited_says_for_how_long(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        load(world, kinds[i].route);
        struct route_view view = read_view(world);
        sim_fault(&world->sim, "{\"fault\":\"rate-limit\",\"retry_after\":3,"
                               "\"match\":{\"method\":\"PUT\",\"count\":1}}");
        struct actuator_result result = move(world, SIDE_STANDBY, &view);
        assert_int_equal(result.result, ROUTE_RESULT_RATE_LIMITED);
        assert_int_equal(result.retry_after_ms, 3000);
        assert_true(state_is(world, &kinds[i], "primary"));
        unload(world);
    }
}

static void a_row_tells_its_mode_with_the_flow(void **state)
{
    struct world *world = *state;
    load(world, kinds[2].route);
    struct route_view view = read_view(world);
    assert_int_equal(move(world, SIDE_STANDBY, &view).result, ROUTE_RESULT_OK);
    cJSON *row = document(world, &kinds[2]);
    char *text = cJSON_PrintUnformatted(row);
    assert_non_null(strstr(text, "\"mode\":\"degraded\""));
    assert_non_null(strstr(text, "\"activeFlow\":\"STANDBY_FLOW_ID\""));
    cJSON_free(text);
    cJSON_Delete(row);
}

static void the_printed_commands_move_it_by_hand(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        char path[PATH_BYTES + 16];
        char command[COMMAND_BYTES];
        struct text why = {.length = 0};
        load(world, kinds[i].route);
        (void)snprintf(path, sizeof path, "%s/route.sh", world->folder);
        FILE *script = fopen(path, "we");
        assert_non_null(script);
        assert_int_equal(route_curl_print(world->config, &world->config->services[0], SIDE_STANDBY,
                                          script, &why),
                         0);
        assert_int_equal(fclose(script), 0);
        (void)snprintf(
            command, sizeof command,
            "cd %s && { CLIENT_SECRET=demo-secret sh -e route.sh >out 2>&1 || cat out; }",
            world->folder);
        assert_int_equal(system(command), 0);
        await_state(world, ROUTE_STANDBY);
        assert_true(state_is(world, &kinds[i], "standby"));
        struct route_view view = read_view(world);
        assert_int_equal(move(world, SIDE_PRIMARY, &view).result, ROUTE_RESULT_OK);
        await_state(world, ROUTE_PRIMARY);
        unload(world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_move_changes_the_flow_and_erases_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_the_platform_carries_out_later_is_unknown_until_then,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_others_wrote_meanwhile_is_not_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(a_write_that_is_limited_says_for_how_long, setup, teardown),
        cmocka_unit_test_setup_teardown(a_row_tells_its_mode_with_the_flow, setup, teardown),
        cmocka_unit_test_setup_teardown(the_printed_commands_move_it_by_hand, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
