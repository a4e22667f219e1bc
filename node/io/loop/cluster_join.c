#include <string.h>

#include "common/log.h"
#include "node/io/loop/parts.h"
#include "proto/level.h"

/* Each second a node with an empty folder says so. A cluster that is running readmits it; where
 * there is none, nobody answers, and `quorate init` comes. */
void cluster_join_tick(struct node *node)
{
    struct frame_header header = frame_header_of(node);
    struct frame_join join = {.level = proto_level()};
    size_t length;
    if (node->core != NULL || node->init.storing || proto_level() < PROTO_LEVEL_HELLO)
        return;
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_join(&header, &join, node->frame, sizeof node->frame, &length) == 0)
        frames_send_all(node, length);
}

void effect_admit(struct node *node, node_id to, uint64_t incarnation)
{
    struct frame_header header = frame_header_of(node);
    struct frame_admit admit = {.incarnation = incarnation};
    size_t length;
    memcpy(admit.cluster_id, node->cluster_id, sizeof admit.cluster_id);
    memset(header.cluster_id, 0, sizeof header.cluster_id);
    if (frame_encode_admit(&header, &admit, node->frame, sizeof node->frame, &length) == 0)
        frames_send(node, to, length);
}

static void on_join(struct node *node, const struct frame *frame)
{
    struct event event = {.kind = EVENT_JOIN};
    struct frame_join join;
    if (frame_decode_join(frame, &join) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    event.as.join.level = join.level;
    event.as.join.node = frame->header.sender;
    event.as.join.incarnation = frame->header.incarnation;
    driver_step(node, &event);
}

/* DESIGN 3, First start: the word that this node is a novice is on disk before its core starts, so
 * that no crash makes it a voter with an empty log. */
static void on_admit(struct node *node, const struct frame *frame)
{
    struct frame_admit admit;
    if (frame_decode_admit(frame, &admit) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (node->core != NULL || node->init.storing || admit.incarnation != node->incarnation)
        return;
    log_info("readmitted", "by=%u folder=%s", frame->header.sender, node->config->local.data);
    cluster_init_take_id(node, admit.cluster_id, true);
}

void cluster_join_on_frame(struct node *node, const struct frame *frame)
{
    if (frame->header.sender > node->config->node_count)
        return;
    if (frame->header.kind == FRAME_JOIN)
        on_join(node, frame);
    else
        on_admit(node, frame);
}

void cluster_join_check(struct node *node)
{
    uint64_t recorded = node->core->ledger.members.incarnation[node->self];
    if (recorded == node->incarnation)
        node->counted = true;
    bool counted = node->counted || !node->novice;
    if (counted && recorded != 0 && recorded != node->incarnation)
        driver_fail(
            node, false,
            "this folder is out of date: the cluster readmitted this node with a newer one; "
            "move this one away");
}

void cluster_join_on_applied(struct node *node, const struct applied *applied)
{
    const struct member *member = &applied->member;
    if (!applied->accepted)
        return;
    if (applied->index > node->replay_to)
        log_warn("member", "node=%s role=%s incarnation=%016llx",
                 node->config->nodes[member->node - 1].name.text,
                 member->voter ? "voter" : "learner", (unsigned long long)member->incarnation);
    cluster_join_check(node);
}
