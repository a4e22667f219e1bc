#include "tests/lab/bot/bot.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <stdio.h>
#include <string.h>

enum { SLOW_MS_DEFAULT = 400, SLOW_MS_MAX = 3600 * 1000 };

static const char *const mode_names[BOT_MODE_N] = {
    "healthy", "slow",       "error500", "wrong-body", "complete",
    "failed",  "error-info", "hang",     "refuse",
};

static const char *mode_header_of(const struct web_request *request)
{
    const char *header = web_request_header(request, "X-Service-Mode");

    return header != NULL ? header : web_request_query(request, "mode");
}

/* What a bot connector sends: {"botSessionId", "inputMessage" or "message", ...}. */
static bool request_is_message(const struct web_request *request)
{
    cJSON *body = strcmp(request->method, "POST") == 0
                      ? cJSON_ParseWithLength(request->body, request->body_length)
                      : NULL;
    bool is_message = cJSON_IsString(cJSON_GetObjectItemCaseSensitive(body, "botSessionId")) &&
                      (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(body, "inputMessage")) ||
                       cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(body, "message")));

    cJSON_Delete(body);
    return is_message;
}

/* Notes the request; returns the mode that it meets. */
static enum bot_mode request_note(struct bot *bot, const struct web_request *request,
                                  time_ms *ret_slow_ms)
{
    const char *header = mode_header_of(request);
    bool is_message = request_is_message(request);
    enum bot_mode mode;

    (void)pthread_mutex_lock(&bot->lock);
    bot->request_count++;
    bot->message_count += is_message;
    if (header != NULL) {
        struct bot_announcement *slot =
            &bot->announcements[bot->announcement_count++ % BOT_ANNOUNCEMENTS_MAX];

        slot->wall_ms = request->wall_ms;
        (void)snprintf(slot->header, sizeof(slot->header), "%s", header);
    }
    mode = bot->mode;
    *ret_slow_ms = bot->slow_ms;
    (void)pthread_mutex_unlock(&bot->lock);
    return mode;
}

static void reply_add(cJSON *body, const char *text)
{
    cJSON *replies = cJSON_AddArrayToObject(body, "replymessages");
    cJSON *reply = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(reply, "type", "Text");
    (void)cJSON_AddStringToObject(reply, "text", text);
    (void)cJSON_AddItemToArray(replies, reply);
}

static void connector_answer(struct web_answer *answer, const char *state, bool error)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *info;

    (void)cJSON_AddStringToObject(body, "botState", state);
    reply_add(body, error ? "Something went wrong." : "How can I help you?");
    (void)cJSON_AddStringToObject(body, "intent", "None");
    (void)cJSON_AddNumberToObject(body, "confidence", 0.5);
    (void)cJSON_AddObjectToObject(body, "slotValues");
    if (error) {
        info = cJSON_AddObjectToObject(body, "errorInfo");
        (void)cJSON_AddStringToObject(info, "errorCode", "BACKEND_DOWN");
        (void)cJSON_AddStringToObject(info, "errorMessage", "the bot's backend does not answer");
    }
    web_answer_json(answer, 200, body);
}

static void canary_answer(const struct bot *bot, struct web_answer *answer, int status,
                          const char *word)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(body, "status", word);
    (void)cJSON_AddStringToObject(body, "bot", bot->name);
    web_answer_json(answer, status, body);
}

static void good_answer(const struct bot *bot, const struct web_request *request,
                        struct web_answer *answer, enum bot_mode mode)
{
    if (request_is_message(request))
        connector_answer(answer, mode == BOT_COMPLETE ? "Complete" : "MoreData", false);
    else
        canary_answer(bot, answer, 200, "ok");
}

static void failed_answer(const struct bot *bot, const struct web_request *request,
                          struct web_answer *answer, const char *state)
{
    if (request_is_message(request))
        connector_answer(answer, state, true);
    else
        canary_answer(bot, answer, 200, "failed");
}

static void canary_handle(const struct web_request *request, struct web_answer *answer, void *data)
{
    struct bot *bot = data;
    time_ms slow_ms = 0;
    enum bot_mode mode = request_note(bot, request, &slow_ms);

    switch (mode) {
    case BOT_SLOW:
        (void)web_request_wait_client(request, slow_ms);
        good_answer(bot, request, answer, mode);
        return;
    case BOT_HEALTHY:
    case BOT_COMPLETE:
        good_answer(bot, request, answer, mode);
        return;
    case BOT_FAILED:
        failed_answer(bot, request, answer, "Failed");
        return;
    case BOT_ERROR_INFO:
        failed_answer(bot, request, answer, "MoreData");
        return;
    case BOT_ERROR500:
        canary_answer(bot, answer, 500, "error");
        return;
    case BOT_WRONG_BODY:
        canary_answer(bot, answer, 200, "failed");
        return;
    case BOT_HANG:
        (void)web_request_wait_client(request, -1);
        break;
    case BOT_REFUSE:
    case BOT_MODE_N:
        break;
    }
    answer->status = 0;
}

int bot_init(struct bot *bot, const char *name, const char *host, uint16_t port, struct text *why)
{
    int result;

    *bot = (struct bot){.name = name, .host = host, .slow_ms = SLOW_MS_DEFAULT};
    (void)pthread_mutex_init(&bot->lock, NULL);
    (void)pthread_mutex_init(&bot->web_lock, NULL);
    result = web_new(host, port, WEB_THREADS, canary_handle, bot, &bot->web, why);
    if (result == 0)
        bot->port = web_port(bot->web); /* the one to come back to */
    return result;
}

void bot_fini(struct bot *bot)
{
    web_free(&bot->web);
    (void)pthread_mutex_destroy(&bot->lock);
    (void)pthread_mutex_destroy(&bot->web_lock);
}

static void mode_store(struct bot *bot, enum bot_mode mode, time_ms slow_ms)
{
    (void)pthread_mutex_lock(&bot->lock);
    bot->mode = mode;
    bot->slow_ms = slow_ms;
    (void)pthread_mutex_unlock(&bot->lock);
}

/* The handlers of a closing server need `lock`, so it is not held here. */
static int mode_enter(struct bot *bot, enum bot_mode mode, time_ms slow_ms, struct text *why)
{
    int result = 0;

    (void)pthread_mutex_lock(&bot->web_lock);
    if (mode != BOT_REFUSE && bot->web == NULL)
        result = web_new(bot->host, bot->port, WEB_THREADS, canary_handle, bot, &bot->web, why);
    if (result == 0)
        mode_store(bot, mode, slow_ms);
    if (mode == BOT_REFUSE)
        web_free(&bot->web);
    (void)pthread_mutex_unlock(&bot->web_lock);
    return result;
}

int bot_set_mode(struct bot *bot, const char *json, size_t length, struct text *why)
{
    static const char *const keys[] = {"mode", "ms"};
    cJSON *object = NULL;
    const char *word = NULL;
    int64_t slow_ms = SLOW_MS_DEFAULT;
    size_t mode = 0;
    int result = json_object_parse(json, length, keys, ARRAY_COUNT(keys), &object, why);

    if (result == 0)
        result = json_text_read(object, "mode", &word, why);
    if (result == 0)
        result = json_number_read(object, "ms", 0, SLOW_MS_MAX, &slow_ms, why);
    if (result == 0)
        result =
            json_word_find("mode", word == NULL ? "" : word, mode_names, BOT_MODE_N, &mode, why);
    cJSON_Delete(object);
    return result == 0 ? mode_enter(bot, (enum bot_mode)mode, slow_ms, why) : result;
}

static void announcements_describe(const struct bot *bot, cJSON *body)
{
    size_t count = bot->announcement_count;
    size_t first = count > BOT_ANNOUNCEMENTS_MAX ? count - BOT_ANNOUNCEMENTS_MAX : 0;
    cJSON *list = cJSON_AddArrayToObject(body, "announcements");

    for (size_t i = first; i < count; i++) {
        const struct bot_announcement *told = &bot->announcements[i % BOT_ANNOUNCEMENTS_MAX];
        cJSON *item = cJSON_CreateObject();

        (void)cJSON_AddNumberToObject(item, "wall_ms", (double)told->wall_ms);
        (void)cJSON_AddStringToObject(item, "header", told->header);
        (void)cJSON_AddItemToArray(list, item);
    }
}

cJSON *bot_describe(struct bot *bot)
{
    cJSON *body = cJSON_CreateObject();
    const char *last = NULL;

    (void)pthread_mutex_lock(&bot->lock);
    if (bot->announcement_count > 0)
        last = bot->announcements[(bot->announcement_count - 1) % BOT_ANNOUNCEMENTS_MAX].header;
    (void)cJSON_AddStringToObject(body, "bot", bot->name);
    (void)cJSON_AddStringToObject(body, "mode", mode_names[bot->mode]);
    (void)cJSON_AddNumberToObject(body, "ms", (double)bot->slow_ms);
    (void)cJSON_AddNumberToObject(body, "requests", (double)bot->request_count);
    (void)cJSON_AddNumberToObject(body, "messages", (double)bot->message_count);
    if (last != NULL)
        (void)cJSON_AddStringToObject(body, "last_mode_header", last);
    else
        (void)cJSON_AddNullToObject(body, "last_mode_header");
    (void)cJSON_AddBoolToObject(body, "degraded", last != NULL && strcmp(last, "degraded") == 0);
    announcements_describe(bot, body);
    (void)pthread_mutex_unlock(&bot->lock);
    return body;
}
