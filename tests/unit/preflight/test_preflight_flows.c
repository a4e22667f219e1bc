/* What the two flows must be: each failure made in the platform's own JSON. */
#include "tests/unit/preflight/fake.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"

#define STANDBY "/api/v2/flows/flow-s"
#define PRIMARY "/api/v2/flows/flow-p"
#define CONSUMED "/api/v2/architect/dependencytracking/consumedresources?id="

static void a_good_pair_passes_everything(void **state)
{
    struct fake *fake = *state;
    fake_run(fake);
    for (size_t i = 0; i < fake->report->count; i++) {
        const struct preflight_row *row = &fake->report->rows[i];
        bool skips = strcmp(row->check, "primary-version") == 0;
        if (row->result != (skips ? PREFLIGHT_SKIP : PREFLIGHT_PASS))
            fail_msg("%s: %s", row->check, row->found.bytes);
        assert_string_equal(row->todo.bytes, "");
    }
    assert_int_equal(preflight_report_worst(fake->report), PREFLIGHT_PASS);
}

static void a_flow_that_is_not_there_fails_once(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, STANDBY, ROUTE_RESULT_NOT_FOUND);
    fake_expect(fake, "standby-exists", PREFLIGHT_FAIL, "no such flow");
    assert_non_null(
        strstr(fake_row(fake, "standby-exists")->todo.bytes, "services.support.standby.id"));
    fake_expect(fake, "standby-published", PREFLIGHT_SKIP, "no such flow");
    fake_expect(fake, "same-type", PREFLIGHT_SKIP, NULL);
    fake_expect(fake, "primary-exists", PREFLIGHT_PASS, NULL);
    assert_int_equal(preflight_report_count(fake->report, PREFLIGHT_FAIL), 1);
}

static void a_flow_that_may_not_be_read_is_a_warning_with_the_permission(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, STANDBY, ROUTE_RESULT_FORBIDDEN);
    fake_expect(fake, "standby-exists", PREFLIGHT_WARN, "architect:flow:view");
    assert_int_equal(preflight_report_count(fake->report, PREFLIGHT_FAIL), 0);
    fake_refuse(fake, STANDBY, ROUTE_RESULT_SERVER_ERROR);
    fake_expect(fake, "standby-exists", PREFLIGHT_WARN, "not known");
}

/* The standby's document, and what its check makes of it. */
struct flow_case {
    const char *json;
    const char *check;
    enum preflight_result result;
    const char *found;
};

static void each_fault_of_the_standby_is_found_by_its_check(void **state)
{
    static const struct flow_case cases[] = {
        {"{'id':'x','name':'S','type':'INBOUNDCALL','active':true,'deleted':true,'publishedVersion'"
         ":{'id':'1.0'}}",
         "standby-exists", PREFLIGHT_FAIL, "deleted"},
        {"{'id':'x','name':'S','type':'INBOUNDCALL','active':true,'deleted':false}",
         "standby-published", PREFLIGHT_FAIL, "no published version"},
        {"{'id':'x','name':'S','type':'INBOUNDCALL','active':false,'publishedVersion':{'id':'27.0'}"
         "}",
         "standby-published", PREFLIGHT_FAIL, "not active"},
        {FLOW("S", "'publishedVersion':{'id':'1.0.4'}"), "standby-version", PREFLIGHT_FAIL,
         "version 1.0.4 is below the baseline v1.0.5"},
        {FLOW("S", "'publishedVersion':{'id':'1.0.5'}"), "standby-version", PREFLIGHT_PASS, NULL},
        {FLOW("S", "'publishedVersion':{'id':'1.0.10'}"), "standby-version", PREFLIGHT_PASS, NULL},
        {FLOW("S", "'publishedVersion':{'id':'latest'}"), "standby-version", PREFLIGHT_WARN,
         "cannot be compared"},
        {FLOW("S", "'description':'clone of the bot'"), "standby-tag", PREFLIGHT_WARN,
         "neither its description nor its name"},
        {FLOW("S ENV:STANDBY", "'description':''"), "standby-tag", PREFLIGHT_PASS, NULL},
        {FLOW("S", "'description':'env:stand'"), "standby-tag", PREFLIGHT_WARN, NULL},
        {FLOW("S", "'lockedUser':{'id':'u','name':'Ada \\u001b[2J'}"), "standby-quiet",
         PREFLIGHT_WARN, "locked by Ada .[2J"},
        {FLOW("S", "'lockedClient':{'id':'c','name':'CI'}"), "standby-quiet", PREFLIGHT_WARN, "CI"},
        {FLOW("S", "'currentOperation':{'actionStatus':'PENDING_GENERATION'}"), "standby-quiet",
         PREFLIGHT_WARN, "under way"},
        {FLOW("S", "'currentOperation':{'actionStatus':'FAILURE'}"), "standby-quiet",
         PREFLIGHT_PASS, NULL},
        {"{'id':'x','type':'INBOUNDEMAIL'}", "same-type", PREFLIGHT_FAIL,
         "the primary is INBOUNDCALL, the standby INBOUNDEMAIL"},
        {FLOW("S", "'division':{'id':'d2','name':'Abroad'}"), "same-division", PREFLIGHT_WARN,
         "Abroad"},
        {FLOW("S", "'supportedLanguages':[{'language':'EN-US'}]"), "languages", PREFLIGHT_FAIL,
         "de-de"},
        {FLOW("S", "'supportedLanguages':[]"), "languages", PREFLIGHT_FAIL, "en-us, de-de"},
        {FLOW("S", "'supportedLanguages':[{'language':'fr-fr'},{'language':'de-de'},{'language':"
                   "'en-us'}]"),
         "languages", PREFLIGHT_PASS, "all 2"},
        {FLOW("S", "'inputSchema':{'properties':{}}"), "inputs", PREFLIGHT_FAIL,
         "Flow.account (missing)"},
        {FLOW("S", "'outputSchema':{}"), "outputs", PREFLIGHT_FAIL, "Flow.outcome (missing)"},
        {FLOW("S", "'inputSchema':{'properties':{'Flow.account':{'type':'integer'}}}"), "inputs",
         PREFLIGHT_FAIL, "Flow.account (of another type)"},
        {FLOW("S", "'inputSchema':{'properties':{'Flow.account':{'type':'string'},'Flow.pin':"
                   "{'type':'string'}},'required':['Flow.pin']}"),
         "inputs", PREFLIGHT_FAIL, "Flow.pin (demanded by the standby alone)"},
        {FLOW("S", "'inputSchema':{'properties':{'Flow.account':{'type':'string'},'Flow.pin':"
                   "{'type':'string'}}}"),
         "inputs", PREFLIGHT_PASS, NULL},
        {"[]", "standby-exists", PREFLIGHT_WARN, NULL},
        {"{'id':7,'name':7,'type':7,'publishedVersion':7,'description':7,'supportedLanguages':7,"
         "'inputSchema':7,'outputSchema':[],'division':7,'currentOperation':7,'lockedUser':7}",
         "standby-published", PREFLIGHT_FAIL, NULL},
    };
    struct fake *fake = *state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        fake_answer(fake, STANDBY, cases[i].json);
        fake_expect(fake, cases[i].check, cases[i].result, cases[i].found);
    }
}

static void without_a_configured_version_nothing_is_compared(void **state)
{
    struct fake *fake = *state;
    fake->config->services[0].side[SIDE_STANDBY].min_version[0] = '\0';
    fake_expect(fake, "standby-version", PREFLIGHT_SKIP, "standby.min_version");
    (void)snprintf(fake->config->services[0].side[SIDE_PRIMARY].min_version, NAME_SIZE, "28");
    fake_expect(fake, "primary-version", PREFLIGHT_FAIL, "below the baseline 28");
}

static void the_dependency_query_names_the_published_version_and_the_kind_of_flow(void **state)
{
    struct fake *fake = *state;
    fake_run(fake);
    assert_int_equal(
        fake_count(fake, CONSUMED "flow-s&version=27.0&objectType=INBOUNDCALLFLOW&resourceType="),
        1);
    fake_answer(fake, STANDBY,
                "{'id':'x','type':'WORKFLOW','publishedVersion':{'id':'2.0'},'active':true}");
    fake_run(fake);
    assert_int_equal(fake_count(fake, CONSUMED "flow-s&version=2.0&objectType=WORKFLOW&"), 1);
}

static void what_both_sides_use_fails_unless_it_is_allowed(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, CONSUMED "flow-s",
                "{'entities':[{'id':'a1','name':'Look up','type':'DATAACTION'},"
                "{'id':'b1','name':'Bot','type':'LEXBOT'}],'pageCount':1}");
    fake_expect(fake, "isolation", PREFLIGHT_FAIL, "both use DATAACTION Look up");
    assert_non_null(strstr(fake_row(fake, "isolation")->todo.bytes, "may_share"));
    (void)snprintf(fake->config->services[0].may_share, HEADER_SIZE, "Other , look up ,x");
    fake_expect(fake, "isolation", PREFLIGHT_PASS, NULL);
    (void)snprintf(fake->config->services[0].may_share, HEADER_SIZE, "a1");
    fake_expect(fake, "isolation", PREFLIGHT_PASS, NULL);
    (void)snprintf(fake->config->services[0].may_share, HEADER_SIZE, "Look,up, Look up2");
    fake_expect(fake, "isolation", PREFLIGHT_FAIL, NULL);
}

static void actions_that_call_one_host_are_a_warning(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/integrations/actions/a2",
                "{'id':'a2','name':'R','config':{'request':{'requestUrlTemplate':"
                "'https://ONE.example.com/other'}}}");
    fake_expect(fake, "isolation", PREFLIGHT_WARN, "one.example.com");
    fake_answer(fake, "/api/v2/integrations/actions/a2",
                "{'id':'a2','name':'R','config':{'request':{'requestUrlTemplate':"
                "'https://${credentials.host}/other'}}}");
    fake_expect(fake, "isolation", PREFLIGHT_PASS, NULL);
    fake_refuse(fake, "/api/v2/integrations/actions/", ROUTE_RESULT_FORBIDDEN);
    fake_expect(fake, "isolation", PREFLIGHT_PASS, "integrations:action:view");
    assert_int_equal(fake_count(fake, "/api/v2/integrations/actions/"), 2);
}

static void a_forbidden_dependency_query_is_a_warning_with_the_permission(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, CONSUMED, ROUTE_RESULT_FORBIDDEN);
    fake_expect(fake, "isolation", PREFLIGHT_WARN, "architect:dependencyTracking:view");
}

static void all_pages_of_what_a_flow_uses_are_read(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, CONSUMED "flow-s",
                "{'entities':[{'id':'a9','name':'N','type':'DATAACTION'}],'pageCount':2}");
    fake_answer(fake, CONSUMED "flow-p",
                "{'entities':[{'id':'a1','name':'Look up','type':'DATAACTION'}],'pageCount':900}");
    fake_expect(fake, "isolation", PREFLIGHT_WARN, "as far as was asked");
    assert_int_equal(fake_count(fake, CONSUMED "flow-s"), 2);
    assert_int_equal(fake_count(fake, CONSUMED "flow-p"), RUN_PAGE_COUNT_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_pair_passes_everything),
        TEST(a_flow_that_is_not_there_fails_once),
        TEST(a_flow_that_may_not_be_read_is_a_warning_with_the_permission),
        TEST(each_fault_of_the_standby_is_found_by_its_check),
        TEST(without_a_configured_version_nothing_is_compared),
        TEST(the_dependency_query_names_the_published_version_and_the_kind_of_flow),
        TEST(what_both_sides_use_fails_unless_it_is_allowed),
        TEST(actions_that_call_one_host_are_a_warning),
        TEST(a_forbidden_dependency_query_is_a_warning_with_the_permission),
        TEST(all_pages_of_what_a_flow_uses_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
