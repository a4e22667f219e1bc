/* Backend `web-deployment`: GET and PUT of /api/v2/webdeployments/deployments/DEPLOYMENT, whose
 * `flow` is changed. The platform answers at once and carries it out later: until then the status
 * is Pending. */
#include "node/io/act/routing_edit.h"

#include "node/io/act/routing_url.h"

static int deployment_make_request(const struct platform_config *platform,
                                   const struct route_config *route, enum route_call call,
                                   struct route_request *ret_request)
{
    return routing_url_resource(platform, "/api/v2/webdeployments/deployments/", route->deployment,
                                call, ret_request);
}

const struct routing_backend routing_web_deployment_backend = {
    .name = "web-deployment",
    .make_request = deployment_make_request,
    .read = route_read_flow,
    .confirm = route_confirm_status,
    .edit = route_edit_flow,
};
