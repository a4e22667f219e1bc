#include "common/json_span.h"

#include <string.h>

#include "common/errors.h"

enum { CHARACTER_BYTES = 4, SURROGATE_FIRST = 0xd800, SURROGATE_LOW = 0xdc00 };

/* `at` never passes `end`. */
struct scan {
    const char *at;
    const char *end;
    unsigned depth;
};

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_next(const struct scan *scan, char byte)
{
    return scan->at < scan->end && *scan->at == byte;
}

static bool take(struct scan *scan, char byte)
{
    if (!is_next(scan, byte))
        return false;
    scan->at++;
    return true;
}

static void skip_space(struct scan *scan)
{
    while (is_next(scan, ' ') || is_next(scan, '\t') || is_next(scan, '\r') || is_next(scan, '\n'))
        scan->at++;
}

static int skip_word(struct scan *scan, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return ERR_MALFORMED;
    scan->at += length;
    return 0;
}

static bool skip_digits(struct scan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end && is_digit(*scan->at))
        scan->at++;
    return scan->at > from;
}

static int skip_number(struct scan *scan)
{
    (void)take(scan, '-');
    if (!take(scan, '0') && !skip_digits(scan))
        return ERR_MALFORMED;
    if (take(scan, '.') && !skip_digits(scan))
        return ERR_MALFORMED;
    if (take(scan, 'e') || take(scan, 'E')) {
        if (!take(scan, '+'))
            (void)take(scan, '-');
        if (!skip_digits(scan))
            return ERR_MALFORMED;
    }
    return 0;
}

static int take_hex(struct scan *scan, uint32_t *ret_code)
{
    uint32_t code = 0;
    if (scan->end - scan->at < 4)
        return ERR_MALFORMED;
    for (int i = 0; i < 4; i++) {
        char byte = *scan->at++;
        uint32_t digit = 0;
        if (is_digit(byte))
            digit = (uint32_t)(byte - '0');
        else if (byte >= 'a' && byte <= 'f')
            digit = (uint32_t)(byte - 'a' + 10);
        else if (byte >= 'A' && byte <= 'F')
            digit = (uint32_t)(byte - 'A' + 10);
        else
            return ERR_MALFORMED;
        code = code << 4 | digit;
    }
    *ret_code = code;
    return 0;
}

static size_t put_utf8(uint32_t code, char ret_bytes[CHARACTER_BYTES])
{
    static const struct {
        uint32_t first;
        unsigned char mark;
        size_t length;
    } rows[] = {{0x10000, 0xf0, 4}, {0x800, 0xe0, 3}, {0x80, 0xc0, 2}, {0, 0, 1}};
    size_t row = 0;
    while (code < rows[row].first)
        row++;
    for (size_t i = rows[row].length - 1; i > 0; i--, code >>= 6)
        ret_bytes[i] = (char)(0x80 | (code & 0x3f));
    ret_bytes[0] = (char)(rows[row].mark | code);
    return rows[row].length;
}

/* Behind "\u". Half a pair by itself stays what it is: nothing that people configure equals it. */
static int take_unicode(struct scan *scan, char ret_bytes[CHARACTER_BYTES], size_t *ret_length)
{
    uint32_t code = 0;
    uint32_t low = 0;
    int rc = take_hex(scan, &code);
    if (rc == 0 && (code & 0xfc00) == SURROGATE_FIRST && scan->end - scan->at >= 6 &&
        scan->at[0] == '\\' && scan->at[1] == 'u') {
        struct scan ahead = {.at = scan->at + 2, .end = scan->end};
        rc = take_hex(&ahead, &low);
        if (rc == 0 && (low & 0xfc00) == SURROGATE_LOW) {
            code = 0x10000 + ((code & 0x3ff) << 10) + (low & 0x3ff);
            scan->at = ahead.at;
        }
    }
    if (rc == 0)
        *ret_length = put_utf8(code, ret_bytes);
    return rc;
}

/* One character within a string, escapes resolved; a byte beyond ASCII is taken as it is. */
static int take_character(struct scan *scan, char ret_bytes[CHARACTER_BYTES], size_t *ret_length)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (scan->at >= scan->end || (unsigned char)*scan->at < ' ')
        return ERR_MALFORMED;
    *ret_length = 1;
    ret_bytes[0] = *scan->at++;
    if (ret_bytes[0] != '\\')
        return 0;
    if (take(scan, 'u'))
        return take_unicode(scan, ret_bytes, ret_length);
    const char *escape =
        scan->at < scan->end && *scan->at != '\0' ? strchr(escapes, *scan->at) : NULL;
    if (escape == NULL)
        return ERR_MALFORMED;
    ret_bytes[0] = meanings[escape - escapes];
    scan->at++;
    return 0;
}

/* A whole string; `ret_same` says whether its words are these bytes. */
static int read_string(struct scan *scan, const char *words, size_t length, bool *ret_same)
{
    bool same = true;
    size_t used = 0;
    if (!take(scan, '"'))
        return ERR_MALFORMED;
    while (!take(scan, '"')) {
        char bytes[CHARACTER_BYTES];
        size_t count = 0;
        int rc = take_character(scan, bytes, &count);
        if (rc < 0)
            return rc;
        same = same && count <= length - used && memcmp(words + used, bytes, count) == 0;
        used += same ? count : 0;
    }
    *ret_same = same && used == length;
    return 0;
}

static int skip_value(struct scan *scan);

static int skip_member(struct scan *scan, bool keyed)
{
    bool unused = false;
    if (keyed) {
        int rc = read_string(scan, "", 0, &unused);
        skip_space(scan);
        if (rc < 0 || !take(scan, ':'))
            return ERR_MALFORMED;
        skip_space(scan);
    }
    return skip_value(scan);
}

/* Bounded by the depth. */
static int skip_container(struct scan *scan, bool keyed)
{
    char close = keyed ? '}' : ']';
    int rc = 0;
    if (++scan->depth > JSON_SPAN_DEPTH_MAX)
        return ERR_TOO_LARGE;
    scan->at++;
    skip_space(scan);
    if (!take(scan, close)) {
        do {
            skip_space(scan);
            rc = skip_member(scan, keyed);
            if (rc < 0)
                return rc;
            skip_space(scan);
        } while (take(scan, ','));
        if (!take(scan, close))
            return ERR_MALFORMED;
    }
    scan->depth--;
    return 0;
}

static int skip_value(struct scan *scan)
{
    bool unused = false;
    if (scan->at >= scan->end)
        return ERR_MALFORMED;
    switch (*scan->at) {
    case '{':
        return skip_container(scan, true);
    case '[':
        return skip_container(scan, false);
    case '"':
        return read_string(scan, "", 0, &unused);
    case 't':
        return skip_word(scan, "true");
    case 'f':
        return skip_word(scan, "false");
    case 'n':
        return skip_word(scan, "null");
    default:
        return skip_number(scan);
    }
}

int json_pointer_check(const char *pointer)
{
    if (pointer[0] != '\0' && pointer[0] != '/')
        return ERR_INVALID;
    for (const char *mark = pointer; (mark = strchr(mark, '~')) != NULL; mark++)
        if (mark[1] != '0' && mark[1] != '1')
            return ERR_INVALID;
    return 0;
}

/* The token's characters without "~0" and "~1". */
static int read_token(const char *from, size_t length, char ret_token[JSON_POINTER_SIZE],
                      size_t *ret_length)
{
    size_t used = 0;
    if (length >= JSON_POINTER_SIZE)
        return ERR_INVALID;
    for (size_t i = 0; i < length; i++) {
        bool escaped = from[i] == '~';
        i += escaped ? 1 : 0;
        ret_token[used++] = escaped ? (from[i] == '0' ? '~' : '/') : from[i];
    }
    *ret_length = used;
    return 0;
}

/* From a checked object to the value of its one member of that name. */
static int enter_object(struct scan *scan, const char *token, size_t length)
{
    const char *found = NULL;
    scan->at++;
    skip_space(scan);
    while (!take(scan, '}')) {
        bool same = false;
        (void)take(scan, ',');
        skip_space(scan);
        int rc = read_string(scan, token, length, &same);
        skip_space(scan);
        (void)take(scan, ':');
        skip_space(scan);
        if (rc < 0 || (same && found != NULL))
            return ERR_MALFORMED;
        found = same ? scan->at : found;
        rc = skip_value(scan);
        if (rc < 0)
            return rc;
        skip_space(scan);
    }
    scan->at = found != NULL ? found : scan->at;
    return found != NULL ? 0 : ERR_NOT_FOUND;
}

/* From a checked array to its item of that number, which is written without leading zeros. */
static int enter_array(struct scan *scan, const char *token, size_t length)
{
    size_t left = 0;
    if (length == 0 || length > 9 || (token[0] == '0' && length > 1))
        return ERR_NOT_FOUND;
    for (size_t i = 0; i < length; i++) {
        if (!is_digit(token[i]))
            return ERR_NOT_FOUND;
        left = left * 10 + (size_t)(token[i] - '0');
    }
    scan->at++;
    skip_space(scan);
    while (!is_next(scan, ']')) {
        if (left-- == 0)
            return 0;
        int rc = skip_value(scan);
        if (rc < 0)
            return rc;
        skip_space(scan);
        (void)take(scan, ',');
        skip_space(scan);
    }
    return ERR_NOT_FOUND;
}

static int enter(struct scan *scan, const char *pointer)
{
    int rc = 0;
    while (rc == 0 && *pointer == '/') {
        char token[JSON_POINTER_SIZE];
        size_t used = 0;
        size_t length = strcspn(++pointer, "/");
        rc = read_token(pointer, length, token, &used);
        pointer += length;
        if (rc == 0 && is_next(scan, '{'))
            rc = enter_object(scan, token, used);
        else if (rc == 0 && is_next(scan, '['))
            rc = enter_array(scan, token, used);
        else if (rc == 0)
            rc = ERR_NOT_FOUND;
    }
    return rc;
}

int json_span_find(const char *text, size_t length, const char *pointer, struct json_span *ret_span)
{
    struct scan scan = {.at = text, .end = text + length};
    if (json_pointer_check(pointer) < 0)
        return ERR_INVALID;
    skip_space(&scan);
    const char *root = scan.at;
    int rc = skip_value(&scan);
    skip_space(&scan);
    if (rc == 0 && scan.at != scan.end)
        rc = ERR_MALFORMED;
    scan.at = root;
    if (rc == 0)
        rc = enter(&scan, pointer);
    const char *from = scan.at;
    if (rc == 0)
        rc = skip_value(&scan);
    if (rc == 0)
        *ret_span = (struct json_span){(size_t)(from - text), (size_t)(scan.at - from)};
    return rc;
}

enum json_kind json_span_kind(const char *text, struct json_span span)
{
    switch (text[span.at]) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

bool json_span_says(const char *text, struct json_span span, const char *words)
{
    struct scan scan = {.at = text + span.at, .end = text + span.at + span.length};
    bool same = false;
    if (json_span_kind(text, span) == JSON_STRING)
        return read_string(&scan, words, strlen(words), &same) == 0 && same;
    return strlen(words) == span.length && memcmp(words, scan.at, span.length) == 0;
}

int json_span_integer(const char *text, struct json_span span, int64_t *ret_number)
{
    struct scan scan = {.at = text + span.at, .end = text + span.at + span.length};
    bool negative = take(&scan, '-');
    int64_t number = 0;
    if (scan.at == scan.end)
        return ERR_MALFORMED;
    for (; scan.at < scan.end; scan.at++) {
        if (!is_digit(*scan.at) || number > (INT64_MAX - 9) / 10)
            return ERR_MALFORMED;
        number = number * 10 + (*scan.at - '0');
    }
    *ret_number = negative ? -number : number;
    return 0;
}

int json_span_string(const char *text, struct json_span span, char *ret_words, size_t size)
{
    struct scan scan = {.at = text + span.at, .end = text + span.at + span.length};
    size_t used = 0;
    if (!take(&scan, '"'))
        return ERR_MALFORMED;
    while (!take(&scan, '"')) {
        char bytes[CHARACTER_BYTES];
        size_t count = 0;
        int rc = take_character(&scan, bytes, &count);
        if (rc < 0 || bytes[0] == '\0')
            return ERR_MALFORMED;
        if (used + count >= size)
            return ERR_TOO_LARGE;
        memcpy(ret_words + used, bytes, count);
        used += count;
    }
    if (used >= size)
        return ERR_TOO_LARGE;
    ret_words[used] = '\0';
    return 0;
}

int json_quote(const char *words, char *ret_text, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;
    if (size < 3)
        return ERR_TOO_LARGE;
    ret_text[used++] = '"';
    for (; *words != '\0'; words++) {
        unsigned char byte = (unsigned char)*words;
        if (size - used < 8)
            return ERR_TOO_LARGE;
        if (byte < ' ') {
            memcpy(ret_text + used, "\\u00", 4);
            ret_text[used + 4] = digits[byte >> 4];
            ret_text[used + 5] = digits[byte & 15];
            used += 6;
            continue;
        }
        if (byte == '"' || byte == '\\')
            ret_text[used++] = '\\';
        ret_text[used++] = *words;
    }
    ret_text[used++] = '"';
    ret_text[used] = '\0';
    return 0;
}
