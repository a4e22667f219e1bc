#include <string.h>

#include "proto/level.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

enum { TIMEOUT_MS = 500, LATENCY_MS = 200, ANSWER_MS = 10, SLOW_MS = 350, LOST_SYN_MS = 1000 };

/* When the copies of a frame arrive that do. */
struct network_fate stage_link_fate(struct stage *stage, node_id from, node_id to)
{
    struct network_fate fate = network_send(&stage->network, &stage->prng, from, to);
    const struct weather *here = &stage->actors[from].weather;
    const struct weather *there = &stage->actors[to].weather;
    time_ms delay_ms = here->delay_ms > there->delay_ms ? here->delay_ms : there->delay_ms;
    for (uint8_t i = 0; i < fate.copy_count; i++)
        fate.delay_ms[i] += delay_ms / 4;
    return fate;
}

/* Most messages are much smaller than the largest. */
static void copy_message(struct raft_message *to, const struct raft_message *from)
{
    if (from->kind != RAFT_APPEND) {
        *to = *from;
        return;
    }
    size_t used = offsetof(struct raft_message, as.append.entries);
    memcpy(to, from, used + from->as.append.entry_count * sizeof from->as.append.entries[0]);
}

void stage_send(struct stage *stage, const struct raft_message *message)
{
    struct network_fate fate = stage_link_fate(stage, message->from, message->to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, message->to);
        item->event.kind = EVENT_RAFT_MESSAGE;
        copy_message(&item->as.message, message);
    }
}

/* What a probe of something in this mood sees. One round trip is taken off before the latency is
 * judged, as the prober does; a congested path stalls the answer, too. */
static time_ms sample_of(enum mood mood, const struct weather *weather, struct sample *ret_sample)
{
    time_ms path_ms = STAGE_PATH_MS + weather->delay_ms;
    time_ms answer_ms = ANSWER_MS + (mood == MOOD_SLOW ? SLOW_MS : 0) + weather->stall_ms;
    bool hangs = mood == MOOD_HANGS || answer_ms > TIMEOUT_MS;
    *ret_sample = (struct sample){.result = SAMPLE_OK,
                                  .connect_us = (int32_t)(path_ms * 1000),
                                  .total_us = (int32_t)((path_ms + answer_ms) * 1000),
                                  .status = 200};
    if (mood == MOOD_REFUSES) {
        *ret_sample = (struct sample){
            .result = SAMPLE_REFUSED, .connect_us = -1, .first_byte_us = -1, .total_us = -1};
        return path_ms;
    }
    if (hangs) {
        ret_sample->result = SAMPLE_TIMEOUT;
        ret_sample->total_us = -1;
        ret_sample->status = 0;
        return path_ms + TIMEOUT_MS;
    }
    if (mood == MOOD_WRONG) {
        ret_sample->result = SAMPLE_STATUS;
        ret_sample->status = 500;
    } else if (answer_ms > LATENCY_MS) {
        ret_sample->result = SAMPLE_OVER_LATENCY;
    }
    return 2 * path_ms + answer_ms;
}

/* A reference may take its time: it has no latency budget and 2 s for an answer. */
static time_ms reference_sample_of(enum mood mood, const struct weather *weather,
                                   struct sample *ret_sample)
{
    time_ms path_ms = STAGE_PATH_MS + weather->delay_ms;
    if (mood == MOOD_REFUSES || mood == MOOD_HANGS)
        return sample_of(mood, weather, ret_sample);
    *ret_sample = (struct sample){.result = SAMPLE_OK,
                                  .connect_us = (int32_t)(path_ms * 1000),
                                  .total_us = (int32_t)((path_ms + ANSWER_MS) * 1000),
                                  .status = 200};
    return 2 * path_ms + ANSWER_MS;
}

/* A lost SYN is sent again after a second; a lost answer is not seen in time. */
static time_ms lose_packets(struct stage *stage, time_ms took_ms, struct sample *sample)
{
    if (prng_below(&stage->prng, 2) == 0 && sample->connect_us >= 0) {
        sample->connect_us += LOST_SYN_MS * 1000;
        return took_ms + LOST_SYN_MS;
    }
    *sample = (struct sample){.result = SAMPLE_TIMEOUT, .total_us = -1, .first_byte_us = -1};
    return STAGE_PATH_MS + TIMEOUT_MS;
}

void stage_probe(struct stage *stage, node_id node, const struct effect *effect)
{
    const struct actor *actor = &stage->actors[node];
    const struct weather *weather = &actor->weather;
    uint16_t service = stage_service_at(stage, node, effect->as.probe.service);
    uint8_t place = effect->as.probe.place;
    struct sample sample;
    time_ms took_ms;
    if (place < SIDE_N)
        took_ms = sample_of(stage->services[service].bots[node][place], weather, &sample);
    else
        took_ms = reference_sample_of(stage->references[node][place - PROBE_PLACE_REFERENCE],
                                      weather, &sample);
    if (weather->loss_permille > 0 && prng_below(&stage->prng, 1000) < weather->loss_permille)
        took_ms = lose_packets(stage, took_ms, &sample);
    sample.late_ms = weather->late_ms;
    struct stage_item *item = stage_later(stage, took_ms + weather->late_ms, ITEM_EVENT, node);
    item->incarnation = actor->incarnation;
    item->event.kind = EVENT_SAMPLE;
    item->event.as.sample.round = effect->as.probe.round;
    item->event.as.sample.place = place;
    item->event.as.sample.sample = sample;
}

static void send_vote(struct stage *stage, node_id to, const struct vote *vote)
{
    struct network_fate fate = stage_link_fate(stage, vote->voter, to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, to);
        item->event.kind = EVENT_VOTE;
        item->as.vote = *vote;
    }
}

static void claim(struct vote *vote, enum vote_value value)
{
    for (int side = 0; side < SIDE_N; side++) {
        vote->side[side].value = value;
        vote->side[side].reason = value == VOTE_UP ? VOTE_REASON_OK : VOTE_REASON_NO_ANSWER;
    }
}

/* What a liar says to the peer instead. */
static struct vote lie_to(struct stage *stage, node_id peer, const struct vote *vote)
{
    struct actor *actor = &stage->actors[vote->voter];
    struct vote said = *vote;
    switch (actor->lie) {
    case LIE_DOWN:
        claim(&said, VOTE_DOWN);
        break;
    case LIE_UP:
        claim(&said, VOTE_UP);
        break;
    case LIE_TWO_FACED:
        claim(&said, peer % 2 == 0 ? VOTE_UP : VOTE_DOWN);
        break;
    case LIE_REPLAY:
        claim(&said, VOTE_DOWN);
        break;
    case LIE_NONE:
    case LIE_N:
        break;
    }
    return said;
}

/* Beside what it says now: the contrary, or old frames, or a call of its own. */
static void lie_more(struct stage *stage, node_id peer, const struct vote *said)
{
    struct actor *actor = &stage->actors[said->voter];
    struct vote other = *said;
    if (actor->lie == LIE_TWO_FACED) {
        claim(&other, said->side[SIDE_PRIMARY].value == VOTE_UP ? VOTE_DOWN : VOTE_UP);
        checks_on_vote(stage, &other);
        send_vote(stage, peer, &other);
    }
    if (actor->lie != LIE_REPLAY)
        return;
    actor->history[actor->history_count++ % STAGE_HISTORY] = *said;
    if (actor->history_count > STAGE_HISTORY)
        send_vote(stage, peer, &actor->history[prng_below(&stage->prng, (uint64_t)STAGE_HISTORY)]);
    if (actor->core->raft.role != RAFT_FOLLOWER || actor->core->raft.leader == 0)
        return; /* invariant 9 is about liars that do not lead */
    struct stage_item *item = stage_later(stage, STAGE_LINK_MS, ITEM_EVENT, peer);
    item->event.kind = EVENT_CALL;
    item->as.call = (struct call){.caller = said->voter,
                                  .service = said->service,
                                  .inquiry = said->inquiry + 1,
                                  .ballot = said->ballot + 1,
                                  .term = actor->core->raft.term,
                                  .nonce = said->nonce + 1,
                                  .config_hash = said->config_hash,
                                  .deadline_ms = 1000};
}

/* Votes are published, and sent straight to the caller, too: the second copy says nothing new. */
void stage_vote(struct stage *stage, node_id node, node_id to, const struct vote *vote)
{
    bool lies = stage->actors[node].lie != LIE_NONE;
    checks_on_vote(stage, vote);
    lines_vote(stage, vote);
    for (node_id peer = 1; peer <= stage->node_count; peer++) {
        if (peer == node)
            continue;
        struct vote said = lies ? lie_to(stage, peer, vote) : *vote;
        if (lies)
            checks_on_vote(stage, &said);
        for (int copy = 0; copy < (peer == to ? 2 : 1); copy++)
            send_vote(stage, peer, &said);
        if (lies)
            lie_more(stage, peer, &said);
    }
}

static void send_call(struct stage *stage, node_id to, const struct call *call)
{
    struct network_fate fate = stage_link_fate(stage, call->caller, to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, to);
        item->event.kind = EVENT_CALL;
        item->as.call = *call;
    }
}

void stage_call(struct stage *stage, node_id node, const struct call *call)
{
    checks_on_call(stage);
    stage_say(stage, node, "calls ballot %u of inquiry %llu", call->ballot,
              (unsigned long long)call->inquiry);
    for (node_id peer = 1; peer <= stage->node_count; peer++)
        for (int copy = 0; peer != node && copy < 2; copy++)
            send_call(stage, peer, call);
}

static void send_hello(struct stage *stage, node_id from, node_id to)
{
    struct network_fate fate = stage_link_fate(stage, from, to);
    if (fate.copy_count == 0)
        return;
    struct event *event = &stage_later(stage, fate.delay_ms[0], ITEM_EVENT, to)->event;
    event->kind = EVENT_HELLO;
    event->as.hello.node = from;
    event->as.hello.level = PROTO_LEVEL_NEWEST;
    event->as.hello.can_act = core_can_act(stage->actors[from].core, stage_own_ms(stage, from));
}

void stage_ping(struct stage *stage, node_id node)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    for (node_id peer = 1; peer <= stage->node_count; peer++) {
        if (peer == node || !stage->actors[peer].up)
            continue;
        send_hello(stage, node, peer);
        struct network_fate there = stage_link_fate(stage, node, peer);
        struct network_fate back = stage_link_fate(stage, peer, node);
        if (there.copy_count == 0 || back.copy_count == 0)
            continue;
        time_ms trip_ms = there.delay_ms[0] + back.delay_ms[0];
        struct stage_item *item = stage_later(stage, trip_ms, ITEM_EVENT, node);
        item->incarnation = incarnation;
        item->event.kind = EVENT_PEER;
        item->event.as.peer.node = peer;
        item->event.as.peer.rtt_us = (int32_t)(trip_ms * 1000);
    }
    stage_later(stage, stage->setup.ping_ms, ITEM_PING, node)->incarnation = incarnation;
}
