/* The simulator's lists: what stands in them, and page by page. */
#include "tests/lab/test/assert.h"
#include "tests/lab/test/sim_fixture.h"

#include <string.h>

static int list_size(const struct sim *sim, const char *path)
{
    cJSON *list = sim_call(sim, "GET", path, NULL, 200);
    int size = cJSON_GetArraySize(cJSON_GetObjectItem(list, "entities"));

    assert_true(cJSON_IsArray(cJSON_GetObjectItem(list, "entities")));
    cJSON_Delete(list);
    return size;
}

static void every_kind_has_its_list(void **state)
{
    static const struct {
        const char *path;
        int size;
    } rows[] = {
        {"/api/v2/architect/ivrs", 5},
        {"/api/v2/architect/ivrs?name=Sales%20line", 1},
        {"/api/v2/architect/emergencygroups", 2},
        {"/api/v2/flows", 5},
        {"/api/v2/flows?type=inboundcall", 5},
        {"/api/v2/flows?type=bot", 0},
        {"/api/v2/flows/datatables", 2},
        {"/api/v2/flows/datatables/table-1/rows", 3},
        {"/api/v2/flows/datatables/table-2/rows", 1},
        {"/api/v2/routing/message/recipients", 3},
        {"/api/v2/routing/message/recipients?messengerType=whatsapp", 1},
        {"/api/v2/webdeployments/deployments", 3},
        {"/api/v2/routing/email/domains", 2},
        {"/api/v2/routing/email/domains/example.com/routes", 3},
        {"/api/v2/routing/email/domains/example.org/routes", 0},
        {"/api/v2/routing/queues", 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (list_size(*state, rows[i].path) != rows[i].size)
            fail_msg("%s has not %d entities", rows[i].path, rows[i].size);
    }
}

static void a_list_goes_page_by_page_until_no_next_uri(void **state)
{
    cJSON *page = sim_call(*state, "GET", "/api/v2/architect/ivrs?pageSize=2", NULL, 200);

    assert_int_equal((int)client_number(page, "total"), 5);
    assert_int_equal((int)client_number(page, "pageCount"), 3);
    assert_int_equal((int)client_number(page, "pageNumber"), 1);
    for (int number = 2; number <= 3; number++) {
        cJSON *next = sim_call(*state, "GET", client_text(page, "nextUri"), NULL, 200);

        cJSON_Delete(page);
        page = next;
        assert_int_equal((int)client_number(page, "pageNumber"), number);
    }
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(page, "entities")), 1);
    assert_null(cJSON_GetObjectItem(page, "nextUri"));
    assert_string_equal(client_text(page, "selfUri"),
                        "/api/v2/architect/ivrs?pageSize=2&pageNumber=3");
    cJSON_Delete(page);
}

static void deployments_go_by_a_cursor(void **state)
{
    cJSON *page =
        sim_call(*state, "GET", "/api/v2/webdeployments/deployments?pageSize=2", NULL, 200);
    cJSON *next = sim_call(*state, "GET", client_text(page, "nextUri"), NULL, 200);

    assert_null(cJSON_GetObjectItem(page, "pageNumber"));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(next, "entities")), 1);
    assert_null(cJSON_GetObjectItem(next, "nextUri"));
    cJSON_Delete(page);
    cJSON_Delete(next);
}

static void rows_are_brief_unless_asked_for_more(void **state)
{
    cJSON *list = sim_call(*state, "GET", "/api/v2/flows/datatables/table-1/rows", NULL, 200);
    cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(list, "entities"), 0);

    assert_int_equal(cJSON_GetArraySize(row), 1);
    cJSON_Delete(list);
    list =
        sim_call(*state, "GET", "/api/v2/flows/datatables/table-1/rows?showbrief=false", NULL, 200);
    row = cJSON_GetArrayItem(cJSON_GetObjectItem(list, "entities"), 0);
    assert_string_equal(client_text(row, "activeFlow"), "PRIMARY_FLOW_ID");
    cJSON_Delete(list);
}

static void lists_of_nothing_and_bad_pages_are_refused(void **state)
{
    cJSON_Delete(sim_call(*state, "GET", "/api/v2/flows/datatables/table-9/rows", NULL, 404));
    cJSON_Delete(sim_call(*state, "GET", "/api/v2/flows?pageSize=0", NULL, 400));
    cJSON_Delete(sim_call(*state, "GET", "/api/v2/flows?pageSize=501", NULL, 400));
    cJSON_Delete(sim_call(*state, "GET", "/api/v2/flows?pageNumber=two", NULL, 400));
    cJSON_Delete(sim_call(*state, "PUT", "/api/v2/flows", "{}", 405));
}

#define SIM_TEST(test) cmocka_unit_test_setup_teardown(test, sim_setup, sim_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SIM_TEST(every_kind_has_its_list),
        SIM_TEST(a_list_goes_page_by_page_until_no_next_uri),
        SIM_TEST(deployments_go_by_a_cursor),
        SIM_TEST(rows_are_brief_unless_asked_for_more),
        SIM_TEST(lists_of_nothing_and_bad_pages_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
