#include "node/io/act/token_answer.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/json.h"

enum {
    LIFE_S_DEFAULT = 300,       /* where the answer does not say: the platform's shortest */
    LIFE_S_MAX = 2 * 24 * 3600, /* the platform's longest */
};

static bool is_token_text(const char *text)
{
    size_t length = 0;
    for (; text[length] != '\0'; length++)
        if (text[length] <= ' ' || text[length] == 0x7f || length >= TOKEN_SIZE - 1)
            return false;
    return length > 0;
}

/* The word of RFC 6749, section 5.2, e.g. invalid_client; its description is left out, it may echo
 * anything. */
static void add_error_word(const cJSON *body, struct text *why)
{
    const char *word = json_get_string(body, "error");
    size_t length = word == NULL ? 0 : strspn(word, "abcdefghijklmnopqrstuvwxyz_");
    if (length > 0 && length < 40 && word[length] == '\0')
        text_add(why, " (%s)", word);
}

static void read_token(const struct http_answer *http, const cJSON *body, const char *host,
                       struct token_answer *answer)
{
    const char *value = json_get_string(body, "access_token");
    if (value == NULL || !is_token_text(value)) {
        answer->result = ROUTE_RESULT_NOT_SENT;
        text_set(&answer->why, "%s: its answer holds no token", host);
        return;
    }
    int64_t life_s = LIFE_S_DEFAULT;
    if (!json_get_integer(body, "expires_in", &life_s) || life_s < 1)
        life_s = LIFE_S_DEFAULT;
    if (life_s > LIFE_S_MAX)
        life_s = LIFE_S_MAX;
    CHECK(text_copy(answer->token.value, sizeof answer->token.value, value) == 0);
    answer->token.minted_ms = http->started_ms;
    answer->token.expires_ms = http->started_ms + life_s * 1000;
    answer->result = ROUTE_RESULT_OK;
}

void token_answer_read(const struct http_answer *http, const char *host,
                       struct token_answer *answer)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    answer->status = http->status;
    answer->retry_after_ms = http->retry_after_ms;
    answer->result = http->end == HTTP_ABORTED ? ROUTE_RESULT_CANCELED : ROUTE_RESULT_NOT_SENT;
    if (http->end != HTTP_ANSWERED) {
        text_set(&answer->why, "no token: %s", http->why.bytes);
        return;
    }
    (void)json_parse(http->body, http->body_length, &body);
    if (http->status >= 200 && http->status < 300) {
        read_token(http, body, host, answer);
        return;
    }
    if (http->status == 400 || http->status == 401 || http->status == 403)
        answer->result = ROUTE_RESULT_UNAUTHORIZED;
    else if (http->status == 429)
        answer->result = ROUTE_RESULT_RATE_LIMITED;
    text_set(&answer->why, "no token: %s answered %d", host, http->status);
    add_error_word(body, &answer->why);
}
