/* Backend `message-recipient`: GET and PUT of /api/v2/routing/message/recipients/RECIPIENT, whose
 * `flow` is changed. */
#include "node/io/act/routing_edit.h"

#include "node/io/act/routing_url.h"

static int recipient_make_request(const struct platform_config *platform,
                                  const struct route_config *route, enum route_call call,
                                  struct route_request *ret_request)
{
    return routing_url_resource(platform, "/api/v2/routing/message/recipients/", route->recipient,
                                call, ret_request);
}

const struct routing_backend routing_message_recipient_backend = {
    .name = "message-recipient",
    .make_request = recipient_make_request,
    .read = route_read_flow,
    .edit = route_edit_flow,
};
