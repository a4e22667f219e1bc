#include "node/io/act/grant_answer.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/json.h"

enum {
    LIFE_S_DEFAULT = 300,       /* where the answer does not say: the platform's shortest */
    LIFE_S_MAX = 2 * 24 * 3600, /* the platform's longest */
    ERROR_WORD_BYTES_MAX = 40,
};

static bool is_token_text(const char *text, size_t size)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        if (text[length] <= ' ' || text[length] == 0x7f || length >= size - 1)
            return false;
    return length > 0;
}

/* The word of RFC 6749, section 5.2, e.g. invalid_client; NULL where there is none. */
static const char *error_word(const cJSON *body)
{
    const char *word = json_get_string(body, "error");
    size_t length = word == NULL ? 0 : strspn(word, "abcdefghijklmnopqrstuvwxyz_");
    return length > 0 && length < ERROR_WORD_BYTES_MAX && word[length] == '\0' ? word : NULL;
}

static void refuse_answer(struct grant_answer *answer, const char *host)
{
    answer->result = ROUTE_RESULT_NOT_SENT;
    answer->lost = true;
    text_set(&answer->why, "%s: its answer holds no token", host);
}

static void read_tokens(const struct http_answer *http, const cJSON *body, const char *host,
                        struct grant_answer *answer)
{
    const char *access = json_get_string(body, "access_token");
    const char *refresh = json_get_string(body, "refresh_token");
    if (access == NULL || !is_token_text(access, sizeof answer->access) ||
        (refresh != NULL && !is_token_text(refresh, sizeof answer->refresh))) {
        refuse_answer(answer, host);
        return;
    }
    int64_t life_s = LIFE_S_DEFAULT;
    if (!json_get_integer(body, "expires_in", &life_s) || life_s < 1)
        life_s = LIFE_S_DEFAULT;
    if (life_s > LIFE_S_MAX)
        life_s = LIFE_S_MAX;
    CHECK(text_copy(answer->access, sizeof answer->access, access) == 0);
    CHECK(refresh == NULL || text_copy(answer->refresh, sizeof answer->refresh, refresh) == 0);
    answer->started_ms = http->started_ms;
    answer->expires_ms = http->started_ms + life_s * 1000;
    answer->result = ROUTE_RESULT_OK;
}

static void judge_status(const struct http_answer *http, const cJSON *body, const char *host,
                         struct grant_answer *answer)
{
    const char *word = error_word(body);
    if (http->status == 400 || http->status == 401 || http->status == 403)
        answer->result = ROUTE_RESULT_UNAUTHORIZED;
    else if (http->status == 429)
        answer->result = ROUTE_RESULT_RATE_LIMITED;
    answer->invalid_grant = answer->result == ROUTE_RESULT_UNAUTHORIZED && word != NULL &&
                            strcmp(word, "invalid_grant") == 0;
    answer->lost = http->status >= 500 || http->status == 408;
    text_set(&answer->why, "no token: %s answered %d", host, http->status);
    if (word != NULL)
        text_add(&answer->why, " (%s)", word);
}

void grant_answer_read(const struct http_answer *http, const char *host,
                       struct grant_answer *answer)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    answer->status = http->status;
    answer->retry_after_ms = http->retry_after_ms;
    answer->result = http->end == HTTP_ABORTED ? ROUTE_RESULT_CANCELED : ROUTE_RESULT_NOT_SENT;
    if (http->end != HTTP_ANSWERED) {
        answer->lost = http->end == HTTP_LOST || http->end == HTTP_ANSWER_CUT;
        text_set(&answer->why, "no token: %s", http->why.bytes);
        return;
    }
    (void)json_parse(http->body, http->body_length, &body);
    if (http->status >= 200 && http->status < 300)
        read_tokens(http, body, host, answer);
    else
        judge_status(http, body, host, answer);
}
