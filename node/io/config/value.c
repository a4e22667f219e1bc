#include "node/io/config/value.h"

#include <ctype.h>
#include <string.h>

#include <sodium.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/json_body.h"
#include "node/io/config/value_list.h"
#include "proto/notice.h"

enum { WORD_COUNT_MAX = 16 };

static int parse_digits(const char *text, size_t length, int64_t *ret_number)
{
    int64_t number = 0;
    if (length == 0 || length > 15)
        return ERR_INVALID;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return ERR_INVALID;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return 0;
}

static int parse_duration(const struct schema_row *row, const char *text, int64_t *ret_ms,
                          struct text *why)
{
    time_ms duration = 0;
    char limit[DURATION_BYTES];
    if (text[0] != '\0' && strspn(text, "0123456789") == strlen(text)) {
        text_set(why, "%.20s has no unit; write e.g. %.20ss, or use ms, m, h, d", text, text);
        return ERR_INVALID;
    }
    if (duration_parse(text, &duration) != 0) {
        text_set(why, "'%.40s' is no duration; write e.g. 500ms, 30s, 2m, 1h30m or 7d", text);
        return ERR_INVALID;
    }
    if (duration < row->min || duration > row->max) {
        bool low = duration < row->min;
        text_set(why, "%.40s is %s %s", text, low ? "under the minimum of" : "over the maximum of",
                 duration_format(low ? row->min : row->max, limit));
        return ERR_INVALID;
    }
    *ret_ms = duration;
    return 0;
}

static int parse_count(const struct schema_row *row, const char *text, int64_t *ret_number,
                       struct text *why)
{
    int64_t number = 0;
    if (parse_digits(text, strlen(text), &number) != 0) {
        text_set(why, "'%.40s' is no whole number (%s)", text, row->unit);
        return ERR_INVALID;
    }
    if (number < row->min || number > row->max) {
        text_set(why, "%lld is not within %lld to %lld (%s)", (long long)number,
                 (long long)row->min, (long long)row->max, row->unit);
        return ERR_INVALID;
    }
    *ret_number = number;
    return 0;
}

/* The word's place in the list; a wrong one names the valid ones and the nearest. */
static int parse_word(const char *text, const char *const *words, size_t count, int64_t *ret_place,
                      struct text *why)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret_place = (int64_t)i;
            return 0;
        }
    }
    const char *nearest = text_nearest(text, words, count);
    text_set(why, "'%.40s' is none of ", text);
    for (size_t i = 0; i < count; i++)
        text_add(why, "%s%s", i > 0 ? ", " : "", words[i]);
    if (nearest != NULL)
        text_add(why, " (did you mean %s?)", nearest);
    return ERR_INVALID;
}

static int parse_choice(const struct schema_row *row, const char *text, struct value *value,
                        struct text *why)
{
    size_t count = 0;
    while (row->words[count] != NULL)
        count++;
    value->text = text;
    return parse_word(text, row->words, count, &value->number, why);
}

static int parse_bool(const char *text, int64_t *ret_number, struct text *why)
{
    static const char *const words[] = {"false", "true"};
    return parse_word(text, words, ARRAY_COUNT(words), ret_number, why);
}

static int parse_failback(const char *text, int64_t *ret_number, struct text *why)
{
    static const char *const words[] = {"manual", "auto", "false", "true"};
    int64_t place = 0;
    int result = parse_word(text, words, ARRAY_COUNT(words), &place, why);
    if (result == 0)
        *ret_number = place % 2;
    return result;
}

static int parse_budget(const struct schema_row *row, const char *text, struct value *value,
                        struct text *why)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL || parse_digits(text, (size_t)(slash - text), &value->number) != 0 ||
        duration_parse(slash + 1, &value->window_ms) != 0 || value->window_ms == 0) {
        text_set(why, "'%.40s' is no budget; write COUNT/DURATION, e.g. 3/24h", text);
        return ERR_INVALID;
    }
    if (value->number < row->min || value->number > row->max) {
        text_set(why, "%lld moves are not within %lld to %lld", (long long)value->number,
                 (long long)row->min, (long long)row->max);
        return ERR_INVALID;
    }
    return 0;
}

static int parse_name(const char *text, struct text *why)
{
    struct name name;
    if (name_set(&name, text) == 0)
        return 0;
    text_set(why, "'%.60s' is no name: 1 to %d of letters, digits, '.', '_', '-'", text,
             NAME_BYTES_MAX);
    return ERR_INVALID;
}

static int parse_key(const char *text, uint8_t ret_key[KEY_BYTES], struct text *why)
{
    static const char prefix[] = "ed25519:";
    const char *end = NULL;
    size_t length = 0;
    if (strncmp(text, prefix, sizeof prefix - 1) != 0) {
        text_set(why, "'%.20s' is no public key; it reads ed25519: and 44 characters of base64",
                 text);
        return ERR_INVALID;
    }
    const char *base64 = text + sizeof prefix - 1;
    if (sodium_base642bin(ret_key, KEY_BYTES, base64, strlen(base64), NULL, &length, &end,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        *end != '\0' || length != KEY_BYTES) {
        text_set(why, "%.60s: behind ed25519: must stand 44 characters of base64 (%d bytes)", text,
                 KEY_BYTES);
        return ERR_INVALID;
    }
    if (crypto_core_ed25519_is_valid_point(ret_key) != 1) {
        text_set(why, "%.60s is no Ed25519 public key; was a character changed?", text);
        return ERR_INVALID;
    }
    return 0;
}

static int parse_url(const char *text, bool http_only, struct text *why)
{
    struct endpoint endpoint;
    text_set(why, "'%.80s' ", text);
    int result = endpoint_parse_url(text, &endpoint, why);
    if (result == 0 && http_only && !endpoint_is_http(&endpoint)) {
        text_add(why, "must start with http:// or https://");
        result = ERR_INVALID;
    }
    return result;
}

static int parse_listen(const char *text, struct endpoint *ret_endpoint, struct text *why)
{
    text_set(why, "'%.80s' ", text);
    return endpoint_parse_host_port(text, ret_endpoint, why);
}

static int parse_host(const char *text, struct text *why)
{
    if (endpoint_host_ok(text))
        return 0;
    text_set(why, "'%.60s' is no host name or address", text);
    return ERR_INVALID;
}

/* RFC 9110: a field name is a token. */
int value_header_check(const char *text, struct text *why)
{
    size_t length = 0;
    while (isalnum((unsigned char)text[length]) ||
           (text[length] != '\0' && strchr("!#$%&'*+-.^_`|~", text[length]) != NULL))
        length++;
    if (length > 0 && text[length] == ':' && text[length + 1] == ' ' && text[length + 2] != '\0')
        return 0;
    text_set(why, "'%.60s' is no header; write \"Name: value\"", text);
    return ERR_INVALID;
}

static int parse_query(const char *text, struct text *why)
{
    const char *equals = strchr(text, '=');
    if (equals != NULL && equals != text && strpbrk(text, " &?#") == NULL)
        return 0;
    text_set(why, "'%.60s' is no query parameter; write \"name=value\"", text);
    return ERR_INVALID;
}

static bool may_have_lines(enum schema_type type)
{
    return type == SCHEMA_JSON || type == SCHEMA_BODY;
}

/* Every text but a body is one line: it ends in headers, URLs, paths and logs. */
static int check_one_line(const struct schema_row *row, const char *text, struct text *why)
{
    if (text[0] == '\0') {
        text_set(why, "is empty");
        return ERR_INVALID;
    }
    for (const char *at = text; !may_have_lines(row->type) && *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            text_set(why, "contains a control character");
            return ERR_INVALID;
        }
    }
    return 0;
}

static int check_length(const struct schema_row *row, const char *text, struct text *why)
{
    bool is_text =
        row->type == SCHEMA_TEXT || row->type == SCHEMA_HOST || row->type == SCHEMA_TARGET ||
        row->type == SCHEMA_URL || row->type == SCHEMA_HEADER || row->type == SCHEMA_QUERY ||
        row->type == SCHEMA_JSON || row->type == SCHEMA_OPEN_TEXT || row->type == SCHEMA_OPEN_URL ||
        row->type == SCHEMA_FILE || row->type == SCHEMA_BODY || row->type == SCHEMA_POINTER ||
        row->type == SCHEMA_REGEX;
    if (!is_text || row->size == 0 || strlen(text) < row->size)
        return 0;
    text_set(why, "is longer than %zu bytes", row->size - 1);
    return ERR_INVALID;
}

static int refuse_secret(const struct schema_row *row, struct text *why)
{
    text_set(why, "a secret must not stand in this file; write {credential: NAME}, {file: PATH}%s",
             row->type == SCHEMA_SECRET ? " or {env: NAME}" : "");
    return ERR_INVALID;
}

static int refuse_scalar(const struct schema_row *row, struct text *why)
{
    bool is_map = row->type == SCHEMA_DIALS || row->type == SCHEMA_OBJECT ||
                  row->type == SCHEMA_SECTION || row->type == SCHEMA_MAP;
    if (row->type == SCHEMA_NOTICES)
        text_set(why, "must be a list of notices, e.g. [blocked, blind]");
    else
        text_set(why, "must be a %s", is_map ? "map" : "list");
    return ERR_INVALID;
}

static int parse_typed(const struct schema_row *row, const char *text, struct value *value,
                       struct text *why)
{
    switch (row->type) {
    case SCHEMA_DURATION:
        return parse_duration(row, text, &value->number, why);
    case SCHEMA_COUNT:
        return parse_count(row, text, &value->number, why);
    case SCHEMA_BOOL:
        return parse_bool(text, &value->number, why);
    case SCHEMA_CHOICE:
    case SCHEMA_WORD:
        return parse_choice(row, text, value, why);
    case SCHEMA_FAILBACK:
        return parse_failback(text, &value->number, why);
    case SCHEMA_NAME:
        return parse_name(text, why);
    case SCHEMA_HOST:
        return parse_host(text, why);
    case SCHEMA_TARGET:
        return parse_url(text, false, why);
    case SCHEMA_URL:
    case SCHEMA_OPEN_URL:
        return parse_url(text, true, why);
    case SCHEMA_HEADER:
        return value_header_check(text, why);
    case SCHEMA_QUERY:
        return parse_query(text, why);
    case SCHEMA_JSON:
        return json_body_check(text, row->words, why);
    case SCHEMA_BODY:
    case SCHEMA_POINTER:
    case SCHEMA_REGEX:
    case SCHEMA_STATUSES:
        return value_probe_check(row->type, text, why);
    case SCHEMA_KEY:
        return parse_key(text, value->key, why);
    case SCHEMA_BUDGET:
        return parse_budget(row, text, value, why);
    case SCHEMA_LISTEN:
        return parse_listen(text, &value->endpoint, why);
    case SCHEMA_TEXT:
    case SCHEMA_OPEN_TEXT:
    case SCHEMA_FILE:
        return 0;
    case SCHEMA_SECRET:
    case SCHEMA_KEY_FILE:
        return refuse_secret(row, why);
    case SCHEMA_NOTICES:
    case SCHEMA_DIALS:
    case SCHEMA_OBJECT:
    case SCHEMA_SECTION:
    case SCHEMA_MAP:
    case SCHEMA_HEADERS:
    case SCHEMA_TURNS:
    case SCHEMA_LIST:
    case SCHEMA_TYPE_N:
        break;
    }
    return refuse_scalar(row, why);
}

int value_parse_text(const struct schema_row *row, const char *text, struct value *ret_value,
                     struct text *why)
{
    struct value value = {.text = text};
    int result = check_one_line(row, text, why);
    if (result == 0)
        result = check_length(row, text, why);
    if (result == 0)
        result = parse_typed(row, text, &value, why);
    if (result == 0)
        *ret_value = value;
    return result;
}

static int parse_notices(const struct document *document, const yaml_node_t *node,
                         int64_t *ret_mask, struct text *why)
{
    const char *words[NOTICE_N];
    int64_t mask = 0;
    for (size_t i = 0; i < NOTICE_N; i++)
        words[i] = notice_name((enum notice_kind)i);
    for (size_t i = 0; i < document_count(node); i++) {
        const char *word = document_scalar(document_item(document, node, i));
        int64_t place = 0;
        if (word == NULL) {
            text_set(why, "must be a list of plain words");
            return ERR_INVALID;
        }
        int result = parse_word(word, words, NOTICE_N, &place, why);
        if (result != 0)
            return result;
        mask |= INT64_C(1) << place;
    }
    if (mask == 0) {
        text_set(why, "is an empty list; leave it out to be told everything");
        return ERR_INVALID;
    }
    *ret_mask = mask;
    return 0;
}

static int check_dial(const char *host_port, struct text *why)
{
    struct endpoint endpoint;
    if (host_port == NULL) {
        text_set(why, "must map host:port to host:port");
        return ERR_INVALID;
    }
    text_set(why, "'%.80s' ", host_port);
    return endpoint_parse_host_port(host_port, &endpoint, why);
}

static int parse_dials(const struct document *document, const yaml_node_t *node, struct text *why)
{
    if (document_count(node) > CONNECT_TO_COUNT_MAX) {
        text_set(why, "has more than %d entries", CONNECT_TO_COUNT_MAX);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < document_count(node); i++) {
        const yaml_node_t *from = NULL;
        const yaml_node_t *to = NULL;
        document_pair(document, node, i, &from, &to);
        int result = check_dial(document_scalar(from), why);
        if (result == 0)
            result = check_dial(document_scalar(to), why);
        if (result == 0 && document_get(document, node, document_scalar(from), NULL) != to) {
            text_set(why, "%.80s stands twice", document_scalar(from));
            result = ERR_INVALID;
        }
        if (result != 0)
            return result;
    }
    return 0;
}

static bool may_be_credential(enum schema_type type)
{
    return type == SCHEMA_SECRET || type == SCHEMA_OPEN_TEXT || type == SCHEMA_OPEN_URL ||
           type == SCHEMA_FILE || type == SCHEMA_KEY_FILE;
}

static bool is_path(enum schema_type type)
{
    return type == SCHEMA_FILE || type == SCHEMA_KEY_FILE;
}

static int parse_credential(const struct document *document, const struct schema_row *row,
                            const yaml_node_t *node, struct value *ret_value, struct text *why)
{
    struct value value = {.is_credential = true};
    int result = credential_parse(document, node, &value.credential, why);
    if (result == 0 && is_path(row->type) && value.credential.kind == CREDENTIAL_ENV) {
        text_set(why, "must be a file: {credential: NAME} or {file: PATH}");
        result = ERR_INVALID;
    }
    if (result == 0)
        *ret_value = value;
    return result;
}

int value_parse(const struct document *document, const struct schema_row *row,
                const yaml_node_t *node, struct value *ret_value, struct text *why)
{
    struct value value = {.node = node};
    const char *text = document_scalar(node);
    int result = 0;
    if (text != NULL)
        return value_parse_text(row, text, ret_value, why);
    if (row->type == SCHEMA_NOTICES && node->type == YAML_SEQUENCE_NODE) {
        result = parse_notices(document, node, &value.number, why);
    } else if (row->type == SCHEMA_DIALS && node->type == YAML_MAPPING_NODE) {
        result = parse_dials(document, node, why);
    } else if (value_is_list(row->type) && node->type == YAML_SEQUENCE_NODE) {
        result = value_list_check(document, row->type, node, why);
    } else if (may_be_credential(row->type)) {
        return parse_credential(document, row, node, ret_value, why);
    } else {
        text_set(why, "must be one %s, not a %s", schema_type_name(row->type),
                 node->type == YAML_MAPPING_NODE ? "map" : "list");
        result = ERR_INVALID;
    }
    if (result == 0)
        *ret_value = value;
    return result;
}
