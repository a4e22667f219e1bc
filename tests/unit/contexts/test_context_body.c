#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/contexts/context_body.h"
#include "node/io/contexts/utf8.h"

static int read_body(const char *text, const char *seq_text, uint64_t *ret_seq,
                     struct context_content **ret_content, struct text *why)
{
    return context_body_read(text, strlen(text), seq_text, 8, ret_seq, ret_content, why);
}

static void a_body_is_shown_as_it_came(void **state)
{
    static const char body[] =
        "{\"seq\":9007199254740991,\"step\":\"pay\",\"participant\":\"p\",\"fields\":{\"a\":\"x\","
        "\"s\":{\"value\":\"123\",\"secret\":true},\"n\":-1.5,\"big\":9007199254740991,"
        "\"t\":true,\"f\":{\"value\":false}}}";
    struct context_content *content = NULL;
    struct context_id id;
    struct text why = {.length = 0};
    uint64_t seq = 0;
    (void)state;
    assert_int_equal(context_id_set(&id, "anna"), 0);
    assert_int_equal(read_body(body, NULL, &seq, &content, &why), 0);
    cJSON *page = context_page(&id, seq, 12, content, true, "a,s,z");
    char *text = cJSON_PrintUnformatted(page);
    assert_string_equal(text,
                        "{\"id\":\"anna\",\"seq\":9007199254740991,\"step\":\"pay\",\"age_ms\":12,"
                        "\"fields\":{\"a\":\"x\",\"s\":\"123\",\"n\":-1.5,\"big\":9007199254740991,"
                        "\"t\":true,\"f\":false},\"secret_fields\":[\"s\"],\"participant\":\"p\","
                        "\"has\":{\"a\":true,\"s\":true,\"z\":false}}");
    cJSON_free(text);
    cJSON_Delete(page);
    page = context_page(&id, seq, 12, content, false, NULL);
    assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(page, "fields"), "s"));
    assert_null(cJSON_GetObjectItem(page, "has"));
    cJSON_Delete(page);
    context_content_free(&content);
}

static void the_guides_body_is_taken_with_its_step(void **state)
{
    static const char body[] =
        "{\"userProfile\":{\"fields\":[{\"id\":\"account\",\"value\":\"1\",\"secret\":true},"
        "{\"id\":\"currentStep\",\"value\":\"payment\"}]}}";
    struct context_content *content = NULL;
    struct text why = {.length = 0};
    uint64_t seq = 0;
    (void)state;
    assert_int_equal(read_body(body, "12", &seq, &content, &why), 0);
    assert_int_equal(seq, 12);
    assert_string_equal(content->step, "payment");
    assert_int_equal(content->count, 2);
    assert_true(content->fields[0].secret);
    context_content_free(&content);
}

static void what_is_wrong_is_named_and_its_value_is_not(void **state)
{
    static const struct {
        const char *body;
        const char *seq_text;
        int error;
        const char *named;
    } rows[] = {
        {"", NULL, ERR_INVALID, "JSON"},
        {"[]", NULL, ERR_INVALID, "object"},
        {"{\"seq\":1} x", NULL, ERR_INVALID, "JSON"},
        {"{\"fields\":{}}", NULL, ERR_INVALID, "seq"},
        {"{\"seq\":0}", NULL, ERR_INVALID, "seq"},
        {"{\"seq\":1.5}", NULL, ERR_INVALID, "seq"},
        {"{\"seq\":\"1\"}", NULL, ERR_INVALID, "seq"},
        {"{\"seq\":9007199254740992}", NULL, ERR_INVALID, "seq"},
        {"{\"seq\":1,\"seq\":2}", NULL, ERR_INVALID, "twice"},
        {"{\"seq\":1}", "2", ERR_INVALID, "differ"},
        {"{}", "1x", ERR_INVALID, "seq"},
        {"{\"seq\":1,\"stepp\":\"a\"}", NULL, ERR_INVALID, "\"step\"?"},
        {"{\"seq\":1,\"step\":\"a\\nb\"}", NULL, ERR_INVALID, "step"},
        {"{\"seq\":1,\"fields\":[]}", NULL, ERR_INVALID, "fields"},
        {"{\"seq\":1,\"fields\":{\"pin\":null}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":[1]}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":1e300}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":1e999}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":{\"secret\":true}}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":{\"value\":1,\"x\":1}}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":1,\"pin\":2}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":\"123456789\"}}", NULL, ERR_TOO_LARGE, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":\"\xff\"}}", NULL, ERR_INVALID, "pin"},
        {"{\"seq\":1,\"fields\":{\"pin\":\"a\\u0000b\"}}", NULL, ERR_INVALID, "NUL"},
        {"{\"seq\":1,\"fields\":{\"a,b\":1}}", NULL, ERR_INVALID, "fields"},
        {"{\"seq\":1,\"conversation\":\"a/b\"}", NULL, ERR_INVALID, "conversation"},
        {"{\"seq\":1,\"userProfile\":{}}", NULL, ERR_INVALID, "userProfile"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct context_content *content = NULL;
        struct text why = {.length = 0};
        uint64_t seq = 0;
        int error = read_body(rows[i].body, rows[i].seq_text, &seq, &content, &why);
        if (error != rows[i].error || strstr(why.bytes, rows[i].named) == NULL)
            fail_msg("%s: %s: %s", rows[i].body, error_name(error), why.bytes);
        assert_null(strstr(why.bytes, "123456"));
        assert_null(content);
    }
}

static void characters_are_counted_not_bytes(void **state)
{
    static const char body[] = "{\"seq\":1,\"fields\":{\"a\":\"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
                               "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}}"; /* eight */
    struct context_content *content = NULL;
    struct text why = {.length = 0};
    uint64_t seq = 0;
    (void)state;
    assert_int_equal(read_body(body, NULL, &seq, &content, &why), 0);
    context_content_free(&content);
    assert_int_equal(utf8_count("a\xf0\x9f\x99\x82", 5), 2);
    assert_int_equal(utf8_count("\xc0\x80", 2), -1);         /* overlong */
    assert_int_equal(utf8_count("\xed\xa0\x80", 3), -1);     /* a surrogate */
    assert_int_equal(utf8_count("\xf4\x90\x80\x80", 4), -1); /* past U+10FFFF */
    assert_int_equal(utf8_count("\xe2\x82", 2), -1);         /* cut */
}

static void there_may_be_so_many_fields_and_no_more(void **state)
{
    char *body = malloc(32 * (CONTEXT_FIELD_COUNT_MAX + 1));
    struct context_content *content = NULL;
    struct text why = {.length = 0};
    uint64_t seq = 0;
    (void)state;
    assert_non_null(body);
    for (int count = CONTEXT_FIELD_COUNT_MAX; count <= CONTEXT_FIELD_COUNT_MAX + 1; count++) {
        int at = snprintf(body, 32, "{\"seq\":1,\"fields\":{\"f\":1");
        for (int i = 1; i < count; i++)
            at += snprintf(body + at, 32, ",\"f%d\":%d", i, i);
        (void)snprintf(body + at, 32, "}}");
        int error = read_body(body, NULL, &seq, &content, &why);
        assert_int_equal(error, count > CONTEXT_FIELD_COUNT_MAX ? ERR_TOO_LARGE : 0);
        context_content_free(&content);
    }
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_is_shown_as_it_came),
        cmocka_unit_test(the_guides_body_is_taken_with_its_step),
        cmocka_unit_test(what_is_wrong_is_named_and_its_value_is_not),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(there_may_be_so_many_fields_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
