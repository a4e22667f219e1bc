/* What a checkpoint says: the step, and fields with values. The only form in which values are open.
 * Never logged, never shown in an error; wiped when it is done with.
 * Called by the contexts' thread: made from a request's body or from an opened entry. */
#ifndef QUORATE_IO_CONTEXT_CONTENT_H
#define QUORATE_IO_CONTEXT_CONTENT_H

#include "proto/context.h"

enum {
    CONTEXT_BODY_BYTES_MAX = 64 * 1024, /* of a request */
    CONTEXT_FIELD_COUNT_MAX = 256,
    CONTEXT_FIELD_NAME_BYTES_MAX = 100,
    CONTEXT_STEP_BYTES_MAX = 255,
    CONTEXT_NUMBER_SIZE = 32,
    CONTEXT_PLAIN_BYTES_MAX = CONTEXT_PART_BYTES_MAX - 40, /* nonce and tag come to it */
};

enum context_value_kind {
    CONTEXT_VALUE_TEXT,
    CONTEXT_VALUE_NUMBER, /* as JSON writes it */
    CONTEXT_VALUE_TRUE,
    CONTEXT_VALUE_FALSE,
    CONTEXT_VALUE_KIND_N
};

struct context_field {
    const char *name; /* not terminated */
    size_t name_length;
    enum context_value_kind kind;
    const char *value; /* not terminated; empty for true and false */
    size_t length;
    bool secret;
    char number[CONTEXT_NUMBER_SIZE]; /* what `value` of a number read from JSON points to */
};

/* Texts point into what it was read from, `source`, which it owns. */
struct context_content {
    struct context_id conversation; /* "" where none is named */
    struct context_id participant;
    char step[CONTEXT_STEP_BYTES_MAX + 1];
    size_t count;
    struct context_field fields[CONTEXT_FIELD_COUNT_MAX];
    void *source; /* wiped and freed by `free_source` */
    size_t source_length;
    void (*free_source)(void *source, size_t length);
};

/* Wipes values and frees what it owns; NULL is accepted, *content becomes NULL. */
void context_content_free(struct context_content **content);

/* The two parts of an entry, unsealed: what is open to both tokens, with the names of the secret
 * fields, and the secret fields' values. Each buffer has CONTEXT_PLAIN_BYTES_MAX bytes; the second
 * length is 0 where no field is secret. Returns 0 or ERR_TOO_LARGE. */
int context_content_write(const struct context_content *content, uint8_t *plain,
                          size_t *ret_plain_length, uint8_t *secret, size_t *ret_secret_length);

/* The reverse, allocated. `secret_length` 0: the secret fields have no values (length 0, kind
 * TEXT). The content copies what it needs. Returns 0, ERR_MALFORMED or ERR_NO_MEMORY. */
int context_content_read(const uint8_t *plain, size_t plain_length, const uint8_t *secret,
                         size_t secret_length, struct context_content **ret_content);

#endif
