/* The parts that ledger_apply is made of: commands about inquiries, moves and tokens.
 * Never called from outside of the ledger's own files.
 * Each returns WHY_NONE for accepted, and writes what it did into *applied. */
#ifndef QUORATE_CORE_LEDGER_PARTS_H
#define QUORATE_CORE_LEDGER_PARTS_H

#include "node/core/ledger.h"

struct application {
    struct ledger *ledger;
    struct service_record *service; /* NULL for commands about the cluster */
    log_index index;
    term_id term;
    const struct command *command;
    struct applied *applied;
};

enum why ledger_inquiry_open(struct application *application);
enum why ledger_ballot_close(struct application *application);
enum why ledger_inquiry_lapse(struct application *application);
void ledger_inquiry_end(struct service_record *service);

/* ledger_hold.c */
enum why ledger_hold(struct application *application);
enum why ledger_hold_all(struct application *application);
enum why ledger_release(struct application *application);
enum why ledger_release_all(struct application *application);
void ledger_expire_holds(struct ledger *ledger);

/* ledger_late.c */
/* The intent ended in a definite no; the outcome says whether an earlier request may still land. */
void ledger_late_remember(struct application *application, const struct intent_record *intent);
/* The route was seen in this version: requests on others can land no more. */
void ledger_late_forget(struct service_record *service, uint64_t version);
bool ledger_late_is_possible(const struct ledger *ledger, const struct service_record *service);
/* DESIGN 3: the reading equals what a given-up intent of the BLOCKED move wanted: a late own write.
 */
bool ledger_late_landed(const struct application *application);

/* ledger_route.c */
/* The ledger's level has words for units. */
bool ledger_knows_units(const struct ledger *ledger);
/* What was seen: UNKNOWN only says that somebody looked. A unit that was first seen half-moved in
 * an open move counts as paused from then on. */
void ledger_learn_route(struct application *application, enum route_state state, uint64_t version,
                        const struct route_parts *parts);
/* The route, with all its parts, is at this state. */
void ledger_set_route(struct service_record *service, enum route_state state);

enum why ledger_move_open(struct application *application);
enum why ledger_intent(struct application *application);
enum why ledger_outcome(struct application *application);
enum why ledger_move_input(struct application *application);
enum why ledger_route_seen(struct application *application);

/* The commands about platforms' tokens. */
enum why ledger_token_apply(struct application *application);

/* Opens a move and its first intent where the guard passes. */
enum why ledger_open_move(struct application *application, const struct move_opening *opening);
/* A request that was given up has landed: the BLOCKED move takes it back. */
enum why ledger_take_back(struct application *application);
/* Takes an open move back where that is still legal; elsewhere changes nothing. */
void ledger_abort_move(struct application *application, enum why why);
/* Ends a BLOCKED move. */
enum why ledger_release_move(struct application *application);

#endif
