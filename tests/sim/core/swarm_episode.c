#include "common/check.h"
#include "tests/sim/core/swarm_patrol.h"

enum {
    SHORTEST_MS = 5000,
    LONGEST_MS = 900000, /* of one in eight */
    LONG_MS = 300000,
    OVERLAP_LONGEST_MS = 360000, /* after 8 minutes an inflated reference is the new norm */
    SPREAD_MS = 60000,           /* troubles of one episode begin within */
    QUEUE_LEAST_MS = 60,
    QUEUE_MOST_MS = 3000,
    AGAIN_MS = 1000, /* what is drawn anew while a trouble lasts */
};

static uint64_t draw(struct stage *stage, uint64_t bound)
{
    return prng_below(&stage->prng, bound);
}

/* As many short ones as long ones: each doubling is as likely. */
static time_ms draw_length(struct stage *stage, time_ms least_ms, time_ms most_ms)
{
    time_ms length_ms = least_ms;
    uint64_t doublings = 0;
    while (least_ms << doublings < most_ms)
        doublings++;
    length_ms <<= draw(stage, doublings);
    length_ms += (time_ms)draw(stage, (uint64_t)length_ms);
    return length_ms < most_ms ? length_ms : most_ms;
}

static void add_trouble(struct stage *stage, struct episode *episode, enum trouble_kind kind,
                        node_id node, time_ms longest_ms)
{
    CHECK(episode->count < TROUBLES_MAX);
    struct trouble *trouble = &episode->troubles[episode->count++];
    trouble->kind = kind;
    trouble->node = node;
    trouble->begins_ms = stage->now_ms + (time_ms)draw(stage, SPREAD_MS);
    if (draw(stage, 8) != 0 && longest_ms > LONG_MS)
        longest_ms = LONG_MS;
    trouble->ends_ms = trouble->begins_ms + draw_length(stage, SHORTEST_MS, longest_ms);
}

static node_id minority_of(const struct stage *stage)
{
    return (node_id)((stage->node_count - 1) / 2);
}

/* Voters first, first+1, ... are the ill ones. */
static node_id nth_voter(const struct stage *stage, node_id first, node_id place)
{
    return (node_id)((first + place - 1) % stage->node_count + 1);
}

/* A minority behind full queues, and one more voter with a bad path. */
static void draw_overlap(struct stage *stage, struct episode *episode, node_id first)
{
    node_id minority = minority_of(stage);
    for (node_id i = 0; i < minority; i++)
        add_trouble(stage, episode, TROUBLE_QUEUE, nth_voter(stage, first, i), OVERLAP_LONGEST_MS);
    add_trouble(stage, episode, TROUBLE_PATH, nth_voter(stage, first, minority),
                OVERLAP_LONGEST_MS);
}

void episode_draw(struct stage *stage, struct episode *ret_episode)
{
    static const enum trouble_kind kinds[] = {
        TROUBLE_QUEUE,   TROUBLE_QUEUE,    TROUBLE_QUEUE, TROUBLE_LOSS,       TROUBLE_LOSS,
        TROUBLE_LATE,    TROUBLE_PATH,     TROUBLE_PATH,  TROUBLE_LIAR,       TROUBLE_STOP,
        TROUBLE_RESTART, TROUBLE_ISOLATED, TROUBLE_API,   TROUBLE_REFERENCES, TROUBLE_TRANSFER};
    node_id first = (node_id)(1 + draw(stage, stage->node_count));
    *ret_episode = (struct episode){0};
    if (draw(stage, 3) == 0) {
        draw_overlap(stage, ret_episode, first);
        return;
    }
    size_t count = 1 + (size_t)draw(stage, TROUBLES_MAX);
    while (ret_episode->count < count)
        add_trouble(stage, ret_episode, kinds[draw(stage, ARRAY_COUNT(kinds))],
                    nth_voter(stage, first, (node_id)draw(stage, minority_of(stage))), LONGEST_MS);
}

/* A queue delays everything by its length; where it is long an answer stalls, too. */
static struct weather queue_weather(struct stage *stage)
{
    time_ms delay_ms = draw_length(stage, QUEUE_LEAST_MS, QUEUE_MOST_MS);
    time_ms stall_ms = delay_ms / 2 < STAGE_STALL_MS ? delay_ms / 2 : STAGE_STALL_MS;
    return (struct weather){.delay_ms = delay_ms, .stall_ms = stall_ms};
}

static void restore_weather(struct stage *stage, node_id node)
{
    stage->actors[node].weather = (struct weather){0};
}

static void begin_path(struct stage *stage, node_id node)
{
    enum mood mood = (enum mood)(MOOD_SLOW + draw(stage, MOOD_N - MOOD_SLOW));
    uint64_t sides = 1 + draw(stage, 3);
    for (int side = 0; side < SIDE_N; side++)
        if ((sides >> side) & 1)
            stage_bot(stage, node, (enum side)side, mood);
}

static void begin_references(struct stage *stage)
{
    uint64_t down = 1 + draw(stage, STAGE_REFERENCES);
    stage_say(stage, 0, "%u references are down for all", (unsigned)down);
    for (node_id node = 1; node <= stage->node_count; node++)
        for (uint64_t i = 0; i < down; i++)
            stage->references[node][i] = i % 2 == 0 ? MOOD_HANGS : MOOD_REFUSES;
}

static void begin(struct stage *stage, struct trouble *trouble)
{
    node_id node = trouble->node;
    struct actor *actor = &stage->actors[node];
    stage_say(stage, node, "has trouble %d", (int)trouble->kind);
    switch (trouble->kind) {
    case TROUBLE_QUEUE:
        actor->weather = queue_weather(stage);
        break;
    case TROUBLE_LOSS:
        actor->weather.loss_permille = 50 + (uint32_t)draw(stage, 550);
        break;
    case TROUBLE_LATE:
        actor->weather.late_ms = 20 + (int32_t)draw(stage, 1500);
        break;
    case TROUBLE_PATH:
        begin_path(stage, node);
        break;
    case TROUBLE_LIAR:
        actor->lie = (enum lie)(LIE_DOWN + draw(stage, LIE_N - LIE_DOWN));
        break;
    case TROUBLE_RESTART:
        if (actor->up)
            stage_crash(stage, node);
        break;
    case TROUBLE_ISOLATED:
        stage_isolate(stage, node);
        break;
    case TROUBLE_API:
        actor->api_cut = true;
        break;
    case TROUBLE_REFERENCES:
        begin_references(stage);
        break;
    case TROUBLE_TRANSFER:
        stage_transfer(stage);
        break;
    case TROUBLE_STOP:
    case TROUBLE_KIND_N:
        break;
    }
}

/* Queues fill and empty, a stopped process goes on and stops again. */
static void go_on(struct stage *stage, const struct trouble *trouble)
{
    node_id node = trouble->node;
    if (trouble->kind == TROUBLE_QUEUE && draw(stage, 20) == 0)
        stage->actors[node].weather =
            draw(stage, 2) == 0 ? (struct weather){0} : queue_weather(stage);
    if (trouble->kind == TROUBLE_STOP && draw(stage, 10) == 0 && stage->actors[node].up)
        stage_stop(stage, node, (time_ms)draw(stage, 20000));
}

static void end(struct stage *stage, const struct trouble *trouble)
{
    node_id node = trouble->node;
    struct actor *actor = &stage->actors[node];
    stage_say(stage, node, "has trouble %d no longer", (int)trouble->kind);
    switch (trouble->kind) {
    case TROUBLE_QUEUE:
    case TROUBLE_LOSS:
    case TROUBLE_LATE:
        restore_weather(stage, node);
        break;
    case TROUBLE_PATH:
        for (int side = 0; side < SIDE_N; side++)
            stage_bot(stage, node, (enum side)side, MOOD_WELL);
        break;
    case TROUBLE_LIAR:
        actor->lie = LIE_NONE;
        break;
    case TROUBLE_RESTART:
        if (!actor->up)
            stage_restart(stage, node);
        break;
    case TROUBLE_ISOLATED:
        network_heal(&stage->network);
        break;
    case TROUBLE_API:
        actor->api_cut = false;
        break;
    case TROUBLE_REFERENCES:
        stage_reference(stage, 0, MOOD_WELL);
        break;
    case TROUBLE_STOP:
    case TROUBLE_TRANSFER:
    case TROUBLE_KIND_N:
        break;
    }
}

/* Returns false where it is over. */
static bool advance(struct stage *stage, struct trouble *trouble)
{
    if (stage->now_ms >= trouble->ends_ms) {
        if (trouble->begun)
            end(stage, trouble);
        trouble->begun = false;
        return false;
    }
    if (stage->now_ms < trouble->begins_ms)
        return true;
    if (!trouble->begun)
        begin(stage, trouble);
    else
        go_on(stage, trouble);
    trouble->begun = true;
    return true;
}

void episode_play(struct stage *stage, struct episode *episode)
{
    bool lasts = true;
    while (lasts) {
        lasts = false;
        for (size_t i = 0; i < episode->count; i++)
            lasts = advance(stage, &episode->troubles[i]) || lasts;
        stage_to(stage, stage->now_ms + 1 + (time_ms)draw(stage, (uint64_t)2 * AGAIN_MS));
    }
    stage_heal(stage);
}

void episode_congest_minority(struct stage *stage)
{
    node_id first = (node_id)(1 + draw(stage, stage->node_count));
    for (node_id i = 0; i < minority_of(stage); i++)
        stage->actors[nth_voter(stage, first, i)].weather = queue_weather(stage);
}
