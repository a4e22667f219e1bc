#include "node/io/contexts/context_content.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "proto/reader.h"
#include "proto/writer.h"

enum { CONTENT_VERSION = 1, PLAIN_ELEMENT_COUNT = 5, FIELD_ELEMENT_COUNT = 3 };

void context_content_free(struct context_content **content)
{
    struct context_content *old = *content;
    if (old == NULL)
        return;
    if (old->free_source != NULL)
        old->free_source(old->source, old->source_length);
    sodium_memzero(old, sizeof *old);
    free(old);
    *content = NULL;
}

static void write_name(struct writer *writer, const struct context_field *field)
{
    writer_text(writer, field->name, field->name_length);
}

static void write_value(struct writer *writer, const struct context_field *field)
{
    writer_array(writer, FIELD_ELEMENT_COUNT);
    write_name(writer, field);
    writer_uint(writer, field->kind);
    writer_bin(writer, (const uint8_t *)field->value, field->length);
}

static void write_values(struct writer *writer, const struct context_content *content, bool secret)
{
    uint32_t count = 0;
    for (size_t i = 0; i < content->count; i++)
        count += content->fields[i].secret == secret;
    writer_array(writer, count);
    for (size_t i = 0; i < content->count; i++)
        if (content->fields[i].secret == secret)
            write_value(writer, &content->fields[i]);
}

/* Returns how many there are. */
static uint32_t write_secret_names(struct writer *writer, const struct context_content *content)
{
    uint32_t count = 0;
    for (size_t i = 0; i < content->count; i++)
        count += content->fields[i].secret;
    writer_array(writer, count);
    for (size_t i = 0; i < content->count; i++)
        if (content->fields[i].secret)
            write_name(writer, &content->fields[i]);
    return count;
}

int context_content_write(const struct context_content *content, uint8_t *plain,
                          size_t *ret_plain_length, uint8_t *secret, size_t *ret_secret_length)
{
    struct writer open;
    struct writer closed;
    writer_init(&open, plain, CONTEXT_PLAIN_BYTES_MAX);
    writer_init(&closed, secret, CONTEXT_PLAIN_BYTES_MAX);
    writer_array(&open, PLAIN_ELEMENT_COUNT + 1);
    writer_uint(&open, CONTENT_VERSION);
    writer_text(&open, content->step, strlen(content->step));
    writer_text(&open, content->conversation.text, strlen(content->conversation.text));
    writer_text(&open, content->participant.text, strlen(content->participant.text));
    write_values(&open, content, false);
    if (write_secret_names(&open, content) > 0)
        write_values(&closed, content, true);
    if (open.error != 0 || closed.error != 0)
        return open.error != 0 ? open.error : closed.error;
    *ret_plain_length = open.length;
    *ret_secret_length = closed.length;
    return 0;
}

static void free_bytes(void *source, size_t length)
{
    sodium_memzero(source, length);
    free(source);
}

static void read_text(struct reader *reader, char *ret_text, size_t size)
{
    size_t length = 0;
    const char *text = reader_text(reader, size - 1, &length);
    if (text != NULL)
        memcpy(ret_text, text, length);
    if (strlen(ret_text) != length)
        reader_fail(reader, ERR_MALFORMED);
}

static struct context_field *add_field(struct reader *reader, struct context_content *content)
{
    if (content->count == CONTEXT_FIELD_COUNT_MAX) {
        reader_fail(reader, ERR_MALFORMED);
        return NULL;
    }
    struct context_field *field = &content->fields[content->count];
    field->name = reader_text(reader, CONTEXT_FIELD_NAME_BYTES_MAX, &field->name_length);
    if (field->name == NULL)
        return NULL;
    content->count++;
    return field;
}

static void read_values(struct reader *reader, struct context_content *content, bool secret)
{
    uint32_t count = reader_array(reader, CONTEXT_FIELD_COUNT_MAX);
    for (uint32_t i = 0; i < count && reader->error == 0; i++) {
        if (reader_array(reader, FIELD_ELEMENT_COUNT) != FIELD_ELEMENT_COUNT)
            reader_fail(reader, ERR_MALFORMED);
        struct context_field *field = add_field(reader, content);
        if (field == NULL)
            return;
        field->secret = secret;
        field->kind = (enum context_value_kind)reader_uint(reader, CONTEXT_VALUE_KIND_N - 1);
        field->value = (const char *)reader_bin(reader, CONTEXT_PLAIN_BYTES_MAX, &field->length);
    }
}

static void read_secret_names(struct reader *reader, struct context_content *content)
{
    uint32_t count = reader_array(reader, CONTEXT_FIELD_COUNT_MAX);
    for (uint32_t i = 0; i < count && reader->error == 0; i++) {
        struct context_field *field = add_field(reader, content);
        if (field == NULL)
            return;
        field->secret = true;
        field->value = "";
    }
}

/* With the values at hand the names are read past. */
static void read_plain(struct reader *reader, struct context_content *content, bool names_too)
{
    if (reader_array(reader, PLAIN_ELEMENT_COUNT + 1) != PLAIN_ELEMENT_COUNT + 1 ||
        reader_uint(reader, UINT8_MAX) != CONTENT_VERSION)
        reader_fail(reader, ERR_MALFORMED);
    read_text(reader, content->step, sizeof content->step);
    read_text(reader, content->conversation.text, sizeof content->conversation.text);
    read_text(reader, content->participant.text, sizeof content->participant.text);
    read_values(reader, content, false);
    size_t open_count = content->count;
    read_secret_names(reader, content);
    if (!names_too)
        content->count = open_count;
}

int context_content_read(const uint8_t *plain, size_t plain_length, const uint8_t *secret,
                         size_t secret_length, struct context_content **ret_content)
{
    struct context_content *content = calloc(1, sizeof *content);
    uint8_t *copy = malloc(plain_length + secret_length + 1);
    struct reader reader;
    if (content == NULL || copy == NULL) {
        free(content);
        free(copy);
        return ERR_NO_MEMORY;
    }
    memcpy(copy, plain, plain_length);
    if (secret_length > 0)
        memcpy(copy + plain_length, secret, secret_length);
    content->source = copy;
    content->source_length = plain_length + secret_length;
    content->free_source = free_bytes;
    reader_init(&reader, copy, plain_length);
    read_plain(&reader, content, secret_length == 0);
    int error = reader_finish(&reader);
    if (error == 0 && secret_length > 0) {
        reader_init(&reader, copy + plain_length, secret_length);
        read_values(&reader, content, true);
        error = reader_finish(&reader);
    }
    if (error != 0)
        context_content_free(&content);
    else
        *ret_content = content;
    return error;
}
