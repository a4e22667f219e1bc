#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

static bool is_zero(const uint8_t id[CLUSTER_ID_BYTES])
{
    return sodium_is_zero(id, CLUSTER_ID_BYTES) == 1;
}

static struct init_answer own_answer(const struct node *node)
{
    struct init_answer answer = {.empty = node->core == NULL, .incarnation = node->incarnation};
    memcpy(answer.cluster_id, node->cluster_id, sizeof answer.cluster_id);
    if (node->core != NULL)
        answer.last_index = node->core->raft.log.last_index;
    return answer;
}

static void finish(struct node *node, int code, const struct text *why)
{
    struct cluster_init kept = {
        .setter = node->init.setter, .storing = node->init.storing, .novice = node->init.novice};
    memcpy(kept.cluster_id, node->init.cluster_id, sizeof kept.cluster_id);
    node->init = kept;
    log_info("cluster_init", "result=%s why=\"%s\"", error_name(code), why->bytes);
    api_initialised(node->api, code, why);
}

static void ask_all(struct node *node)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_init_ask(&header, node->frame, sizeof node->frame, &length) == 0)
        frames_send_all(node, length);
}

/* DESIGN 3, First start: once, with all voters answering that they are empty. */
int cluster_init_start(void *data, struct text *why)
{
    struct node *node = data;
    if (node->init.phase != INIT_IDLE) {
        text_set(why, "an init of this cluster is already under way on this node");
        return ERR_BUSY;
    }
    if (node->core != NULL && node->core->raft.log.last_index > 0) {
        text_set(why,
                 "%s: this node belongs to an initialised cluster already; a node whose folder is "
                 "empty is readmitted by itself",
                 node->config->local.data);
        return ERR_STATE;
    }
    node->init =
        (struct cluster_init){.phase = INIT_ASKING, .until_ms = clock_boot_ms() + INIT_PATIENCE_MS};
    node->init.answered[node->self] = true;
    node->init.answers[node->self] = own_answer(node);
    ask_all(node);
    return 0;
}

static bool all(const struct node *node, const bool flags[NODE_COUNT_MAX + 1])
{
    for (size_t i = 1; i <= node->config->node_count; i++)
        if (!flags[i])
            return false;
    return true;
}

/* An earlier init that was cut short left an id on some empty nodes: it is used again, so that init
 * can be repeated. */
static int choose_id(struct node *node, struct text *why)
{
    uint8_t chosen[CLUSTER_ID_BYTES] = {0};
    for (size_t i = 1; i <= node->config->node_count; i++) {
        const struct init_answer *answer = &node->init.answers[i];
        const char *name = node->config->nodes[i - 1].name.text;
        if (answer->last_index > 0) {
            text_set(
                why,
                "node %s is not empty: it belongs to a cluster already; nodes whose folders are "
                "empty are readmitted by its leader, by themselves",
                name);
            return ERR_STATE;
        }
        if (is_zero(answer->cluster_id))
            continue;
        if (!is_zero(chosen) && memcmp(chosen, answer->cluster_id, sizeof chosen) != 0) {
            text_set(why, "node %s belongs to another cluster than the others", name);
            return ERR_STATE;
        }
        memcpy(chosen, answer->cluster_id, sizeof chosen);
    }
    if (is_zero(chosen))
        randombytes_buf(chosen, sizeof chosen);
    memcpy(node->init.cluster_id, chosen, sizeof chosen);
    return 0;
}

void cluster_init_take_id(struct node *node, const uint8_t cluster_id[CLUSTER_ID_BYTES],
                          bool novice)
{
    struct text why = {0};
    if (node->init.storing)
        return; /* the first id that came is on its way to the disk */
    memcpy(node->init.cluster_id, cluster_id, CLUSTER_ID_BYTES);
    node->init.storing = true;
    node->init.novice = novice;
    int code = ledger_store_cluster_id(node, cluster_id, novice);
    if (code == 0)
        return;
    node->init.storing = false;
    text_set(&why, "%s: the cluster's id cannot be stored: %s", node->config->local.data,
             error_name(code));
    log_error("cluster_init", "why=\"%s\"", why.bytes);
}

static void send_set(struct node *node)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_init_set(&header, node->init.cluster_id, node->frame, sizeof node->frame,
                              &length) == 0)
        frames_send_all(node, length);
}

static void set_all(struct node *node)
{
    struct text why = {0};
    int code = choose_id(node, &why);
    if (code != 0) {
        finish(node, code, &why);
        return;
    }
    node->init.phase = INIT_SETTING;
    node->init.until_ms = clock_boot_ms() + INIT_PATIENCE_MS;
    send_set(node);
    if (node->core == NULL)
        cluster_init_take_id(node, node->init.cluster_id, false);
    else
        node->init.done[node->self] = true;
}

static void send_done(struct node *node, node_id to)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_init_done(&header, node->cluster_id, node->frame, sizeof node->frame,
                               &length) == 0)
        frames_send(node, to, length);
}

static void send_answer(struct node *node, node_id to)
{
    struct frame_header header = frame_header_of(node);
    struct init_answer answer = own_answer(node);
    size_t length;
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_init_answer(&header, &answer, node->frame, sizeof node->frame, &length) == 0)
        frames_send(node, to, length);
}

static void on_set(struct node *node, const struct frame *frame)
{
    uint8_t id[CLUSTER_ID_BYTES];
    if (frame_decode_init_id(frame, id) != 0 || is_zero(id)) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (node->core != NULL) {
        if (memcmp(id, node->cluster_id, sizeof id) == 0)
            send_done(node, frame->header.sender);
        else
            node->drops[DROP_CLUSTER]++;
        return;
    }
    node->init.setter = frame->header.sender;
    cluster_init_take_id(node, id, false);
}

static void check_done(struct node *node)
{
    struct text why = {0};
    if (node->init.phase != INIT_SETTING || !all(node, node->init.done))
        return;
    text_set(&why, "all %zu voters were empty and now hold the cluster's id",
             node->config->node_count);
    finish(node, 0, &why);
}

static void on_done(struct node *node, const struct frame *frame)
{
    uint8_t id[CLUSTER_ID_BYTES];
    if (frame_decode_init_id(frame, id) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (node->init.phase != INIT_SETTING || memcmp(id, node->init.cluster_id, sizeof id) != 0)
        return;
    node->init.done[frame->header.sender] = true;
    check_done(node);
}

static void on_answer(struct node *node, const struct frame *frame)
{
    struct init_answer answer;
    if (frame_decode_init_answer(frame, &answer) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (node->init.phase != INIT_ASKING)
        return;
    node->init.answered[frame->header.sender] = true;
    node->init.answers[frame->header.sender] = answer;
    if (all(node, node->init.answered))
        set_all(node);
}

/* Two inits at once would leave two ids on the disks: the lower node's goes on, the other gives
 * way. */
static void on_ask(struct node *node, const struct frame *frame)
{
    node_id sender = frame->header.sender;
    struct text why = {0};
    if (frame_decode_init_ask(frame) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (node->init.phase != INIT_IDLE && sender > node->self)
        return;
    if (node->init.phase == INIT_ASKING) {
        text_set(&why, "node %s initialises the cluster already",
                 node->config->nodes[sender - 1].name.text);
        finish(node, ERR_BUSY, &why);
    }
    send_answer(node, sender);
}

void cluster_init_on_frame(struct node *node, const struct frame *frame)
{
    if (frame->header.sender > node->config->node_count)
        return;
    if (frame->header.kind == FRAME_INIT_ASK)
        on_ask(node, frame);
    else if (frame->header.kind == FRAME_INIT_ANSWER)
        on_answer(node, frame);
    else if (frame->header.kind == FRAME_INIT_SET)
        on_set(node, frame);
    else
        on_done(node, frame);
}

void cluster_init_on_persisted(struct node *node)
{
    struct text why = {0};
    if (node->core != NULL)
        return;
    node->init.storing = false;
    memcpy(node->cluster_id, node->init.cluster_id, sizeof node->cluster_id);
    node->novice = node->init.novice;
    if (driver_start_core(node, &why) != 0) {
        driver_fail(node, false, why.bytes);
        return;
    }
    if (node->init.setter != 0)
        send_done(node, node->init.setter);
    node->init.done[node->self] = true;
    check_done(node);
}

static void name_silent(const struct node *node, const bool flags[NODE_COUNT_MAX + 1],
                        struct text *why)
{
    for (size_t i = 1; i <= node->config->node_count; i++)
        if (!flags[i])
            text_add(why, " %s (%s:%u)", node->config->nodes[i - 1].name.text,
                     node->config->nodes[i - 1].host, node->config->nodes[i - 1].raft_port);
}

/* Asks, or sets, again each second, because a first frame to a peer that is still connecting is
 * lost. */
void cluster_init_tick(struct node *node)
{
    struct text why = {0};
    bool asking = node->init.phase == INIT_ASKING;
    if (node->init.phase == INIT_IDLE)
        return;
    if (clock_boot_ms() >= node->init.until_ms) {
        text_set(&why, "no answer from");
        name_silent(node, asking ? node->init.answered : node->init.done, &why);
        finish(node, ERR_TIMEOUT, &why);
    } else if (asking) {
        ask_all(node);
    } else {
        send_set(node);
    }
}
