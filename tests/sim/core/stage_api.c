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

/* Loses the request or the node behind it where the scenario says so. */
void stage_write_starts(struct stage *stage, node_id node, const struct route_job *job)
{
    uint32_t incarnation = stage->actors[node].incarnation;
    if (stage_own_ms(stage, node) >= job->start_before_ms) {
        (void)answer_later(stage, 1, node, incarnation, job, ROUTE_RESULT_CANCELED);
        return;
    }
    uint16_t service = stage_service_at(stage, node, job->service);
    checks_on_write(stage, node, service, job);
    if (stage_springs(stage, node, TRAP_LOST, job->step, 0)) {
        stage_say(stage, node, "sends the %s, which gets lost", route_step_name(job->step));
        checks_on_write_over(stage, service);
        stage_crash(stage, node);
        return;
    }
    struct platform *platform = &stage->services[service].platform;
    time_ms after_ms = way_ms(stage, node, platform);
    if (after_ms > SLOWEST_MS || platform_takes_fault(platform, PLATFORM_SLOW))
        after_ms = SLOWEST_MS;
    struct stage_item *item = stage_later(stage, after_ms, ITEM_WRITE, node);
    item->as.job = *job;
    item->incarnation = service;
    item->event.as.route.ticket = incarnation; /* who is to hear the answer */
    item->event.as.route.took_ms = stage->now_ms;
    if (stage_springs(stage, node, TRAP_SENT, job->step, 0)) {
        stage_say(stage, node, "sends the %s", route_step_name(job->step));
        stage_crash(stage, node);
    }
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
    checks_on_read(stage, item->node, stage_service_at(stage, item->node, item->as.job.service));
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
    late->incarnation = item->incarnation;
    (void)answer_later(stage, left_ms, item->node, (uint32_t)item->event.as.route.ticket, job,
                       ROUTE_RESULT_UNKNOWN);
}

/* The item's incarnation says the service here; its sender's is in the ticket, 0 where nobody waits
 * any more. */
void stage_write_arrives(struct stage *stage, const struct stage_item *item)
{
    uint32_t incarnation = (uint32_t)item->event.as.route.ticket;
    uint16_t service = (uint16_t)item->incarnation;
    struct platform *platform = &stage->services[service].platform;
    time_ms left_ms = item->event.as.route.took_ms + STAGE_DEADLINE_MS - stage->now_ms;
    if (incarnation != 0)
        checks_on_write_over(stage, service);
    if (incarnation != 0 && platform_takes_fault(platform, PLATFORM_LATE)) {
        delay_write(stage, item, left_ms);
        return;
    }
    const struct platform_write *write =
        platform_write(platform, stage->now_ms, item->node, &item->as.job);
    checks_on_route(stage, service, write->effective, false);
    lines_write(stage, service, write);
    if (incarnation == 0)
        return;
    time_ms back_ms = way_ms(stage, item->node, platform);
    enum route_result result = write->result;
    if (result == ROUTE_RESULT_UNKNOWN || back_ms >= left_ms || loses(stage, item->node)) {
        result = ROUTE_RESULT_UNKNOWN;
        back_ms = left_ms;
    }
    struct stage_item *answer =
        answer_later(stage, back_ms, item->node, incarnation, &item->as.job, result);
    if (result == ROUTE_RESULT_RATE_LIMITED)
        answer->event.as.route.retry_after_ms = RETRY_AFTER_MS;
    if (result == ROUTE_RESULT_OK) {
        answer->event.as.route.has_view = true;
        answer->event.as.route.view = platform_view(platform);
    }
}
