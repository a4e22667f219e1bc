#include "tests/sim/core/stage_parts.h"

#include "common/check.h"
#include "proto/level.h"
#include "tests/sim/core/checks.h"

enum { TIMEOUT_MS = 500, LATENCY_MS = 200, ANSWER_MS = 10, SLOW_MS = 350 };

/* When the copies of a frame arrive that do. */
static struct network_fate link_fate(struct stage *stage, node_id from, node_id to)
{
    struct network_fate fate = network_send(&stage->network, &stage->prng, from, to);
    bool congested = stage->actors[from].congested || stage->actors[to].congested;
    for (uint8_t i = 0; i < fate.copy_count && congested; i++)
        fate.delay_ms[i] += STAGE_CONGESTED_MS / 4;
    return fate;
}

void stage_send(struct stage *stage, const struct raft_message *message)
{
    struct network_fate fate = link_fate(stage, message->from, message->to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, message->to);
        item->event.kind = EVENT_RAFT_MESSAGE;
        item->as.message = *message;
    }
}

/* What a probe of something in this mood sees. One round trip is taken off before the latency is
 * judged, as the prober does; a congested path stalls the answer, too. */
static time_ms sample_of(enum mood mood, bool congested, struct sample *ret_sample)
{
    time_ms path_ms = STAGE_PATH_MS + (congested ? STAGE_CONGESTED_MS : 0);
    time_ms answer_ms =
        ANSWER_MS + (mood == MOOD_SLOW ? SLOW_MS : 0) + (congested ? TIMEOUT_MS : 0);
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
static time_ms reference_sample_of(enum mood mood, bool congested, struct sample *ret_sample)
{
    time_ms path_ms = STAGE_PATH_MS + (congested ? STAGE_CONGESTED_MS : 0);
    if (mood == MOOD_REFUSES || mood == MOOD_HANGS)
        return sample_of(mood, congested, ret_sample);
    *ret_sample = (struct sample){.result = SAMPLE_OK,
                                  .connect_us = (int32_t)(path_ms * 1000),
                                  .total_us = (int32_t)((path_ms + ANSWER_MS) * 1000),
                                  .status = 200};
    return 2 * path_ms + ANSWER_MS;
}

void stage_probe(struct stage *stage, node_id node, const struct effect *effect)
{
    const struct actor *actor = &stage->actors[node];
    uint8_t place = effect->as.probe.place;
    struct sample sample;
    time_ms took_ms;
    if (place < SIDE_N)
        took_ms = sample_of(stage->bots[node][place], actor->congested, &sample);
    else
        took_ms = reference_sample_of(stage->references[node][place - PROBE_PLACE_REFERENCE],
                                      actor->congested, &sample);
    struct stage_item *item = stage_later(stage, took_ms, ITEM_EVENT, node);
    item->incarnation = actor->incarnation;
    item->event.kind = EVENT_SAMPLE;
    item->event.as.sample.round = effect->as.probe.round;
    item->event.as.sample.place = place;
    item->event.as.sample.sample = sample;
}

static void send_vote(struct stage *stage, node_id to, const struct vote *vote)
{
    struct network_fate fate = link_fate(stage, vote->voter, to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, to);
        item->event.kind = EVENT_VOTE;
        item->as.vote = *vote;
    }
}

/* Votes are published, and sent straight to the caller, too: the second copy says nothing new. */
void stage_vote(struct stage *stage, node_id node, node_id to, const struct vote *vote)
{
    checks_on_vote(stage, vote);
    lines_vote(stage, vote);
    for (node_id peer = 1; peer <= stage->node_count; peer++)
        for (int copy = 0; peer != node && copy < (peer == to ? 2 : 1); copy++)
            send_vote(stage, peer, vote);
}

static void send_call(struct stage *stage, node_id to, const struct call *call)
{
    struct network_fate fate = link_fate(stage, call->caller, to);
    for (uint8_t i = 0; i < fate.copy_count; i++) {
        struct stage_item *item = stage_later(stage, fate.delay_ms[i], ITEM_EVENT, to);
        item->event.kind = EVENT_CALL;
        item->as.call = *call;
    }
}

void stage_call(struct stage *stage, node_id node, const struct call *call)
{
    stage_say(stage, node, "calls ballot %u of inquiry %llu", call->ballot,
              (unsigned long long)call->inquiry);
    for (node_id peer = 1; peer <= stage->node_count; peer++)
        for (int copy = 0; peer != node && copy < 2; copy++)
            send_call(stage, peer, call);
}

static void send_hello(struct stage *stage, node_id from, node_id to)
{
    struct network_fate fate = link_fate(stage, from, to);
    if (fate.copy_count == 0)
        return;
    struct event *event = &stage_later(stage, fate.delay_ms[0], ITEM_EVENT, to)->event;
    event->kind = EVENT_HELLO;
    event->as.hello.node = from;
    event->as.hello.level = PROTO_LEVEL_NEWEST;
    event->as.hello.can_act = core_can_act(stage->actors[from].core, stage->now_ms);
}

void stage_ping(struct stage *stage, node_id node)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    for (node_id peer = 1; peer <= stage->node_count; peer++) {
        if (peer == node || !stage->actors[peer].up)
            continue;
        send_hello(stage, node, peer);
        struct network_fate there = link_fate(stage, node, peer);
        struct network_fate back = link_fate(stage, peer, node);
        if (there.copy_count == 0 || back.copy_count == 0)
            continue;
        time_ms trip_ms = there.delay_ms[0] + back.delay_ms[0];
        struct stage_item *item = stage_later(stage, trip_ms, ITEM_EVENT, node);
        item->incarnation = incarnation;
        item->event.kind = EVENT_PEER;
        item->event.as.peer.node = peer;
        item->event.as.peer.rtt_us = (int32_t)(trip_ms * 1000);
    }
    stage_later(stage, 1000, ITEM_PING, node)->incarnation = incarnation;
}

static struct stage_item *answer_later(struct stage *stage, time_ms after_ms, node_id node,
                                       uint32_t incarnation, const struct route_job *job,
                                       enum route_result result)
{
    struct stage_item *item = stage_later(stage, after_ms, ITEM_EVENT, node);
    item->incarnation = incarnation;
    item->as.job = *job;
    item->event.kind = EVENT_ROUTE;
    item->event.as.route.ticket = job->ticket;
    item->event.as.route.service = job->service;
    item->event.as.route.kind = job->kind;
    item->event.as.route.result = result;
    item->event.as.route.took_ms = 2 * STAGE_API_MS;
    return item;
}

/* Loses the request or the node behind it where the scenario says so. */
void stage_write_starts(struct stage *stage, node_id node, const struct route_job *job)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    if (stage->now_ms >= job->start_before_ms) {
        (void)answer_later(stage, 1, node, incarnation, job, ROUTE_RESULT_CANCELED);
        return;
    }
    checks_on_write(stage, node, job);
    if (stage_springs(stage, node, TRAP_LOST, job->step, 0)) {
        stage_say(stage, node, "sends the %s, which gets lost", route_step_name(job->step));
        checks_on_write_over(stage);
        stage_crash(stage, node);
        return;
    }
    struct stage_item *item = stage_later(stage, STAGE_API_MS, ITEM_WRITE, node);
    item->as.job = *job;
    item->incarnation = 0;
    item->event.as.route.ticket = incarnation; /* who is to hear the answer */
    if (stage_springs(stage, node, TRAP_SENT, job->step, 0)) {
        stage_say(stage, node, "sends the %s", route_step_name(job->step));
        stage_crash(stage, node);
    }
}

void stage_route(struct stage *stage, node_id node, const struct route_job *job)
{
    const struct actor *actor = &stage->actors[node];
    struct stage_item *item;
    checks_on_job(stage, node, job);
    if (job->kind == ROUTE_JOB_ANNOUNCE)
        stage_say(stage, node, "tells the %s: %s mode", side_name(job->to),
                  job->degraded ? "degraded" : "normal");
    if (actor->api_cut) {
        (void)answer_later(stage, STAGE_DEADLINE_MS, node, actor->incarnation, job,
                           ROUTE_RESULT_NOT_SENT);
        return;
    }
    switch (job->kind) {
    case ROUTE_JOB_READ:
        item = stage_later(stage, STAGE_API_MS, ITEM_READ, node);
        item->incarnation = actor->incarnation;
        item->as.job = *job;
        break;
    case ROUTE_JOB_WRITE: /* on a thread of its own, a moment later */
        item = stage_later(stage, STAGE_START_MS, ITEM_START, node);
        item->incarnation = actor->incarnation;
        item->as.job = *job;
        break;
    case ROUTE_JOB_MINT:
    case ROUTE_JOB_ANNOUNCE:
        (void)answer_later(stage, 2 * STAGE_API_MS, node, actor->incarnation, job, ROUTE_RESULT_OK);
        break;
    case ROUTE_JOB_N:
        CHECK(false);
    }
}

void stage_read_arrives(struct stage *stage, const struct stage_item *item)
{
    struct stage_item *answer = answer_later(stage, STAGE_API_MS, item->node, item->incarnation,
                                             &item->as.job, ROUTE_RESULT_OK);
    answer->event.as.route.has_view = true;
    answer->event.as.route.view = platform_view(&stage->platform);
}

/* The request waits somewhere on its way, longer than its sender. */
static void delay_write(struct stage *stage, const struct stage_item *item)
{
    const struct route_job *job = &item->as.job;
    stage_say(stage, 0, "API: a %s by n%u is on its way for long", route_step_name(job->step),
              item->node);
    struct stage_item *late = stage_later(stage, STAGE_LATE_MS, ITEM_WRITE, item->node);
    late->as.job = *job;
    (void)answer_later(stage, STAGE_DEADLINE_MS - STAGE_API_MS, item->node,
                       (uint32_t)item->event.as.route.ticket, job, ROUTE_RESULT_UNKNOWN);
}

void stage_write_arrives(struct stage *stage, const struct stage_item *item)
{
    uint32_t incarnation = (uint32_t)item->event.as.route.ticket;
    if (incarnation != 0)
        checks_on_write_over(stage);
    if (incarnation != 0 && platform_takes_fault(&stage->platform, PLATFORM_LATE)) {
        delay_write(stage, item);
        return;
    }
    const struct platform_write *write =
        platform_write(&stage->platform, stage->now_ms, item->node, &item->as.job);
    lines_write(stage, write);
    if (incarnation == 0)
        return; /* nobody waits any more */
    bool answered = write->result != ROUTE_RESULT_UNKNOWN;
    time_ms after_ms = answered ? STAGE_API_MS : STAGE_DEADLINE_MS - STAGE_API_MS;
    struct stage_item *answer =
        answer_later(stage, after_ms, item->node, incarnation, &item->as.job, write->result);
    if (write->result == ROUTE_RESULT_RATE_LIMITED)
        answer->event.as.route.retry_after_ms = 3000;
    if (write->result == ROUTE_RESULT_OK) {
        answer->event.as.route.has_view = true;
        answer->event.as.route.view = platform_view(&stage->platform);
    }
}
