#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

/* Pings measure the round trip to each peer, on the connections that decisions use. */
void pings_tick(struct node *node)
{
    struct frame_header header = frame_header_of(node);
    struct frame_ping ping = {.stamp_us = clock_boot_us()};
    size_t length;
    node->ping_stamp_us = ping.stamp_us;
    if (frame_encode_ping(&header, &ping, node->frame, sizeof node->frame, &length) == 0)
        frames_send_all(node, length);
}

static void answer(struct node *node, node_id to, const struct frame_ping *ping)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    if (frame_encode_pong(&header, ping, node->frame, sizeof node->frame, &length) == 0)
        frames_send(node, to, length);
}

void pings_on_frame(struct node *node, const struct frame *frame)
{
    struct frame_ping ping;
    if (frame_decode_ping(frame, &ping) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    if (frame->header.kind == FRAME_PING) {
        answer(node, frame->header.sender, &ping);
        return;
    }
    int64_t now_us = clock_boot_us();
    if (ping.stamp_us != node->ping_stamp_us || now_us - ping.stamp_us > INT32_MAX) {
        node->drops[DROP_REPLAYED]++; /* not the newest ping's echo: a peer chooses no round trip */
        return;
    }
    int64_t rtt_us = now_us - ping.stamp_us;
    struct event event = {.kind = EVENT_PEER};
    event.as.peer.node = frame->header.sender;
    event.as.peer.rtt_us = (int32_t)rtt_us;
    driver_step(node, &event);
}
