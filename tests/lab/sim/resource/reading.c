/* What is only read: flows and queues. */
#include "tests/lab/sim/resource/kind.h"

const struct kind kind_flow = {
    .name = "flow",
    .path = "/api/v2/flows",
    .entity = "flow",
    .missing_code = "not.found",
    .page_size = 25,
};

const struct kind kind_queue = {
    .name = "queue",
    .path = "/api/v2/routing/queues",
    .entity = "queue",
    .missing_code = "not.found",
    .page_size = 25,
};
