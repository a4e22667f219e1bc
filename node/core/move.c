#include "node/core/move.h"

#include "common/check.h"
#include "common/errors.h"

static const struct move_row table[] = {
    {MOVE_NONE, MOVE_IN_OPEN_WITH_PAUSE, MOVE_PAUSING,
     "conversations are to end before the switch"},
    {MOVE_NONE, MOVE_IN_OPEN_DIRECT, MOVE_SWITCHING,
     "nothing to drain: the switch is the first intent"},
    {MOVE_PAUSING, MOVE_IN_PAUSED, MOVE_DRAINING, "the route holds new conversations"},
    {MOVE_PAUSING, MOVE_IN_ABORT, MOVE_RESUMING, "no longer wanted; the pause may have landed"},
    {MOVE_PAUSING, MOVE_IN_STUCK, MOVE_BLOCKED, "the pause was refused for good"},
    {MOVE_PAUSING, MOVE_IN_STUCK_PAUSED, MOVE_RETREATING, "refused for good while paused"},
    {MOVE_PAUSING, MOVE_IN_PAUSED_TOO_LONG, MOVE_RETREATING,
     "the pause was never confirmed in time"},
    {MOVE_DRAINING, MOVE_IN_DRAINED, MOVE_READY, "sessions ended, or the drain is over"},
    {MOVE_DRAINING, MOVE_IN_EMPTIED, MOVE_READY, "counted: no conversation is left"},
    {MOVE_DRAINING, MOVE_IN_ABORT, MOVE_RESUMING, "no longer wanted"},
    {MOVE_DRAINING, MOVE_IN_STUCK, MOVE_BLOCKED, "somebody else took the route"},
    {MOVE_DRAINING, MOVE_IN_STUCK_PAUSED, MOVE_RETREATING, "cannot go on while paused"},
    {MOVE_DRAINING, MOVE_IN_PAUSED_TOO_LONG, MOVE_READY, "the pause may last no longer"},
    {MOVE_READY, MOVE_IN_SWITCH_INTENT, MOVE_SWITCHING, "from here only forward"},
    {MOVE_READY, MOVE_IN_ABORT, MOVE_RESUMING, "no longer wanted"},
    {MOVE_READY, MOVE_IN_STUCK, MOVE_BLOCKED, "the switch may not be made"},
    {MOVE_READY, MOVE_IN_STUCK_PAUSED, MOVE_RETREATING, "the switch may not be made while paused"},
    {MOVE_READY, MOVE_IN_PAUSED_TOO_LONG, MOVE_RETREATING, "no switch could be begun in time"},
    {MOVE_SWITCHING, MOVE_IN_SWITCHED, MOVE_VERIFYING, "the route points at the other side"},
    {MOVE_SWITCHING, MOVE_IN_SUPERSEDED, MOVE_READY, "surely not done: the guard is asked again"},
    {MOVE_SWITCHING, MOVE_IN_STUCK, MOVE_BLOCKED, "the switch was refused for good"},
    {MOVE_SWITCHING, MOVE_IN_STUCK_PAUSED, MOVE_RETREATING, "the switch was refused while paused"},
    {MOVE_VERIFYING, MOVE_IN_VERIFIED, MOVE_DONE, "reads and canaries agree"},
    {MOVE_VERIFYING, MOVE_IN_VERIFY_EXPIRED, MOVE_UNVERIFIED, "not seen to work in time"},
    {MOVE_RESUMING, MOVE_IN_RESUMED, MOVE_ABORTED, "the pause is taken back"},
    {MOVE_RESUMING, MOVE_IN_PAUSED, MOVE_RESUMING, "the pause landed after the abort"},
    {MOVE_RESUMING, MOVE_IN_STUCK, MOVE_BLOCKED, "the resume was refused for good"},
    {MOVE_RESUMING, MOVE_IN_STUCK_PAUSED, MOVE_RESUMING, "a pause may not rest: tried again"},
    {MOVE_RETREATING, MOVE_IN_RESUMED, MOVE_BLOCKED, "unpaused; a human must look"},
    {MOVE_RETREATING, MOVE_IN_PAUSED, MOVE_RETREATING, "the pause landed after the retreat began"},
    {MOVE_RETREATING, MOVE_IN_STUCK, MOVE_BLOCKED, "the resume was refused for good"},
    {MOVE_RETREATING, MOVE_IN_STUCK_PAUSED, MOVE_RETREATING, "a pause may not rest: tried again"},
    {MOVE_BLOCKED, MOVE_IN_RELEASE, MOVE_ABORTED, "a human has seen it"},
    {MOVE_BLOCKED, MOVE_IN_LATE_WRITE, MOVE_RETREATING, "an own request landed late: taken back"},
};

const struct move_row *move_table(size_t *ret_count)
{
    *ret_count = ARRAY_COUNT(table);
    return table;
}

const struct move_row *move_find(enum move_state state, enum move_input input)
{
    for (size_t i = 0; i < ARRAY_COUNT(table); i++)
        if (table[i].from == state && table[i].input == input)
            return &table[i];
    return NULL;
}

enum why move_advance(struct move_record *move, enum move_input input, enum why why, time_ms now_ms)
{
    const struct move_row *row = move_find(move->state, input);
    if (row == NULL)
        return WHY_ILLEGAL;
    move->state = row->to;
    move->state_ms = now_ms;
    move->why = why;
    /* An ended move holds no request whose outcome is unknown. */
    CHECK(move_is_open(move) || move->intent.index == 0);
    return WHY_NONE;
}

int move_step_due(enum move_state state, enum route_step *ret_step)
{
    switch (state) {
    case MOVE_PAUSING:
        *ret_step = ROUTE_PAUSE;
        return 0;
    case MOVE_READY:
    case MOVE_SWITCHING:
        *ret_step = ROUTE_SWITCH;
        return 0;
    case MOVE_RESUMING:
    case MOVE_RETREATING:
        *ret_step = ROUTE_RESUME;
        return 0;
    case MOVE_NONE:
    case MOVE_DRAINING:
    case MOVE_VERIFYING:
    case MOVE_BLOCKED:
    case MOVE_DONE:
    case MOVE_UNVERIFIED:
    case MOVE_ABORTED:
    case MOVE_STATE_N:
        return ERR_NOT_FOUND;
    }
    return ERR_NOT_FOUND;
}

time_ms move_pause_until_ms(const struct move_record *move, const struct service_settings *settings)
{
    if (move->paused_ms == 0 || move_find(move->state, MOVE_IN_PAUSED_TOO_LONG) == NULL)
        return TIME_NEVER;
    time_ms until_ms = move->paused_ms + settings->paused_max_ms;
    time_ms begun_ms = move->state_ms + settings->actuator_deadline_ms;
    bool cut_short = move->state == MOVE_READY && move->why == WHY_PAUSED_TOO_LONG;
    return cut_short && begun_ms > until_ms ? begun_ms : until_ms;
}

enum side move_step_side(const struct move_record *move, enum route_step step)
{
    return step == ROUTE_RESUME ? move->resume_to : move->to;
}
