#include "tests/lab/sim/call.h"

#include "common/errors.h"

#include <string.h>

static void refuse_conflict(struct call *call, const struct plan *plan)
{
    struct reply_error error = {
        .status = 409,
        .code = "general.conflict",
        .message = "The request conflicts with the current state of the target resource.",
        .field = "version",
        .entity = plan->id,
        .entity_name = "routingPlan",
    };

    call_refuse_entity(call, &error);
}

static void plan_show(struct call *call, const cJSON *document)
{
    web_answer_json(call->answer, 200, cJSON_Duplicate(document, true));
}

static void change_serve(struct call *call, struct plan *plan, const cJSON *change)
{
    struct text why = {0};
    int result = plan_change(plan, change, call->now_ms, call->platform->propagation_ms,
                             &call->entry.version_sent, &why);

    if (result == ERR_CONFLICT) {
        refuse_conflict(call, plan);
    } else if (result == ERR_INVALID) {
        call_refuse(call, 400, "invalid.value", why.bytes);
    } else if (result != 0) {
        call_refuse(call, 500, "internal.server.error", "No memory.");
    } else {
        call->entry.applied = true;
        platform_plan_changed(call->platform, plan, call->now_ms);
        plan_show(call, plan->document);
    }
}

static void patch_serve(struct call *call, struct plan *plan)
{
    cJSON *change = NULL;

    if (call_body_read(call, &change))
        change_serve(call, plan, change);
    cJSON_Delete(change);
}

void call_serve_plan(struct call *call)
{
    struct plan *plan = call->plan;

    if (plan == NULL)
        call_refuse_unknown(call);
    else if (strcmp(call->request->method, "GET") == 0)
        plan_show(call, plan_read(plan, call->now_ms));
    else if (strcmp(call->request->method, "PATCH") == 0)
        patch_serve(call, plan);
    else
        call_refuse_method(call, "GET or PATCH.");
}
