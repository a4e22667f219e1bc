#include "node/io/contexts/utf8.h"

#include <stdint.h>

/* How many bytes follow, and the least code point of that length; 0 bytes and floor 1 for none. */
static int follow_count(uint8_t byte, uint32_t *ret_point, uint32_t *ret_floor)
{
    if (byte < 0x80) {
        *ret_point = byte;
        *ret_floor = 0;
        return 0;
    }
    if ((byte & 0xe0) == 0xc0) {
        *ret_point = byte & 0x1fU;
        *ret_floor = 0x80;
        return 1;
    }
    if ((byte & 0xf0) == 0xe0) {
        *ret_point = byte & 0x0fU;
        *ret_floor = 0x800;
        return 2;
    }
    if ((byte & 0xf8) == 0xf0) {
        *ret_point = byte & 0x07U;
        *ret_floor = 0x10000;
        return 3;
    }
    return -1;
}

long utf8_count(const char *text, size_t length)
{
    long count = 0;
    for (size_t i = 0; i < length; count++) {
        uint32_t point = 0;
        uint32_t floor = 0;
        int follow = follow_count((uint8_t)text[i++], &point, &floor);
        if (follow < 0 || (size_t)follow > length - i)
            return -1;
        for (; follow > 0; follow--) {
            uint8_t byte = (uint8_t)text[i++];
            if ((byte & 0xc0) != 0x80)
                return -1;
            point = point << 6 | (byte & 0x3fU);
        }
        if (point < floor || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
            return -1;
    }
    return count;
}
