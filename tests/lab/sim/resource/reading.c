/* What is only read: flows, queues, what a flow uses, and the data actions among that. */
#include "tests/lab/sim/resource/kind.h"

const struct kind kind_flow = {
    .view = "architect:flow:view",
    .name = "flow",
    .path = "/api/v2/flows",
    .entity = "flow",
    .missing_code = "not.found",
    .page_size = 25,
};

const struct kind kind_queue = {
    .view = "routing:queue:view",
    .name = "queue",
    .path = "/api/v2/routing/queues",
    .entity = "queue",
    .missing_code = "not.found",
    .page_size = 25,
};

const struct kind kind_action = {
    .view = "integrations:action:view",
    .name = "action",
    .path = "/api/v2/integrations/actions",
    .entity = "action",
    .missing_code = "not.found",
    .page_size = 25,
};

/* By the flow's id: {"resources": [...]}. Served by its own path. */
const struct kind kind_dependency = {
    .name = "dependency",
    .path = "",
    .entity = "flow",
    .missing_code = "not.found",
};
