/* A ledger in the hands of a test: one service, commands in a line each, and the proof that refused
 * ones change nothing. Never knows a leader: whatever a test proposes is applied. Used by the tests
 * of the ledger's apply. */
#ifndef QUORATE_TESTS_UNIT_CORE_LEDGER_RIG_H
#define QUORATE_TESTS_UNIT_CORE_LEDGER_RIG_H

#include "node/core/ledger.h"

struct ledger_rig {
    struct ledger ledger;
    struct ledger before; /* as it was before the last command */
    struct applied applied;
    term_id term;
    uint32_t ballot; /* the number of the last close */
};

/* Three voters and service 0 in mode act, served by its primary, drain 10 s where it is slow or
 * planned. */
struct ledger_rig *ledger_rig_new(void);
void ledger_rig_free(struct ledger_rig **rig);
struct service_record *ledger_rig_service(struct ledger_rig *rig);

/* Applies and demands that it is accepted; the other one that it is refused for this reason and
 * changes nothing but the time. */
void ledger_rig_accept(struct ledger_rig *rig, const struct command *command);
void ledger_rig_refuse(struct ledger_rig *rig, const struct command *command, enum why why);
void ledger_rig_wait(struct ledger_rig *rig, time_ms elapsed_ms);

/* Commands about service 0. */
struct command ledger_rig_command(enum command_kind kind);
struct command ledger_rig_open(node_id voter, enum side side);
/* The next ballot: a letter a side, F down, f slow, P, V void, - not closed. */
struct command ledger_rig_close(struct ledger_rig *rig, const char *letters);
/* As close, with a move away from the serving side. */
struct command ledger_rig_close_and_move(struct ledger_rig *rig, const char *letters,
                                         enum route_step first_step);
struct command ledger_rig_intent(const struct ledger_rig *rig, enum route_step step);
/* Of the open intent. */
struct command ledger_rig_outcome(const struct ledger_rig *rig, enum outcome outcome, enum why why,
                                  enum route_state state);
struct command ledger_rig_input(const struct ledger_rig *rig, enum move_input input);
struct command ledger_rig_seen(enum route_state state);
struct command ledger_rig_operator_move(enum side to, uint64_t request_id);

/* The same ballot so many times. */
void ledger_rig_close_all(struct ledger_rig *rig, const char *letters, int count);
/* The open intent's outcome, the next intent, an input: each is demanded to be accepted. */
void ledger_rig_settle(struct ledger_rig *rig, enum outcome outcome, enum why why,
                       enum route_state seen);
void ledger_rig_accept_intent(struct ledger_rig *rig, enum route_step step);
void ledger_rig_accept_input(struct ledger_rig *rig, enum move_input input);
void ledger_rig_assert_state(struct ledger_rig *rig, enum move_state state);

/* Ways into a state. */
void ledger_rig_inquire(struct ledger_rig *rig);
void ledger_rig_to_pausing(struct ledger_rig *rig);
void ledger_rig_to_draining(struct ledger_rig *rig);
void ledger_rig_to_ready(struct ledger_rig *rig);
void ledger_rig_to_switching(struct ledger_rig *rig); /* directly, the primary being down */
void ledger_rig_to_verifying(struct ledger_rig *rig);
void ledger_rig_to_blocked(struct ledger_rig *rig);

#endif
