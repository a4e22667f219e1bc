#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "common/errors.h"
#include "node/io/contexts/context_body.h"
#include "node/io/contexts/context_seal.h"

static const char body[] = "{\"seq\":7,\"step\":\"pay\",\"fields\":{\"account\":{\"value\":"
                           "\"12345678\",\"secret\":true},\"issue\":\"billing\"}}";

struct sealed {
    struct context_seal seal;
    struct context_entry entry;
    uint8_t *bytes;
};

static void make_seal(struct context_seal *seal, uint8_t byte, const char *cluster)
{
    uint8_t key[SEAL_KEY_BYTES];
    struct name name;
    memset(key, byte, sizeof key);
    assert_int_equal(name_set(&name, cluster), 0);
    context_seal_init(seal, key, &name);
}

static void seal_body(struct sealed *sealed, const char *text)
{
    struct context_content *content = NULL;
    struct text why = {.length = 0};
    memset(sealed, 0, sizeof *sealed);
    make_seal(&sealed->seal, 1, "support");
    assert_int_equal(context_id_set(&sealed->entry.id, "anna"), 0);
    assert_int_equal(
        context_body_read(text, strlen(text), NULL, 0, &sealed->entry.version.seq, &content, &why),
        0);
    assert_int_equal(context_seal_make(&sealed->seal, content, &sealed->entry, &sealed->bytes), 0);
    context_content_free(&content);
}

static const struct context_field *find(const struct context_content *content, const char *name)
{
    for (size_t i = 0; i < content->count; i++)
        if (content->fields[i].name_length == strlen(name) &&
            memcmp(content->fields[i].name, name, strlen(name)) == 0)
            return &content->fields[i];
    return NULL;
}

static void the_reading_token_opens_both_parts_the_other_one(void **state)
{
    struct sealed sealed;
    struct context_content *content = NULL;
    (void)state;
    seal_body(&sealed, body);
    assert_int_equal(context_seal_open(&sealed.seal, &sealed.entry, true, &content), 0);
    assert_int_equal(content->count, 2);
    assert_memory_equal(find(content, "account")->value, "12345678", 8);
    context_content_free(&content);
    assert_int_equal(context_seal_open(&sealed.seal, &sealed.entry, false, &content), 0);
    assert_int_equal(content->count, 2);
    assert_true(find(content, "account")->secret);
    assert_int_equal(find(content, "account")->length, 0);
    assert_memory_equal(find(content, "issue")->value, "billing", 7);
    context_content_free(&content);
    free(sealed.bytes);
}

static void nothing_stands_open_in_what_is_kept(void **state)
{
    struct sealed sealed;
    (void)state;
    seal_body(&sealed, body);
    size_t length = sealed.entry.sealed_length + sealed.entry.secret_length;
    assert_null(memmem(sealed.bytes, length, "12345678", 8));
    assert_null(memmem(sealed.bytes, length, "billing", 7));
    assert_null(memmem(sealed.bytes, length, "account", 7));
    free(sealed.bytes);
}

static void a_seal_opens_as_nothing_else(void **state)
{
    struct sealed sealed;
    struct context_seal other;
    struct context_content *content = NULL;
    (void)state;
    seal_body(&sealed, body);
    make_seal(&other, 2, "support");
    assert_int_equal(context_seal_open(&other, &sealed.entry, false, &content), ERR_AUTH);
    make_seal(&other, 1, "sales");
    assert_int_equal(context_seal_open(&other, &sealed.entry, false, &content), ERR_AUTH);
    struct context_entry moved = sealed.entry;
    moved.version.seq = 8;
    assert_int_equal(context_seal_open(&sealed.seal, &moved, false, &content), ERR_AUTH);
    moved = sealed.entry;
    assert_int_equal(context_id_set(&moved.id, "ben"), 0);
    assert_int_equal(context_seal_open(&sealed.seal, &moved, false, &content), ERR_AUTH);
    moved = sealed.entry;
    moved.sealed = sealed.entry.secret;
    moved.sealed_length = sealed.entry.secret_length;
    assert_int_equal(context_seal_open(&sealed.seal, &moved, false, &content), ERR_AUTH);
    for (size_t i = 0; i < sealed.entry.sealed_length; i++) {
        sealed.bytes[i] ^= 1;
        assert_int_equal(context_seal_open(&sealed.seal, &sealed.entry, false, &content), ERR_AUTH);
        sealed.bytes[i] ^= 1;
    }
    free(sealed.bytes);
}

static void equal_content_has_one_hash_and_two_seals(void **state)
{
    struct sealed one;
    struct sealed two;
    struct sealed other;
    (void)state;
    seal_body(&one, body);
    seal_body(&two, body);
    seal_body(&other, "{\"seq\":7,\"step\":\"pay\",\"fields\":{\"account\":{\"value\":\"12345679\","
                      "\"secret\":true},\"issue\":\"billing\"}}");
    assert_memory_equal(one.entry.version.hash, two.entry.version.hash, CONTEXT_HASH_BYTES);
    assert_memory_not_equal(one.bytes, two.bytes, one.entry.sealed_length);
    assert_memory_not_equal(one.entry.version.hash, other.entry.version.hash, CONTEXT_HASH_BYTES);
    free(one.bytes);
    free(two.bytes);
    free(other.bytes);
}

static void a_context_without_secrets_has_one_part(void **state)
{
    struct sealed sealed;
    struct context_content *content = NULL;
    (void)state;
    seal_body(&sealed, "{\"seq\":1}");
    assert_int_equal(sealed.entry.secret_length, 0);
    assert_int_equal(context_seal_open(&sealed.seal, &sealed.entry, true, &content), 0);
    assert_int_equal(content->count, 0);
    context_content_free(&content);
    free(sealed.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reading_token_opens_both_parts_the_other_one),
        cmocka_unit_test(nothing_stands_open_in_what_is_kept),
        cmocka_unit_test(a_seal_opens_as_nothing_else),
        cmocka_unit_test(equal_content_has_one_hash_and_two_seals),
        cmocka_unit_test(a_context_without_secrets_has_one_part),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
