#include "node/io/config/headers.h"

#include <ctype.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/credential.h"

/* RFC 9110: a field name is a token. */
bool headers_line_ok(const char *line)
{
    size_t length = 0;
    while (isalnum((unsigned char)line[length]) ||
           (line[length] != '\0' && strchr("!#$%&'*+-.^_`|~", line[length]) != NULL))
        length++;
    if (length == 0 || line[length] != ':' || line[length + 1] != ' ' || line[length + 2] == '\0')
        return false;
    for (const char *at = line; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return false;
    return true;
}

static int check_item(const struct document *document, const yaml_node_t *item, struct text *why)
{
    struct credential credential;
    const char *line = document_scalar(item);
    if (line == NULL)
        return credential_parse(document, item, &credential, why);
    if (strlen(line) < SECRET_SIZE && headers_line_ok(line))
        return 0;
    text_set(why, "'%.60s' is no header; write \"Name: value\"", line);
    return ERR_INVALID;
}

int headers_check(const struct document *document, const yaml_node_t *list, struct text *why)
{
    int result = 0;
    if (document_count(list) > HEADER_COUNT_MAX) {
        text_set(why, "has more than %d entries", HEADER_COUNT_MAX);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < document_count(list) && result == 0; i++)
        result = check_item(document, document_item(document, list, i), why);
    return result;
}

static int read_secret(const struct document *document, const yaml_node_t *item, char *ret_line,
                       struct text *why)
{
    struct credential credential;
    int result = credential_parse(document, item, &credential, why);
    if (result == 0)
        result = credential_read(&credential, ret_line, SECRET_SIZE, why);
    if (result == 0 && !headers_line_ok(ret_line)) {
        memset(ret_line, 0, SECRET_SIZE);
        text_set(why, "credential %s does not hold one line \"Name: value\"", credential.name);
        result = ERR_INVALID;
    }
    return result;
}

int headers_store(const struct document *document, const yaml_node_t *list,
                  struct header_list *ret_headers, bool read_credentials, struct text *why)
{
    int result = 0;
    CHECK(document_count(list) <= HEADER_COUNT_MAX);
    ret_headers->count = document_count(list);
    for (size_t i = 0; i < ret_headers->count && result == 0; i++) {
        const yaml_node_t *item = document_item(document, list, i);
        const char *line = document_scalar(item);
        char *place = ret_headers->items[i].line;
        ret_headers->items[i].secret = line == NULL;
        if (line != NULL)
            result = text_copy(place, SECRET_SIZE, line);
        else if (read_credentials)
            result = read_secret(document, item, place, why);
    }
    return result;
}
