#include "common/version.h"

#include <stdbool.h>

#include "common/errors.h"

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Moves `text` past the number. */
static int parse_part(const char **text, uint32_t *ret_part)
{
    uint64_t part = 0;
    if (!is_digit(**text))
        return ERR_INVALID;
    for (; is_digit(**text); (*text)++) {
        part = part * 10 + (uint64_t)(**text - '0');
        if (part > UINT32_MAX)
            return ERR_INVALID;
    }
    *ret_part = (uint32_t)part;
    return 0;
}

int version_parse(const char *text, struct version *ret_version)
{
    struct version version = {.count = 0};
    if (*text == 'v' || *text == 'V')
        text++;
    while (version.count < VERSION_PART_COUNT_MAX) {
        int rc = parse_part(&text, &version.parts[version.count]);
        if (rc < 0)
            return rc;
        version.count++;
        if (*text == '\0') {
            *ret_version = version;
            return 0;
        }
        if (*text++ != '.')
            return ERR_INVALID;
    }
    return ERR_INVALID;
}

int version_compare(const struct version *a, const struct version *b)
{
    for (size_t i = 0; i < VERSION_PART_COUNT_MAX; i++)
        if (a->parts[i] != b->parts[i])
            return a->parts[i] < b->parts[i] ? -1 : 1;
    return 0;
}
