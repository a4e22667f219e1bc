/* One value of the file: parsed by its row's type, then stored into the row's field.
 * Never reads a credential while parsing; only storing does, where it is asked to.
 * Called by the walk (which reports), by the filling of the structs and by the tests. */
#ifndef QUORATE_IO_CONFIG_VALUE_H
#define QUORATE_IO_CONFIG_VALUE_H

#include "node/io/config/credential.h"
#include "node/io/config/endpoint.h"
#include "node/io/config/schema.h"

struct value {
    int64_t number;     /* duration in ms, count, bool, place of a choice, mask, a budget's moves */
    time_ms window_ms;  /* of a budget */
    const char *text;   /* the document's or the schema's */
    bool is_credential; /* `credential` says where the text is */
    struct credential credential;
    struct endpoint endpoint; /* of SCHEMA_LISTEN */
    uint8_t key[KEY_BYTES];
    const yaml_node_t *node; /* of SCHEMA_DIALS and SCHEMA_HEADERS */
};

/* Parses the node as the row says. Returns 0 or ERR_INVALID with `why` set; the text stays the
 * document's. */
int value_parse(const struct document *document, const struct schema_row *row,
                const yaml_node_t *node, struct value *ret_value, struct text *why);
/* The same for plain text, e.g. a row's default. `document` is not needed. */
int value_parse_text(const struct schema_row *row, const char *text, struct value *ret_value,
                     struct text *why);

/* Stores the value into the row's field of `object` (the struct of the row's place). With
 * `read_credentials` references are followed, else their fields stay empty. Returns 0, ERR_INVALID
 * or ERR_IO with `why` set. */
int value_store(const struct document *document, const struct schema_row *row,
                const struct value *value, void *object, bool read_credentials, struct text *why);

/* A number field of 1, 2, 4 or 8 bytes. */
int64_t value_read_number(const void *field, size_t size);

/* "Name: value" with a name as RFC 9110 wants it. Returns 0 or ERR_INVALID with `why` set. */
int value_header_check(const char *text, struct text *why);

#endif
