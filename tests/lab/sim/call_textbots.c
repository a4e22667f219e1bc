/* The textbots API: a session with a bot flow, and its turns. */
#include "tests/lab/sim/call.h"

#include "common/check.h"
#include "common/errors.h"

#include <string.h>

#define LANGUAGE "en-us"

static const char *text_at(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static bool word_is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; word != NULL && i < count; i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return false;
}

static bool modes_are_text(const cJSON *channel, const char *key)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(channel, key);
    const char *mode = cJSON_GetStringValue(cJSON_GetArrayItem(list, 0));

    return cJSON_GetArraySize(list) == 1 && mode != NULL && strcmp(mode, "Text") == 0;
}

/* NULL, or the field that is wrong. */
static const char *launch_fault(const cJSON *launch)
{
    static const char *const names[] = {"Chat", "Call", "Messaging"};
    const cJSON *channel = cJSON_GetObjectItemCaseSensitive(launch, "channel");
    const cJSON *agent = cJSON_GetObjectItemCaseSensitive(channel, "userAgent");

    if (text_at(cJSON_GetObjectItemCaseSensitive(launch, "flow"), "id") == NULL)
        return "flow.id";
    if (text_at(launch, "externalSessionId") == NULL)
        return "externalSessionId";
    if (!word_is_one_of(text_at(channel, "name"), names, ARRAY_COUNT(names)))
        return "channel.name";
    if (!modes_are_text(channel, "inputModes"))
        return "channel.inputModes";
    if (!modes_are_text(channel, "outputModes"))
        return "channel.outputModes";
    return text_at(agent, "name") == NULL ? "channel.userAgent.name" : NULL;
}

static const char *turn_fault(const cJSON *turn)
{
    static const char *const types[] = {
        "NoOp",    "UserInput", "RichMediaInput", "Error",
        "NoMatch", "NoInput",   "UserDisconnect", "ClientSessionExpired",
    };
    const cJSON *input = cJSON_GetObjectItemCaseSensitive(turn, "inputEventUserInput");
    const cJSON *alternative =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(input, "alternatives"), 0);
    const char *type = text_at(turn, "inputEventType");

    if (!word_is_one_of(type, types, ARRAY_COUNT(types)))
        return "inputEventType";
    if (strcmp(type, "UserInput") != 0)
        return NULL;
    if (text_at(input, "mode") == NULL || strcmp(text_at(input, "mode"), "Text") != 0)
        return "inputEventUserInput.mode";
    if (text_at(cJSON_GetObjectItemCaseSensitive(alternative, "transcript"), "text") == NULL)
        return "inputEventUserInput.alternatives";
    return NULL;
}

static void refuse_field(struct call *call, const char *field)
{
    struct reply_error error = {
        .status = 400,
        .code = "bad.request",
        .message = "A field is missing or has a value that it cannot have.",
        .field = field,
    };

    call_refuse_entity(call, &error);
}

/* Only what was published can be spoken to. */
static bool flow_is_live(struct call *call, const char *id)
{
    struct document *flow = catalog_find(&call->platform->catalog, &kind_flow, "", id);
    const cJSON *json = flow == NULL ? NULL : document_read(flow, call->now_ms);

    return json != NULL && !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "deleted")) &&
           cJSON_GetObjectItemCaseSensitive(json, "publishedVersion") != NULL;
}

static void launch_serve(struct call *call, const cJSON *launch)
{
    const char *fault = launch_fault(launch);
    const char *flow = text_at(cJSON_GetObjectItemCaseSensitive(launch, "flow"), "id");
    char id[CORRELATION_BYTES] = "";
    struct dialog *dialog = NULL;
    cJSON *body;

    if (fault != NULL) {
        refuse_field(call, fault);
        return;
    }
    reply_correlation(id);
    if (!flow_is_live(call, flow) ||
        dialog_begin(&call->platform->dialogs, flow, id, &dialog) != 0) {
        call_refuse(call, 404, "not.found", "The flow was not found, or it is not published.");
        return;
    }
    body = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(body, "id", dialog->id);
    web_answer_json(call->answer, 200, body);
}

static void prompts_add(cJSON *body, const char *text)
{
    cJSON *prompts = cJSON_AddObjectToObject(body, "prompts");
    cJSON *segments;
    cJSON *segment;

    (void)cJSON_AddStringToObject(prompts, "outputLanguage", LANGUAGE);
    segments = cJSON_AddArrayToObject(cJSON_AddObjectToObject(prompts, "textPrompts"), "segments");
    segment = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(segment, "text", text);
    (void)cJSON_AddStringToObject(segment, "type", "Text");
    (void)cJSON_AddItemToArray(segments, segment);
}

static void input_wanted_add(cJSON *body)
{
    cJSON *action = cJSON_AddObjectToObject(body, "nextActionWaitForInput");
    cJSON *constraints = cJSON_AddObjectToObject(action, "modeConstraints");
    cJSON *text = cJSON_AddObjectToObject(constraints, "text");
    cJSON *languages = cJSON_AddArrayToObject(text, "languagePreferences");

    (void)cJSON_AddItemToArray(languages, cJSON_CreateString(LANGUAGE));
    (void)cJSON_AddNumberToObject(text, "noInputTimeoutMilliseconds", 30000);
}

static void ending_add(cJSON *body, const struct dialog_turn *turn)
{
    bool exits = strcmp(turn->action, "Exit") == 0;
    cJSON *action =
        cJSON_AddObjectToObject(body, exits ? "nextActionExit" : "nextActionDisconnect");
    cJSON *location;

    (void)cJSON_AddStringToObject(action, "reason", turn->reason);
    if (strcmp(turn->reason, "Error") == 0)
        (void)cJSON_AddStringToObject(action, "reasonExtendedInfo",
                                      "The flow met an error that it does not handle.");
    location = cJSON_AddObjectToObject(action, "flowLocation");
    (void)cJSON_AddStringToObject(location, "actionName", "Ask for Intent");
    (void)cJSON_AddNumberToObject(location, "actionNumber", 3);
    (void)cJSON_AddStringToObject(location, "sequenceName", "Initial Greeting");
    (void)cJSON_AddArrayToObject(action, "flowOutcomes");
    if (exits)
        (void)cJSON_AddObjectToObject(cJSON_AddObjectToObject(action, "outputData"), "variables");
}

static void turn_show(struct call *call, const char *id, const char *previous,
                      const struct dialog_turn *turn)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(body, "id", id);
    if (previous[0] != '\0')
        (void)cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "previousTurn"), "id",
                                      previous);
    if (turn->text != NULL)
        prompts_add(body, turn->text);
    (void)cJSON_AddStringToObject(body, "nextActionType", turn->action);
    if (turn->reason == NULL)
        input_wanted_add(body);
    else
        ending_add(body, turn);
    web_answer_json(call->answer, 200, body);
}

static void turn_take(struct call *call, struct dialog *dialog, const cJSON *request)
{
    bool disconnects = strcmp(text_at(request, "inputEventType"), "UserDisconnect") == 0;
    char previous[DIALOG_ID_BYTES] = "";
    char id[CORRELATION_BYTES] = "";
    struct dialog_turn turn;

    memcpy(previous, dialog->last_turn, sizeof(previous));
    reply_correlation(id);
    turn = dialog_take(dialog, id, disconnects);
    call->wait_ms = turn.wait_ms;
    if (turn.answered)
        turn_show(call, id, previous, &turn);
    else
        call->answer->status = 0;
}

static void turn_serve(struct call *call, const cJSON *request)
{
    struct dialog *dialog = dialog_find(&call->platform->dialogs, call->words.words[0]);
    const cJSON *previous = cJSON_GetObjectItemCaseSensitive(request, "previousTurn");
    const char *previous_id = text_at(previous, "id");
    const char *fault = turn_fault(request);

    if (dialog == NULL)
        call_refuse(call, 404, "not.found", "The session was not found, or it has ended.");
    else if (fault != NULL)
        refuse_field(call, fault);
    else if (previous_id != NULL && strcmp(previous_id, dialog->last_turn) != 0)
        call_refuse(call, 409, "general.conflict", "The previous turn is another one.");
    else
        turn_take(call, dialog, request);
}

static void post_serve(struct call *call, void (*serve)(struct call *call, const cJSON *body))
{
    cJSON *body = NULL;

    if (strcmp(call->request->method, "POST") != 0)
        call_refuse_method(call, "POST.");
    else if (call_body_read(call, &body))
        serve(call, body);
    cJSON_Delete(body);
}

void call_serve_bot_session(struct call *call)
{
    post_serve(call, launch_serve);
}

void call_serve_bot_turn(struct call *call)
{
    post_serve(call, turn_serve);
}
