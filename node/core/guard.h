/* The guard: may this service be moved now, and if not, why not and when at the earliest.
 * Never reads anything but the ledger's record; what only the leader knows (quorum, time in doubt)
 * is added by core.c. Called by ledger.c as a condition of opening a move and of its switch intent,
 * by the leader and by explain. Pure. */
#ifndef QUORATE_CORE_GUARD_H
#define QUORATE_CORE_GUARD_H

#include "proto/ledger.h"

struct guard_answer {
    enum why why;        /* WHY_NONE: yes */
    time_ms earliest_ms; /* ledger time from which this answer may change by time alone;
                            TIME_UNKNOWN otherwise */
};

#define TIME_UNKNOWN INT64_MAX

/* May a move to `opening->to` be opened? Conditions in the order of DESIGN 2.6. */
struct guard_answer guard_open(const struct ledger *ledger, const struct service_record *service,
                               const struct move_opening *opening);

/* May the open move's switch intent be accepted? */
enum why guard_switch(const struct ledger *ledger, const struct service_record *service);

/* The destination is strictly better than the serving side by the last closed ballots (DOWN < SLOW
 * < UP). */
enum why guard_destination(const struct ledger *ledger, const struct service_record *service,
                           enum side to);

/* Services that are moving now. */
uint8_t guard_moving_count(const struct ledger *ledger);

#endif
