/* Backend `email-route`: GET and PUT of /api/v2/routing/email/domains/DOMAIN/routes/ROUTE, whose
 * `flow` is changed. The platform may answer 202 and carry it out later: until then the status is
 * Pending. A route to a queue is somebody else's decision. */
#include "node/io/act/routing_edit.h"

#include "common/errors.h"
#include "node/io/act/routing_url.h"

static int email_make_request(const struct platform_config *platform,
                              const struct route_config *route, enum route_call call,
                              struct route_request *ret_request)
{
    int rc = routing_url_resource(platform, "/api/v2/routing/email/domains/", route->domain, call,
                                  ret_request);
    if (rc == 0)
        rc = routing_url_add("/routes/", ret_request->url);
    if (rc == 0)
        rc = routing_url_add_segment(route->email_route, ret_request->url);
    return rc;
}

static int email_read(const struct service_config *service, const struct route_config *route,
                      const struct route_document *document, struct route_reading *ret_reading,
                      struct text *why)
{
    struct json_span span;
    if (json_span_find(document->text, document->length, "/queue/id", &span) == 0) {
        text_set(why, "it leads to a queue");
        *ret_reading = (struct route_reading){.state = ROUTE_FOREIGN};
        return 0;
    }
    return route_read_flow(service, route, document, ret_reading, why);
}

/* Without its flow there is nothing to change: a queue beside it stays. */
const struct routing_backend routing_email_route_backend = {
    .name = "email-route",
    .make_request = email_make_request,
    .read = email_read,
    .confirm = route_confirm_status,
    .edit = route_edit_flow,
};
