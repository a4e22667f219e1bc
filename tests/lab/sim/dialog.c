#include "tests/lab/sim/dialog.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <stdio.h>
#include <string.h>

enum { MS_MAX = 3600 * 1000 };

/* The platform's words for the end of a turn. */
static const struct {
    const char *name;
    const char *action;
    const char *reason;
} modes[BOT_FLOW_MODE_N] = {
    {"healthy", "WaitForInput", NULL},
    {"slow", "WaitForInput", NULL},
    {"hang", "WaitForInput", NULL},
    {"error", "Exit", "Error"},
    {"disconnect-error", "Disconnect", "Error"},
    {"recognition-failure", "Exit", "RecognitionFailure"},
    {"exit", "Exit", "TriggeredByFlow"},
};

/* Made where it is not there yet; NULL where there is no room for it. */
static struct bot_flow *bot_find(struct dialog_book *book, const char *flow)
{
    struct bot_flow *bot;

    for (size_t i = 0; i < book->bot_count; i++) {
        if (strcmp(book->bots[i].flow, flow) == 0)
            return &book->bots[i];
    }
    if (book->bot_count == BOTS_MAX || strlen(flow) >= BOT_FLOW_BYTES)
        return NULL;
    bot = &book->bots[book->bot_count++];
    *bot = (struct bot_flow){.from_turn = 1};
    (void)snprintf(bot->flow, sizeof(bot->flow), "%s", flow);
    (void)snprintf(bot->text, sizeof(bot->text), "How can I help you?");
    return bot;
}

int dialog_begin(struct dialog_book *book, const char *flow, const char *id,
                 struct dialog **ret_dialog)
{
    struct bot_flow *bot = bot_find(book, flow);
    struct dialog *dialog = &book->dialogs[book->dialog_count % DIALOGS_MAX];

    if (bot == NULL)
        return strlen(flow) >= BOT_FLOW_BYTES ? ERR_INVALID : ERR_FULL;
    *dialog = (struct dialog){.bot = bot};
    (void)snprintf(dialog->id, sizeof(dialog->id), "%s", id);
    book->dialog_count++;
    bot->sessions++;
    *ret_dialog = dialog;
    return 0;
}

struct dialog *dialog_find(struct dialog_book *book, const char *id)
{
    size_t kept = book->dialog_count < DIALOGS_MAX ? book->dialog_count : DIALOGS_MAX;

    for (size_t i = 0; i < kept; i++) {
        if (strcmp(book->dialogs[i].id, id) == 0)
            return book->dialogs[i].ended ? NULL : &book->dialogs[i];
    }
    return NULL;
}

struct dialog_turn dialog_take(struct dialog *dialog, const char *turn_id, bool disconnects)
{
    struct bot_flow *bot = dialog->bot;
    enum bot_flow_mode mode;

    dialog->turns++;
    bot->turns++;
    (void)snprintf(dialog->last_turn, sizeof(dialog->last_turn), "%s", turn_id);
    if (disconnects) {
        bot->disconnects++;
        dialog->ended = true;
        return (struct dialog_turn){
            .action = "Disconnect", .reason = "TriggeredByUser", .answered = true};
    }
    mode = dialog->turns >= bot->from_turn ? bot->mode : BOT_FLOW_HEALTHY;
    dialog->ended = modes[mode].reason != NULL;
    return (struct dialog_turn){
        .action = modes[mode].action,
        .reason = modes[mode].reason,
        .text = bot->text,
        .answered = mode != BOT_FLOW_HANG,
        .wait_ms = mode == BOT_FLOW_SLOW   ? bot->ms
                   : mode == BOT_FLOW_HANG ? -1
                                           : 0,
    };
}

static int mode_read(const cJSON *object, enum bot_flow_mode *mode, struct text *why)
{
    const char *names[BOT_FLOW_MODE_N];
    const char *word = NULL;
    size_t index = 0;

    for (size_t i = 0; i < BOT_FLOW_MODE_N; i++)
        names[i] = modes[i].name;
    if (json_text_read(object, "mode", &word, why) != 0 ||
        json_word_find("mode", word == NULL ? "" : word, names, BOT_FLOW_MODE_N, &index, why) != 0)
        return ERR_INVALID;
    *mode = (enum bot_flow_mode)index;
    return 0;
}

static int bot_read(const cJSON *object, struct bot_flow *bot, struct text *why)
{
    struct bot_flow read = *bot;
    const char *text = bot->text;

    read.from_turn = 1;
    if (mode_read(object, &read.mode, why) != 0 ||
        json_number_read(object, "from_turn", 1, INT32_MAX, &read.from_turn, why) != 0 ||
        json_number_read(object, "ms", 0, MS_MAX, &read.ms, why) != 0 ||
        json_text_read(object, "text", &text, why) != 0)
        return ERR_INVALID;
    if (text_copy(read.text, sizeof(read.text), text) != 0) {
        text_set(why, "\"text\" is too long");
        return ERR_INVALID;
    }
    *bot = read;
    return 0;
}

int dialog_bot_set(struct dialog_book *book, const char *flow, const char *json, size_t length,
                   struct text *why)
{
    static const char *const keys[] = {"mode", "from_turn", "ms", "text"};
    struct bot_flow *bot = bot_find(book, flow);
    cJSON *object = NULL;
    int result;

    if (bot == NULL) {
        text_set(why, "there are too many flows, or %s is too long an id", flow);
        return ERR_FULL;
    }
    result = json_object_parse(json, length, keys, ARRAY_COUNT(keys), &object, why);
    if (result == 0)
        result = bot_read(object, bot, why);
    cJSON_Delete(object);
    return result;
}

cJSON *dialog_bots_describe(const struct dialog_book *book)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < book->bot_count; i++) {
        const struct bot_flow *bot = &book->bots[i];
        cJSON *item = cJSON_CreateObject();

        (void)cJSON_AddStringToObject(item, "flow", bot->flow);
        (void)cJSON_AddStringToObject(item, "mode", modes[bot->mode].name);
        (void)cJSON_AddNumberToObject(item, "from_turn", (double)bot->from_turn);
        (void)cJSON_AddNumberToObject(item, "ms", (double)bot->ms);
        (void)cJSON_AddStringToObject(item, "text", bot->text);
        (void)cJSON_AddNumberToObject(item, "sessions", (double)bot->sessions);
        (void)cJSON_AddNumberToObject(item, "turns", (double)bot->turns);
        (void)cJSON_AddNumberToObject(item, "disconnects", (double)bot->disconnects);
        (void)cJSON_AddItemToArray(list, item);
    }
    return list;
}
