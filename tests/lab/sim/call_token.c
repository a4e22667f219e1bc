#include "tests/lab/sim/call.h"

#include "common/errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORM_CREDENTIALS "grant_type=client_credentials"
#define FORM_REFRESH "grant_type=refresh_token&refresh_token="

/* Which of the two statuses the real endpoint uses for what is not known; clients must take both.
 */
static int refusal_status(enum client_verdict verdict)
{
    return verdict == CLIENT_WRONG_SECRET ? 401 : 400;
}

static void token_give(struct call *call, size_t client, const char *refresh)
{
    struct token_book *tokens = &call->platform->tokens;
    const char *token = NULL;

    if (token_mint(tokens, client, call->now_ms, &token) != 0) {
        reply_token_error(call->answer, 500, "server_error", "no token could be made");
        return;
    }
    call->entry.token_ok = true;
    call->entry.token = token;
    reply_token(call->answer, token, tokens->life_ms, refresh);
}

/* Undoes %XX. False where it is cut or too long. */
static bool form_decode(const char *text, char *ret_value, size_t size)
{
    size_t length = 0;

    for (; *text != '\0'; text++) {
        char digits[3] = "";
        char *end = digits;

        if (length + 1 >= size)
            return false;
        ret_value[length] = *text;
        if (*text == '%') {
            (void)snprintf(digits, sizeof(digits), "%.2s", text + 1);
            ret_value[length] = (char)strtol(digits, &end, 16);
            if (end != digits + 2)
                return false;
            text += 2;
        }
        length++;
    }
    ret_value[length] = '\0';
    return true;
}

static void refresh_serve(struct call *call, size_t client, const char *form)
{
    char value[REFRESH_BYTES] = "";
    const char *next = NULL;

    if (!form_decode(form, value, sizeof(value)) ||
        refresh_rotate(&call->platform->refreshes, value, call->now_ms, &next) != 0)
        reply_token_error(call->answer, 400, "invalid_grant", "the refresh token is not valid");
    else
        token_give(call, client, next);
}

void call_serve_token(struct call *call)
{
    const char *authorization = web_request_header(call->request, "Authorization");
    size_t client = 0;
    enum client_verdict verdict =
        token_client_judge(&call->platform->tokens, authorization, &client);
    const char *body = call->request->body;

    call->entry.grant = strncmp(body, FORM_REFRESH, strlen(FORM_REFRESH)) == 0 ? "refresh_token"
                        : strcmp(body, FORM_CREDENTIALS) == 0 ? "client_credentials"
                                                              : NULL;
    if (strcmp(call->request->method, "POST") != 0)
        reply_token_error(call->answer, 405, "invalid_request", "method not allowed");
    else if (verdict != CLIENT_GOOD)
        reply_token_error(call->answer, refusal_status(verdict), "invalid_client",
                          "authentication failed");
    else if (call->entry.grant == NULL)
        reply_token_error(call->answer, 400, "unsupported_grant_type",
                          "the body must be grant_type=client_credentials, or "
                          "grant_type=refresh_token&refresh_token=...");
    else if (strcmp(call->entry.grant, "refresh_token") == 0)
        refresh_serve(call, client, body + strlen(FORM_REFRESH));
    else
        token_give(call, client, NULL);
}
