/* Who still comes in to the primary: every list of the platform, page by page. */
#include "tests/unit/preflight/fake.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"

static const struct preflight_row *find_about(const struct fake *fake, const char *about)
{
    for (size_t i = 0; i < fake->report->count; i++)
        if (strcmp(fake->report->rows[i].about, about) == 0)
            return &fake->report->rows[i];
    return NULL;
}

static void every_kind_of_entrance_is_named(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/architect/ivrs?",
                "{'entities':[{'id':'i1','name':'Line','openHoursFlow':{'id':'flow-x'},"
                "'holidayHoursFlow':{'id':'flow-p'}},{'id':'i2','openHoursFlow':{'id':'flow-s'}},"
                "{'id':'i3','openHoursFlow':'flow-p'}],'pageCount':1}");
    fake_answer(fake, "/api/v2/architect/emergencygroups?",
                "{'entities':[{'id':'g1','name':'G','emergencyCallFlows':[{'emergencyFlow':{'id':"
                "'flow-x'}},{'emergencyFlow':{'id':'flow-p'}}]}],'pageCount':1}");
    fake_answer(fake, "/api/v2/routing/message/recipients?",
                "{'entities':[{'id':'m1','name':'SMS','flow':{'id':'flow-p'}}],'pageCount':1}");
    fake_answer(fake, "/api/v2/webdeployments/deployments?",
                "{'entities':[{'id':'w1','name':'Shop','flow':{'id':'flow-p'}}]}");
    fake_answer(fake, "/api/v2/routing/email/domains?",
                "{'entities':[{'id':'example.com'}],'pageCount':1}");
    fake_answer(fake, "/api/v2/routing/email/domains/example.com/routes?",
                "{'entities':[{'id':'e1','spamFlow':{'id':'flow-p'}}],'pageCount':1}");
    fake_answer(fake, "/api/v2/flows/datatables?", "{'entities':[{'id':'t 1'}],'pageCount':1}");
    fake_answer(fake,
                "/api/v2/flows/datatables/t%201/rows?pageSize=50&pageNumber=1&showbrief=false",
                "{'entities':[{'key':'line one','where':'flow-p'},{'key':'x','where':'flow-px'}],"
                "'pageCount':1}");
    fake_answer(fake, "/api/v2/routing/queues?",
                "{'entities':[{'id':'q1','name':'Q','emailInQueueFlow':{'id':'flow-p'}}],"
                "'pageCount':1}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, "no move switches 7 ");
    static const char *const abouts[] = {"ivr i1",
                                         "emergency-group g1",
                                         "message-recipient m1",
                                         "web-deployment w1",
                                         "email-route example.com/e1",
                                         "datatable-row t 1/line one",
                                         "queue q1"};
    for (size_t i = 0; i < ARRAY_COUNT(abouts); i++)
        if (find_about(fake, abouts[i]) == NULL)
            fail_msg("%s is not named", abouts[i]);
    assert_null(find_about(fake, "ivr i3"));
    assert_string_equal(find_about(fake, "ivr i1")->found.bytes,
                        "\"Line\" points at flow-p in holidayHoursFlow");
}

#define ONE_IVR "{'entities':[{'id':'ivr-1','openHoursFlow':{'id':'flow-p'}}],'pageCount':1}"

static void the_service_s_own_route_is_no_open_entrance(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/architect/ivrs?", ONE_IVR);
    struct route_config *route = fake_route(fake, "ivr");
    (void)snprintf(route->ivr, NAME_SIZE, "ivr-1");
    fake_expect(fake, "entrances", PREFLIGHT_PASS, NULL);
    (void)snprintf(route->ivr, NAME_SIZE, "ivr-2");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, NULL);
}

static void the_route_s_own_ids_are_compared_with_their_parents(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/flows/datatables?",
                "{'entities':[{'id':'t1'},{'id':'t2'}],'pageCount':1}");
    fake_answer(fake, "/api/v2/flows/datatables/t1/rows?",
                "{'entities':[{'key':'k','flow':'flow-p'}],'pageCount':1}");
    fake_answer(fake, "/api/v2/flows/datatables/t2/rows?",
                "{'entities':[{'key':'k','flow':'flow-p'}],'pageCount':1}");
    struct route_config *route = fake_route(fake, "datatable-row");
    (void)snprintf(route->table, NAME_SIZE, "t2");
    (void)snprintf(route->row, NAME_SIZE, "k");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, " 1 that");
    assert_non_null(find_about(fake, "datatable-row t1/k"));
    assert_null(find_about(fake, "datatable-row t2/k"));
}

static void ivrs_that_our_emergency_group_takes_along_are_switched(void **state)
{
    struct fake *fake = *state;
    struct route_config *route = fake_route(fake, "emergency-group");
    (void)snprintf(route->group, NAME_SIZE, "g1");
    fake_answer(fake, "/api/v2/architect/ivrs?",
                "{'entities':[{'id':'i1','openHoursFlow':{'id':'flow-p'}},"
                "{'id':'i2','openHoursFlow':{'id':'flow-p'}}],'pageCount':1}");
    fake_answer(fake, "/api/v2/architect/emergencygroups/g1",
                "{'id':'g1','name':'G','enabled':false,'version':4,'emergencyCallFlows':[{"
                "'emergencyFlow':{'id':'flow-s'},'ivrs':[{'id':'i9'},{'id':'i1'}]}]}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, " 1 that");
    assert_non_null(find_about(fake, "ivr i2"));
    assert_null(find_about(fake, "ivr i1"));
    assert_int_equal(fake_row(fake, "route-at-primary")->result, PREFLIGHT_PASS);
}

static void every_page_of_a_list_is_read(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/architect/ivrs?", "{'entities':[{'id':'i1'}],'pageCount':3}");
    fake_answer(fake, "/api/v2/architect/ivrs?pageSize=50&pageNumber=3",
                "{'entities':[{'id':'i9','openHoursFlow':{'id':'flow-p'}}],'pageCount':3}");
    fake_answer(
        fake, "/api/v2/webdeployments/deployments?",
        "{'entities':[{'id':'w1'}],'nextUri':'/api/v2/webdeployments/deployments?after=x'}");
    fake_answer(fake, "/api/v2/webdeployments/deployments?after=x",
                "{'entities':[{'id':'w2','flow':{'id':'flow-p'}}]}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, " 2 that");
    assert_non_null(find_about(fake, "ivr i9"));
    assert_non_null(find_about(fake, "web-deployment w2"));
    assert_int_equal(fake_count(fake, "/api/v2/architect/ivrs?"), 3);
}

static void a_next_page_on_another_host_is_not_asked_for(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/webdeployments/deployments?",
                "{'entities':[{'id':'w1'}],'nextUri':'https://evil.example.org/api/'}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, "not to its end");
}

static void lists_without_an_end_are_given_up_and_said(void **state)
{
    struct fake *fake = *state;
    fake_answer(fake, "/api/v2/architect/ivrs?", "{'entities':[{'id':'i1'}],'pageCount':100000}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, "ivr (not to its end)");
    assert_int_equal(fake_count(fake, "/api/v2/architect/ivrs?"), RUN_PAGE_COUNT_MAX);
    fake_answer(fake, "/api/v2/routing/queues?", "{'entities':[{'id':'q1'}],'pageCount':100000}");
    fake_answer(fake, "/api/v2/flows/datatables?", "{'entities':[{'id':'t1'}],'pageCount':100000}");
    fake_answer(fake, "/api/v2/flows/datatables/t1/rows?",
                "{'entities':[{'key':'k'}],'pageCount':100000}");
    fake_answer(fake, "/api/v2/routing/email/domains?",
                "{'entities':[{'id':'d1'}],'pageCount':100000}");
    fake_answer(fake, "/api/v2/routing/email/domains/d1/routes?",
                "{'entities':[{'id':'e'}],'pageCount':100000}");
    fake_expect(fake, "entrances", PREFLIGHT_WARN, "not to its end");
    assert_int_equal(fake->asked_count, RUN_REQUEST_COUNT_MAX);
}

static void lists_that_are_forbidden_are_named_with_the_permission(void **state)
{
    struct fake *fake = *state;
    fake_refuse(fake, "/api/v2/routing/queues?", ROUTE_RESULT_FORBIDDEN);
    fake_refuse(fake, "/api/v2/architect/ivrs?", ROUTE_RESULT_UNKNOWN);
    fake_expect(fake, "entrances", PREFLIGHT_WARN, "not read: ivr (no answer), queue (forbidden)");
    assert_non_null(strstr(fake_row(fake, "entrances")->todo.bytes, "routing:queue:view"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_entrance_is_named),
        TEST(the_service_s_own_route_is_no_open_entrance),
        TEST(the_route_s_own_ids_are_compared_with_their_parents),
        TEST(ivrs_that_our_emergency_group_takes_along_are_switched),
        TEST(every_page_of_a_list_is_read),
        TEST(a_next_page_on_another_host_is_not_asked_for),
        TEST(lists_without_an_end_are_given_up_and_said),
        TEST(lists_that_are_forbidden_are_named_with_the_permission),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
