#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

struct frame_header frame_header_of(struct node *node)
{
    struct frame_header header = {
        .sender = node->self, .incarnation = node->incarnation, .sequence = ++node->sequence};
    memcpy(header.cluster_id, node->cluster_id, sizeof header.cluster_id);
    return header;
}

void frames_publish(struct node *node, size_t length)
{
    int code = bus_publish(node->bus, node->frame, length);
    if (code != 0)
        log_error("frame_not_published", "error=%s", error_name(code));
}

/* A frame that cannot be sent now is lost; whoever needs it says it again. The bus counts it. */
void frames_send(struct node *node, node_id to, size_t length)
{
    int code = bus_send(node->bus, to, node->frame, length);
    if (code != 0 && code != ERR_FULL)
        log_error("frame_not_sent", "to=%u error=%s", to, error_name(code));
}

void frames_send_all(struct node *node, size_t length)
{
    for (size_t i = 0; i < node->config->node_count; i++)
        if (i + 1 != node->self)
            frames_send(node, (node_id)(i + 1), length);
}
