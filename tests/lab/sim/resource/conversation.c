/* Conversations, and the profiles of contacts that the source guide asks for. Both are changed by
 * paths of their own. */
#include "tests/lab/sim/resource/kind.h"

const struct kind kind_conversation = {
    .name = "conversation",
    .path = "/api/v2/conversations",
    .view = "conversation:communication:view",
    .entity = "conversation",
    .missing_code = "not.found",
    .page_size = 25,
};

const struct kind kind_profile = {
    .name = "profile",
    .path = "",
    .entity = "contact",
    .missing_code = "not.found",
};
