#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "common/errors.h"
#include "node/io/api/body.h"
#include "proto/frame.h"

/* A request that the API accepts is forwarded to the leader: it must be a frame. */
static void forward(struct operation *operation)
{
    const struct frame_header header = {.cluster_id = {1}, .sender = 1, .incarnation = 1};
    uint8_t bytes[1024];
    size_t length = 0;
    CHECK(name_set(&operation->service, "support") == 0);
    if (operation->request_id == 0)
        operation->request_id = 1;
    CHECK(operation->for_ms <= BODY_HOLD_MS_MAX);
    CHECK(frame_encode_operate(&header, operation, bytes, sizeof bytes, &length) == 0);
}

/* The first byte is the path's operation. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct text why = {.length = 0};
    if (length == 0)
        return 0;
    struct operation operation = {.kind = bytes[0] % OPERATION_KIND_N};
    int error =
        body_read_operation((const char *)bytes + 1, length - 1, operation.kind, &operation, &why);
    CHECK(error == 0 || (error == ERR_INVALID && why.length > 0));
    if (error == 0)
        forward(&operation);
    return 0;
}
