#include "proto/move.h"

#include <stddef.h>

#include "common/check.h"

static const char *const state_names[MOVE_STATE_N] = {
    [MOVE_NONE] = "NONE",
    [MOVE_PAUSING] = "PAUSING",
    [MOVE_DRAINING] = "DRAINING",
    [MOVE_READY] = "READY",
    [MOVE_SWITCHING] = "SWITCHING",
    [MOVE_VERIFYING] = "VERIFYING",
    [MOVE_RESUMING] = "RESUMING",
    [MOVE_RETREATING] = "RETREATING",
    [MOVE_BLOCKED] = "BLOCKED",
    [MOVE_DONE] = "DONE",
    [MOVE_UNVERIFIED] = "SWITCHED_UNVERIFIED",
    [MOVE_ABORTED] = "ABORTED",
};

static const char *const input_names[MOVE_INPUT_N] = {
    [MOVE_IN_OPEN_WITH_PAUSE] = "open-with-pause",
    [MOVE_IN_OPEN_DIRECT] = "open-direct",
    [MOVE_IN_PAUSED] = "paused",
    [MOVE_IN_DRAINED] = "drained",
    [MOVE_IN_SWITCH_INTENT] = "switch-intent",
    [MOVE_IN_SWITCHED] = "switched",
    [MOVE_IN_VERIFIED] = "verified",
    [MOVE_IN_VERIFY_EXPIRED] = "verify-expired",
    [MOVE_IN_ABORT] = "abort",
    [MOVE_IN_RESUMED] = "resumed",
    [MOVE_IN_STUCK] = "stuck",
    [MOVE_IN_STUCK_PAUSED] = "stuck-while-paused",
    [MOVE_IN_PAUSED_TOO_LONG] = "paused-too-long",
    [MOVE_IN_RELEASE] = "release",
    [MOVE_IN_SUPERSEDED] = "superseded",
    [MOVE_IN_LATE_WRITE] = "late-write",
    [MOVE_IN_EMPTIED] = "emptied",
};

static const char *const cause_names[MOVE_CAUSE_N] = {"conviction", "operator", "failback"};

const char *move_state_name(enum move_state state)
{
    return (size_t)state < ARRAY_COUNT(state_names) ? state_names[state] : "?";
}

const char *move_input_name(enum move_input input)
{
    return (size_t)input < ARRAY_COUNT(input_names) ? input_names[input] : "?";
}

const char *move_cause_name(enum move_cause cause)
{
    return (size_t)cause < ARRAY_COUNT(cause_names) ? cause_names[cause] : "?";
}
