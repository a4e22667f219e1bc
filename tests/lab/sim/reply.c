#include "tests/lab/sim/reply.h"

#include <stdio.h>
#include <sys/random.h>

void reply_correlation(char ret_correlation[CORRELATION_BYTES])
{
    unsigned char b[16] = {0};

    (void)!getrandom(b, sizeof(b), 0);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    (void)snprintf(ret_correlation, CORRELATION_BYTES,
                   "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
                   b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                   b[14], b[15]);
}

void reply_headers(struct web_answer *answer, const struct token_rate *rate,
                   const char *correlation)
{
    web_answer_header(answer, "ININ-Correlation-Id", "%s", correlation);
    web_answer_header(answer, "inin-ratelimit-count", "%d", rate->count);
    web_answer_header(answer, "inin-ratelimit-allowed", "%d", rate->allowed);
    web_answer_header(answer, "inin-ratelimit-reset", "%d", rate->reset_s);
    web_answer_header(answer, "Cache-Control", "no-cache, no-store, must-revalidate");
}

static void details_add(cJSON *body, const struct reply_error *error)
{
    cJSON *details = cJSON_AddArrayToObject(body, "details");
    cJSON *detail;

    if (error->field == NULL)
        return;
    detail = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(detail, "errorCode", error->code);
    (void)cJSON_AddStringToObject(detail, "fieldName", error->field);
    (void)cJSON_AddItemToArray(details, detail);
}

static void limit_add(cJSON *body, const struct reply_error *error)
{
    cJSON *limit;

    if (error->limit_key == NULL)
        return;
    limit = cJSON_AddObjectToObject(body, "limit");
    (void)cJSON_AddStringToObject(limit, "key", error->limit_key);
    (void)cJSON_AddStringToObject(limit, "namespace", "platform.api");
    (void)cJSON_AddNumberToObject(limit, "value", (double)error->limit_value);
}

void reply_error(struct web_answer *answer, const struct reply_error *error,
                 const char *correlation)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(body, "message", error->message);
    (void)cJSON_AddStringToObject(body, "code", error->code);
    (void)cJSON_AddNumberToObject(body, "status", error->status);
    if (error->entity != NULL)
        (void)cJSON_AddStringToObject(body, "entityId", error->entity);
    if (error->entity_name != NULL)
        (void)cJSON_AddStringToObject(body, "entityName", error->entity_name);
    (void)cJSON_AddStringToObject(body, "messageWithParams", error->message);
    (void)cJSON_AddObjectToObject(body, "messageParams");
    (void)cJSON_AddStringToObject(body, "contextId", correlation);
    details_add(body, error);
    (void)cJSON_AddArrayToObject(body, "errors");
    limit_add(body, error);
    web_answer_json(answer, error->status, body);
}

void reply_rate_limit(struct web_answer *answer, int64_t retry_after_s, const char *limit_key,
                      int allowed, const char *correlation)
{
    struct text message = {0};
    struct reply_error error = {
        .status = 429,
        .code = "too.many.requests.retry.after",
        .message = message.bytes,
        .limit_key = limit_key,
        .limit_value = allowed,
    };

    text_set(&message, "Rate limit exceeded the maximum. Retry the request in [%lld] seconds",
             (long long)retry_after_s);
    web_answer_header(answer, "Retry-After", "%lld", (long long)retry_after_s);
    reply_error(answer, &error, correlation);
}

void reply_status(struct web_answer *answer, int status, const char *code, const char *message,
                  const char *correlation)
{
    static const struct reply_error errors[] = {
        {.status = 400, .code = "bad.request", .message = "The request could not be understood."},
        {.status = 401, .code = "bad.credentials", .message = "Invalid login credentials."},
        {.status = 403,
         .code = "missing.any.permissions",
         .message = "Unable to perform the requested action. You must have at least one of the "
                    "following permissions assigned: [routing:callRoute:edit]"},
        {.status = 404, .code = "not.found", .message = "The requested resource was not found."},
        {.status = 408, .code = "client.timeout", .message = "The client did not send in time."},
        {.status = 409,
         .code = "general.conflict",
         .message = "The request conflicts with the current state of the target resource."},
        {.status = 500,
         .code = "internal.server.error",
         .message = "The server encountered an unexpected condition."},
        {.status = 502, .code = "bad.gateway", .message = "An upstream server answered badly."},
        {.status = 503, .code = "service.unavailable", .message = "Service Unavailable."},
        {.status = 504, .code = "request.timeout", .message = "The request timed out."},
    };
    struct reply_error error = {.status = status, .code = "error", .message = "An error."};

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].status == status)
            error = errors[i];
    }
    if (code[0] != '\0')
        error.code = code;
    if (message[0] != '\0')
        error.message = message;
    reply_error(answer, &error, correlation);
}

void reply_token(struct web_answer *answer, const char *token, time_ms life_ms, const char *refresh)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(body, "access_token", token);
    (void)cJSON_AddStringToObject(body, "token_type", "bearer");
    (void)cJSON_AddNumberToObject(body, "expires_in", (double)(life_ms / 1000));
    if (refresh != NULL)
        (void)cJSON_AddStringToObject(body, "refresh_token", refresh);
    web_answer_json(answer, 200, body);
}

void reply_token_error(struct web_answer *answer, int status, const char *error,
                       const char *description)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(body, "error", error);
    (void)cJSON_AddStringToObject(body, "description", description);
    (void)cJSON_AddStringToObject(body, "error_description", description);
    web_answer_json(answer, status, body);
}
