/* The words of a move: its states, inputs and causes.
 * Never decides a transition; node/core/move.c holds the table.
 * Used by the ledger's records, its commands and everything that shows a move. */
#ifndef QUORATE_PROTO_MOVE_H
#define QUORATE_PROTO_MOVE_H

enum move_state {
    MOVE_NONE,
    MOVE_PAUSING,    /* the pause is being written */
    MOVE_DRAINING,   /* paused; conversations end by themselves */
    MOVE_READY,      /* drained; the switch intent is due */
    MOVE_SWITCHING,  /* the switch intent is accepted: from here only forward */
    MOVE_VERIFYING,  /* switched; reads and canaries must agree */
    MOVE_RESUMING,   /* a pause is taken back, then the move is aborted */
    MOVE_RETREATING, /* a pause is taken back to the better side, then the move is blocked */
    MOVE_BLOCKED,    /* needs a human */
    MOVE_DONE,
    MOVE_UNVERIFIED,
    MOVE_ABORTED,
    MOVE_STATE_N
};

enum move_input {
    MOVE_IN_OPEN_WITH_PAUSE,
    MOVE_IN_OPEN_DIRECT,
    MOVE_IN_PAUSED,
    MOVE_IN_DRAINED,
    MOVE_IN_SWITCH_INTENT,
    MOVE_IN_SWITCHED,
    MOVE_IN_VERIFIED,
    MOVE_IN_VERIFY_EXPIRED,
    MOVE_IN_ABORT,
    MOVE_IN_RESUMED,
    MOVE_IN_STUCK,        /* a definite no, and the route is not paused by us */
    MOVE_IN_STUCK_PAUSED, /* a definite no while the route is paused */
    MOVE_IN_PAUSED_TOO_LONG,
    MOVE_IN_RELEASE,    /* a human has seen the blocked move */
    MOVE_IN_SUPERSEDED, /* the switch surely did not happen: its version was taken */
    MOVE_IN_LATE_WRITE, /* a request that was given up landed after all; from level 2 on */
    MOVE_IN_EMPTIED,    /* no conversation is left on the side; from level 3 on */
    MOVE_INPUT_N
};

enum move_cause { CAUSE_CONVICTION, CAUSE_OPERATOR, CAUSE_FAILBACK, MOVE_CAUSE_N };

const char *move_state_name(enum move_state state);
const char *move_input_name(enum move_input input);
const char *move_cause_name(enum move_cause cause);

#endif
