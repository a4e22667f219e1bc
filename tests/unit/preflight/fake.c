#include "tests/unit/preflight/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#define BASE "https://api.example.com"

static const struct fake_answer good[] = {
    {"/api/v2/tokens/me", ROUTE_RESULT_OK,
     "{'organization':{'id':'o1','name':'Example'},'OAuthClient':{'id':'c1','name':'mover'}}"},
    {"/api/v2/authorization/subjects/me", ROUTE_RESULT_OK,
     "{'id':'c1','grants':[{'division':{'id':'d1'},'role':{'id':'r1','name':'Mover','policies':["
     "{'domain':'routing','entityName':'*','actions':['*']},"
     "{'domain':'webDeployments','entityName':'deployment','actions':['view','edit']},"
     "{'domain':'integrations','entityName':'action','actions':['view']},"
     "{'domain':'architect','entityName':'','actions':['view','edit']}]}}]}"},
    {"/api/v2/routing/plans/plan-1", ROUTE_RESULT_OK,
     "{'id':'plan-1','version':3,'entries':[{'priority':50,'destination':{'type':'Flow','id':"
     "'flow-p'},'conditions':[]},{'priority':60,'active':false,'destination':{'type':'Flow','id':"
     "'flow-s'},'conditions':[]}]}"},
    {"/api/v2/flows/flow-p", ROUTE_RESULT_OK, FLOW("Support", FLOW_MORE)},
    {"/api/v2/flows/flow-s", ROUTE_RESULT_OK, FLOW("Support, standby", FLOW_MORE)},
    {"/api/v2/architect/dependencytracking/consumedresources?id=flow-p", ROUTE_RESULT_OK,
     "{'entities':[{'id':'a1','name':'Look up','type':'DATAACTION'},"
     "{'id':'q1','name':'Support','type':'QUEUE'}],'pageCount':1}"},
    {"/api/v2/architect/dependencytracking/consumedresources?id=flow-s", ROUTE_RESULT_OK,
     "{'entities':[{'id':'a2','name':'Look up, replica','type':'DATAACTION'},"
     "{'id':'q1','name':'Support','type':'QUEUE'}],'pageCount':1}"},
    {"/api/v2/integrations/actions/a1", ROUTE_RESULT_OK,
     "{'id':'a1','name':'Look up','config':{'request':{'requestUrlTemplate':"
     "'https://one.example.com/a/${input.id}'}}}"},
    {"/api/v2/integrations/actions/a2", ROUTE_RESULT_OK,
     "{'id':'a2','name':'Look up, replica','config':{'request':{'requestUrlTemplate':"
     "'https://two.example.com/a/${input.id}'}}}"},
    {"/api/v2/architect/ivrs?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
    {"/api/v2/architect/emergencygroups?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
    {"/api/v2/routing/message/recipients?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
    {"/api/v2/webdeployments/deployments?", ROUTE_RESULT_OK, "{'entities':[]}"},
    {"/api/v2/routing/email/domains?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
    {"/api/v2/flows/datatables?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
    {"/api/v2/routing/queues?", ROUTE_RESULT_OK, "{'entities':[],'pageCount':1}"},
};

static const struct fake_answer *find_answer(const struct fake *fake, const char *path)
{
    for (size_t i = fake->answer_count; i > 0; i--)
        if (strncmp(fake->answers[i - 1].start, path, strlen(fake->answers[i - 1].start)) == 0)
            return &fake->answers[i - 1];
    return NULL;
}

static void take_json(struct preflight_page *page, const char *json)
{
    CLEANUP(cleanup_free) char *text = strdup(json);
    assert_non_null(text);
    for (char *at = text; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    assert_int_equal(preflight_page_take(page, text, strlen(text)), 0);
}

static void ask(void *data, const struct preflight_question *question,
                struct preflight_page *ret_page)
{
    struct fake *fake = data;
    const char *url = question->url;
    assert_true(question->platform <= 1 || question->platform == PLATFORM_COUNT_MAX);
    assert_int_equal(strncmp(url, BASE "/", strlen(BASE "/")), 0);
    const char *path = url + strlen(BASE);
    assert_true(fake->asked_count < FAKE_ASKED_COUNT_MAX);
    (void)snprintf(fake->asked[fake->asked_count++], FAKE_URL_SIZE, "%s", path);
    const struct fake_answer *answer = find_answer(fake, path);
    *ret_page = (struct preflight_page){.asked = true, .result = ROUTE_RESULT_NOT_FOUND};
    if (answer != NULL)
        ret_page->result = answer->result;
    if (ret_page->result == ROUTE_RESULT_OK)
        take_json(ret_page, answer->json);
    else
        text_set(&ret_page->why, "the platform answered %s", route_result_name(ret_page->result));
}

static struct config *make_config(void)
{
    struct config *config = calloc(1, sizeof *config);
    assert_non_null(config);
    config->services = calloc(1, sizeof *config->services);
    assert_non_null(config->services);
    config->service_count = 1;
    config->platform_count = 1;
    struct service_config *service = &config->services[0];
    struct platform_config *platform = &config->platforms[0];
    assert_int_equal(name_set(&platform->name, "genesys"), 0);
    (void)snprintf(platform->api_url, URL_SIZE, BASE "/");
    assert_int_equal(name_set(&service->name, "support"), 0);
    (void)snprintf(service->side[SIDE_PRIMARY].id, NAME_SIZE, "flow-p");
    (void)snprintf(service->side[SIDE_STANDBY].id, NAME_SIZE, "flow-s");
    (void)snprintf(service->side[SIDE_STANDBY].tag, NAME_SIZE, "env:standby");
    (void)snprintf(service->side[SIDE_STANDBY].min_version, NAME_SIZE, "v1.0.5");
    service->route_count = 1;
    assert_int_equal(name_set(&service->routes[0].name, "route"), 0);
    (void)snprintf(service->routes[0].backend, NAME_SIZE, "routing-plan");
    (void)snprintf(service->routes[0].plan, NAME_SIZE, "plan-1");
    (void)snprintf(service->routes[0].via, NAME_SIZE, "genesys");
    return config;
}

int fake_setup(void **state)
{
    struct fake *fake = calloc(1, sizeof *fake);
    assert_non_null(fake);
    fake->config = make_config();
    fake->port = (struct preflight_port){.data = fake, .ask = ask};
    memcpy(fake->answers, good, sizeof good);
    fake->answer_count = sizeof good / sizeof good[0];
    *state = fake;
    return 0;
}

int fake_teardown(void **state)
{
    struct fake *fake = *state;
    preflight_report_free(&fake->report);
    free(fake->config->services);
    free(fake->config);
    free(fake);
    return 0;
}

static void add(struct fake *fake, struct fake_answer answer)
{
    assert_true(fake->answer_count < FAKE_ANSWER_COUNT_MAX);
    fake->answers[fake->answer_count++] = answer;
}

void fake_answer(struct fake *fake, const char *start, const char *json)
{
    add(fake, (struct fake_answer){start, ROUTE_RESULT_OK, json});
}

void fake_refuse(struct fake *fake, const char *start, enum route_result result)
{
    add(fake, (struct fake_answer){start, result, NULL});
}

struct route_config *fake_route(struct fake *fake, const char *backend)
{
    struct route_config *route = &fake->config->services[0].routes[0];
    (void)snprintf(route->backend, NAME_SIZE, "%s", backend);
    return route;
}

void fake_run(struct fake *fake)
{
    struct preflight_run *run = NULL;
    preflight_report_free(&fake->report);
    fake->asked_count = 0;
    assert_int_equal(preflight_run_new(fake->config, &fake->port, false, &run), 0);
    assert_int_equal(preflight_run_service(run, 0, &fake->report), 0);
    preflight_run_free(&run);
}

const struct preflight_row *fake_row(const struct fake *fake, const char *check)
{
    for (size_t i = 0; i < fake->report->count; i++)
        if (strcmp(fake->report->rows[i].check, check) == 0)
            return &fake->report->rows[i];
    fail_msg("there is no row %s", check);
    return NULL;
}

void fake_expect(struct fake *fake, const char *check, enum preflight_result result,
                 const char *found)
{
    fake_run(fake);
    const struct preflight_row *row = fake_row(fake, check);
    if (row->result != result || (found != NULL && strstr(row->found.bytes, found) == NULL))
        fail_msg("%s: %s, \"%s\"; expected %s, \"%s\"", check, preflight_result_name(row->result),
                 row->found.bytes, preflight_result_name(result), found != NULL ? found : "");
    if (row->result == PREFLIGHT_FAIL && row->todo.length == 0)
        fail_msg("%s fails without a word on what to do", check);
}

size_t fake_count(const struct fake *fake, const char *start)
{
    size_t count = 0;
    for (size_t i = 0; i < fake->asked_count; i++)
        count += strncmp(fake->asked[i], start, strlen(start)) == 0 ? 1 : 0;
    return count;
}
