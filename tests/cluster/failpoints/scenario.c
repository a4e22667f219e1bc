#include "tests/cluster/failpoints/scenario.h"

#include "common/check.h"

#define BIT(state) (1u << (state))
#define ON_PATCH "\"match\":{\"method\":\"PATCH\",\"path\":\"/api\",\"count\":"
#define REFUSED "{\"fault\":\"status\",\"status\":403," ON_PATCH "-1}}"
#define REFUSED_ONCE "{\"fault\":\"status\",\"status\":403," ON_PATCH "1}}"
#define NOT_FOUND "{\"fault\":\"status\",\"status\":404," ON_PATCH "-1}}"
#define LOST "{\"fault\":\"hang\"," ON_PATCH "-1}}"
#define LOST_ONCE "{\"fault\":\"hang\"," ON_PATCH "1}}"
#define ANSWERED_LATE "{\"fault\":\"latency\",\"ms\":1500," ON_PATCH "1}}"
#define APPLIED_LATE "{\"fault\":\"hold-then-apply-late\",\"ms\":3500," ON_PATCH "1}}"
#define UNREADABLE                          \
    "{\"fault\":\"status\",\"status\":503," \
    "\"match\":{\"method\":\"GET\",\"path\":\"/api\",\"count\":-1}}"

/* Election, heartbeat and deadline are the defaults; what is not about them is short. A dead side
 * is drained, a slow one not, because failing probes are quicker than slow ones. */
#define COMMON                                                                                   \
    .rule = "{fail: 3, of: 5, within: 4s}", .patrol = "{interval: 1s, confirm_interval: 200ms}", \
    .probe = "{connect_timeout: 200ms, timeout: 700ms, latency: 200ms}",                         \
    .timing = "{election: 1s, heartbeat: 100ms, timer_late: 250ms,"                              \
              " actuator: {deadline: 2s, proof: 2s, token_fresh: 60s},"                          \
              " reference_inflation: {minimum: 250ms}}",                                         \
    .program = QUORATE_FAILPOINTS_PROGRAM

static const struct cluster_settings settings[VARIANT_N] = {
    [VARIANT_QUICK] = {COMMON, .drain = "{slow: 0s, down: 600ms, planned: 0s}"},
    [VARIANT_LONG_DRAIN] = {COMMON, .drain = "{slow: 0s, down: 5s, planned: 0s}"},
    [VARIANT_SHORT_PAUSE] = {COMMON, .drain = "{slow: 0s, down: 4s, planned: 0s}",
                             .paused_max = "8s"},
    [VARIANT_EXPIRING] = {COMMON, .drain = "{slow: 0s, down: 600ms, planned: 0s}",
                          .verify = "{reads: 2, every: 100ms, canaries: 3, within: 2s}"},
};

static const struct script drained = {
    .ends = BIT(MOVE_DONE),
    .lines = {{.act = ACT_HOLD_REQUEST, .request = MOVE_PAUSING},
              {.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_HOLD_REQUEST, .request = MOVE_SWITCHING}},
};

static const struct script direct = {
    .ends = BIT(MOVE_DONE),
    .lines = {{.act = ACT_SLOW_SERVING}},
};

static const struct script held_while_pausing = {
    .ends = BIT(MOVE_ABORTED),
    .slow = true,
    .lines = {{.act = ACT_FAULT, .text = ANSWERED_LATE},
              {.act = ACT_FAIL_SERVING},
              {MOVE_PAUSING, .act = ACT_HOLD}},
};

static const struct script held_while_draining = {
    .variant = VARIANT_LONG_DRAIN,
    .ends = BIT(MOVE_ABORTED),
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_HOLD_REQUEST, .request = MOVE_RESUMING},
              {MOVE_DRAINING, .act = ACT_HOLD}},
};

static const struct script no_better_side = {
    .variant = VARIANT_LONG_DRAIN,
    .ends = BIT(MOVE_ABORTED),
    .lines = {{.act = ACT_FAIL_SERVING}, {MOVE_DRAINING, .act = ACT_FAIL_OTHER}},
};

static const struct script pause_refused = {
    .ends = BIT(MOVE_BLOCKED),
    .lines = {{.act = ACT_FAULT, .text = REFUSED},
              {.act = ACT_FAIL_SERVING},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS}},
};

/* Its first request lands only after a second one was refused. */
static const struct script landed_late = {
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAULT, .text = APPLIED_LATE},
              {.act = ACT_FAULT, .text = REFUSED},
              {.act = ACT_SLOW_SERVING},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS}},
};

static const struct script released = {
    .ends = BIT(MOVE_ABORTED),
    .lines = {{.act = ACT_FAULT, .text = REFUSED},
              {.act = ACT_FAIL_SERVING},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS},
              {MOVE_BLOCKED, .act = ACT_RELEASE}},
};

static const struct script switch_refused = {
    .ends = BIT(MOVE_BLOCKED),
    .lines = {{.act = ACT_FAULT, .text = REFUSED},
              {.act = ACT_SLOW_SERVING},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS}},
};

static const struct script pause_lost = {
    .variant = VARIANT_SHORT_PAUSE,
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAULT, .text = LOST},
              {.act = ACT_FAIL_SERVING},
              {MOVE_RETREATING, .act = ACT_CLEAR_FAULTS}},
};

/* The limit that ended the drain ends READY, too, and the retreat goes to the better side. */
static const struct script pause_late = {
    .variant = VARIANT_SHORT_PAUSE,
    .ends = BIT(MOVE_BLOCKED) | BIT(MOVE_DONE),
    .slow = true,
    .lines = {{.act = ACT_FAULT, .text = LOST},
              {.act = ACT_FAIL_SERVING},
              {MOVE_PAUSING, .after_ms = 4500, .act = ACT_CLEAR_FAULTS}},
};

static const struct script taken_while_draining = {
    .ends = BIT(MOVE_BLOCKED),
    .lines = {{.act = ACT_FAIL_SERVING}, {MOVE_DRAINING, .act = ACT_EDIT_FOREIGN}},
};

static const struct script unreadable = {
    .variant = VARIANT_SHORT_PAUSE,
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = UNREADABLE},
              {MOVE_RETREATING, .act = ACT_CLEAR_FAULTS}},
};

static const struct script version_taken = {
    .ends = BIT(MOVE_DONE),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = LOST_ONCE},
              {MOVE_SWITCHING, .act = ACT_EDIT_PAUSED}},
};

static const struct script refused_while_paused = {
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = REFUSED},
              {MOVE_RETREATING, .act = ACT_CLEAR_FAULTS}},
};

static const struct script retreat_held = {
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = REFUSED_ONCE},
              {MOVE_DRAINING, .act = ACT_HOLD_REQUEST, .request = MOVE_RETREATING}},
};

static const struct script retreat_refused = {
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = REFUSED},
              {MOVE_RETREATING, .after_ms = 1500, .act = ACT_CLEAR_FAULTS}},
};

static const struct script retreat_blocked = {
    .ends = BIT(MOVE_BLOCKED),
    .slow = true,
    .stays_paused = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = REFUSED_ONCE},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = NOT_FOUND},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS}},
};

static const struct script resume_refused = {
    .variant = VARIANT_LONG_DRAIN,
    .ends = BIT(MOVE_ABORTED),
    .slow = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = REFUSED},
              {MOVE_DRAINING, .act = ACT_HOLD},
              {MOVE_RESUMING, .after_ms = 1500, .act = ACT_CLEAR_FAULTS}},
};

static const struct script resume_blocked = {
    .variant = VARIANT_LONG_DRAIN,
    .ends = BIT(MOVE_BLOCKED),
    .stays_paused = true,
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = NOT_FOUND},
              {MOVE_DRAINING, .act = ACT_HOLD},
              {MOVE_BLOCKED, .act = ACT_CLEAR_FAULTS}},
};

static const struct script not_seen_to_work = {
    .variant = VARIANT_EXPIRING,
    .ends = BIT(MOVE_UNVERIFIED),
    .lines = {{.act = ACT_FAIL_SERVING},
              {MOVE_DRAINING, .act = ACT_FAULT, .text = ANSWERED_LATE},
              {MOVE_SWITCHING, .after_ms = 100, .act = ACT_FAIL_OTHER}},
};

static const struct row_scenario rows[] = {
    {MOVE_NONE, MOVE_IN_OPEN_WITH_PAUSE, &drained, NULL},
    {MOVE_NONE, MOVE_IN_OPEN_DIRECT, &direct, NULL},
    {MOVE_PAUSING, MOVE_IN_PAUSED, &drained, NULL},
    {MOVE_PAUSING, MOVE_IN_ABORT, &held_while_pausing, NULL},
    {MOVE_PAUSING, MOVE_IN_STUCK, &pause_refused, NULL},
    {MOVE_PAUSING, MOVE_IN_STUCK_PAUSED, NULL, "a route that is read as paused is not paused"},
    {MOVE_PAUSING, MOVE_IN_PAUSED_TOO_LONG, &pause_lost, NULL},
    {MOVE_DRAINING, MOVE_IN_DRAINED, &drained, NULL},
    {MOVE_DRAINING, MOVE_IN_EMPTIED, NULL, "no script has its conversations counted"},
    {MOVE_DRAINING, MOVE_IN_ABORT, &held_while_draining, NULL},
    {MOVE_DRAINING, MOVE_IN_STUCK, NULL, "nothing is read while the drain lasts"},
    {MOVE_DRAINING, MOVE_IN_STUCK_PAUSED, NULL, "no intent is open while the drain lasts"},
    {MOVE_DRAINING, MOVE_IN_PAUSED_TOO_LONG, &pause_late, NULL},
    {MOVE_READY, MOVE_IN_SWITCH_INTENT, &drained, NULL},
    {MOVE_READY, MOVE_IN_ABORT, &no_better_side, NULL},
    {MOVE_READY, MOVE_IN_STUCK, &taken_while_draining, NULL},
    {MOVE_READY, MOVE_IN_STUCK_PAUSED, NULL, "no intent is open before the switch's"},
    {MOVE_READY, MOVE_IN_PAUSED_TOO_LONG, &unreadable, NULL},
    {MOVE_SWITCHING, MOVE_IN_SWITCHED, &drained, NULL},
    {MOVE_SWITCHING, MOVE_IN_SUPERSEDED, &version_taken, NULL},
    {MOVE_SWITCHING, MOVE_IN_STUCK, &switch_refused, NULL},
    {MOVE_SWITCHING, MOVE_IN_STUCK_PAUSED, &refused_while_paused, NULL},
    {MOVE_VERIFYING, MOVE_IN_VERIFIED, &drained, NULL},
    {MOVE_VERIFYING, MOVE_IN_VERIFY_EXPIRED, &not_seen_to_work, NULL},
    {MOVE_RESUMING, MOVE_IN_RESUMED, &held_while_draining, NULL},
    {MOVE_RESUMING, MOVE_IN_PAUSED, &held_while_pausing, NULL},
    {MOVE_RESUMING, MOVE_IN_STUCK, &resume_blocked, NULL},
    {MOVE_RESUMING, MOVE_IN_STUCK_PAUSED, &resume_refused, NULL},
    {MOVE_RETREATING, MOVE_IN_RESUMED, &refused_while_paused, NULL},
    {MOVE_RETREATING, MOVE_IN_PAUSED, &pause_lost, NULL},
    {MOVE_RETREATING, MOVE_IN_STUCK, &retreat_blocked, NULL},
    {MOVE_RETREATING, MOVE_IN_STUCK_PAUSED, &retreat_refused, NULL},
    {MOVE_BLOCKED, MOVE_IN_RELEASE, &released, NULL},
    {MOVE_BLOCKED, MOVE_IN_LATE_WRITE, &landed_late, NULL},
};

const struct row_scenario *scenario_of_row(enum move_state from, enum move_input input)
{
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        if (rows[i].from == from && rows[i].input == input)
            return &rows[i];
    return NULL;
}

const struct script *scenario_of_request(enum move_state state)
{
    switch (state) {
    case MOVE_PAUSING:
    case MOVE_SWITCHING:
        return &drained;
    case MOVE_RESUMING:
        return &held_while_draining;
    case MOVE_RETREATING:
        return &retreat_held;
    case MOVE_NONE:
    case MOVE_DRAINING:
    case MOVE_READY:
    case MOVE_VERIFYING:
    case MOVE_BLOCKED:
    case MOVE_DONE:
    case MOVE_UNVERIFIED:
    case MOVE_ABORTED:
    case MOVE_STATE_N:
        break;
    }
    return NULL;
}

const struct cluster_settings *scenario_settings(enum variant variant)
{
    return &settings[variant];
}
