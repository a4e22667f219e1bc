/* The run itself: what is asked once, what a canceled run leaves, and how a report counts. */
#include "tests/unit/preflight/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/preflight/check.h"

static void what_is_the_platform_s_is_asked_once_for_all_services(void **state)
{
    struct fake *fake = *state;
    struct preflight_run *run = NULL;
    struct service_config *two = calloc(2, sizeof *two);
    assert_non_null(two);
    two[0] = fake->config->services[0];
    two[1] = fake->config->services[0];
    free(fake->config->services);
    fake->config->services = two;
    fake->config->service_count = 2;
    assert_int_equal(preflight_run_new(fake->config, &fake->port, false, &run), 0);
    for (size_t i = 0; i < 2; i++) {
        preflight_report_free(&fake->report);
        assert_int_equal(preflight_run_service(run, i, &fake->report), 0);
    }
    preflight_run_free(&run);
    assert_int_equal(fake_count(fake, "/api/v2/tokens/me"), 1);
    assert_int_equal(fake_count(fake, "/api/v2/architect/ivrs?"), 1);
    assert_int_equal(fake_count(fake, "/api/v2/flows/flow-s"), 2);
    assert_int_equal(preflight_report_worst(fake->report), PREFLIGHT_PASS);
}

static void a_canceled_run_asks_no_more_and_reports_nothing(void **state)
{
    struct fake *fake = *state;
    struct preflight_run *run = NULL;
    struct preflight_report *report = NULL;
    fake_refuse(fake, "/api/v2/flows/flow-s", ROUTE_RESULT_CANCELED);
    assert_int_equal(preflight_run_new(fake->config, &fake->port, false, &run), 0);
    assert_int_equal(preflight_run_service(run, 0, &report), ERR_CANCELED);
    assert_null(report);
    size_t asked = fake->asked_count;
    assert_int_equal(preflight_run_service(run, 0, &report), ERR_CANCELED);
    assert_int_equal(fake->asked_count, asked);
    preflight_run_free(&run);
}

static void each_route_of_a_service_gets_its_checks(void **state)
{
    struct fake *fake = *state;
    struct service_config *service = &fake->config->services[0];
    service->routes[1] = service->routes[0];
    (void)snprintf(service->routes[1].plan, NAME_SIZE, "plan-2");
    (void)snprintf(service->routes[1].flow[SIDE_STANDBY], NAME_SIZE, "flow-t");
    assert_int_equal(name_set(&service->routes[1].name, "chat"), 0);
    service->route_count = 2;
    fake_run(fake);
    size_t routes = 0;
    size_t flows = 0;
    for (size_t i = 0; i < fake->report->count; i++) {
        const struct preflight_row *row = &fake->report->rows[i];
        bool second = strcmp(row->about, "chat") == 0 || strcmp(row->about, "flow-t") == 0;
        routes += strcmp(row->check, "route-readable") == 0 ? 1 : 0;
        flows += strcmp(row->check, "standby-exists") == 0 ? 1 : 0;
        if (strcmp(row->check, "route-readable") == 0 || strcmp(row->check, "standby-exists") == 0)
            assert_int_equal(row->result, second ? PREFLIGHT_FAIL : PREFLIGHT_PASS);
    }
    assert_int_equal(routes, 2);
    assert_int_equal(flows, 2);
}

static void a_route_without_a_platform_is_read_alone(void **state)
{
    struct fake *fake = *state;
    struct route_config *route = fake_route(fake, "http");
    route->via[0] = '\0';
    (void)snprintf(route->http.read_url, URL_SIZE, "https://api.example.com/switch");
    (void)snprintf(route->http.value, sizeof route->http.value, "/side");
    fake_answer(fake, "/switch", "{'side':'flow-p'}");
    fake_expect(fake, "route-readable", PREFLIGHT_PASS, "http");
    assert_int_equal(fake_row(fake, "route-at-primary")->result, PREFLIGHT_PASS);
    assert_int_equal(fake->report->count, 2);
    assert_int_equal(fake->asked_count, 1);
    (void)snprintf(route->http.read_method, sizeof route->http.read_method, "POST");
    fake_expect(fake, "route-readable", PREFLIGHT_SKIP, "quorate route support show");
}

static void a_native_route_elsewhere_makes_no_genesys_cloud_of_a_gateway(void **state)
{
    struct fake *fake = *state;
    struct service_config *service = &fake->config->services[0];
    fake->config->platform_count = 2;
    fake->config->platforms[1] = fake->config->platforms[0];
    assert_int_equal(name_set(&fake->config->platforms[1].name, "cloud"), 0);
    service->routes[1] = service->routes[0];
    (void)snprintf(service->routes[1].backend, NAME_SIZE, "ivr");
    (void)snprintf(service->routes[1].ivr, NAME_SIZE, "ivr-1");
    (void)snprintf(service->routes[1].via, NAME_SIZE, "cloud");
    assert_int_equal(name_set(&service->routes[1].name, "voice"), 0);
    service->route_count = 2;
    fake_refuse(fake, "/api/v2/tokens/me", ROUTE_RESULT_NOT_FOUND);
    fake_expect(fake, "standby-exists", PREFLIGHT_SKIP, "genesys is no Genesys Cloud");
    size_t passed = 0;
    for (size_t i = 0; i < fake->report->count; i++)
        passed += strcmp(fake->report->rows[i].check, "standby-exists") == 0 &&
                          fake->report->rows[i].result == PREFLIGHT_PASS
                      ? 1
                      : 0;
    assert_int_equal(passed, 1);
}

static void a_report_names_what_failed_once_and_counts_all(void **state)
{
    (void)state;
    struct preflight_report *report = NULL;
    struct name name;
    struct text names;
    static const enum preflight_result results[] = {PREFLIGHT_FAIL, PREFLIGHT_PASS, PREFLIGHT_FAIL,
                                                    PREFLIGHT_FAIL, PREFLIGHT_WARN};
    static const char *const checks[] = {"a", "a", "b", "a", "c"};
    assert_int_equal(name_set(&name, "s"), 0);
    assert_int_equal(preflight_report_new(&name, &report), 0);
    assert_int_equal(preflight_report_worst(report), PREFLIGHT_SKIP);
    for (size_t i = 0; i < ARRAY_COUNT(checks); i++)
        preflight_report_add(report, checks[i], "")->result = results[i];
    preflight_report_name(report, PREFLIGHT_FAIL, &names);
    assert_string_equal(names.bytes, "a, b");
    assert_int_equal(preflight_report_count(report, PREFLIGHT_FAIL), 3);
    cJSON *json = preflight_report_json(report, true);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "failing")), "a, b");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "result")), "fail");
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(json, "rows")), 5);
    cJSON_Delete(json);
    for (size_t i = ARRAY_COUNT(checks); i < PREFLIGHT_ROW_COUNT_MAX; i++)
        assert_non_null(preflight_report_add(report, "d", ""));
    assert_null(preflight_report_add(report, "d", ""));
    assert_int_equal(report->dropped, 1);
    preflight_report_free(&report);
}

static void every_check_has_a_name_of_its_own_and_says_what_it_asks(void **state)
{
    (void)state;
    for (size_t i = 0; i < preflight_check_count(); i++) {
        const struct preflight_check *check = preflight_check_at(i);
        assert_true(strlen(check->asks) > 0 && check->judge != NULL);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(check->name, preflight_check_at(j)->name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_the_platform_s_is_asked_once_for_all_services),
        TEST(a_canceled_run_asks_no_more_and_reports_nothing),
        TEST(each_route_of_a_service_gets_its_checks),
        TEST(a_route_without_a_platform_is_read_alone),
        TEST(a_native_route_elsewhere_makes_no_genesys_cloud_of_a_gateway),
        cmocka_unit_test(a_report_names_what_failed_once_and_counts_all),
        cmocka_unit_test(every_check_has_a_name_of_its_own_and_says_what_it_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
