#include "node/io/config/value_list.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/pattern.h"

enum { STATUS_MIN = 100, STATUS_MAX = 599, STATUS_DIGITS = 3 };

bool value_is_list(enum schema_type type)
{
    return type == SCHEMA_STATUSES || type == SCHEMA_HEADERS || type == SCHEMA_TURNS;
}

static bool read_status(const char *text, uint16_t *ret_status)
{
    unsigned status = 0;
    for (size_t i = 0; i < STATUS_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        status = status * 10 + (unsigned)(text[i] - '0');
    }
    *ret_status = (uint16_t)status;
    return status >= STATUS_MIN && status <= STATUS_MAX;
}

static int read_range(const char *text, struct status_range *ret_range, struct text *why)
{
    struct status_range range = {0, 0};
    bool is_range = strlen(text) == 2 * STATUS_DIGITS + 1 && text[STATUS_DIGITS] == '-';
    bool ok = (is_range || strlen(text) == STATUS_DIGITS) && read_status(text, &range.from) &&
              read_status(is_range ? text + STATUS_DIGITS + 1 : text, &range.to) &&
              range.from <= range.to;
    if (!ok) {
        text_set(why,
                 "'%.40s' is no HTTP status (100 to 599); write e.g. 200, 200-204 or [200, 404]",
                 text);
        return ERR_INVALID;
    }
    *ret_range = range;
    return 0;
}

static int check_range(const char *text, struct text *why)
{
    struct status_range range;
    return read_range(text, &range, why);
}

static int check_item_text(enum schema_type type, const char *text, struct text *why)
{
    size_t size = type == SCHEMA_HEADERS ? PROBE_HEADER_SIZE : PROBE_TURN_SIZE;
    if (type == SCHEMA_STATUSES)
        return check_range(text, why);
    if (strlen(text) >= size) {
        text_set(why, "one is longer than %zu bytes", size - 1);
        return ERR_INVALID;
    }
    return type == SCHEMA_HEADERS ? value_header_check(text, why) : 0;
}

static bool has_control(const char *text)
{
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return true;
    return false;
}

static int check_item(const struct document *document, enum schema_type type,
                      const yaml_node_t *item, struct text *why)
{
    const char *text = document_scalar(item);
    struct credential credential;
    if (text == NULL && type == SCHEMA_HEADERS)
        return credential_parse(document, item, &credential, why);
    if (text == NULL) {
        text_set(why, "must be a list of plain values");
        return ERR_INVALID;
    }
    if (has_control(text)) {
        text_set(why, "contains a control character");
        return ERR_INVALID;
    }
    return check_item_text(type, text, why);
}

static size_t most_of(enum schema_type type)
{
    if (type == SCHEMA_STATUSES)
        return STATUS_RANGE_COUNT_MAX;
    return type == SCHEMA_HEADERS ? PROBE_HEADER_COUNT_MAX : PROBE_TURN_COUNT_MAX;
}

int value_list_check(const struct document *document, enum schema_type type,
                     const yaml_node_t *list, struct text *why)
{
    size_t count = document_count(list);
    if (count == 0 || count > most_of(type)) {
        text_set(why, "has %zu entries; 1 to %zu may stand there", count, most_of(type));
        return ERR_INVALID;
    }
    for (size_t i = 0; i < count; i++) {
        int result = check_item(document, type, document_item(document, list, i), why);
        if (result != 0)
            return result;
    }
    return 0;
}

/* The complaint must not quote what a credential holds. */
static int store_secret_header(const struct credential *credential,
                               char ret_line[PROBE_HEADER_SIZE], struct text *why)
{
    struct text unused = {.length = 0};
    int result = credential_read(credential, ret_line, PROBE_HEADER_SIZE, why);
    if (result != 0 || value_header_check(ret_line, &unused) == 0)
        return result;
    memset(ret_line, 0, PROBE_HEADER_SIZE);
    text_set(why, "credential %s does not hold a header; it reads \"Name: value\"",
             credential->name);
    return ERR_INVALID;
}

static int store_headers(const struct document *document, const yaml_node_t *list,
                         bool read_credentials, struct header_list *headers, struct text *why)
{
    headers->count = document_count(list);
    for (size_t i = 0; i < headers->count; i++) {
        const yaml_node_t *item = document_item(document, list, i);
        const char *text = document_scalar(item);
        struct credential credential;
        if (text != NULL) {
            CHECK(text_copy(headers->lines[i], PROBE_HEADER_SIZE, text) == 0);
            continue;
        }
        headers->secret_mask |= UINT32_C(1) << i;
        int result = credential_parse(document, item, &credential, why);
        if (result == 0 && read_credentials)
            result = store_secret_header(&credential, headers->lines[i], why);
        if (result != 0)
            return result;
    }
    return 0;
}

static void store_turns(const struct document *document, const yaml_node_t *list,
                        struct turn_list *turns)
{
    turns->count = document_count(list);
    for (size_t i = 0; i < turns->count; i++) {
        const char *text = document_scalar(document_item(document, list, i));
        CHECK(text_copy(turns->texts[i], PROBE_TURN_SIZE, text) == 0);
    }
}

static int store_statuses(const struct document *document, const struct value *value,
                          struct status_set *set, struct text *why)
{
    if (value->text != NULL) {
        set->count = 1;
        return read_range(value->text, &set->ranges[0], why);
    }
    set->count = document_count(value->node);
    for (size_t i = 0; i < set->count; i++) {
        const char *text = document_scalar(document_item(document, value->node, i));
        int result = read_range(text, &set->ranges[i], why);
        if (result != 0)
            return result;
    }
    return 0;
}

int value_list_store(const struct document *document, enum schema_type type,
                     const struct value *value, void *field, bool read_credentials,
                     struct text *why)
{
    CHECK(value_is_list(type));
    if (type == SCHEMA_STATUSES)
        return store_statuses(document, value, field, why);
    if (type == SCHEMA_HEADERS)
        return store_headers(document, value->node, read_credentials, field, why);
    store_turns(document, value->node, field);
    return 0;
}

static int check_body(const char *text, struct text *why)
{
    static const char *const known[] = {"${id}", "${session}"};
    for (const char *at = strstr(text, "${"); at != NULL; at = strstr(at + 2, "${")) {
        bool found = false;
        for (size_t i = 0; i < ARRAY_COUNT(known); i++)
            found = found || strncmp(at, known[i], strlen(known[i])) == 0;
        if (!found) {
            text_set(why, "unknown placeholder %.*s; known are ${id} and ${session}",
                     (int)strcspn(at, "} \n") + (at[strcspn(at, "} \n")] == '}'), at);
            return ERR_INVALID;
        }
    }
    return 0;
}

static int check_pointer(const char *text, struct text *why)
{
    bool ok = text[0] == '/';
    for (const char *at = strchr(text, '~'); at != NULL; at = strchr(at + 1, '~'))
        ok = ok && (at[1] == '0' || at[1] == '1');
    if (ok)
        return 0;
    text_set(why, "'%.60s' is no JSON pointer; write e.g. /status or /items/0/name", text);
    return ERR_INVALID;
}

int value_probe_check(enum schema_type type, const char *text, struct text *why)
{
    if (type == SCHEMA_BODY)
        return check_body(text, why);
    if (type == SCHEMA_POINTER)
        return check_pointer(text, why);
    return type == SCHEMA_REGEX ? pattern_check(text, why) : check_range(text, why);
}
