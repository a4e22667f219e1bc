/* The parts that core_step is made of; each handles its events and adds effects.
 * Never called from outside of node/core.
 * patrol.c: this node's duty as a voter. inquiry.c, ballots.c: the leader's inquiries. runner.c:
 * the leader's moves. drain.c: their drains. operate.c: operators. proof.c: could this node act.
 * leadership.c: who should lead. lead_failback.c, late.c, gated.c: what a service waits for.
 * level.c: what all voters speak. membership.c: nodes that lost their data. token.c: platforms'
 * refresh tokens. notices.c: what people are told. */
#ifndef QUORATE_CORE_PARTS_H
#define QUORATE_CORE_PARTS_H

#include "node/core/core.h"

/* core.c */
/* Proposes a command of this leader; the header's elapsed time is filled in. */
void core_propose(struct core *core, struct command *command, struct update *update);
uint64_t core_ticket(struct core *core);
void core_notice(struct core *core, enum notice_kind kind, service_slot slot, enum side side,
                 enum why why, struct update *update);

/* patrol.c */
/* The service's watch, new or changed; NULL where there is no room for another service. */
struct watch *patrol_configure(struct core *core, const struct name *name,
                               const struct service_settings *settings);
void patrol_tick(struct core *core, struct update *update);
void patrol_on_sample(struct core *core, const struct event *event, struct update *update);
void patrol_on_call(struct core *core, const struct call *call, struct update *update);
void patrol_on_peer_vote(struct core *core, const struct vote *vote);
void patrol_on_proof(struct core *core, uint64_t ticket, bool answered, struct update *update);
/* Maps the file's services to the ledger's slots. */
void patrol_map(struct core *core);

/* inquiry.c */
void inquiry_on_vote(struct core *core, const struct vote *vote, struct update *update);
void inquiry_on_applied(struct core *core, const struct applied *applied, struct update *update);
void inquiry_tick(struct core *core, service_slot slot, struct update *update);
/* Opens an inquiry without a complaint: an operator's move needs a young ballot on the side. */
void inquiry_ask(struct core *core, service_slot slot, enum side side, struct update *update);
void inquiry_abandon_calls(struct core *core);
/* Asks for the route and a fresh token where none is young. */
void inquiry_prepare(struct core *core, service_slot slot, struct update *update);
/* The opening that this leader would propose now, by its last reading. Returns WHY_NONE or why not.
 */
enum why inquiry_opening(const struct core *core, service_slot slot, enum side to,
                         enum move_cause cause, bool force, enum severity severity,
                         struct move_opening *ret_opening);

/* The guard would let the move be opened by an entry that is proposed now. */
bool inquiry_guard_passes(const struct core *core, const struct service_record *service,
                          const struct move_opening *opening, struct update *update);

/* ballots.c */
/* Closes what is decided (or, after the deadline, all) of the running ballot. */
void ballots_close(struct core *core, service_slot slot, struct update *update);

/* runner.c */
void runner_tick(struct core *core, service_slot slot, struct update *update);
/* The route job was the runner's and it took the answer. */
bool runner_on_route(struct core *core, service_slot slot, const struct event *event,
                     struct update *update);

/* drain.c */
/* What ends the drain now; MOVE_INPUT_N: nothing yet. Counts conversations where the service has it
 * so. */
enum move_input drain_tick(struct core *core, service_slot slot, struct update *update);
/* The route job was a count of this drain. */
bool drain_on_counted(struct core *core, service_slot slot, const struct event *event);

/* operate.c */
void operate_on_request(struct core *core, const struct operation *operation,
                        struct update *update);
void operate_tick(struct core *core, service_slot slot, struct update *update);
void operate_reply(uint64_t request_id, enum why why, log_index move, time_ms earliest_ms,
                   struct update *update);

/* lead_failback.c */
void failback_tick(struct core *core, service_slot slot, struct update *update);

/* late.c */
void late_tick(struct core *core, service_slot slot, struct update *update);

/* leadership.c */
/* Hands leadership over where this leader cannot act and another node can. */
void leadership_tick(struct core *core, struct update *update);

/* gated.c */
/* Tells people of a conviction that cannot move the service, once. */
void gated_tick(struct core *core, service_slot slot, struct update *update);

/* proof.c */
void proof_tick(struct core *core, struct update *update);
/* A reading came in: remember it, and notice drift. */
void proof_on_route(struct core *core, const struct event *event, struct update *update);
/* `routine`: no move or vote waits for it. Returns the ticket. */
uint64_t proof_read(struct core *core, service_slot slot, bool routine, struct update *update);
/* The ledger learns what the leader's last reading shows. */
void proof_propose_seen(struct core *core, service_slot slot, struct update *update);
/* The leader's last reading is what the ledger has. */
bool proof_shows_ledger(const struct core *core, service_slot slot);
/* A request of this leader is over: what was read before says nothing of the route any more. */
void proof_forget_view(struct core *core, service_slot slot);
bool proof_peers_normal(const struct core *core);

/* level.c */
void level_on_hello(struct core *core, const struct event *event);
/* Raises the ledger's wire level once all voters announce it. */
void level_tick(struct core *core, struct update *update);

/* membership.c */
void membership_on_join(struct core *core, const struct event *event, struct update *update);
void membership_on_applied(struct core *core, const struct applied *applied, struct update *update);
void membership_tick(struct core *core, struct update *update);

/* token.c */
/* The leader exchanges the refresh tokens that are due. */
void token_tick(struct core *core, struct update *update);
void token_on_exchanged(struct core *core, const struct event *event, struct update *update);
void token_on_applied(struct core *core, const struct applied *applied, struct update *update);
/* A 401 shows that the token is dead before its time. */
void token_on_route(struct core *core, const struct event *event);
/* Tells the actuator what the ledger holds; on every node. */
void token_tell(struct core *core, struct update *update);
/* The service's platform has tokens in the ledger: then a fresh one is wanted there, and no node
 * mints by itself. */
bool token_is_wanted(struct core *core, service_slot slot);

/* notices.c */
void notices_on_applied(struct core *core, const struct applied *applied, struct update *update);
void notices_tick(struct core *core, struct update *update);

#endif
