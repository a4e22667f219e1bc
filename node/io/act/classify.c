#include "node/io/act/classify.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "node/io/act/json.h"

enum { MESSAGE_SHOWN_BYTES = 160 };

struct status_row {
    int first;
    int last;
    enum route_result result;
};

/* The first row that holds the status decides. 408, 502, 504 and a proxy's own 52x do not say
 * whether the request was carried out; 500 and 503 are the API's own word that it was not. */
static const struct status_row rows[] = {
    {200, 299, ROUTE_RESULT_OK},
    {300, 399, ROUTE_RESULT_REJECTED}, /* redirects are not followed */
    {401, 401, ROUTE_RESULT_UNAUTHORIZED},
    {403, 403, ROUTE_RESULT_FORBIDDEN},
    {404, 404, ROUTE_RESULT_NOT_FOUND},
    {408, 408, ROUTE_RESULT_UNKNOWN},
    {409, 409, ROUTE_RESULT_CONFLICT},
    {410, 410, ROUTE_RESULT_NOT_FOUND},
    {412, 412, ROUTE_RESULT_CONFLICT},
    {429, 429, ROUTE_RESULT_RATE_LIMITED},
    {400, 499, ROUTE_RESULT_REJECTED},
    {500, 501, ROUTE_RESULT_SERVER_ERROR},
    {503, 503, ROUTE_RESULT_SERVER_ERROR},
};

/* How services word a version conflict behind a plain 400. */
static const char *const conflict_phrases[] = {
    "does not match the current version",
    "must match the version number in the database",
};

/* What call routes answer by 400 for a while after numbers were moved; the numbers go
 * back as they were read, so that the same write is taken once the platform agrees with itself. */
static const char *const passing_phrases[] = {
    "PhoneNumber with text",
    "didPoolId is required",
};

static bool says_one_of(const struct http_answer *answer, const char *const phrases[], size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (memmem(answer->body, answer->body_length, phrases[i], strlen(phrases[i])) != NULL)
            return true;
    return false;
}

static enum route_result classify_status(const struct http_answer *answer)
{
    if (answer->status == 400 &&
        says_one_of(answer, conflict_phrases, ARRAY_COUNT(conflict_phrases)))
        return ROUTE_RESULT_CONFLICT;
    if (answer->status == 400 && says_one_of(answer, passing_phrases, ARRAY_COUNT(passing_phrases)))
        return ROUTE_RESULT_SERVER_ERROR;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++)
        if (answer->status >= rows[i].first && answer->status <= rows[i].last)
            return rows[i].result;
    return ROUTE_RESULT_UNKNOWN;
}

enum route_result classify_answer(const struct http_answer *answer)
{
    switch (answer->end) {
    case HTTP_ANSWERED:
    case HTTP_ANSWER_CUT:
        return classify_status(answer);
    case HTTP_NOT_SENT:
        return ROUTE_RESULT_NOT_SENT;
    case HTTP_LOST:
        return ROUTE_RESULT_UNKNOWN;
    case HTTP_ABORTED:
        return ROUTE_RESULT_CANCELED;
    case HTTP_END_N:
        break;
    }
    CHECK(false);
    return ROUTE_RESULT_UNKNOWN;
}

/* What a stranger wrote goes into a log line and a terminal: printable ASCII, no quotes. */
static void add_plain(struct text *why, const char *words)
{
    char plain[MESSAGE_SHOWN_BYTES + 1];
    size_t length = 0;
    for (; words[length] != '\0' && length < MESSAGE_SHOWN_BYTES; length++) {
        char byte = words[length];
        plain[length] = byte >= ' ' && byte < 0x7f && byte != '"' ? byte : '.';
    }
    plain[length] = '\0';
    text_add(why, "%s", plain);
}

static void add_api_words(const struct http_answer *answer, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    if (json_parse(answer->body, answer->body_length, &body) < 0)
        return;
    const char *code = json_get_string(body, "code");
    const char *message = json_get_string(body, "message");
    if (code != NULL) {
        text_add(why, ", ");
        add_plain(why, code);
    }
    if (message != NULL) {
        text_add(why, ": ");
        add_plain(why, message);
    }
}

void classify_explain(const struct http_answer *answer, const char *url, struct text *why)
{
    char host[HTTP_HOST_SIZE];
    text_clear(why);
    if (answer->end != HTTP_ANSWERED) {
        *why = answer->why;
        return;
    }
    if (classify_answer(answer) == ROUTE_RESULT_OK)
        return;
    http_url_host(url, host);
    text_set(why, "%s answered %d", host, answer->status);
    add_api_words(answer, why);
    if (answer->status == 429 && answer->rate_limit.allowed >= 0)
        text_add(why, " (%d of %d used, reset in %d s)", answer->rate_limit.count,
                 answer->rate_limit.allowed, answer->rate_limit.reset_s);
    if (answer->correlation_id[0] != '\0')
        text_add(why, " [%s]", answer->correlation_id);
}
