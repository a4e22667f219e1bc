#include <string.h>

#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "node/core/verdict.h"

static void open_inquiry(struct core *core, service_slot slot, const struct vote *vote,
                         enum side side, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    struct command command = {.kind = COMMAND_INQUIRY_OPEN, .service = slot};
    command.as.inquiry_open.voter = vote->voter;
    command.as.inquiry_open.side = side;
    command.as.inquiry_open.value = vote->side[side].value;
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

void inquiry_ask(struct core *core, service_slot slot, enum side side, struct update *update)
{
    struct vote question = {.voter = core->settings.self};
    question.side[side].value = VOTE_SLOW;
    if (core->ledger.services[slot].inquiry.index == 0 && !core->leads[slot].proposed)
        open_inquiry(core, slot, &question, side, update);
}

static bool is_quiet(const struct core *core, const struct complaint *complaint,
                     enum vote_value value)
{
    return complaint->value == value && core->now_ms < complaint->quiet_until_ms;
}

/* A complaint opens an inquiry; the same voter's unchanged complaint only after its back-off. */
static void hear_complaints(struct core *core, const struct vote *vote, struct update *update)
{
    service_slot slot = vote->service;
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    for (int side = 0; side < SIDE_N; side++) {
        enum vote_value value = vote->side[side].value;
        struct complaint *complaint = &lead->complaint[vote->voter][side];
        if (value == VOTE_UP)
            *complaint = (struct complaint){.value = VOTE_UP};
        if (!vote_is_not_up(value) || is_quiet(core, complaint, value))
            continue;
        bool free = service->inquiry.index == 0 && !lead->proposed && !move_is_open(&service->move);
        if (!free)
            continue;
        open_inquiry(core, slot, vote, (enum side)side, update);
    }
}

/* BLIND is when no quorum gives informative votes on the serving side. */
static void note_informative(struct core *core, service_slot slot)
{
    struct lead *lead = &core->leads[slot];
    const struct heard *heard = &core->heard[slot];
    const struct service_record *service = &core->ledger.services[slot];
    uint8_t informative = 0;
    for (node_id voter = 1; voter <= core->settings.node_count; voter++) {
        bool young = heard->at_ms[voter] != 0 &&
                     core->now_ms - heard->at_ms[voter] < 2 * service->settings.interval_ms;
        if (young && heard->votes[voter].side[service->serving].value != VOTE_CANNOT_TELL)
            informative++;
    }
    if (informative < raft_quorum(core->settings.node_count))
        return;
    lead->informative_ms = core->now_ms;
    lead->blind = false;
}

/* DESIGN 3: after a doubt about time a full round must be heard. A ballot is one; without an
 * inquiry the patrol's votes are, those left out that may have waited in the sockets. */
static void consider_doubt(struct core *core, const struct heard *heard)
{
    time_ms since_ms = core->doubt_ms + core->settings.election_ms;
    uint8_t young = 0;
    for (node_id voter = 1; voter <= core->settings.node_count; voter++)
        if (heard->at_ms[voter] > since_ms)
            young++;
    if (young >= raft_quorum(core->settings.node_count))
        core->in_doubt = false;
}

static bool answers_call(const struct lead *lead, const struct vote *vote)
{
    return lead->calling && vote->inquiry == lead->call.inquiry &&
           vote->ballot == lead->call.ballot && vote->nonce == lead->call.nonce;
}

void inquiry_on_vote(struct core *core, const struct vote *vote, struct update *update)
{
    if (vote->service >= core->ledger.service_count)
        return;
    struct lead *lead = &core->leads[vote->service];
    struct heard *heard = &core->heard[vote->service];
    heard->votes[vote->voter] = *vote;
    heard->at_ms[vote->voter] = core->now_ms;
    if (!core->leading)
        return;
    note_informative(core, vote->service);
    if (vote->inquiry == 0) {
        consider_doubt(core, heard);
        hear_complaints(core, vote, update);
    } else if (answers_call(lead, vote) && ballot_add(&lead->ballot, vote) == 0) {
        ballots_close(core, vote->service, update);
    }
}

/* After an inquiry the complaints that stood are quiet for a while, twice as long each time. */
static void quieten(struct core *core, service_slot slot)
{
    struct lead *lead = &core->leads[slot];
    const struct heard *heard = &core->heard[slot];
    const struct service_record *service = &core->ledger.services[slot];
    for (node_id voter = 1; voter <= core->settings.node_count; voter++)
        for (int side = 0; side < SIDE_N; side++) {
            enum verdict verdict = verdict_of(&service->rolling[side], &service->settings,
                                              core_ledger_now(core, core->now_ms))
                                       .verdict;
            enum vote_value value = heard->votes[voter].side[side].value;
            struct complaint *complaint = &lead->complaint[voter][side];
            if (heard->at_ms[voter] == 0 || !vote_is_not_up(value))
                continue;
            time_ms backoff_ms = complaint->backoff_ms == 0 ? service->settings.interval_ms
                                                            : complaint->backoff_ms * 2;
            if (backoff_ms > COMPLAINT_BACKOFF_LAST_MS)
                backoff_ms = COMPLAINT_BACKOFF_LAST_MS;
            *complaint = (struct complaint){.value = value,
                                            .backoff_ms = backoff_ms,
                                            .quiet_until_ms = core->now_ms + backoff_ms,
                                            .path_fault = verdict != VERDICT_CONVICTED};
        }
}

void inquiry_on_applied(struct core *core, const struct applied *applied, struct update *update)
{
    if (applied->service >= core->ledger.service_count)
        return;
    struct lead *lead = &core->leads[applied->service];
    const struct service_record *service = &core->ledger.services[applied->service];
    if (applied->kind != COMMAND_BALLOT_CLOSE && applied->term == core->leading_term)
        lead->proposed = false;
    if (service->inquiry.index == lead->inquiry)
        return;
    bool ended = lead->inquiry != 0;
    lead->inquiry = service->inquiry.index;
    lead->inquiry_ms = core->now_ms;
    lead->calling = false;
    lead->called_ms = 0;
    if (ended)
        quieten(core, applied->service);
    if (lead->inquiry != 0)
        inquiry_prepare(core, applied->service, update);
}

void inquiry_abandon_calls(struct core *core)
{
    for (service_slot slot = 0; slot < core->ledger.service_count; slot++)
        core->leads[slot].calling = false;
}

void inquiry_prepare(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    if (core_watch_by_slot(core, slot) == NULL)
        return;
    bool reading = lead->read_ticket != 0 &&
                   core->now_ms - lead->read_asked_ms < core->settings.actuator_deadline_ms;
    if (!reading) {
        /* A move that is open reads for itself. */
        bool routine = move_is_open(&core->ledger.services[slot].move);
        lead->read_ticket = proof_read(core, slot, routine, update);
        lead->read_asked_ms = core->now_ms;
    }
    if (lead->minted_ms != 0 && lead->minted_ms >= lead->inquiry_ms &&
        core->now_ms - lead->minted_ms < MINT_EVERY_MS)
        return;
    lead->minted_ms = core->now_ms;
    if (token_is_wanted(core, slot))
        return;
    struct route_job *job = &update_add(update, EFFECT_ROUTE)->as.route;
    job->ticket = core_ticket(core);
    job->kind = ROUTE_JOB_MINT;
    job->token_minted_after_ms = core->now_ms;
    job->service = slot;
}

/* DESIGN 2.7: no pause while the live voters are exactly a quorum; a drain of 0 skips it. */
static enum route_step first_step(const struct core *core, service_slot slot, enum move_cause cause,
                                  enum severity severity)
{
    const struct service_record *service = &core->ledger.services[slot];
    enum drain_kind drain = ledger_drain_kind(cause, severity);
    bool spare =
        raft_live_voters(&core->raft, core->now_ms) > raft_quorum(core->settings.node_count);
    bool paused = core->leads[slot].view.state == ROUTE_PAUSED;
    bool pause = service->settings.drain_ms[drain] > 0 && spare && !paused;
    return pause ? ROUTE_PAUSE : ROUTE_SWITCH;
}

enum why inquiry_opening(const struct core *core, service_slot slot, enum side to,
                         enum move_cause cause, bool force, enum severity severity,
                         struct move_opening *ret_opening)
{
    const struct lead *lead = &core->leads[slot];
    enum why gate = core_leader_gate(core);
    time_ms not_before_ms = lead->has_operation ? lead->operation_ms : lead->inquiry_ms;
    if (gate != WHY_NONE)
        return gate;
    if (lead->view_ms == 0 || lead->view_ms < not_before_ms || lead->view.state == ROUTE_UNKNOWN)
        return WHY_ROUTE_UNREAD;
    if (lead->view.state == ROUTE_FOREIGN)
        return WHY_ROUTE_FOREIGN;
    if (lead->view.state == route_state_of(to))
        return WHY_ALREADY_SERVING; /* somebody else was there first: it is adopted, not written */
    enum route_step step = first_step(core, slot, cause, severity);
    *ret_opening = (struct move_opening){
        .present = true,
        .to = to,
        .cause = cause,
        .force = force,
        .first_step = step,
        .base = {.version = lead->view.version, .body_hash = lead->view.body_hash[step][to]}};
    return WHY_NONE;
}

static void call_votes(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    uint32_t last =
        lead->call.inquiry == lead->inquiry && lead->call.ballot > service->inquiry.ballots
            ? lead->call.ballot
            : service->inquiry.ballots;
    lead->call = (struct call){.caller = core->settings.self,
                               .service = slot,
                               .inquiry = service->inquiry.index,
                               .ballot = last + 1,
                               .term = core->raft.term,
                               .nonce = prng_next(&core->prng),
                               .config_hash = service->settings.config_hash,
                               .deadline_ms = service->settings.ballot_deadline_ms};
    lead->calling = true;
    lead->called_ms = core->now_ms;
    lead->call_deadline_ms = core->now_ms + service->settings.ballot_deadline_ms + CALL_GRACE_MS;
    memset(&lead->ballot, 0, sizeof lead->ballot);
    memset(lead->side_closed, 0, sizeof lead->side_closed);
    update_add(update, EFFECT_CALL)->as.call = lead->call;
    inquiry_prepare(core, slot, update);
    patrol_on_call(core, &lead->call, update);
}

/* The entry itself moves ledger time on, so what only time stands against is over once its time has
 * come. */
bool inquiry_guard_passes(const struct core *core, const struct service_record *service,
                          const struct move_opening *opening, struct update *update)
{
    struct guard_answer answer = guard_open(&core->ledger, service, opening);
    if (answer.why == WHY_NONE)
        return true;
    if (answer.earliest_ms == TIME_UNKNOWN)
        return false;
    time_ms left_ms = answer.earliest_ms - core_ledger_now(core, core->now_ms);
    if (left_ms > 0)
        update_deadline(update, core->now_ms + left_ms);
    return left_ms <= 0;
}

/* A conviction that could not open its move with the close opens it as soon as the guard passes. */
static void try_gated(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    struct command command = {.kind = COMMAND_MOVE_OPEN, .service = slot};
    enum side to = side_other(service->serving);
    if (lead->proposed || inquiry_opening(core, slot, to, CAUSE_CONVICTION, false,
                                          service->inquiry.severity[service->serving],
                                          &command.as.move_open.move) != WHY_NONE)
        return;
    if (verdict_of(&service->rolling[service->serving], &service->settings,
                   core_ledger_now(core, core->now_ms))
            .verdict != VERDICT_CONVICTED)
        return; /* what convicted has become too old */
    if (!inquiry_guard_passes(core, service, &command.as.move_open.move, update))
        return;
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

static void try_lapse(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    time_ms age_ms = core_ledger_now(core, core->now_ms) - service->inquiry.opened_ms;
    bool over = age_ms >= service->settings.within_ms ||
                service->inquiry.ballots >= service->settings.max_calls;
    if (!over || lead->proposed || lead->calling)
        return;
    struct command command = {.kind = COMMAND_INQUIRY_LAPSE, .service = slot};
    command.as.lapse.inquiry = service->inquiry.index;
    lead->proposed = true;
    lead->proposed_ms = core->now_ms;
    core_propose(core, &command, update);
}

static void tick_call(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    if (lead->calling) {
        if (core->now_ms >= lead->call_deadline_ms)
            ballots_close(core, slot, update);
        else
            update_deadline(update, lead->call_deadline_ms);
        return;
    }
    time_ms next_ms = lead->called_ms + service->settings.confirm_interval_ms;
    if (lead->called_ms == 0 || next_ms < lead->closed_ms)
        next_ms = lead->closed_ms;
    if (core->now_ms >= next_ms)
        call_votes(core, slot, update);
    else
        update_deadline(update, next_ms);
}

void inquiry_tick(struct core *core, service_slot slot, struct update *update)
{
    struct lead *lead = &core->leads[slot];
    const struct service_record *service = &core->ledger.services[slot];
    if (lead->proposed && core->now_ms - lead->proposed_ms > PROPOSAL_PATIENCE_MS)
        lead->proposed = false;
    if (lead->inquiry != service->inquiry.index) {
        /* inherited from an earlier leader: its ballots that were open do not count */
        lead->inquiry = service->inquiry.index;
        lead->inquiry_ms = core->now_ms;
    }
    if (service->inquiry.index == 0)
        return;
    bool moving = move_is_open(&service->move);
    bool convicted = service->inquiry.convicted[service->serving];
    if (!moving && convicted)
        try_gated(core, slot, update);
    if (!moving && !convicted)
        try_lapse(core, slot, update);
    bool over = !moving && !convicted && service->inquiry.ballots >= service->settings.max_calls;
    if (lead->calling || !over)
        tick_call(core, slot, update);
}
