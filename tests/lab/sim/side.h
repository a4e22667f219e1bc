/* The flows that the lab knows by name, and what routing to one of them means.
 * Never looks at a resource.
 * Called by everything that routes. */
#ifndef QUORATE_LAB_SIDE_H
#define QUORATE_LAB_SIDE_H

#define SIDE_PRIMARY_FLOW "PRIMARY_FLOW_ID"
#define SIDE_STANDBY_FLOW "STANDBY_FLOW_ID"
#define SIDE_HOLD_FLOW "HOLD_FLOW_ID"

/* "primary", "standby", "paused" (the hold flow), "foreign", or "none" for NULL. */
const char *side_state(const char *flow_id);

#endif
