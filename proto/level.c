#include "proto/level.h"

uint8_t proto_level(void)
{
    return PROTO_LEVEL_NEWEST;
}
