#include "node/io/act/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/act/classify.h"
#include "node/io/act/clock.h"

enum {
    AUTHORIZATION_SIZE = TOKEN_SIZE + 32,
    CALL_COUNT_MAX = 2,
};

/* Behind the headers that every call has. A line is empty where its credential was not read. */
static void add_headers(const struct header_list *headers, struct http_request *request)
{
    enum { OWN_COUNT = 6 };
    _Static_assert(OWN_COUNT + PROBE_HEADER_COUNT_MAX <= HTTP_HEADER_COUNT_MAX,
                   "there is room for all");
    for (size_t i = 0; headers != NULL && i < headers->count; i++)
        if (headers->lines[i][0] != '\0')
            request->headers[OWN_COUNT + i] = headers->lines[i];
}

/* `token` is NULL where there is none. */
static void send_once(const struct job_tools *tools, const struct api_call *call,
                      const struct token *token, struct http_answer *ret_answer)
{
    char authorization[AUTHORIZATION_SIZE];
    char key[CALL_KEY_SIZE + 32];
    char term[64];
    char type[96];
    if (token != NULL)
        (void)snprintf(authorization, sizeof authorization, "Authorization: Bearer %s",
                       token->value);
    struct http_request request = {
        .method = call->method,
        .url = call->url,
        .headers = {token != NULL ? authorization : NULL, "Accept: application/json"},
        .body = call->body,
        .body_length = call->body == NULL ? 0 : strlen(call->body),
        .deadline_ms = call->deadline_ms,
        .start_before_ms = call->start_before_ms,
        .own_connection = call->idempotency_key != NULL,
    };
    (void)snprintf(type, sizeof type, "Content-Type: %s",
                   call->content_type != NULL ? call->content_type : "application/json");
    if (call->body != NULL)
        request.headers[2] = type;
    if (call->idempotency_key != NULL) {
        (void)snprintf(key, sizeof key, "Idempotency-Key: %s", call->idempotency_key);
        (void)snprintf(term, sizeof term, "X-Quorate-Term: %" PRIu64, call->term);
        request.headers[3] = key;
        request.headers[4] = term;
    }
    add_headers(call->headers, &request);
    http_client_request(tools->client, &request, ret_answer);
}

void call_take_token_trouble(const struct token_answer *answer, struct actuator_result *result)
{
    result->result = answer->result;
    result->status = answer->status;
    result->retry_after_ms = answer->retry_after_ms;
    result->why = answer->why;
}

/* A fresh token is sought no longer than the request may still start. */
static struct token_need need_of(const struct api_call *call)
{
    struct token_need need = {
        .want = call->want,
        .minted_after_ms = call->minted_after_ms,
        .deadline_ms = call->deadline_ms,
    };
    if (call->start_before_ms < need.deadline_ms)
        need.deadline_ms = call->start_before_ms;
    return need;
}

/* Sends when it is this call's turn; a reading that a write interrupted goes again after it.
 * Returns 0 with an answer, or ERR_TIMEOUT or ERR_CANCELED where it never was, or none came of it.
 */
static int send_in_turn(const struct job_tools *tools, const struct api_call *call,
                        const struct token *token, struct http_answer *ret_answer)
{
    time_ms until_ms =
        call->start_before_ms < call->deadline_ms ? call->start_before_ms : call->deadline_ms;
    do {
        int rc = turns_take(tools->turns, call->platform, call->turn, tools->client, until_ms);
        if (rc < 0)
            return rc;
        send_once(tools, call, token, ret_answer);
        rates_note(tools->rates, call->platform, ret_answer, clock_now_ms());
        turns_give(tools->turns, call->platform);
    } while (ret_answer->interrupted && clock_now_ms() < until_ms);
    return ret_answer->interrupted ? ERR_TIMEOUT : 0;
}

static void take_answer(const struct job_tools *tools, const struct api_call *call,
                        const struct http_answer *answer, struct actuator_result *result)
{
    result->result = classify_answer(answer);
    result->status = answer->status;
    result->retry_after_ms = answer->retry_after_ms;
    result->started_ms = answer->started_ms;
    memcpy(result->correlation, answer->correlation_id, sizeof result->correlation);
    classify_explain(answer, call->url, &result->why);
    if (call->apart || call->platform == CALL_NO_PLATFORM)
        return;
    const struct trouble_case ended = {call->platform, result->result, result->status,
                                       result->why.bytes};
    troubles_api(tools->troubles, &ended);
}

/* Its turn never came: nothing of this call is under way. After a 401 that stands. */
static void take_no_turn(int code, int count, struct actuator_result *result)
{
    const char *why = code == ERR_CANCELED ? "stopping" : "its turn did not come in time";
    if (count > 0) {
        text_add(&result->why, "; %s", why);
        return;
    }
    result->result = ROUTE_RESULT_CANCELED;
    text_set(&result->why, "%s", why);
}

void call_api(const struct job_tools *tools, const struct api_call *call,
              struct http_answer *ret_answer, struct actuator_result *result)
{
    struct token_answer token;
    const struct token_need need = need_of(call);
    *ret_answer = (struct http_answer){.end = HTTP_NOT_SENT};
    if (call->platform == CALL_NO_PLATFORM) {
        send_once(tools, call, NULL, ret_answer);
        take_answer(tools, call, ret_answer, result);
        return;
    }
    if (call->routine &&
        rates_admit(tools->rates, call->platform, call->proof, clock_now_ms(), &result->why) < 0) {
        result->result = ROUTE_RESULT_CANCELED;
        return;
    }
    for (int count = 0; count < CALL_COUNT_MAX; count++) {
        tokens_get(tools->tokens, tools->client, call->platform, &need, &token);
        if (token.result != ROUTE_RESULT_OK) {
            if (count > 0)
                text_add(&result->why, "; %s", token.why.bytes);
            else
                call_take_token_trouble(&token, result);
            if (count == 0 && clock_now_ms() >= call->start_before_ms)
                result->result = ROUTE_RESULT_CANCELED;
            if (token.token.shared)
                result->token_generation = token.token.generation;
            return;
        }
        result->token_generation = token.token.shared ? token.token.generation : 0;
        struct http_answer answer;
        int rc = send_in_turn(tools, call, &token.token, &answer);
        if (rc < 0) {
            take_no_turn(rc, count, result);
            return;
        }
        *ret_answer = answer;
        take_answer(tools, call, &answer, result);
        if (result->result != ROUTE_RESULT_UNAUTHORIZED)
            return;
        tokens_refuse(tools->tokens, call->platform, &token.token);
    }
}
