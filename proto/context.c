#include "proto/context.h"

#include "common/errors.h"

int context_id_set(struct context_id *ret_id, const char *text)
{
    struct context_id id = {{0}};
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        char byte = text[length];
        if (length >= CONTEXT_ID_BYTES_MAX)
            return ERR_TOO_LARGE;
        if (byte <= ' ' || byte > '~' || byte == '/')
            return ERR_INVALID;
        id.text[length] = byte;
    }
    if (length == 0)
        return ERR_INVALID;
    *ret_id = id;
    return 0;
}
