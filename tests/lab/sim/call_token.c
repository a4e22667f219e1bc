#include "tests/lab/sim/call.h"

#include <string.h>

/* Which of the two statuses the real endpoint uses for what is not known; clients must take both.
 */
static int refusal_status(enum client_verdict verdict)
{
    return verdict == CLIENT_WRONG_SECRET ? 401 : 400;
}

void call_serve_token(struct call *call)
{
    const char *authorization = web_request_header(call->request, "Authorization");
    enum client_verdict verdict = token_client_judge(&call->platform->tokens, authorization);
    const char *token = NULL;

    if (strcmp(call->request->method, "POST") != 0) {
        reply_token_error(call->answer, 405, "invalid_request", "method not allowed");
    } else if (verdict != CLIENT_GOOD) {
        reply_token_error(call->answer, refusal_status(verdict), "invalid_client",
                          "authentication failed");
    } else if (strcmp(call->request->body, "grant_type=client_credentials") != 0) {
        reply_token_error(call->answer, 400, "unsupported_grant_type",
                          "the body must be grant_type=client_credentials");
    } else if (token_mint(&call->platform->tokens, call->now_ms, &token) != 0) {
        reply_token_error(call->answer, 500, "server_error", "no token could be made");
    } else {
        call->entry.token_ok = true;
        reply_token(call->answer, token, call->platform->tokens.life_ms);
    }
}
