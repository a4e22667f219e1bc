#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/errors.h"
#include "node/io/bus/identity.h"

struct place {
    char folder[64];
    char path[96];
};

static int enter(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    (void)snprintf(place->folder, sizeof place->folder, "/tmp/quorate-identity-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    (void)snprintf(place->path, sizeof place->path, "%s/node.key", place->folder);
    *state = place;
    return 0;
}

static int leave(void **state)
{
    struct place *place = *state;
    (void)unlink(place->path);
    (void)rmdir(place->folder);
    free(place);
    return 0;
}

static void write_file(const char *path, const char *content, mode_t mode)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void a_saved_identity_loads_again(void **state)
{
    const struct place *place = *state;
    struct identity made = {0};
    struct identity loaded = {0};
    struct text why = {0};
    struct stat info = {0};
    assert_int_equal(identity_generate(&made), 0);
    assert_int_equal(identity_save(&made, place->path, &why), 0);
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(identity_load(place->path, &loaded, &why), 0);
    assert_memory_equal(&made, &loaded, sizeof made);
}

static void a_key_file_is_never_overwritten(void **state)
{
    const struct place *place = *state;
    struct identity first = {0};
    struct identity second = {0};
    struct identity loaded = {0};
    struct text why = {0};
    assert_int_equal(identity_generate(&first), 0);
    assert_int_equal(identity_generate(&second), 0);
    assert_int_equal(identity_save(&first, place->path, &why), 0);
    assert_int_equal(identity_save(&second, place->path, &why), ERR_EXISTS);
    assert_non_null(strstr(why.bytes, place->path));
    assert_int_equal(identity_load(place->path, &loaded, &why), 0);
    assert_memory_equal(&first, &loaded, sizeof first);
}

static void a_key_file_that_others_may_read_is_refused(void **state)
{
    const struct place *place = *state;
    struct identity made = {0};
    struct text why = {0};
    const mode_t modes[] = {0640, 0604, 0660, 0644};
    assert_int_equal(identity_generate(&made), 0);
    assert_int_equal(identity_save(&made, place->path, &why), 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        struct identity loaded = {0};
        assert_int_equal(chmod(place->path, modes[i]), 0);
        assert_int_equal(identity_load(place->path, &loaded, &why), ERR_FORBIDDEN);
        assert_non_null(strstr(why.bytes, place->path));
        assert_non_null(strstr(why.bytes, "chmod 600"));
    }
}

static void a_credential_may_show_group_bits(void **state)
{
    const struct place *place = *state;
    struct identity made = {0};
    struct identity loaded = {0};
    struct text why = {0};
    assert_int_equal(identity_generate(&made), 0);
    assert_int_equal(identity_save(&made, place->path, &why), 0);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", place->folder, 1), 0);
    assert_int_equal(chmod(place->path, 0440), 0);
    assert_int_equal(identity_load(place->path, &loaded, &why), 0);
    assert_int_equal(chmod(place->path, 0444), 0);
    assert_int_equal(identity_load(place->path, &loaded, &why), ERR_FORBIDDEN);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void a_missing_key_file_says_how_to_make_one(void **state)
{
    const struct place *place = *state;
    struct identity loaded = {0};
    struct text why = {0};
    assert_int_equal(identity_load(place->path, &loaded, &why), ERR_NOT_FOUND);
    assert_non_null(strstr(why.bytes, place->path));
    assert_non_null(strstr(why.bytes, "quorate keygen"));
}

static void a_damaged_key_file_is_named_and_not_shown(void **state)
{
    const struct place *place = *state;
    const char *const contents[] = {
        "",
        "ed25519-secret:\n",
        "ed25519:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "ed25519-secret:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
        "ed25519-secret:AAAA!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "ed25519-secret:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nrest\n",
    };
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        struct identity loaded = {0};
        struct text why = {0};
        write_file(place->path, contents[i], 0600);
        assert_int_equal(identity_load(place->path, &loaded, &why), ERR_MALFORMED);
        assert_non_null(strstr(why.bytes, place->path));
        assert_null(strstr(why.bytes, "AAAA"));
    }
}

static void the_known_pair_of_rfc_8032_is_read_and_signs(void **state)
{
    const struct place *place = *state;
    /* RFC 8032, 7.1, TEST 1 */
    write_file(place->path, "ed25519-secret:nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n", 0600);
    struct identity loaded = {0};
    struct text why = {0};
    char shown[IDENTITY_TEXT_SIZE];
    assert_int_equal(identity_load(place->path, &loaded, &why), 0);
    assert_string_equal(identity_public_text(loaded.public_key, shown),
                        "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    uint8_t signature[SIGNATURE_BYTES];
    const uint8_t whole[] = {'v', 'o', 't', 'e', 0, 'x'};
    assert_int_equal(identity_sign(&loaded, "vote", whole + 5, 1, signature), 0);
    assert_int_equal(crypto_sign_verify_detached(signature, whole, sizeof whole, loaded.public_key),
                     0);
}

static void a_signature_holds_for_its_key_domain_and_message_only(void **state)
{
    (void)state;
    struct identity mine = {0};
    struct identity other = {0};
    uint8_t signature[SIGNATURE_BYTES];
    const uint8_t message[] = "a root of votes";
    assert_int_equal(identity_generate(&mine), 0);
    assert_int_equal(identity_generate(&other), 0);
    assert_int_equal(identity_sign(&mine, "votes", message, sizeof message, signature), 0);
    assert_int_equal(identity_verify(mine.public_key, "votes", message, sizeof message, signature),
                     0);
    assert_int_equal(identity_verify(other.public_key, "votes", message, sizeof message, signature),
                     ERR_AUTH);
    assert_int_equal(identity_verify(mine.public_key, "call", message, sizeof message, signature),
                     ERR_AUTH);
    assert_int_equal(
        identity_verify(mine.public_key, "votes", message, sizeof message - 1, signature),
        ERR_AUTH);
    signature[7] ^= 1;
    assert_int_equal(identity_verify(mine.public_key, "votes", message, sizeof message, signature),
                     ERR_AUTH);
}

static void signing_refuses_what_is_over_its_limits(void **state)
{
    (void)state;
    struct identity mine = {0};
    uint8_t signature[SIGNATURE_BYTES];
    static const uint8_t large[IDENTITY_MESSAGE_BYTES_MAX + 1];
    char domain[IDENTITY_DOMAIN_BYTES_MAX + 2];
    memset(domain, 'd', sizeof domain);
    domain[sizeof domain - 1] = '\0';
    assert_int_equal(identity_generate(&mine), 0);
    assert_int_equal(identity_sign(&mine, "d", large, sizeof large, signature), ERR_TOO_LARGE);
    assert_int_equal(identity_sign(&mine, "d", large, sizeof large - 1, signature), 0);
    assert_int_equal(identity_sign(&mine, "", large, 1, signature), ERR_INVALID);
    assert_int_equal(identity_sign(&mine, domain, large, 1, signature), ERR_INVALID);
    assert_int_equal(identity_sign(&mine, domain + 1, NULL, 0, signature), 0);
}

static void the_curve_pair_belongs_together(void **state)
{
    (void)state;
    struct identity mine = {0};
    uint8_t secret[CURVE_KEY_BYTES];
    uint8_t public_key[CURVE_KEY_BYTES];
    uint8_t derived[CURVE_KEY_BYTES];
    assert_int_equal(identity_generate(&mine), 0);
    assert_int_equal(identity_curve_secret(&mine, secret), 0);
    assert_int_equal(identity_curve_public(mine.public_key, public_key), 0);
    assert_int_equal(crypto_scalarmult_curve25519_base(derived, secret), 0);
    assert_memory_equal(derived, public_key, sizeof derived);
}

static void bytes_that_are_no_key_have_no_curve_key(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES] = {0};
    uint8_t made[CURVE_KEY_BYTES];
    assert_int_equal(identity_curve_public(key, made), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_saved_identity_loads_again, enter, leave),
        cmocka_unit_test_setup_teardown(a_key_file_is_never_overwritten, enter, leave),
        cmocka_unit_test_setup_teardown(a_key_file_that_others_may_read_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_credential_may_show_group_bits, enter, leave),
        cmocka_unit_test_setup_teardown(a_missing_key_file_says_how_to_make_one, enter, leave),
        cmocka_unit_test_setup_teardown(a_damaged_key_file_is_named_and_not_shown, enter, leave),
        cmocka_unit_test_setup_teardown(the_known_pair_of_rfc_8032_is_read_and_signs, enter, leave),
        cmocka_unit_test(a_signature_holds_for_its_key_domain_and_message_only),
        cmocka_unit_test(signing_refuses_what_is_over_its_limits),
        cmocka_unit_test(the_curve_pair_belongs_together),
        cmocka_unit_test(bytes_that_are_no_key_have_no_curve_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
