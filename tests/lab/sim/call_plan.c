#include "tests/lab/sim/call.h"

#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <string.h>
#include <strings.h>

static void refuse(struct call *call, int status, const char *code, const char *message)
{
    struct reply_error error = {.status = status, .code = code, .message = message};

    reply_error(call->answer, &error, call->correlation);
}

static void refuse_too_large(struct call *call)
{
    struct reply_error error = {
        .status = 413,
        .code = "request.entity.too.large",
        .message = "The request is over the size limit. Maximum bytes: 512000",
        .limit_key = "request.bytes.max",
        .limit_value = WEB_BODY_BYTES_MAX,
    };

    reply_error(call->answer, &error, call->correlation);
}

static void refuse_conflict(struct call *call, const struct plan *plan)
{
    struct reply_error error = {
        .status = 409,
        .code = "general.conflict",
        .message = "The request conflicts with the current state of the target resource.",
        .field = "version",
        .entity = plan->id,
    };

    reply_error(call->answer, &error, call->correlation);
}

static bool token_check(struct call *call)
{
    const char *authorization = web_request_header(call->request, "Authorization");

    if (authorization != NULL && strncasecmp(authorization, "Bearer ", 7) == 0)
        call->entry.token = authorization + 7;
    /* As of its arrival: a held request was let in by the token that it came with. */
    switch (
        token_use(&call->platform->tokens, authorization, call->request->boot_ms, &call->rate)) {
    case TOKEN_MISSING:
        refuse(call, 401, "authentication.required",
               "No authentication bearer token specified in authorization header.");
        return false;
    case TOKEN_GOOD:
        call->entry.token_ok = true;
        return true;
    case TOKEN_BAD:
    case TOKEN_VERDICT_N:
        break;
    }
    refuse(call, 401, "bad.credentials", "Invalid login credentials.");
    return false;
}

static bool content_is_json(const struct web_request *request)
{
    const char *type = web_request_header(request, "Content-Type");

    return type != NULL && strncasecmp(type, "application/json", 16) == 0;
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
        refuse(call, 400, "invalid.value", why.bytes);
    } else if (result != 0) {
        refuse(call, 500, "internal.server.error", "No memory.");
    } else {
        call->entry.applied = true;
        plan_show(call, plan->document);
    }
}

static void patch_serve(struct call *call, struct plan *plan)
{
    struct text why = {0};
    cJSON *change = NULL;

    if (call->request->body_too_large) {
        refuse_too_large(call);
    } else if (!content_is_json(call->request)) {
        refuse(call, 415, "unsupported.media.type", "Content-Type must be application/json.");
    } else if (json_object_parse(call->request->body, call->request->body_length, NULL, 0, &change,
                                 &why) != 0) {
        refuse(call, 400, "bad.request", why.bytes);
    } else {
        change_serve(call, plan, change);
    }
    cJSON_Delete(change);
}

static void method_serve(struct call *call, struct plan *plan)
{
    if (strcmp(call->request->method, "GET") == 0)
        plan_show(call, plan_read(plan, call->now_ms));
    else if (strcmp(call->request->method, "PATCH") == 0)
        patch_serve(call, plan);
    else
        refuse(call, 405, "method.not.allowed", "GET or PATCH.");
}

static void refuse_unknown(struct call *call)
{
    bool is_plan = strncmp(call->request->path, CALL_PLAN_PATH, strlen(CALL_PLAN_PATH)) == 0;
    struct reply_error error = {
        .status = 404,
        .code = "not.found",
        .message = "The requested resource was not found.",
        .entity = is_plan ? call->request->path + strlen(CALL_PLAN_PATH) : NULL,
    };

    reply_error(call->answer, &error, call->correlation);
}

void call_serve_plan(struct call *call)
{
    if (!token_check(call))
        return;
    if (call->rate.count > call->rate.allowed)
        reply_rate_limit(call->answer, call->rate.reset_s, call->rate.allowed, call->correlation);
    else if (call->plan == NULL)
        refuse_unknown(call);
    else
        method_serve(call, call->plan);
}
