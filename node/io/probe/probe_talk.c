#include "node/io/probe/probe_talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"

enum { STATUS_TIMEOUT = 408, STATUS_GATEWAY_TIMEOUT = 504 };

#define SESSIONS_PATH "/api/v2/textbots/botflows/sessions"

static const char *const step_names[TALK_STEP_N] = {"session", "turn", "farewell"};

const char *probe_talk_step_name(enum talk_step step)
{
    return step < TALK_STEP_N ? step_names[step] : "?";
}

static cJSON *add_text_mode(cJSON *channel, const char *key)
{
    cJSON *modes = cJSON_AddArrayToObject(channel, key);
    cJSON *mode = cJSON_CreateString("Text");
    return cJSON_AddItemToArray(modes, mode) ? modes : NULL;
}

static bool fill_session(cJSON *body, const struct probe_config *config, const char *external_id)
{
    cJSON *flow = cJSON_AddObjectToObject(body, "flow");
    cJSON *channel = cJSON_AddObjectToObject(body, "channel");
    cJSON *agent = cJSON_AddObjectToObject(channel, "userAgent");
    return cJSON_AddStringToObject(flow, "id", config->flow) != NULL &&
           cJSON_AddStringToObject(body, "externalSessionId", external_id) != NULL &&
           cJSON_AddStringToObject(channel, "name", "Messaging") != NULL &&
           add_text_mode(channel, "inputModes") != NULL &&
           add_text_mode(channel, "outputModes") != NULL &&
           cJSON_AddStringToObject(agent, "name", "Other") != NULL;
}

static bool add_user_input(cJSON *body, const char *text)
{
    cJSON *input = cJSON_AddObjectToObject(body, "inputEventUserInput");
    cJSON *alternatives = cJSON_AddArrayToObject(input, "alternatives");
    cJSON *alternative = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(alternatives, alternative)) {
        cJSON_Delete(alternative);
        return false;
    }
    cJSON *transcript = cJSON_AddObjectToObject(alternative, "transcript");
    return cJSON_AddStringToObject(input, "mode", "Text") != NULL &&
           cJSON_AddStringToObject(transcript, "text", text) != NULL;
}

static bool fill_turn(cJSON *body, const struct probe_talk *talk, const struct probe_config *config)
{
    const char *text = talk->step == TALK_TURN ? config->turns.texts[talk->turn] : "";
    const char *type = text[0] != '\0' ? "UserInput" : "NoOp";
    if (talk->step == TALK_FAREWELL) {
        type = "UserDisconnect";
    }
    if (cJSON_AddStringToObject(body, "inputEventType", type) == NULL ||
        (text[0] != '\0' && !add_user_input(body, text))) {
        return false;
    }
    if (talk->previous_turn[0] == '\0') {
        return true;
    }
    cJSON *previous = cJSON_AddObjectToObject(body, "previousTurn");
    return cJSON_AddStringToObject(previous, "id", talk->previous_turn) != NULL;
}

int probe_talk_make(const struct probe_talk *talk, const struct probe_config *config,
                    const char *external_id, char ret_path[PROBE_PATH_SIZE], char **ret_body)
{
    CLEANUP(cleanup_json) cJSON *body = cJSON_CreateObject();
    bool whole = talk->step == TALK_SESSION ? fill_session(body, config, external_id)
                                            : fill_turn(body, talk, config);
    if (!whole || json_print(body, ret_body) < 0) {
        return ERR_NO_MEMORY;
    }
    int length =
        talk->step == TALK_SESSION
            ? snprintf(ret_path, PROBE_PATH_SIZE, "%s", SESSIONS_PATH)
            : snprintf(ret_path, PROBE_PATH_SIZE, "%s/%s/turns", SESSIONS_PATH, talk->session);
    CHECK(length > 0 && length < PROBE_PATH_SIZE);
    return 0;
}

/* Ids come back in paths and bodies: only what is surely one. */
static bool take_id(const cJSON *answer, char ret_id[PROBE_ID_SIZE])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    const char *id = json_get_string(answer, "id");
    if (id == NULL || id[0] == '\0' || strlen(id) >= PROBE_ID_SIZE ||
        strspn(id, letters) != strlen(id) || strspn(id, ".") == strlen(id)) {
        return false;
    }
    memcpy(ret_id, id, strlen(id) + 1);
    return true;
}

/* The platform waited for the bot, and the bot said nothing: that is an answer that did not come.
 */
static bool is_bots_silence(const struct probe_talk *talk, int status)
{
    return talk->step == TALK_TURN &&
           (status == STATUS_GATEWAY_TIMEOUT || status == STATUS_TIMEOUT);
}

static bool begin_turns(struct probe_talk *talk, const cJSON *answer, struct probe_word *ret_word)
{
    if (!take_id(answer, talk->session)) {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "session without an id");
        return false;
    }
    talk->step = TALK_TURN;
    talk->open = true;
    return true;
}

/* The texts of the prompts, one a line, wherever they stand in them. */
static void gather_texts(const cJSON *item, FILE *out)
{
    const cJSON *child = NULL;
    cJSON_ArrayForEach(child, item)
    {
        if (cJSON_IsString(child) && child->string != NULL && strcmp(child->string, "text") == 0) {
            (void)fprintf(out, "%s\n", child->valuestring);
        } else {
            gather_texts(child, out);
        }
    }
}

static void expect_prompts(const struct probe_config *config, struct probe_patterns *patterns,
                           const cJSON *answer, struct probe_word *ret_word)
{
    CLEANUP(cleanup_free) char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        probe_word_set(ret_word, SAMPLE_LOCAL, "no memory");
        return;
    }
    gather_texts(cJSON_GetObjectItemCaseSensitive(answer, "prompts"), out);
    if (fclose(out) != 0) {
        probe_word_set(ret_word, SAMPLE_LOCAL, "no memory");
        return;
    }
    /* the last line's end is no part of what the bot said */
    const struct probe_body body = {text, length > 0 ? length - 1 : 0};
    probe_expect_read(config, patterns, &body, ret_word);
}

/* An Exit or a Disconnect: its reason decides. */
static void read_ending(const cJSON *action, const char *type, struct probe_word *ret_word)
{
    const char *reason = json_get_string(action, "reason");
    if (reason == NULL) {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "%s without a reason", type);
    } else if (strcmp(reason, "Error") == 0 || strcmp(reason, "RecognitionFailure") == 0) {
        probe_word_set(ret_word, SAMPLE_BOT, "%s %s", type, reason);
    }
}

/* Returns true where the bot waits for what comes next. What nobody here knows is the platform's
 * doing: a new word of its API must not move every service. */
static bool read_action(struct probe_talk *talk, const cJSON *answer, struct probe_word *ret_word)
{
    const char *type = json_get_string(answer, "nextActionType");
    if (type == NULL) {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "no nextActionType");
        return false;
    }
    if (strcmp(type, "WaitForInput") == 0 || strcmp(type, "NoOp") == 0) {
        return true;
    }
    talk->open = false;
    if (strcmp(type, "Exit") == 0) {
        read_ending(cJSON_GetObjectItemCaseSensitive(answer, "nextActionExit"), type, ret_word);
    } else if (strcmp(type, "Disconnect") == 0) {
        read_ending(cJSON_GetObjectItemCaseSensitive(answer, "nextActionDisconnect"), type,
                    ret_word);
    } else {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "next is %s", type);
    }
    return false;
}

static bool read_turn(struct probe_talk *talk, const struct probe_config *config,
                      struct probe_patterns *patterns, const cJSON *answer,
                      struct probe_word *ret_word)
{
    if (!take_id(answer, talk->previous_turn)) {
        talk->previous_turn[0] = '\0';
    }
    bool waits = read_action(talk, answer, ret_word);
    if (waits && talk->turn + 1 < config->turns.count) {
        talk->turn += 1;
        return true;
    }
    if (ret_word->result == SAMPLE_OK) {
        expect_prompts(config, patterns, answer, ret_word);
    }
    return false;
}

bool probe_talk_read(struct probe_talk *talk, const struct probe_config *config,
                     struct probe_patterns *patterns, int status, const struct probe_body *body,
                     struct probe_word *ret_word)
{
    CLEANUP(cleanup_json) cJSON *answer = NULL;
    *ret_word = (struct probe_word){.result = SAMPLE_OK};
    if (talk->step == TALK_FAREWELL) {
        return false;
    }
    if (is_bots_silence(talk, status)) {
        probe_word_set(ret_word, SAMPLE_TIMEOUT, "turn %d", status);
        return false;
    }
    if (status / 100 != 2) {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "%s %d", probe_talk_step_name(talk->step),
                       status);
        return false;
    }
    if (json_parse(body->bytes, body->length, &answer) < 0) {
        probe_word_set(ret_word, SAMPLE_PLATFORM, "%s without JSON",
                       probe_talk_step_name(talk->step));
        return false;
    }
    return talk->step == TALK_SESSION ? begin_turns(talk, answer, ret_word)
                                      : read_turn(talk, config, patterns, answer, ret_word);
}
