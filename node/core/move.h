/* The move's legality table: one row for each thing that may happen, with its reason.
 * Never performs a step; ledger.c advances a move by it, step.c does what the state asks for.
 * Called by ledger.c, `quorate graph` and tests. */
#ifndef QUORATE_CORE_MOVE_H
#define QUORATE_CORE_MOVE_H

#include <stddef.h>

#include "node/core/update.h"
#include "proto/ledger.h"

struct move_row {
    enum move_state from;
    enum move_input input;
    enum move_state to;
    const char *reason;
};

/* The whole table, for the graph and for tests. */
const struct move_row *move_table(size_t *ret_count);

/* The row for the input in the state, or NULL where it is not legal. */
const struct move_row *move_find(enum move_state state, enum move_input input);

/* Advances the move. Returns WHY_NONE or WHY_ILLEGAL (then nothing changed). */
enum why move_advance(struct move_record *move, enum move_input input, enum why why,
                      time_ms now_ms);

/* The step whose request the state asks for. Returns 0 or ERR_NOT_FOUND where none is written in
 * it. */
int move_step_due(enum move_state state, enum route_step *ret_step);

/* Ledger time at which the pause has lasted too long; TIME_NEVER where nothing is paused or no row
 * ends it. A drain that was cut short for this leaves READY one deadline for its switch. */
time_ms move_pause_until_ms(const struct move_record *move,
                            const struct service_settings *settings);

/* The side that the step makes effective in this move. */
enum side move_step_side(const struct move_record *move, enum route_step step);

#endif
