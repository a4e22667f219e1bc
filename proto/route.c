#include "proto/route.h"

bool route_parts_agree(const struct route_parts *a, const struct route_parts *b)
{
    if (a->count != b->count)
        return false;
    for (uint8_t i = 0; i < a->count; i++)
        if (a->part[i].state != b->part[i].state)
            return false;
    return true;
}
