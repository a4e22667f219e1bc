#include "tests/lab/sim/call.h"

#include "tests/lab/base/json.h"

#include <string.h>
#include <strings.h>

void call_refuse_entity(struct call *call, const struct reply_error *error)
{
    reply_error(call->answer, error, call->correlation);
}

void call_refuse(struct call *call, int status, const char *code, const char *message)
{
    struct reply_error error = {.status = status, .code = code, .message = message};

    call_refuse_entity(call, &error);
}

void call_refuse_method(struct call *call, const char *allowed)
{
    call_refuse(call, 405, "method.not.allowed", allowed);
}

void call_refuse_unknown(struct call *call)
{
    const char *word = call->words.count == 0 ? NULL : call->words.words[call->words.count - 1];
    struct reply_error error = {
        .status = 404,
        .code = call->kind == NULL ? "not.found" : call->kind->missing_code,
        .message = "The requested resource was not found.",
        .entity = word,
        .entity_name = call->kind == NULL ? NULL : call->kind->entity,
    };

    call_refuse_entity(call, &error);
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
        call_refuse(call, 401, "authentication.required",
                    "No authentication bearer token specified in authorization header.");
        return false;
    case TOKEN_GOOD:
        call->token = token_of(&call->platform->tokens, authorization, call->request->boot_ms);
        call->entry.token_ok = true;
        return true;
    case TOKEN_BAD:
    case TOKEN_VERDICT_N:
        break;
    }
    call_refuse(call, 401, "bad.credentials", "Invalid login credentials.");
    return false;
}

static bool rate_check(struct call *call)
{
    struct platform *platform = call->platform;
    int reset_s = 1;

    if (call->rate.count > call->rate.allowed) {
        reply_rate_limit(call->answer, call->rate.reset_s,
                         "client.credentials.token.rate.per.minute", call->rate.allowed,
                         call->correlation);
        return false;
    }
    if (!call->changes)
        return true;
    if (!call->crowded &&
        token_write_count(call->token, call->endpoint, platform->put_rate, call->now_ms, &reset_s))
        return true;
    reply_rate_limit(call->answer, call->crowded ? 1 : reset_s,
                     call->crowded ? "put.parallel.max" : "put.rate.per.minute",
                     call->crowded ? platform->put_parallel : platform->put_rate,
                     call->correlation);
    return false;
}

static bool permission_check(struct call *call)
{
    struct text message = {0};
    struct reply_error error = {
        .status = 403, .code = "missing.any.permissions", .message = message.bytes};

    if (permission_allows(&call->platform->permissions[call->token->client], call->permission))
        return true;
    text_set(&message,
             "Unable to perform the requested action. You must have at least one of the following "
             "permissions assigned: [%s]",
             call->permission);
    call_refuse_entity(call, &error);
    return false;
}

bool call_authorize(struct call *call)
{
    return token_check(call) && rate_check(call) && permission_check(call);
}

static bool content_is_json(const struct web_request *request)
{
    const char *type = web_request_header(request, "Content-Type");

    return type != NULL && strncasecmp(type, "application/json", 16) == 0;
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

    call_refuse_entity(call, &error);
}

bool call_body_read(struct call *call, cJSON **ret_body)
{
    struct text why = {0};

    if (call->request->body_too_large) {
        refuse_too_large(call);
        return false;
    }
    if (!content_is_json(call->request)) {
        call_refuse(call, 415, "unsupported.media.type", "Content-Type must be application/json.");
        return false;
    }
    if (json_object_parse(call->request->body, call->request->body_length, NULL, 0, ret_body,
                          &why) != 0) {
        call_refuse(call, 400, "bad.request", why.bytes);
        return false;
    }
    return true;
}
