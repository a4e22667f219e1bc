#include "node/io/preflight/run.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/routing.h"
#include "node/io/preflight/check.h"
#include "node/io/preflight/run_parts.h"

int preflight_run_new(const struct config *config, const struct preflight_port *port, bool alone,
                      struct preflight_run **ret_run)
{
    struct preflight_run *run = calloc(1, sizeof *run);
    if (run == NULL)
        return ERR_NO_MEMORY;
    run->config = config;
    run->port = port;
    run->alone = alone;
    *ret_run = run;
    return 0;
}

void preflight_run_free(struct preflight_run **run)
{
    if (*run == NULL)
        return;
    for (size_t i = 0; i < PLATFORM_COUNT_MAX; i++)
        preflight_platform_fini(&(*run)->platforms[i]);
    free(*run);
    *run = NULL;
}

void run_put(struct preflight_run *run, const struct preflight_question *question,
             struct preflight_page *ret_page)
{
    *ret_page = (struct preflight_page){.asked = false, .result = ROUTE_RESULT_NOT_SENT};
    if (run->canceled || run->asked[question->platform] == RUN_REQUEST_COUNT_MAX)
        return;
    run->asked[question->platform]++;
    run->port->ask(run->port->data, question, ret_page);
    run->canceled = ret_page->result == ROUTE_RESULT_CANCELED;
    ret_page->asked = !run->canceled;
}

void run_ask(struct preflight_run *run, size_t platform, const struct url *url,
             struct preflight_page *ret_page)
{
    const struct preflight_question question = {.platform = platform, .url = url->bytes};
    *ret_page = (struct preflight_page){.asked = false, .result = ROUTE_RESULT_NOT_SENT};
    if (!url->cut)
        run_put(run, &question, ret_page);
}

bool run_has_more(const cJSON *page, int number)
{
    const cJSON *count = cJSON_GetObjectItemCaseSensitive(page, "pageCount");
    const cJSON *next = cJSON_GetObjectItemCaseSensitive(page, "nextUri");
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(page, "entities")) == 0)
        return false;
    return (cJSON_IsNumber(count) && count->valuedouble > number) || cJSON_IsString(next);
}

void run_add_paging(struct url *url, const char *before, int size, int number)
{
    char words[64];
    (void)snprintf(words, sizeof words, "%spageSize=%d&pageNumber=%d", before, size, number);
    url_add(url, words);
}

static void read_route(const struct preflight_facts *facts, size_t at,
                       struct preflight_route *route)
{
    CLEANUP(route_document_free) struct route_document document = {.length = 0};
    if (!route->page.asked || route->page.result != ROUTE_RESULT_OK)
        return;
    route->read = routing_read(facts->service, &facts->service->routes[at], route->page.text,
                               route->page.length, &document, &route->reading, &route->why) == 0;
}

static void learn_route(struct preflight_run *run, struct preflight_facts *facts, size_t at)
{
    const struct route_config *config = &facts->service->routes[at];
    const struct routing_backend *backend = routing_find_backend(config->backend);
    size_t platform = preflight_platform_of(run->config, config);
    struct preflight_route *route = &facts->routes[at];
    struct route_request request;
    if (backend == NULL || backend->make_request(config_find_platform(run->config, config->via),
                                                 config, ROUTE_CALL_READ, &request) < 0) {
        text_set(&route->why, "the route cannot be addressed");
        return;
    }
    if (request.method != HTTP_GET) {
        text_set(&route->why, "only a GET is asked here; `quorate route %s show` reads it",
                 facts->service->name.text);
        return;
    }
    const struct preflight_question question = {
        .platform = platform, .url = request.url, .headers = request.headers};
    run_put(run, &question, &route->page);
    read_route(facts, at, route);
}

/* Without a token or a connection there is nothing more to learn there. */
static bool is_dead(const struct preflight_run *run, size_t platform)
{
    enum route_result result = run->platforms[platform].me.result;
    return result == ROUTE_RESULT_UNAUTHORIZED || result == ROUTE_RESULT_NOT_SENT ||
           result == ROUTE_RESULT_CANCELED;
}

static void learn_flows(struct preflight_run *run, struct preflight_facts *facts)
{
    for (size_t i = 0; i < facts->pair_count; i++) {
        size_t platform = facts->pairs[i].platform;
        if (is_dead(run, platform) || !preflight_is_genesys(facts, platform))
            continue;
        run_learn_pair(run, &facts->pairs[i]);
    }
    for (size_t i = 0; i < run->config->platform_count; i++)
        if (preflight_uses_platform(facts, i) && !is_dead(run, i) && preflight_is_genesys(facts, i))
            run_learn_entrances(run, i);
}

static void learn(struct preflight_run *run, struct preflight_facts *facts)
{
    for (size_t i = 0; i < run->config->platform_count; i++)
        if (preflight_uses_platform(facts, i))
            run_learn_platform(run, i);
    for (size_t i = 0; i < facts->service->route_count; i++) {
        size_t platform = preflight_platform_of(run->config, &facts->service->routes[i]);
        if (platform == PLATFORM_COUNT_MAX || !is_dead(run, platform))
            learn_route(run, facts, i);
    }
    learn_flows(run, facts);
}

int preflight_run_service(struct preflight_run *run, size_t service,
                          struct preflight_report **ret_report)
{
    CLEANUP(preflight_report_free) struct preflight_report *report = NULL;
    struct preflight_facts facts;
    int rc = preflight_report_new(&run->config->services[service].name, &report);
    if (rc < 0)
        return rc;
    preflight_facts_init(run->config, service, run->platforms, &facts);
    facts.alone = run->alone;
    learn(run, &facts);
    if (!run->canceled)
        preflight_judge(&facts, report);
    preflight_facts_fini(&facts);
    if (run->canceled)
        return ERR_CANCELED;
    *ret_report = TAKE_PTR(report);
    return 0;
}
