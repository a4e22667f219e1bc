#include "tests/lab/sim/side.h"

#include <stddef.h>
#include <string.h>

const char *side_state(const char *flow_id)
{
    if (flow_id == NULL)
        return "none";
    if (strcmp(flow_id, SIDE_PRIMARY_FLOW) == 0)
        return "primary";
    if (strcmp(flow_id, SIDE_STANDBY_FLOW) == 0)
        return "standby";
    return strcmp(flow_id, SIDE_HOLD_FLOW) == 0 ? "paused" : "foreign";
}
