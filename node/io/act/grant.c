#include "node/io/act/grant.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/json.h"

enum {
    LIFE_S_DEFAULT = 300,         /* where the answer does not say: the platform's shortest */
    LIFE_S_MAX = 2 * 24 * 3600,   /* the platform's longest */
    BASIC_SIZE = 3 * SECRET_SIZE, /* base64 of two secrets and a colon */
    ERROR_WORD_BYTES_MAX = 40,
};

#define FORM_CREDENTIALS "grant_type=client_credentials"
#define FORM_REFRESH "grant_type=refresh_token&refresh_token="

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

static void judge(const struct http_answer *http, const char *host, struct grant_answer *answer)
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

static void make_basic(const struct grant_request *request, char ret_basic[BASIC_SIZE])
{
    char pair[2 * SECRET_SIZE + 1];
    int length = snprintf(pair, sizeof pair, "%s:%s", request->client_id, request->client_secret);
    CHECK(length > 0 && (size_t)length < sizeof pair);
    CHECK(text_copy(ret_basic, BASIC_SIZE, "Authorization: Basic ") == 0);
    size_t used = strlen(ret_basic);
    (void)sodium_bin2base64(ret_basic + used, BASIC_SIZE - used, (const unsigned char *)pair,
                            (size_t)length, sodium_base64_VARIANT_ORIGINAL);
    sodium_memzero(pair, sizeof pair);
}

/* The form's own alphabet; everything else is written as %XX. */
static size_t add_encoded(char *form, size_t used, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (strchr(plain, *text) != NULL) {
            form[used++] = *text;
            continue;
        }
        form[used++] = '%';
        form[used++] = digits[byte >> 4];
        form[used++] = digits[byte & 0xf];
    }
    return used;
}

void grant_ask(struct http_client *client, const struct grant_request *request,
               struct grant_answer *ret_answer)
{
    char url[URL_SIZE + 16];
    char host[HTTP_HOST_SIZE];
    char basic[BASIC_SIZE];
    char form[sizeof FORM_REFRESH + 3 * REFRESH_SIZE] = FORM_CREDENTIALS;
    size_t form_length = sizeof FORM_CREDENTIALS - 1;
    size_t length = strlen(request->login_url);
    while (length > 0 && request->login_url[length - 1] == '/')
        length--;
    int url_length = snprintf(url, sizeof url, "%.*s/oauth/token", (int)length, request->login_url);
    CHECK(url_length > 0 && (size_t)url_length < sizeof url);
    if (request->refresh_token != NULL) {
        CHECK(strlen(request->refresh_token) < REFRESH_SIZE);
        (void)text_copy(form, sizeof form, FORM_REFRESH);
        form_length = add_encoded(form, sizeof FORM_REFRESH - 1, request->refresh_token);
    }
    make_basic(request, basic);
    const struct http_request http_request = {
        .method = HTTP_POST,
        .url = url,
        .headers = {basic, "Content-Type: application/x-www-form-urlencoded",
                    "Accept: application/json"},
        .body = form,
        .body_length = form_length,
        .deadline_ms = request->deadline_ms,
        .start_before_ms = request->start_before_ms,
        .own_connection = request->refresh_token != NULL,
    };
    struct http_answer http;
    http_client_request(client, &http_request, &http);
    sodium_memzero(basic, sizeof basic);
    sodium_memzero(form, sizeof form);
    http_url_host(url, host);
    *ret_answer = (struct grant_answer){.result = ROUTE_RESULT_NOT_SENT};
    judge(&http, host, ret_answer);
}
