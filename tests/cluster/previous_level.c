/* What a build of the wire level before the newest says of itself: linked in place of
 * proto/level.c. */
#include "proto/level.h"

uint8_t proto_level(void)
{
    return PROTO_LEVEL_NEWEST - 1;
}
