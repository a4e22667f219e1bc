#include <string.h>

#include "node/core/ledger.h"
#include "node/core/parts.h"
#include "node/core/sample.h"

static time_ms stagger(const struct core *core, const struct watch *watch, node_id from)
{
    uint8_t places = (uint8_t)(core->settings.self - from);
    return watch->settings.interval_ms * places / core->settings.node_count;
}

struct watch *patrol_configure(struct core *core, const struct name *name,
                               const struct service_settings *settings)
{
    struct watch *watch = NULL;
    for (uint16_t i = 0; i < core->watch_count; i++)
        if (name_equal(&core->watches[i].name, name))
            watch = &core->watches[i];
    if (watch == NULL && core->watch_count < SERVICE_COUNT_MAX) {
        watch = &core->watches[core->watch_count++];
        memset(watch, 0, sizeof *watch);
        watch->name = *name;
        watch->settings = *settings;
        /* Services are spread over the interval, too, so that they do not all probe at once. */
        time_ms spread = settings->interval_ms * (core->watch_count - 1) / SERVICE_COUNT_MAX;
        watch->next_patrol_ms = core->now_ms + stagger(core, watch, 1) + spread;
        watch->patrolled_ms = core->now_ms;
    }
    if (watch != NULL)
        watch->settings = *settings;
    return watch;
}

void patrol_map(struct core *core)
{
    for (uint16_t i = 0; i < core->watch_count; i++)
        core->watches[i].slot = ledger_find(&core->ledger, &core->watches[i].name);
}

static void begin_round(struct core *core, struct watch *watch, const struct call *call,
                        struct update *update)
{
    struct round *round = &watch->round;
    memset(round, 0, sizeof *round);
    round->id = core->next_round++;
    round->for_call = call != NULL;
    if (call != NULL)
        round->call = *call;
    round->started_ms = core->now_ms;
    round->deadline_ms = core->now_ms + watch->settings.ballot_deadline_ms;
    round->trust.reference_count = core->settings.reference_count;
    round->trust.config_differs = call != NULL && call->config_hash != watch->settings.config_hash;
    size_t places = (size_t)SIDE_N + core->settings.reference_count;
    for (size_t i = 0; i < places; i++) {
        struct effect *effect = update_add(update, EFFECT_PROBE);
        effect->as.probe.round = round->id;
        effect->as.probe.service = watch->slot;
        effect->as.probe.place = (uint8_t)(i < SIDE_N ? i : PROBE_PLACE_REFERENCE + (i - SIDE_N));
    }
}

static void fill_vote(struct core *core, service_slot slot, const struct call *call,
                      struct vote *ret_vote)
{
    *ret_vote = (struct vote){
        .voter = core->settings.self, .service = slot, .sequence = ++core->vote_sequence};
    if (call == NULL)
        return;
    ret_vote->inquiry = call->inquiry;
    ret_vote->ballot = call->ballot;
    ret_vote->nonce = call->nonce;
}

static void send_vote(struct core *core, const struct vote *vote, node_id to, struct update *update)
{
    struct effect *effect = update_add(update, EFFECT_VOTE);
    effect->as.vote.to = to == core->settings.self ? 0 : to;
    effect->as.vote.vote = *vote;
    inquiry_on_vote(core, vote, update);
}

static void end_round(struct core *core, struct watch *watch, struct update *update)
{
    struct round *round = &watch->round;
    struct vote vote;
    round->trust.peers_normal = proof_peers_normal(core);
    fill_vote(core, watch->slot, round->for_call ? &round->call : NULL, &vote);
    vote.config_hash = watch->settings.config_hash;
    for (int side = 0; side < SIDE_N; side++) {
        vote_judge(&round->sample[side], &round->trust, &core->settings.trust, &vote.side[side]);
        vote_lower(&vote.side[side], core->ledger.level);
    }
    node_id to = round->for_call ? round->call.caller : 0;
    round->id = 0;
    if (round->for_call)
        watch->answered = round->call;
    send_vote(core, &vote, to, update);
}

/* Both sides said what holds whatever the references say. */
static bool is_decided_alone(const struct round *round)
{
    for (int side = 0; side < SIDE_N; side++)
        if (!sample_meaning(round->sample[side].result)->authoritative)
            return false;
    return true;
}

static uint8_t references_heard(const struct core *core, const struct round *round)
{
    uint8_t heard = 0;
    for (uint8_t i = 0; i < core->settings.reference_count; i++)
        heard = (uint8_t)(heard + (round->reference_have[i] ? 1 : 0));
    return heard;
}

/* The references that are well are a majority already: those that are still out cannot change it.
 */
static bool references_suffice(const struct core *core, const struct round *round)
{
    uint8_t heard = references_heard(core, round);
    uint8_t bad = (uint8_t)(round->trust.reference_failed + round->trust.reference_inflated);
    return (heard - bad) * 2 > round->trust.reference_count ||
           heard == core->settings.reference_count;
}

/* Distrust by references may be lifted by the proof, which is asked for only then: it costs the API
 * a request. Where both sides are well no round comes here. */
static bool awaits_proof(struct core *core, struct watch *watch, struct update *update)
{
    struct round *round = &watch->round;
    enum vote_reason distrust = vote_distrust(&round->trust, &core->settings.trust);
    if (distrust != VOTE_REASON_REFERENCES_FAILED && distrust != VOTE_REASON_REFERENCES_INFLATED)
        return false;
    if (!proof_peers_normal(core) || watch->slot == SERVICE_SLOT_NONE)
        return false;
    if (!round->proof_asked) {
        round->proof_asked = true;
        round->proof_ticket = proof_read(core, watch->slot, false, update);
    }
    return !round->proof_ended;
}

static void consider_end(struct core *core, struct watch *watch, struct update *update)
{
    struct round *round = &watch->round;
    for (int side = 0; side < SIDE_N; side++)
        if (!round->have[side])
            return;
    if (!is_decided_alone(round) || round->trust.config_differs) {
        if (!references_suffice(core, round) || awaits_proof(core, watch, update))
            return;
    }
    end_round(core, watch, update);
}

/* The sample enters the reference's history; returns whether it is inflated by what was there
 * before. */
static bool remember_reference(struct core *core, uint8_t place, int32_t whole_us)
{
    struct rolling_minimum *minimum = &core->reference[place];
    bool inflated = vote_is_inflated(whole_us, rolling_minimum_get(minimum), &core->settings.trust);
    if (!inflated || core->now_ms - core->reference_adopted_ms[place] >= INFLATION_ADOPT_MS) {
        rolling_minimum_add(minimum, whole_us);
        core->reference_adopted_ms[place] = core->now_ms;
    }
    return inflated;
}

/* A round is over as soon as its vote is clear; answers that come later (round NULL) still teach
 * how far away the references are. */
static void note_reference(struct core *core, struct round *round, uint8_t place,
                           const struct sample *sample)
{
    int32_t whole_us = sample_whole_us(sample);
    bool inflated = whole_us >= 0 && remember_reference(core, place, whole_us);
    if (round == NULL || round->reference_have[place])
        return;
    round->reference_have[place] = true;
    if (whole_us < 0)
        round->trust.reference_failed++;
    else if (inflated)
        round->trust.reference_inflated++;
}

void patrol_on_sample(struct core *core, const struct event *event, struct update *update)
{
    struct watch *watch = NULL;
    uint8_t place = event->as.sample.place;
    const struct sample *sample = &event->as.sample.sample;
    for (uint16_t i = 0; i < core->watch_count; i++)
        if (core->watches[i].round.id == event->as.sample.round && event->as.sample.round != 0)
            watch = &core->watches[i];
    struct round *round = watch == NULL ? NULL : &watch->round;
    if (place >= PROBE_PLACE_REFERENCE &&
        place - PROBE_PLACE_REFERENCE < core->settings.reference_count)
        note_reference(core, round, (uint8_t)(place - PROBE_PLACE_REFERENCE), sample);
    if (round == NULL)
        return; /* of a round that its vote, a call or the deadline ended */
    if (sample->late_ms > round->trust.late_ms)
        round->trust.late_ms = sample->late_ms;
    if (place < SIDE_N && !round->have[place]) {
        round->have[place] = true;
        round->sample[place] = *sample;
    }
    consider_end(core, watch, update);
}

/* A service that this node's file does not have: it says so, rather than being silent. */
static void answer_unknown(struct core *core, const struct call *call, struct update *update)
{
    struct vote vote;
    fill_vote(core, call->service, call, &vote);
    for (int side = 0; side < SIDE_N; side++) {
        vote.side[side].value = VOTE_CANNOT_TELL;
        vote.side[side].reason = VOTE_REASON_CONFIG_DIFFERS;
    }
    send_vote(core, &vote, call->caller, update);
}

/* Calls go by two ways, so copies come; a lower number is one that came late. A new leader may call
 * a number again that its predecessor never closed: then the nonce differs, and it is another
 * ballot. */
static bool is_known(const struct call *call, const struct call *known)
{
    return known->inquiry == call->inquiry &&
           (known->nonce == call->nonce ||
            (known->term == call->term && known->ballot > call->ballot));
}

static bool is_answered(const struct watch *watch, const struct call *call)
{
    const struct round *round = &watch->round;
    return (round->id != 0 && round->for_call && is_known(call, &round->call)) ||
           is_known(call, &watch->answered);
}

void patrol_on_call(struct core *core, const struct call *call, struct update *update)
{
    bool of_leader = call->term == core->raft.term && call->caller == core->raft.leader;
    if (!of_leader || call->service >= core->ledger.service_count) {
        core->dropped_calls++;
        return;
    }
    struct watch *watch = core_watch_by_slot(core, call->service);
    if (watch == NULL) {
        answer_unknown(core, call, update);
        return;
    }
    if (is_answered(watch, call))
        return;
    begin_round(core, watch, call, update);
}

/* The voters stand staggered across the interval: each keeps its distance to the lowest voter it
 * hears. That may shift its phase, but not put its next look off for long: a voter that patrols too
 * often would silence the others. */
void patrol_on_peer_vote(struct core *core, const struct vote *vote)
{
    struct watch *watch = core_watch_by_slot(core, vote->service);
    if (watch == NULL || vote->inquiry != 0 || vote->voter >= core->settings.self)
        return;
    bool stale = core->now_ms - watch->anchor_ms > 2 * watch->settings.interval_ms;
    if (watch->anchor != 0 && vote->voter > watch->anchor && !stale)
        return;
    watch->anchor = vote->voter;
    watch->anchor_ms = core->now_ms;
    time_ms next_ms = core->now_ms + stagger(core, watch, vote->voter);
    time_ms latest_ms = watch->patrolled_ms + watch->settings.interval_ms * 3 / 2;
    watch->next_patrol_ms = next_ms < latest_ms ? next_ms : latest_ms;
}

void patrol_on_proof(struct core *core, uint64_t ticket, bool answered, struct update *update)
{
    for (uint16_t i = 0; i < core->watch_count; i++) {
        struct round *round = &core->watches[i].round;
        if (round->id == 0 || !round->proof_asked || round->proof_ticket != ticket)
            continue;
        round->proof_ended = true;
        round->trust.proof_answered = answered;
        consider_end(core, &core->watches[i], update);
    }
}

/* What did not come back by the deadline has failed. */
static void expire_round(struct core *core, struct watch *watch, struct update *update)
{
    struct round *round = &watch->round;
    for (uint8_t i = 0; i < core->settings.reference_count; i++) {
        if (!round->reference_have[i])
            round->trust.reference_failed++;
        round->reference_have[i] = true;
    }
    for (int side = 0; side < SIDE_N; side++)
        if (!round->have[side])
            round->sample[side].result = SAMPLE_LOCAL;
    end_round(core, watch, update);
}

static void tick_watch(struct core *core, struct watch *watch, struct update *update)
{
    bool known = watch->slot != SERVICE_SLOT_NONE;
    if (watch->round.id != 0) {
        if (core->now_ms >= watch->round.deadline_ms)
            expire_round(core, watch, update);
        else
            update_deadline(update, watch->round.deadline_ms);
        return;
    }
    if (known && core->now_ms >= watch->next_patrol_ms) {
        watch->next_patrol_ms += watch->settings.interval_ms;
        if (watch->next_patrol_ms <= core->now_ms)
            watch->next_patrol_ms = core->now_ms + watch->settings.interval_ms;
        watch->patrolled_ms = core->now_ms;
        begin_round(core, watch, NULL, update);
        update_deadline(update, watch->round.deadline_ms);
    }
    if (known)
        update_deadline(update, watch->next_patrol_ms);
}

void patrol_tick(struct core *core, struct update *update)
{
    for (uint16_t i = 0; i < core->watch_count; i++) {
        if (update_room(update) < EFFECT_COUNT_MAX / 2) {
            update_deadline(update, core->now_ms);
            return;
        }
        tick_watch(core, &core->watches[i], update);
    }
}
