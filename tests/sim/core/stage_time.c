#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "tests/sim/core/checks.h"
#include "tests/sim/core/stage_parts.h"

enum { PERMILLE = 1000 };

time_ms stage_own_ms(const struct stage *stage, node_id node)
{
    const struct actor *actor = &stage->actors[node];
    time_ms passed_ms = stage->now_ms - actor->clock_stage_ms;
    return actor->clock_own_ms + passed_ms * actor->clock_permille / PERMILLE;
}

time_ms stage_time_of(const struct stage *stage, node_id node, time_ms own_ms)
{
    const struct actor *actor = &stage->actors[node];
    time_ms left_ms = own_ms - actor->clock_own_ms;
    if (own_ms == TIME_NEVER || left_ms <= 0)
        return own_ms == TIME_NEVER ? TIME_NEVER : actor->clock_stage_ms;
    return actor->clock_stage_ms +
           (left_ms * PERMILLE + actor->clock_permille - 1) / actor->clock_permille;
}

void stage_set_clock(struct stage *stage, node_id node, time_ms own_ms)
{
    struct actor *actor = &stage->actors[node];
    actor->clock_own_ms = own_ms;
    actor->clock_stage_ms = stage->now_ms;
}

static bool is_before(const struct stage_place *a, const struct stage_place *b)
{
    return a->at_ms < b->at_ms || (a->at_ms == b->at_ms && a->sequence < b->sequence);
}

static void push(struct stage *stage, struct stage_place place)
{
    if (stage->item_count == stage->item_capacity) {
        stage->item_capacity = stage->item_capacity * 2 + 256;
        stage->places = realloc(stage->places, stage->item_capacity * sizeof *stage->places);
        CHECK(stage->places != NULL);
    }
    size_t at = stage->item_count++;
    for (; at > 0 && is_before(&place, &stage->places[(at - 1) / 2]); at = (at - 1) / 2)
        stage->places[at] = stage->places[(at - 1) / 2];
    stage->places[at] = place;
}

static struct stage_place pop(struct stage *stage)
{
    struct stage_place top = stage->places[0];
    struct stage_place last = stage->places[--stage->item_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= stage->item_count)
            break;
        if (child + 1 < stage->item_count &&
            is_before(&stage->places[child + 1], &stage->places[child]))
            child++;
        if (!is_before(&stage->places[child], &last))
            break;
        stage->places[at] = stage->places[child];
        at = child;
    }
    stage->places[at] = last;
    return top;
}

static struct stage_item *begin_item(struct stage *stage, time_ms at_ms, uint64_t sequence,
                                     enum item_kind kind, node_id node)
{
    struct stage_item *item = stage->spare_items;
    if (item != NULL)
        stage->spare_items = item->next_spare;
    else
        item = malloc(sizeof *item);
    CHECK(item != NULL);
    memset(item, 0, offsetof(struct stage_item, as));
    item->kind = kind;
    item->node = node;
    push(stage, (struct stage_place){.at_ms = at_ms, .sequence = sequence, .item = item});
    return item;
}

struct stage_item *stage_later(struct stage *stage, time_ms after_ms, enum item_kind kind,
                               node_id node)
{
    return begin_item(stage, stage->now_ms + after_ms, ++stage->next_sequence, kind, node);
}

struct stage_item *stage_first_then(struct stage *stage, time_ms after_ms, enum item_kind kind,
                                    node_id node)
{
    return begin_item(stage, stage->now_ms + after_ms, 0, kind, node);
}

static void end_item(struct stage *stage, struct stage_item *item)
{
    item->next_spare = stage->spare_items;
    stage->spare_items = item;
}

void stage_free_items(struct stage *stage)
{
    while (stage->item_count > 0)
        end_item(stage, stage->places[--stage->item_count].item);
    while (stage->spare_items != NULL) {
        struct stage_item *item = stage->spare_items;
        stage->spare_items = item->next_spare;
        free(item);
    }
    free(stage->places);
}

static void deliver(struct stage *stage, struct stage_item *item)
{
    struct event *event = &item->event;
    if (event->kind == EVENT_RAFT_MESSAGE) {
        event->as.message = &item->as.message;
        checks_on_heard(stage, item->node, &item->as.message);
    } else if (event->kind == EVENT_VOTE) {
        event->as.vote = &item->as.vote;
    } else if (event->kind == EVENT_CALL) {
        event->as.call = &item->as.call;
    }
    stage_step(stage, item->node, event);
}

static void run_item(struct stage *stage, struct stage_item *item)
{
    const struct actor *actor = &stage->actors[item->node];
    if (item->kind == ITEM_WRITE) {
        stage_write_arrives(stage, item);
        return;
    }
    if (!actor->up || (item->incarnation != 0 && item->incarnation != actor->incarnation))
        return;
    switch (item->kind) {
    case ITEM_EVENT:
        deliver(stage, item);
        break;
    case ITEM_DISK:
        stage_disk_done(stage, item->node);
        break;
    case ITEM_PING:
        stage_ping(stage, item->node);
        break;
    case ITEM_READ:
        stage_read_arrives(stage, item);
        break;
    case ITEM_START:
        stage_write_starts(stage, item->node, &item->as.job);
        break;
    case ITEM_NEXT:
        stage_write_goes_on(stage, item);
        break;
    case ITEM_WRITE:
        break;
    }
}

static node_id earliest_timer(const struct stage *stage, time_ms *ret_at_ms)
{
    node_id first = 0;
    for (node_id node = 1; node <= stage->node_count; node++) {
        const struct actor *actor = &stage->actors[node];
        time_ms at_ms = actor->deadline_ms < actor->stopped_until_ms ? actor->stopped_until_ms
                                                                     : actor->deadline_ms;
        if (actor->up && (first == 0 || at_ms < *ret_at_ms)) {
            first = node;
            *ret_at_ms = at_ms;
        }
    }
    return first;
}

/* What comes to a stopped process waits, but for a request that has left it. */
static bool waits(struct stage *stage)
{
    const struct stage_place *first = &stage->places[0];
    time_ms until_ms = stage->actors[first->item->node].stopped_until_ms;
    if (first->item->kind == ITEM_WRITE || until_ms <= first->at_ms)
        return false;
    struct stage_place place = pop(stage);
    place.at_ms = until_ms;
    push(stage, place);
    return true;
}

static void tick(struct stage *stage, node_id node, time_ms at_ms)
{
    stage->now_ms = at_ms;
    stage->busy_count = stage->busy_ms == at_ms ? stage->busy_count + 1 : 0;
    stage->busy_ms = at_ms;
    if (stage->busy_count > STAGE_BUSY_MAX)
        stage_fail(stage, "n%u asks for a step at once, again and again", node);
    struct event event = {.kind = EVENT_TICK};
    stage_step(stage, node, &event);
}

/* What came in goes before a timer of the same moment. */
bool stage_run_next(struct stage *stage, time_ms until_ms)
{
    time_ms timer_ms = TIME_NEVER;
    node_id node = earliest_timer(stage, &timer_ms);
    if (timer_ms < stage->now_ms)
        timer_ms = stage->now_ms;
    time_ms item_ms = stage->item_count > 0 ? stage->places[0].at_ms : TIME_NEVER;
    if (item_ms <= until_ms && item_ms <= timer_ms) {
        if (waits(stage))
            return true;
        struct stage_item *item = pop(stage).item;
        stage->now_ms = item_ms;
        run_item(stage, item);
        end_item(stage, item);
        return true;
    }
    if (node == 0 || timer_ms > until_ms)
        return false;
    tick(stage, node, timer_ms);
    return true;
}

void stage_to(struct stage *stage, time_ms at_ms)
{
    while (stage_run_next(stage, at_ms))
        continue;
    stage->now_ms = at_ms;
}
