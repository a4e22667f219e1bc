/* The ledger's apply: every node changes the same record by the same command in the same way.
 * Never reads a clock, a file or a configuration; time is what commands carry.
 * Called by core.c for each committed entry, in order. Pure. */
#ifndef QUORATE_CORE_LEDGER_H
#define QUORATE_CORE_LEDGER_H

#include "node/core/update.h"
#include "proto/ledger.h"

enum {
    LEDGER_TICK_MS = 10000, /* DESIGN 3: a tick while a timer is open */
    LEDGER_SLOW_TICK_MS = 60000,
};

void ledger_init(struct ledger *ledger);

/* Applies one entry; says whether it was accepted, and why not. A refused command changes nothing
 * but the time. */
struct applied ledger_apply(struct ledger *ledger, log_index index, term_id term,
                            const struct command *command);

/* The record of a slot or name, NULL where there is none. */
struct service_record *ledger_service(struct ledger *ledger, service_slot slot);
service_slot ledger_find(const struct ledger *ledger, const struct name *name);

/* The record of a platform's tokens, NULL where there is none. */
const struct token_record *ledger_token(const struct ledger *ledger, const struct name *platform);

/* What an operator's earlier request with this id came to, NULL where it is not remembered (or id
 * is 0). */
const struct request_record *ledger_request(const struct ledger *ledger, uint64_t id);

/* Which drain the move has: planned for an operator's, by severity otherwise. */
enum drain_kind ledger_drain_kind(enum move_cause cause, enum severity severity);

/* How often ledger time must be told to go on: often while an inquiry, move, cooldown or hold is
 * open or a ballot still counts, seldom where only budgets or tokens age or a failback waits, 0
 * where nothing does. Time that no entry carried is lost with its leader. */
time_ms ledger_tick_every_ms(const struct ledger *ledger);

#endif
