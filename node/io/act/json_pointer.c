#include "node/io/act/json_pointer.h"

#include <stdbool.h>
#include <string.h>

enum { SEGMENT_BYTES_MAX = 256, INDEX_DIGITS_MAX = 9 };

/* One segment up to the next slash, with ~1 and ~0 undone. Returns what follows it, NULL where it
 * makes no sense. */
static const char *read_segment(const char *at, char ret_segment[SEGMENT_BYTES_MAX])
{
    size_t length = 0;
    for (; *at != '\0' && *at != '/'; at++) {
        char byte = *at;
        if (byte == '~') {
            at++;
            if (*at != '0' && *at != '1')
                return NULL;
            byte = *at == '0' ? '~' : '/';
        }
        if (length == SEGMENT_BYTES_MAX - 1)
            return NULL;
        ret_segment[length++] = byte;
    }
    ret_segment[length] = '\0';
    return at;
}

static const cJSON *item_at(const cJSON *array, const char *digits)
{
    size_t length = strspn(digits, "0123456789");
    int index = 0;
    if (length == 0 || length > INDEX_DIGITS_MAX || digits[length] != '\0' ||
        (digits[0] == '0' && length > 1))
        return NULL;
    for (size_t i = 0; i < length; i++)
        index = index * 10 + (digits[i] - '0');
    return cJSON_GetArrayItem(array, index);
}

const cJSON *json_pointer_get(const cJSON *document, const char *pointer)
{
    const cJSON *value = document;
    while (value != NULL && *pointer != '\0') {
        char segment[SEGMENT_BYTES_MAX];
        if (*pointer != '/')
            return NULL;
        pointer = read_segment(pointer + 1, segment);
        if (pointer == NULL)
            return NULL;
        if (cJSON_IsArray(value))
            value = item_at(value, segment);
        else
            value = cJSON_IsObject(value) ? cJSON_GetObjectItemCaseSensitive(value, segment) : NULL;
    }
    return value;
}
