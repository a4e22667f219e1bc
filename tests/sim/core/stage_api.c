#include <string.h>

#include "common/check.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

enum {
    RETRY_AFTER_MS = 3000,
    SLOWEST_MS = STAGE_DEADLINE_MS - 1, /* of a request that arrives in time */
};

static struct platform *platform_of(struct stage *stage, node_id node, service_slot slot)
{
    return &stage->services[stage_service_at(stage, node, slot)].platform;
}

/* One way between the node and its service's API. */
static time_ms way_ms(struct stage *stage, node_id node, const struct platform *platform)
{
    return STAGE_API_MS + platform->delay_ms + stage->actors[node].weather.delay_ms / 4;
}

static bool loses(struct stage *stage, node_id node)
{
    uint32_t permille = stage->actors[node].weather.loss_permille;
    return permille > 0 && prng_below(&stage->prng, 1000) < permille;
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

/* The next part from `place` on that the job has to write; part_count where none is left. */
static uint8_t next_part(const struct platform *platform, const struct platform_part plan[],
                         const struct route_job *job, uint8_t place)
{
    while (place < platform->part_count &&
           platform_is_done(&plan[place], platform->part_count, job))
        place++;
    return place;
}

/* Loses the request or the node behind it where the scenario says so. */
static void send_part(struct stage *stage, node_id node, const struct route_job *job,
                      const struct stage_order *order)
{
    struct platform *platform = &stage->services[order->service].platform;
    time_ms longest_ms = order->started_ms + SLOWEST_MS - stage->now_ms;
    if (longest_ms <= 0) {
        (void)answer_later(stage, 1, node, order->sender, job, ROUTE_RESULT_NOT_SENT);
        return;
    }
    checks_on_write(stage, node, job, order);
    if (stage_springs(stage, node, TRAP_LOST, job->step, 0)) {
        stage_say(stage, node, "sends the %s, which gets lost", route_step_name(job->step));
        checks_on_write_over(stage, order->service);
        stage_crash(stage, node);
        return;
    }
    time_ms after_ms = way_ms(stage, node, platform);
    if (after_ms > longest_ms || platform_takes_fault(platform, PLATFORM_SLOW))
        after_ms = longest_ms;
    struct stage_item *item = stage_later(stage, after_ms, ITEM_WRITE, node);
    item->as.job = *job;
    item->order = *order;
    if (stage_springs(stage, node, TRAP_SENT, job->step, 0)) {
        stage_say(stage, node, "sends the %s", route_step_name(job->step));
        stage_crash(stage, node);
    }
}

static bool is_base(const struct platform_part parts[], uint8_t count, const struct route_job *job)
{
    struct route_view view = platform_view_of(parts, count);
    return view.version == job->base.version &&
           view.body_hash[job->step][job->to] == job->base.body_hash;
}

/* What the parts were read as when the intent was made: as the node keeps it, or as a new reading
 * shows it. Returns false where neither fits. */
static bool plan_unit(const struct stage *stage, node_id node, const struct route_job *job,
                      struct stage_order *order)
{
    const struct platform *platform = &stage->services[order->service].platform;
    const struct stage_kept *kept = &stage->kept[node][order->service];
    memcpy(order->plan, kept->parts, sizeof order->plan);
    if (kept->incarnation != order->sender || !is_base(order->plan, platform->part_count, job))
        memcpy(order->plan, platform->parts, sizeof order->plan);
    return is_base(order->plan, platform->part_count, job);
}

void stage_write_starts(struct stage *stage, node_id node, const struct route_job *job)
{
    struct stage_order order = {.sender = stage->actors[node].incarnation,
                                .started_ms = stage->now_ms};
    if (stage_own_ms(stage, node) >= job->start_before_ms) {
        (void)answer_later(stage, 1, node, order.sender, job, ROUTE_RESULT_CANCELED);
        return;
    }
    order.service = stage_service_at(stage, node, job->service);
    const struct platform *platform = &stage->services[order.service].platform;
    order.plan[0].version = job->base.version;
    if (platform->part_count > 1 && !plan_unit(stage, node, job, &order)) {
        (void)answer_later(stage, 1, node, order.sender, job, ROUTE_RESULT_NOT_SENT);
        return;
    }
    order.part = next_part(platform, order.plan, job, 0);
    if (order.part < platform->part_count) {
        send_part(stage, node, job, &order);
        return;
    }
    struct stage_item *answer = answer_later(stage, 1, node, order.sender, job, ROUTE_RESULT_OK);
    answer->event.as.route.has_view = true;
    answer->event.as.route.view = platform_view_of(order.plan, platform->part_count);
}

void stage_write_goes_on(struct stage *stage, const struct stage_item *item)
{
    const struct route_job *job = &item->as.job;
    struct stage_order order = item->order;
    order.continues = true;
    order.part = next_part(&stage->services[order.service].platform, order.plan, job,
                           (uint8_t)(order.part + 1));
    const struct core *core = stage->actors[item->node].core;
    bool leads = core->leading && core->leading_term == job->term;
    if (!leads || stage_own_ms(stage, item->node) >= job->start_before_ms)
        (void)answer_later(stage, 1, item->node, order.sender, job, ROUTE_RESULT_CANCELED);
    else
        send_part(stage, item->node, job, &order);
}

static void read_later(struct stage *stage, node_id node, const struct route_job *job)
{
    time_ms after_ms = way_ms(stage, node, platform_of(stage, node, job->service));
    struct stage_item *item = stage_later(stage, after_ms, ITEM_READ, node);
    item->incarnation = stage->actors[node].incarnation;
    item->as.job = *job;
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
    case ROUTE_JOB_COUNT:
        read_later(stage, node, job);
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
    struct platform *platform = platform_of(stage, item->node, item->as.job.service);
    enum route_result result = platform_read(platform, &stage->prng);
    time_ms back_ms = way_ms(stage, item->node, platform);
    if (item->as.job.kind == ROUTE_JOB_COUNT && platform->uncounted)
        result = ROUTE_RESULT_FORBIDDEN;
    if (result == ROUTE_RESULT_UNKNOWN || 2 * back_ms > STAGE_DEADLINE_MS ||
        loses(stage, item->node)) {
        result = ROUTE_RESULT_UNKNOWN;
        back_ms = STAGE_DEADLINE_MS - back_ms > 1 ? STAGE_DEADLINE_MS - back_ms : 1;
    }
    struct stage_item *answer =
        answer_later(stage, back_ms, item->node, item->incarnation, &item->as.job, result);
    answer->event.as.route.took_ms = 2 * back_ms;
    if (result == ROUTE_RESULT_RATE_LIMITED)
        answer->event.as.route.retry_after_ms = RETRY_AFTER_MS;
    if (result != ROUTE_RESULT_OK)
        return;
    if (item->as.job.kind == ROUTE_JOB_COUNT) {
        answer->event.as.route.live = platform_live(platform, stage->now_ms);
        return;
    }
    uint16_t service = stage_service_at(stage, item->node, item->as.job.service);
    struct stage_kept *kept = &stage->kept[item->node][service];
    kept->incarnation = item->incarnation;
    memcpy(kept->parts, platform->parts, sizeof kept->parts);
    checks_on_read(stage, item->node, service);
    answer->event.as.route.has_view = true;
    answer->event.as.route.view = platform_view(platform);
}

/* The request waits somewhere on its way, longer than its sender. */
static void delay_write(struct stage *stage, const struct stage_item *item, time_ms left_ms)
{
    const struct route_job *job = &item->as.job;
    stage_say(stage, 0, "API: a %s by n%u is on its way for long", route_step_name(job->step),
              item->node);
    struct stage_item *late = stage_later(stage, STAGE_LATE_MS, ITEM_WRITE, item->node);
    late->as.job = *job;
    late->order = item->order;
    late->order.sender = 0;
    (void)answer_later(stage, left_ms, item->node, item->order.sender, job, ROUTE_RESULT_UNKNOWN);
}

/* The answer, as it will be heard: the sender goes on to the next part, or has its result. */
static void answer_write(struct stage *stage, const struct stage_item *item,
                         enum route_result result, time_ms back_ms)
{
    const struct platform *platform = &stage->services[item->order.service].platform;
    const struct route_job *job = &item->as.job;
    struct stage_order order = item->order;
    uint8_t count = platform->part_count;
    if (result == ROUTE_RESULT_OK) {
        struct stage_kept *kept = &stage->kept[item->node][order.service];
        order.plan[order.part] = platform->parts[order.part];
        if (kept->incarnation == order.sender)
            kept->parts[order.part] = platform->parts[order.part];
        if (next_part(platform, order.plan, job, (uint8_t)(order.part + 1)) < count) {
            struct stage_item *next = stage_later(stage, back_ms, ITEM_NEXT, item->node);
            next->incarnation = order.sender;
            next->as.job = *job;
            next->order = order;
            return;
        }
    }
    struct stage_item *answer = answer_later(stage, back_ms, item->node, order.sender, job, result);
    if (result == ROUTE_RESULT_RATE_LIMITED)
        answer->event.as.route.retry_after_ms = RETRY_AFTER_MS;
    if (result == ROUTE_RESULT_OK) {
        answer->event.as.route.has_view = true;
        answer->event.as.route.view = platform_view_of(order.plan, count);
    }
}

void stage_write_arrives(struct stage *stage, const struct stage_item *item)
{
    const struct stage_order *order = &item->order;
    struct platform *platform = &stage->services[order->service].platform;
    time_ms left_ms = order->started_ms + STAGE_DEADLINE_MS - stage->now_ms;
    if (order->sender != 0)
        checks_on_write_over(stage, order->service);
    if (order->sender != 0 && platform_takes_fault(platform, PLATFORM_LATE)) {
        delay_write(stage, item, left_ms);
        return;
    }
    const struct platform_write *write =
        platform_write(platform, stage->now_ms, item->node, &item->as.job, order->part,
                       order->plan[order->part].version);
    checks_on_route(stage, order->service, write->effective, false);
    lines_write(stage, order->service, write);
    if (order->sender == 0)
        return;
    time_ms back_ms = way_ms(stage, item->node, platform);
    enum route_result result = write->result;
    if (result == ROUTE_RESULT_UNKNOWN || back_ms >= left_ms || loses(stage, item->node)) {
        result = ROUTE_RESULT_UNKNOWN;
        back_ms = left_ms;
    }
    answer_write(stage, item, result, back_ms);
}
