#include "node/io/contexts/context_body.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
#include "node/io/contexts/utf8.h"

#define CURRENT_STEP "currentStep" /* the field in which the flows' guides keep the step */

enum { BODY_KEYS_SHOWN = 60 };

struct reading {
    struct context_content *content;
    uint64_t seq;
    uint32_t value_max;
    struct text *why;
};

typedef int read_fn(const cJSON *value, struct reading *reading);

static int refuse(struct reading *reading, const char *key, const char *what)
{
    text_set(reading->why, "%.*s: %s", BODY_KEYS_SHOWN, key, what);
    return ERR_INVALID;
}

int context_seq_parse(const char *text, uint64_t *ret_seq)
{
    uint64_t seq = 0;
    size_t length = strlen(text);
    if (length == 0 || length > 16 || strspn(text, "0123456789") != length)
        return ERR_INVALID;
    for (size_t i = 0; i < length; i++)
        seq = seq * 10 + (uint64_t)(text[i] - '0');
    if (seq == 0 || seq > (uint64_t)CONTEXT_SEQ_MAX)
        return ERR_INVALID;
    *ret_seq = seq;
    return 0;
}

static int read_seq(const cJSON *value, struct reading *reading)
{
    double number = cJSON_IsNumber(value) ? value->valuedouble : 0;
    if (!(number >= 1 && number <= (double)CONTEXT_SEQ_MAX) || number != floor(number))
        return refuse(reading, "seq", "a whole number from 1 to 2^53 - 1 is wanted");
    reading->seq = (uint64_t)number;
    return 0;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ')
            return true;
    return false;
}

static int set_step(const char *text, struct reading *reading)
{
    struct context_content *content = reading->content;
    if (text_copy(content->step, sizeof content->step, text) != 0 || has_control(text) ||
        utf8_count(text, strlen(text)) < 0)
        return refuse(reading, "step",
                      "text of at most 255 bytes without control characters is wanted");
    return 0;
}

static int read_step(const cJSON *value, struct reading *reading)
{
    if (!cJSON_IsString(value))
        return refuse(reading, "step", "text is wanted");
    return set_step(value->valuestring, reading);
}

static int read_id(const cJSON *value, const char *key, struct context_id *ret_id,
                   struct reading *reading)
{
    if (!cJSON_IsString(value) || context_id_set(ret_id, value->valuestring) != 0)
        return refuse(reading, key, "an id of 1 to 120 printable characters without '/' is wanted");
    return 0;
}

static int read_conversation(const cJSON *value, struct reading *reading)
{
    return read_id(value, "conversation", &reading->content->conversation, reading);
}

static int read_participant(const cJSON *value, struct reading *reading)
{
    return read_id(value, "participant", &reading->content->participant, reading);
}

static int set_text(const cJSON *value, struct context_field *field, struct reading *reading)
{
    field->kind = CONTEXT_VALUE_TEXT;
    field->value = value->valuestring;
    field->length = strlen(value->valuestring);
    long count = utf8_count(field->value, field->length);
    if (count < 0)
        return refuse(reading, field->name, "is not UTF-8");
    if (reading->value_max > 0 && count > (long)reading->value_max) {
        text_set(reading->why,
                 "%.*s: the value has %ld characters; %u are the most (contexts.value_max)",
                 BODY_KEYS_SHOWN, field->name, count, reading->value_max);
        return ERR_TOO_LARGE;
    }
    return 0;
}

static int set_number(const cJSON *value, struct context_field *field, struct reading *reading)
{
    double number = value->valuedouble;
    field->kind = CONTEXT_VALUE_NUMBER;
    if (!isfinite(number) || (number == floor(number) && fabs(number) > (double)JSON_INTEGER_MAX))
        return refuse(reading, field->name,
                      "the number is too large to be kept exactly; send text");
    (void)snprintf(field->number, sizeof field->number, "%.15g", number);
    if (strtod(field->number, NULL) != number)
        (void)snprintf(field->number, sizeof field->number, "%.17g", number);
    field->value = field->number;
    field->length = strlen(field->number);
    return 0;
}

static int set_value(const cJSON *value, struct context_field *field, struct reading *reading)
{
    field->value = "";
    if (cJSON_IsString(value))
        return set_text(value, field, reading);
    if (cJSON_IsNumber(value))
        return set_number(value, field, reading);
    if (!cJSON_IsBool(value))
        return refuse(reading, field->name, "text, a number, true or false is wanted");
    field->kind = cJSON_IsTrue(value) ? CONTEXT_VALUE_TRUE : CONTEXT_VALUE_FALSE;
    return 0;
}

/* {"value", "secret"}. */
static int read_detailed(const cJSON *value, struct context_field *field, struct reading *reading)
{
    const cJSON *inner = cJSON_GetObjectItemCaseSensitive(value, "value");
    const cJSON *secret = cJSON_GetObjectItemCaseSensitive(value, "secret");
    if (inner == NULL || (secret != NULL && !cJSON_IsBool(secret)) ||
        cJSON_GetArraySize(value) != 1 + (secret != NULL))
        return refuse(reading, field->name,
                      "{\"value\": ..., \"secret\": true or false} is wanted");
    field->secret = cJSON_IsTrue(secret);
    return set_value(inner, field, reading);
}

static bool stands_already(const struct context_content *content, const char *name)
{
    for (size_t i = 0; i < content->count; i++)
        if (strcmp(content->fields[i].name, name) == 0)
            return true;
    return false;
}

static int add_field(const char *name, struct reading *reading, struct context_field **ret_field)
{
    struct context_content *content = reading->content;
    size_t length = strlen(name);
    if (content->count == CONTEXT_FIELD_COUNT_MAX) {
        text_set(reading->why, "fields: %d are the most", CONTEXT_FIELD_COUNT_MAX);
        return ERR_TOO_LARGE;
    }
    if (length == 0 || length > CONTEXT_FIELD_NAME_BYTES_MAX || has_control(name) ||
        strchr(name, ',') != NULL || utf8_count(name, length) < 0)
        return refuse(reading, "fields",
                      "a name of 1 to 100 bytes without commas or control characters is wanted");
    if (stands_already(content, name))
        return refuse(reading, name, "stands twice");
    struct context_field *field = &content->fields[content->count++];
    field->name = name;
    field->name_length = length;
    *ret_field = field;
    return 0;
}

static int read_fields(const cJSON *value, struct reading *reading)
{
    const cJSON *member = NULL;
    if (!cJSON_IsObject(value))
        return refuse(reading, "fields", "an object is wanted");
    cJSON_ArrayForEach(member, value)
    {
        struct context_field *field = NULL;
        int error = add_field(member->string, reading, &field);
        if (error == 0)
            error = cJSON_IsObject(member) ? read_detailed(member, field, reading)
                                           : set_value(member, field, reading);
        if (error != 0)
            return error;
    }
    return 0;
}

static int read_profile_field(const cJSON *item, struct reading *reading)
{
    const char *id = json_get_string(item, "id");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "value");
    struct context_field *field = NULL;
    if (id == NULL || value == NULL)
        return refuse(reading, "userProfile.fields", "{\"id\", \"value\"} is wanted in each place");
    int error = add_field(id, reading, &field);
    if (error == 0)
        error = set_value(value, field, reading);
    if (error == 0)
        field->secret = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "secret"));
    if (error == 0 && strcmp(id, CURRENT_STEP) == 0 && cJSON_IsString(value))
        error = set_step(value->valuestring, reading);
    return error;
}

static int read_profile(const cJSON *value, struct reading *reading)
{
    const cJSON *fields =
        cJSON_IsObject(value) ? cJSON_GetObjectItemCaseSensitive(value, "fields") : NULL;
    const cJSON *item = NULL;
    if (!cJSON_IsArray(fields))
        return refuse(reading, "userProfile", "{\"fields\": [{\"id\", \"value\"}]} is wanted");
    cJSON_ArrayForEach(item, fields)
    {
        int error = read_profile_field(item, reading);
        if (error != 0)
            return error;
    }
    return 0;
}

static const struct body_key {
    const char *name;
    read_fn *read;
} keys[] = {
    {"seq", read_seq},
    {"step", read_step},
    {"fields", read_fields},
    {"conversation", read_conversation},
    {"participant", read_participant},
    {"userProfile", read_profile},
};

static int explain_unknown(const char *word, struct reading *reading)
{
    const char *names[ARRAY_COUNT(keys)];
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        names[i] = keys[i].name;
    const char *near = text_nearest(word, names, ARRAY_COUNT(keys));
    text_set(reading->why, "\"%.*s\": no such key", BODY_KEYS_SHOWN, word);
    if (near != NULL)
        text_add(reading->why, " (\"%s\"?)", near);
    return ERR_INVALID;
}

static int read_member(const cJSON *member, unsigned *seen, struct reading *reading)
{
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (strcmp(member->string, keys[i].name) != 0)
            continue;
        if ((*seen & 1U << i) != 0)
            return refuse(reading, keys[i].name, "stands twice");
        *seen |= 1U << i;
        return keys[i].read(member, reading);
    }
    return explain_unknown(member->string, reading);
}

static int read_members(const cJSON *body, struct reading *reading)
{
    const cJSON *member = NULL;
    unsigned seen = 0;
    cJSON_ArrayForEach(member, body)
    {
        int error = read_member(member, &seen, reading);
        if (error != 0)
            return error;
    }
    return 0;
}

static int settle_seq(const char *seq_text, struct reading *reading)
{
    uint64_t seq = 0;
    if (seq_text != NULL && context_seq_parse(seq_text, &seq) != 0)
        return refuse(reading, "seq", "a whole number from 1 to 2^53 - 1 is wanted");
    if (seq != 0 && reading->seq != 0 && seq != reading->seq)
        return refuse(reading, "seq", "stands in the body and beside it, and they differ");
    if (seq == 0 && reading->seq == 0)
        return refuse(reading, "seq", "is missing: a number that rises with each checkpoint");
    if (reading->seq == 0)
        reading->seq = seq;
    return 0;
}

static void free_json(void *source, size_t length)
{
    (void)length;
    cJSON_Delete(source);
}

/* A text with a NUL would end there without a word. */
static int parse(const char *text, size_t length, cJSON **ret_body, struct text *why)
{
    cJSON *body = NULL;
    if (length == 0 || memmem(text, length, "\\u0000", 6) != NULL ||
        json_parse(text, length, &body) != 0) {
        text_set(why, "the body is not JSON, or has a NUL character");
        return ERR_INVALID;
    }
    if (!cJSON_IsObject(body)) {
        cJSON_Delete(body);
        text_set(why, "the body is not a JSON object");
        return ERR_INVALID;
    }
    *ret_body = body;
    return 0;
}

int context_body_read(const char *text, size_t length, const char *seq_text, uint32_t value_max,
                      uint64_t *ret_seq, struct context_content **ret_content, struct text *why)
{
    CLEANUP(context_content_free) struct context_content *content = calloc(1, sizeof *content);
    struct reading reading = {.content = content, .value_max = value_max, .why = why};
    cJSON *body = NULL;
    if (content == NULL)
        return ERR_NO_MEMORY;
    int error = parse(text, length, &body, why);
    if (error != 0)
        return error;
    content->source = body;
    content->free_source = free_json;
    error = read_members(body, &reading);
    if (error == 0)
        error = settle_seq(seq_text, &reading);
    if (error != 0)
        return error;
    *ret_seq = reading.seq;
    *ret_content = TAKE_PTR(content);
    return 0;
}
