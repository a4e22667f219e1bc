#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"
#include "proto/level.h"

/* Each second a node says which wire level it speaks and whether it could act. An older build drops
 * the frame as one of a kind that it does not know. */
void hello_tick(struct node *node)
{
    struct frame_header header = frame_header_of(node);
    struct frame_hello hello = {.level = proto_level()};
    size_t length;
    if (node->core == NULL || proto_level() < PROTO_LEVEL_HELLO)
        return;
    hello.can_act = core_can_act(node->core, clock_boot_ms());
    if (frame_encode_hello(&header, &hello, node->frame, sizeof node->frame, &length) == 0)
        frames_send_all(node, length);
}

void hello_on_frame(struct node *node, const struct frame *frame)
{
    struct frame_hello hello;
    if (frame_decode_hello(frame, &hello) != 0) {
        node->drops[DROP_MALFORMED]++;
        return;
    }
    struct event event = {.kind = EVENT_HELLO};
    event.as.hello.node = frame->header.sender;
    event.as.hello.level = hello.level;
    event.as.hello.can_act = hello.can_act;
    driver_step(node, &event);
}
