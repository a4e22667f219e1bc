#include "node/io/contexts/through_request.h"

#include "common/errors.h"
#include "node/io/contexts/context_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define API "https://api.example.org"
#define BODY                                                                                   \
    "{\"seq\":7,\"step\":\"pay \\\"now\\\"\",\"conversation\":\"v?1\",\"participant\":\"p1\"," \
    "\"fields\":{\"issueType\":\"a \\\"b\\\" \\\\ "                                            \
    "c\",\"tries\":1.50,\"known\":true,\"old\":false,"                                         \
    "\"odd.name\":\"x\",\"pin\":{\"value\":\"1234\",\"secret\":true}}}"

static struct context_content *content_of(const char *body)
{
    struct context_content *content = NULL;
    struct text why = {0};
    uint64_t seq = 0;
    assert_int_equal(context_body_read(body, strlen(body), NULL, 256, &seq, &content, &why), 0);
    return content;
}

static struct context_id id_of(const char *text)
{
    struct context_id id;
    assert_int_equal(context_id_set(&id, text), 0);
    return id;
}

static struct through_place place_of(enum context_target to)
{
    return (struct through_place){.to = to, .api_url = API, .suffix = "_text"};
}

static void make(enum context_target to, const char *id_text, struct through_request *ret_request)
{
    const struct through_place place = place_of(to);
    const struct context_id id = id_of(id_text);
    struct context_content *content = content_of(
        strstr(id_text, "words") != NULL
            ? BODY
            : "{\"seq\":7,\"step\":\"s\",\"conversation\":\"v?1\",\"participant\":\"p%1\","
              "\"fields\":{\"issueType\":\"a\",\"pin\":{\"value\":\"1234\",\"secret\":"
              "true}}}");
    struct text why = {0};
    assert_int_equal(through_request_make(&place, &id, 7, content, ret_request, &why), 0);
    context_content_free(&content);
}

static void a_profile_gets_fields(void **state)
{
    struct through_request request;
    (void)state;
    make(CONTEXT_TARGET_PROFILE, "+49?1", &request);
    assert_int_equal(request.method, HTTP_POST);
    assert_string_equal(request.write_url, API "/api/v2/conversations/contacts/%2B49%3F1/profile");
    assert_string_equal(request.read_url, request.write_url);
    assert_string_equal(request.body,
                        "{\"userProfile\":{\"fields\":[{\"id\":\"issueType\",\"value\":\"a\"},"
                        "{\"id\":\"currentStep\",\"value\":\"s\"},"
                        "{\"id\":\"quorateSeq\",\"value\":\"7\"}]}}");
    through_request_fini(&request);
}

static void a_participant_gets_attributes(void **state)
{
    struct through_request request;
    (void)state;
    make(CONTEXT_TARGET_PARTICIPANT, "c", &request);
    assert_int_equal(request.method, HTTP_PATCH);
    assert_string_equal(request.write_url,
                        API "/api/v2/conversations/v%3F1/participants/p%251/attributes");
    assert_string_equal(request.read_url, API "/api/v2/conversations/v%3F1");
    assert_string_equal(
        request.body,
        "{\"attributes\":{\"issueType\":\"a\",\"currentStep\":\"s\",\"quorateSeq\":\"7\"}}");
    through_request_fini(&request);
}

static void an_external_contact_gets_changes(void **state)
{
    struct through_request request;
    (void)state;
    make(CONTEXT_TARGET_EXTERNAL_CONTACT, "c", &request);
    assert_int_equal(request.method, HTTP_PATCH);
    assert_string_equal(request.write_url, API "/api/v2/externalcontacts/contacts/c");
    assert_string_equal(
        request.body,
        "{\"changes\":["
        "{\"field\":\"$.customFields.issueType_text\",\"value\":\"a\",\"action\":\"Update\"},"
        "{\"field\":\"$.customFields.currentStep_text\",\"value\":\"s\",\"action\":\"Update\"},"
        "{\"field\":\"$.customFields.quorateSeq_text\",\"value\":\"7\",\"action\":\"Update\"}]}");
    through_request_fini(&request);
}

static void a_participant_must_be_named(void **state)
{
    static const char *const bodies[] = {"{\"seq\":7,\"fields\":{}}",
                                         "{\"seq\":7,\"conversation\":\"v\",\"fields\":{}}",
                                         "{\"seq\":7,\"participant\":\"p\",\"fields\":{}}"};
    const struct through_place place = place_of(CONTEXT_TARGET_PARTICIPANT);
    const struct context_id id = id_of("c");
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct context_content *content = content_of(bodies[i]);
        struct through_request request;
        struct text why = {0};
        assert_int_equal(through_request_make(&place, &id, 7, content, &request, &why),
                         ERR_INVALID);
        assert_non_null(strstr(why.bytes, "participant"));
        context_content_free(&content);
    }
}

static void what_is_read_back_must_be_all_that_was_written(void **state)
{
    static const struct {
        enum context_target to;
        const char *answer;
        bool shows;
    } rows[] = {
        {CONTEXT_TARGET_PROFILE,
         "{\"userProfile\":{\"fields\":[{\"id\":\"x\",\"value\":\"y\"},{\"id\":\"quorateSeq\","
         "\"value\":\"7\"},{\"id\":\"currentStep\",\"value\":\"s\"},{\"id\":\"a\",\"value\":\"1\"}]"
         "}}",
         true},
        {CONTEXT_TARGET_PROFILE,
         "{\"userProfile\":{\"fields\":[{\"id\":\"quorateSeq\",\"value\":\"6\"},{\"id\":"
         "\"currentStep\",\"value\":\"s\"},{\"id\":\"a\",\"value\":\"1\"}]}}",
         false},
        {CONTEXT_TARGET_PROFILE,
         "{\"userProfile\":{\"fields\":[{\"id\":\"quorateSeq\",\"value\":\"7\"},{\"id\":"
         "\"currentStep\",\"value\":\"s\"}]}}",
         false},
        {CONTEXT_TARGET_PROFILE, "{\"userProfile\":7}", false},
        {CONTEXT_TARGET_PROFILE, "not JSON", false},
        {CONTEXT_TARGET_PROFILE, "", false},
        {CONTEXT_TARGET_PARTICIPANT,
         "{\"participants\":[{\"id\":\"q\",\"attributes\":{}},{\"id\":\"p\",\"attributes\":{\"a\":"
         "\"1\",\"currentStep\":\"s\",\"quorateSeq\":\"7\",\"b\":\"2\"}}]}",
         true},
        {CONTEXT_TARGET_PARTICIPANT,
         "{\"participants\":[{\"id\":\"q\",\"attributes\":{\"a\":\"1\",\"currentStep\":\"s\","
         "\"quorateSeq\":\"7\"}},{\"id\":\"p\",\"attributes\":{}}]}",
         false},
        {CONTEXT_TARGET_EXTERNAL_CONTACT,
         "{\"customFields\":{\"a_text\":\"1\",\"currentStep_text\":\"s\",\"quorateSeq_text\":\"7\"}"
         "}",
         true},
        {CONTEXT_TARGET_EXTERNAL_CONTACT,
         "{\"customFields\":{\"a\":\"1\",\"currentStep\":\"s\",\"quorateSeq\":\"7\"}}", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct through_place place = place_of(rows[i].to);
        struct context_content *content =
            content_of("{\"seq\":7,\"step\":\"s\",\"conversation\":\"v\",\"participant\":\"p\","
                       "\"fields\":{\"a\":\"1\",\"pin\":{\"value\":\"1234\",\"secret\":true}}}");
        bool shows =
            through_request_shows(&place, 7, content, rows[i].answer, strlen(rows[i].answer));
        if (shows != rows[i].shows)
            fail_msg("row %zu: %d", i, shows);
        context_content_free(&content);
    }
}

static void any_value_is_text_and_secrets_stay(void **state)
{
    struct through_request request;
    (void)state;
    make(CONTEXT_TARGET_PARTICIPANT, "words", &request);
    assert_non_null(strstr(request.body, "\"issueType\":\"a \\\"b\\\" \\\\ c\""));
    assert_non_null(strstr(request.body, "\"tries\":\"1.5"));
    assert_non_null(strstr(request.body, "\"known\":\"true\",\"old\":\"false\""));
    assert_non_null(strstr(request.body, "\"odd.name\":\"x\""));
    assert_null(strstr(request.body, "1234"));
    assert_null(strstr(request.body, "pin"));
    through_request_fini(&request);
    make(CONTEXT_TARGET_EXTERNAL_CONTACT, "words", &request);
    assert_null(strstr(request.body, "odd.name"));
    through_request_fini(&request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_gets_fields),
        cmocka_unit_test(a_participant_gets_attributes),
        cmocka_unit_test(an_external_contact_gets_changes),
        cmocka_unit_test(a_participant_must_be_named),
        cmocka_unit_test(what_is_read_back_must_be_all_that_was_written),
        cmocka_unit_test(any_value_is_text_and_secrets_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
