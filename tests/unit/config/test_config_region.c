#include "node/io/config/region.h"
#include "tests/unit/config/sheet.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"

static void a_region_may_be_written_as_the_api_s_address(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        {"region: mypurecloud.de",
         "region: \"https://api.usw2.pure.cloud/\", login_url: \"http://127.0.0.1:8081\""},
        {0}};
    struct config *config = sheet_expect_good(edits, NULL);
    assert_string_equal(config->platforms[0].api_url, "https://api.usw2.pure.cloud");
    assert_string_equal(config->platforms[0].login_url, "http://127.0.0.1:8081");
    config_free(&config);
}

static void a_region_s_names_stand_for_its_domain(void **state)
{
    static const struct {
        const char *word;
        const char *domain;
    } cases[] = {
        {"region: eu-central-1", "mypurecloud.de"},
        {"region: us_west_2", "usw2.pure.cloud"},
        {"region: EUW2", "euw2.pure.cloud"},
        {"region: use1", "mypurecloud.com"},
        {"region: apne3.pure.cloud", "apne3.pure.cloud"},
        {"region: MyPureCloud.com.au", "mypurecloud.com.au"},
        {"region: us-east-2", "use2.us-gov-pure.cloud"},
        {"region: api.mypurecloud.ie", "mypurecloud.ie"},
        {"region: cloud.example.net", "cloud.example.net"}, /* one's own */
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const struct edit edits[] = {{"region: mypurecloud.de", cases[i].word}, {0}};
        char url[URL_SIZE];
        struct config *config = sheet_expect_good(edits, NULL);
        assert_string_equal(config->platforms[0].region, cases[i].domain);
        (void)snprintf(url, sizeof url, "https://api.%s", cases[i].domain);
        assert_string_equal(config->platforms[0].api_url, url);
        (void)snprintf(url, sizeof url, "https://login.%s", cases[i].domain);
        assert_string_equal(config->platforms[0].login_url, url);
        config_free(&config);
    }
}

/* No word means two regions, and each domain is a domain. */
static void the_table_of_regions_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; region_at(i) != NULL; i++) {
        const struct region *region = region_at(i);
        assert_ptr_equal(region_find(region->cloud), region);
        assert_ptr_equal(region_find(region->code), region);
        assert_ptr_equal(region_find(region->domain), region);
        assert_non_null(strchr(region->domain, '.'));
    }
    assert_null(region_find(""));
    assert_null(region_find("eu-central-1.and-much-more-than-any-word-of-the-table"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_may_be_written_as_the_api_s_address),
        cmocka_unit_test(a_region_s_names_stand_for_its_domain),
        cmocka_unit_test(the_table_of_regions_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
