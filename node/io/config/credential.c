#include "node/io/config/credential.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/config/config.h"

static const char *const kind_words[CREDENTIAL_KIND_N] = {
    [CREDENTIAL_NAME] = "credential",
    [CREDENTIAL_FILE] = "file",
    [CREDENTIAL_ENV] = "env",
};

static int check_name(const struct credential *credential, struct text *why)
{
    const char *name = credential->name;
    if (name == NULL || name[0] == '\0') {
        text_set(why, "%s: must name something", kind_words[credential->kind]);
        return ERR_INVALID;
    }
    if (credential->kind == CREDENTIAL_NAME && (strchr(name, '/') != NULL || name[0] == '.')) {
        text_set(why,
                 "credential: is a name in $CREDENTIALS_DIRECTORY, not a path; use {file: PATH}");
        return ERR_INVALID;
    }
    return 0;
}

int credential_parse(const struct document *document, const yaml_node_t *node,
                     struct credential *ret_credential, struct text *why)
{
    const yaml_node_t *key = NULL;
    const yaml_node_t *value = NULL;
    if (node->type != YAML_MAPPING_NODE || document_count(node) != 1) {
        text_set(why, "must be one of {credential: NAME}, {file: PATH} or {env: NAME}");
        return ERR_INVALID;
    }
    document_pair(document, node, 0, &key, &value);
    const char *word = document_scalar(key);
    for (size_t i = 0; word != NULL && i < CREDENTIAL_KIND_N; i++) {
        if (strcmp(word, kind_words[i]) != 0)
            continue;
        struct credential credential = {(enum credential_kind)i, document_scalar(value)};
        int result = check_name(&credential, why);
        if (result == 0)
            *ret_credential = credential;
        return result;
    }
    const char *nearest = word != NULL ? text_nearest(word, kind_words, CREDENTIAL_KIND_N) : NULL;
    text_set(why, "must be one of {credential: NAME}, {file: PATH} or {env: NAME}%s%s%s",
             nearest != NULL ? " (did you mean " : "", nearest != NULL ? nearest : "",
             nearest != NULL ? "?)" : "");
    return ERR_INVALID;
}

int credential_path(const struct credential *credential, char *ret_path, size_t size,
                    struct text *why)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    int length = -1;
    switch (credential->kind) {
    case CREDENTIAL_NAME:
        if (folder == NULL) {
            text_set(why,
                     "credential %s: $CREDENTIALS_DIRECTORY is not set (systemd sets it; elsewhere "
                     "use {file: PATH})",
                     credential->name);
            return ERR_INVALID;
        }
        length = snprintf(ret_path, size, "%s/%s", folder, credential->name);
        break;
    case CREDENTIAL_FILE:
        length = snprintf(ret_path, size, "%s", credential->name);
        break;
    case CREDENTIAL_ENV:
    case CREDENTIAL_KIND_N:
        text_set(why, "must be a file: {credential: NAME} or {file: PATH}");
        return ERR_INVALID;
    }
    if (length < 0 || (size_t)length >= size) {
        ret_path[0] = '\0';
        text_set(why, "credential's path is longer than %zu bytes", size - 1);
        return ERR_INVALID;
    }
    return 0;
}

/* One line is the secret; a NUL byte or a second line means that this is some other file. */
static int check_secret(char *secret, size_t length, struct text *why, const char *name)
{
    while (length > 0 && (secret[length - 1] == '\n' || secret[length - 1] == '\r'))
        length--;
    secret[length] = '\0';
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)secret[i] < ' ') {
            text_set(why, "credential %s is not one line of text", name);
            return ERR_INVALID;
        }
    }
    if (length == 0) {
        text_set(why, "credential %s is empty", name);
        return ERR_INVALID;
    }
    return 0;
}

static int read_secret_file(const char *path, char *ret_secret, size_t size, struct text *why)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "re");
    if (file == NULL) {
        text_set(why, "credential %s cannot be opened: %s", path, strerror(errno));
        return ERR_IO;
    }
    setvbuf(file, NULL, _IONBF, 0); /* no copy of the secret in a buffer */
    size_t length = fread(ret_secret, 1, size, file);
    if (ferror(file)) {
        text_set(why, "credential %s cannot be read: %s", path, strerror(errno));
        return ERR_IO;
    }
    if (length == size) {
        text_set(why, "credential %s is longer than %zu bytes", path, size - 1);
        return ERR_INVALID;
    }
    return check_secret(ret_secret, length, why, path);
}

static int read_secret_environment(const char *name, char *ret_secret, size_t size,
                                   struct text *why)
{
    const char *value = getenv(name);
    if (value == NULL || text_copy(ret_secret, size, value) != 0) {
        text_set(why, "credential: the environment variable %s is %s", name,
                 value == NULL ? "not set" : "too long");
        return ERR_INVALID;
    }
    return check_secret(ret_secret, strlen(ret_secret), why, name);
}

int credential_read(const struct credential *credential, char *ret_secret, size_t size,
                    struct text *why)
{
    char path[PATH_SIZE];
    int result = 0;
    if (credential->kind == CREDENTIAL_ENV) {
        result = read_secret_environment(credential->name, ret_secret, size, why);
    } else {
        result = credential_path(credential, path, sizeof path, why);
        if (result == 0)
            result = read_secret_file(path, ret_secret, size, why);
    }
    if (result != 0)
        sodium_memzero(ret_secret, size);
    return result;
}
