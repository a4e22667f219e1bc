/* route-readable and route-at-primary. */
#include <inttypes.h>
#include <strings.h>

#include "common/check.h"
#include "node/io/act/json.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/words.h"

/* Words of `state` and `status` in which a route carries nobody anywhere, though it can be read. */
static const char *const dead_words[] = {"deleted", "inactive", "removing", "deleting", "error"};

static const char *dead_word(const cJSON *json, const char *key)
{
    const char *word = json_get_string(json, key);
    for (size_t i = 0; word != NULL && i < ARRAY_COUNT(dead_words); i++)
        if (strcasecmp(word, dead_words[i]) == 0)
            return dead_words[i];
    return NULL;
}

static void say_unread(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct preflight_page *page = &facts->routes[at].page;
    const char *name = facts->service->name.text;
    row_say(row, PREFLIGHT_FAIL, "%s",
            page->result == ROUTE_RESULT_OK ? facts->routes[at].why.bytes : page->why.bytes);
    if (page->result == ROUTE_RESULT_NOT_FOUND)
        text_set(&row->todo, "services.%s: the route's id is wrong, or it was removed", name);
    else if (page->result == ROUTE_RESULT_FORBIDDEN)
        text_set(&row->todo, "give a role of the OAuth client the permission to view it");
    else
        text_set(&row->todo, "`quorate route %s show` asks again", name);
}

void judge_route_readable(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct preflight_route *route = &facts->routes[at];
    const char *backend = facts->service->routes[at].backend;
    if (!route->page.asked) {
        row_say(row, PREFLIGHT_SKIP, "%s",
                route->why.length > 0 ? route->why.bytes : "not asked: see the rows above");
        return;
    }
    if (!route->read) {
        say_unread(facts, at, row);
        return;
    }
    const char *dead = dead_word(route->page.json, "state");
    if (dead == NULL)
        dead = dead_word(route->page.json, "status");
    if (dead != NULL) {
        row_say(row, PREFLIGHT_FAIL, "%s is %s: it carries nobody to either flow", backend, dead);
        text_set(&row->todo, "restore it on the platform, or configure the route that replaced it");
    } else if (route->reading.version > 0) {
        row_say(row, PREFLIGHT_PASS, "%s, version %" PRIu64, backend, route->reading.version);
    } else {
        row_say(row, PREFLIGHT_PASS, "%s, without a version", backend);
    }
}

void judge_route_at_primary(const struct preflight_facts *facts, size_t at,
                            struct preflight_row *row)
{
    const struct preflight_route *route = &facts->routes[at];
    const char *name = facts->service->name.text;
    if (!route->page.asked || !route->read) {
        row_say(row, PREFLIGHT_SKIP, "the route was not read");
        return;
    }
    enum route_state seen = route->reading.state;
    const char *colon = route->why.length > 0 ? ": " : "";
    if (seen == ROUTE_PRIMARY) {
        row_say(row, PREFLIGHT_PASS, "it points at the primary");
    } else if (seen == ROUTE_STANDBY) {
        row_say(row, PREFLIGHT_WARN, "it points at the standby");
        text_set(&row->todo, "`quorate failback %s` once the primary is well", name);
    } else if (seen == ROUTE_UNKNOWN) {
        row_say(row, PREFLIGHT_WARN, "%s",
                route->why.length > 0 ? route->why.bytes
                                      : "the platform is still carrying out a change");
    } else {
        row_say(row, PREFLIGHT_FAIL, "it is %s%s%s", route_state_name(seen), colon,
                route->why.bytes);
        text_set(&row->todo,
                 "look at the route; `quorate explain %s` says what the cluster makes of it", name);
    }
}
