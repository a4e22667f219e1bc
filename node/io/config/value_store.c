#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/config/value.h"
#include "node/io/config/value_list.h"

static void store_number(void *field, size_t size, int64_t number)
{
    uint8_t small = (uint8_t)number;
    uint16_t medium = (uint16_t)number;
    uint32_t large = (uint32_t)number;
    switch (size) {
    case sizeof small:
        memcpy(field, &small, size);
        break;
    case sizeof medium:
        memcpy(field, &medium, size);
        break;
    case sizeof large:
        memcpy(field, &large, size);
        break;
    default:
        CHECK(size == sizeof number);
        memcpy(field, &number, size);
        break;
    }
}

int64_t value_read_number(const void *field, size_t size)
{
    uint8_t small = 0;
    uint16_t medium = 0;
    uint32_t large = 0;
    int64_t number = 0;
    switch (size) {
    case sizeof small:
        memcpy(&small, field, size);
        return small;
    case sizeof medium:
        memcpy(&medium, field, size);
        return medium;
    case sizeof large:
        memcpy(&large, field, size);
        return large;
    default:
        CHECK(size == sizeof number);
        memcpy(&number, field, size);
        return number;
    }
}

static void store_dials(const struct document *document, const yaml_node_t *map,
                        struct local_config *local)
{
    for (size_t i = 0; i < document_count(map); i++) {
        const yaml_node_t *from = NULL;
        const yaml_node_t *to = NULL;
        struct connect_to_config *entry = &local->connect_to[i];
        document_pair(document, map, i, &from, &to);
        CHECK(text_copy(entry->from, sizeof entry->from, document_scalar(from)) == 0);
        CHECK(text_copy(entry->to, sizeof entry->to, document_scalar(to)) == 0);
    }
    local->connect_to_count = document_count(map);
}

static int store_credential(const struct schema_row *row, const struct value *value, void *field,
                            bool read_credentials, struct text *why)
{
    if (!read_credentials)
        return 0;
    if (row->type == SCHEMA_FILE || row->type == SCHEMA_KEY_FILE)
        return credential_path(&value->credential, field, row->size, why);
    int result = credential_read(&value->credential, field, row->size, why);
    if (result == 0 && row->type == SCHEMA_OPEN_URL) {
        /* The URL is the secret here: the complaint must not quote it. */
        struct endpoint endpoint;
        struct text unused = {.length = 0};
        result = endpoint_parse_url(field, &endpoint, &unused);
        if (result != 0 || !endpoint_is_http(&endpoint)) {
            memset(field, 0, row->size);
            text_set(why, "credential %s does not hold a http:// or https:// URL",
                     value->credential.name);
            result = ERR_INVALID;
        }
    }
    return result;
}

static void store_listen(const struct value *value, char *field, struct local_config *local)
{
    memcpy(field, value->endpoint.host, sizeof value->endpoint.host);
    local->api_port = value->endpoint.port;
}

int value_store(const struct document *document, const struct schema_row *row,
                const struct value *value, void *object, bool read_credentials, struct text *why)
{
    char *field = (char *)object + row->offset;
    if (value->is_credential)
        return store_credential(row, value, field, read_credentials, why);
    switch (row->type) {
    case SCHEMA_DURATION:
    case SCHEMA_COUNT:
    case SCHEMA_BOOL:
    case SCHEMA_CHOICE:
    case SCHEMA_FAILBACK:
    case SCHEMA_NOTICES:
        if (row->size > 0)
            store_number(field, row->size, value->number);
        return 0;
    case SCHEMA_BUDGET:
        store_number(field, row->size, value->number);
        ((struct service_config *)object)->settings.budget_window_ms = value->window_ms;
        return 0;
    case SCHEMA_LISTEN:
        store_listen(value, field, object);
        return 0;
    case SCHEMA_DIALS:
        store_dials(document, value->node, object);
        return 0;
    case SCHEMA_STATUSES:
    case SCHEMA_HEADERS:
    case SCHEMA_TURNS:
        return value_list_store(document, row->type, value, field, read_credentials, why);
    case SCHEMA_NAME:
        return name_set((struct name *)(void *)field, value->text);
    case SCHEMA_KEY:
        memcpy(field, value->key, KEY_BYTES);
        return 0;
    case SCHEMA_WORD:
    case SCHEMA_TEXT:
    case SCHEMA_HOST:
    case SCHEMA_TARGET:
    case SCHEMA_URL:
    case SCHEMA_HEADER:
    case SCHEMA_QUERY:
    case SCHEMA_JSON:
    case SCHEMA_BODY:
    case SCHEMA_POINTER:
    case SCHEMA_REGEX:
    case SCHEMA_OPEN_TEXT:
    case SCHEMA_OPEN_URL:
    case SCHEMA_FILE:
        return row->size > 0 ? text_copy(field, row->size, value->text) : 0;
    case SCHEMA_SECRET:
    case SCHEMA_KEY_FILE:
    case SCHEMA_OBJECT:
    case SCHEMA_SECTION:
    case SCHEMA_MAP:
    case SCHEMA_LIST:
    case SCHEMA_TYPE_N:
        break;
    }
    return ERR_INVALID;
}
