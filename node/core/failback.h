/* Failback: when a service that failed over may return to its primary without an operator.
 * Never opens a move; guard.c asks here, lead_failback.c proposes, ledger_move.c keeps the times.
 * Called by those and by explain. Pure. */
#ifndef QUORATE_CORE_FAILBACK_H
#define QUORATE_CORE_FAILBACK_H

#include "proto/ledger.h"

/* Ledger time from which the service may return; TIME_UNKNOWN (guard.h) where it waits for nothing:
 * failback is manual, or its primary serves, or it did not come here by a conviction. */
time_ms failback_due_ms(const struct service_record *service);

/* The hold time: `after`, twice as long for each further failover in the budget's window, at most
 * `longest`. */
time_ms failback_hold_ms(const struct service_record *service);

/* Three ballots of the primary passed in a row, and are young. */
enum why failback_destination(const struct ledger *ledger, const struct service_record *service);

#endif
