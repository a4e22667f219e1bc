#include "node/io/contexts/through_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"

#define STEP_NAME "currentStep"
#define SEQ_NAME "quorateSeq"

enum { NAME_TEXT_SIZE = CONTEXT_FIELD_NAME_BYTES_MAX + NAME_SIZE + 16, SEQ_TEXT_SIZE = 24 };

/* One name and text of what is written. Returns false to end the walk. */
typedef bool visit_fn(const char *name, const char *value, void *data);

static bool is_word(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "_-";
    return name[0] != '\0' && name[strspn(name, letters)] == '\0';
}

static const char *text_of(const struct context_field *field, char *buffer)
{
    switch (field->kind) {
    case CONTEXT_VALUE_TRUE:
        return "true";
    case CONTEXT_VALUE_FALSE:
        return "false";
    case CONTEXT_VALUE_TEXT:
    case CONTEXT_VALUE_NUMBER:
        memcpy(buffer, field->value, field->length);
        buffer[field->length] = '\0';
        return buffer;
    case CONTEXT_VALUE_KIND_N:
        break;
    }
    CHECK(false);
    return "";
}

/* A field whose name the flow uses itself is the flow's. */
static bool has_field(const struct context_content *content, const char *name)
{
    for (size_t i = 0; i < content->count; i++) {
        const struct context_field *field = &content->fields[i];
        if (field->name_length == strlen(name) &&
            memcmp(field->name, name, field->name_length) == 0)
            return true;
    }
    return false;
}

static bool visit_fields(const struct context_content *content, bool words_only, char *buffer,
                         visit_fn *visit, void *data)
{
    for (size_t i = 0; i < content->count; i++) {
        const struct context_field *field = &content->fields[i];
        char name[CONTEXT_FIELD_NAME_BYTES_MAX + 1];
        memcpy(name, field->name, field->name_length);
        name[field->name_length] = '\0';
        if (!field->secret && (!words_only || is_word(name)) &&
            !visit(name, text_of(field, buffer), data))
            return false;
    }
    return true;
}

/* All that is written, in its order. Returns false where a visit said so. */
static bool visit_all(const struct through_place *place, uint64_t seq,
                      const struct context_content *content, visit_fn *visit, void *data)
{
    char seq_text[SEQ_TEXT_SIZE];
    CLEANUP(cleanup_free) char *buffer = malloc(CONTEXT_PLAIN_BYTES_MAX + 1);
    const bool words_only = place->to == CONTEXT_TARGET_EXTERNAL_CONTACT;
    (void)snprintf(seq_text, sizeof seq_text, "%" PRIu64, seq);
    if (buffer == NULL || !visit_fields(content, words_only, buffer, visit, data))
        return false;
    if (!has_field(content, STEP_NAME) && !visit(STEP_NAME, content->step, data))
        return false;
    return has_field(content, SEQ_NAME) || visit(SEQ_NAME, seq_text, data);
}

struct writing {
    const struct through_place *place;
    cJSON *into; /* the list or object that the fields stand in */
};

static bool add_pair(cJSON *into, const char *first, const char *name, const char *value)
{
    cJSON *row = cJSON_CreateObject();
    bool fine = cJSON_AddStringToObject(row, first, name) != NULL &&
                cJSON_AddStringToObject(row, "value", value) != NULL;
    if (!fine || !cJSON_AddItemToArray(into, row)) {
        cJSON_Delete(row);
        return false;
    }
    return true;
}

static bool write_change(struct writing *writing, const char *name, const char *value)
{
    char path[NAME_TEXT_SIZE + 32];
    (void)snprintf(path, sizeof path, "$.customFields.%s%s", name, writing->place->suffix);
    if (!add_pair(writing->into, "field", path, value))
        return false;
    cJSON *row = cJSON_GetArrayItem(writing->into, cJSON_GetArraySize(writing->into) - 1);
    return cJSON_AddStringToObject(row, "action", "Update") != NULL;
}

static bool write_one(const char *name, const char *value, void *data)
{
    struct writing *writing = data;
    switch (writing->place->to) {
    case CONTEXT_TARGET_PROFILE:
        return add_pair(writing->into, "id", name, value);
    case CONTEXT_TARGET_PARTICIPANT:
        return cJSON_AddStringToObject(writing->into, name, value) != NULL;
    case CONTEXT_TARGET_EXTERNAL_CONTACT:
        return write_change(writing, name, value);
    case CONTEXT_TARGET_OFF:
    case CONTEXT_TARGET_N:
        break;
    }
    CHECK(false);
    return false;
}

/* The empty list or object, in its place in the body. */
static cJSON *make_frame(enum context_target to, cJSON *body)
{
    if (to == CONTEXT_TARGET_PROFILE)
        return cJSON_AddArrayToObject(cJSON_AddObjectToObject(body, "userProfile"), "fields");
    if (to == CONTEXT_TARGET_PARTICIPANT)
        return cJSON_AddObjectToObject(body, "attributes");
    return cJSON_AddArrayToObject(body, "changes");
}

static int make_body(const struct through_place *place, uint64_t seq,
                     const struct context_content *content, struct through_request *request)
{
    CLEANUP(cleanup_json) cJSON *body = cJSON_CreateObject();
    struct writing writing = {.place = place, .into = make_frame(place->to, body)};
    if (writing.into == NULL || !visit_all(place, seq, content, write_one, &writing) ||
        json_print(body, &request->body) != 0)
        return ERR_NO_MEMORY;
    return 0;
}

/* Appends a word of a path, escaped. */
static void add_escaped(char *url, size_t *length, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~";
    for (; *word != '\0'; word++) {
        const char *format = strchr(plain, *word) != NULL ? "%c" : "%%%02X";
        int added =
            snprintf(url + *length, THROUGH_URL_SIZE - *length, format, (unsigned char)*word);
        *length += added > 0 ? (size_t)added : 0;
        if (*length >= THROUGH_URL_SIZE)
            return;
    }
}

static void add_plain(char *url, size_t *length, const char *text)
{
    if (*length >= THROUGH_URL_SIZE)
        return;
    int added = snprintf(url + *length, THROUGH_URL_SIZE - *length, "%s", text);
    *length += added > 0 ? (size_t)added : 0;
}

/* api_url + before + word + after; returns whether it fits. */
static bool make_url(char url[THROUGH_URL_SIZE], const char *api_url, const char *before,
                     const char *word, const char *after)
{
    size_t length = 0;
    url[0] = '\0';
    add_plain(url, &length, api_url);
    add_plain(url, &length, before);
    add_escaped(url, &length, word);
    add_plain(url, &length, after);
    return length < THROUGH_URL_SIZE;
}

static bool make_participant_urls(const struct through_place *place,
                                  const struct context_content *content,
                                  struct through_request *request)
{
    char base[THROUGH_URL_SIZE];
    const char *conversation = content->conversation.text;
    return make_url(base, place->api_url, "/api/v2/conversations/", conversation,
                    "/participants/") &&
           make_url(request->write_url, base, "", content->participant.text, "/attributes") &&
           make_url(request->read_url, place->api_url, "/api/v2/conversations/", conversation, "");
}

static bool make_urls(const struct through_place *place, const struct context_id *id,
                      const struct context_content *content, struct through_request *request)
{
    const bool profile = place->to == CONTEXT_TARGET_PROFILE;
    request->method = profile ? HTTP_POST : HTTP_PATCH;
    if (place->to == CONTEXT_TARGET_PARTICIPANT)
        return make_participant_urls(place, content, request);
    bool fits =
        make_url(request->write_url, place->api_url,
                 profile ? "/api/v2/conversations/contacts/" : "/api/v2/externalcontacts/contacts/",
                 id->text, profile ? "/profile" : "");
    memcpy(request->read_url, request->write_url, sizeof request->read_url);
    return fits;
}

int through_request_make(const struct through_place *place, const struct context_id *id,
                         uint64_t seq, const struct context_content *content,
                         struct through_request *ret_request, struct text *why)
{
    struct through_request request = {.body = NULL};
    if (place->to == CONTEXT_TARGET_PARTICIPANT &&
        (content->conversation.text[0] == '\0' || content->participant.text[0] == '\0')) {
        text_set(why, "the checkpoint names no conversation and participant");
        return ERR_INVALID;
    }
    if (!make_urls(place, id, content, &request))
        return ERR_TOO_LARGE;
    int rc = make_body(place, seq, content, &request);
    if (rc == 0)
        *ret_request = request;
    return rc;
}

void through_request_fini(struct through_request *request)
{
    cleanup_json_text(&request->body);
    request->body = NULL;
}

/* What an answer has under the name, or NULL. */
struct showing {
    const struct through_place *place;
    const cJSON *shown; /* a list of {"id", "value"}, or an object */
};

static const char *find_shown(const struct showing *showing, const char *name)
{
    char key[NAME_TEXT_SIZE];
    const cJSON *row;
    if (showing->place->to == CONTEXT_TARGET_PARTICIPANT)
        return json_get_string(showing->shown, name);
    if (showing->place->to == CONTEXT_TARGET_EXTERNAL_CONTACT) {
        (void)snprintf(key, sizeof key, "%s%s", name, showing->place->suffix);
        return json_get_string(showing->shown, key);
    }
    cJSON_ArrayForEach(row, showing->shown)
    {
        const char *id = json_get_string(row, "id");
        if (id != NULL && strcmp(id, name) == 0)
            return json_get_string(row, "value");
    }
    return NULL;
}

static bool shows_one(const char *name, const char *value, void *data)
{
    const char *shown = find_shown(data, name);
    return shown != NULL && strcmp(shown, value) == 0;
}

static const cJSON *part_of(const struct through_place *place, const cJSON *answer,
                            const char *participant)
{
    const cJSON *row;
    if (place->to == CONTEXT_TARGET_PROFILE)
        return cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(answer, "userProfile"), "fields");
    if (place->to == CONTEXT_TARGET_EXTERNAL_CONTACT)
        return cJSON_GetObjectItemCaseSensitive(answer, "customFields");
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(answer, "participants"))
    {
        const char *id = json_get_string(row, "id");
        if (id != NULL && strcmp(id, participant) == 0)
            return cJSON_GetObjectItemCaseSensitive(row, "attributes");
    }
    return NULL;
}

bool through_request_shows(const struct through_place *place, uint64_t seq,
                           const struct context_content *content, const char *answer, size_t length)
{
    CLEANUP(cleanup_json) cJSON *page = NULL;
    if (json_parse(answer, length, &page) != 0)
        return false;
    struct showing showing = {.place = place,
                              .shown = part_of(place, page, content->participant.text)};
    return showing.shown != NULL && visit_all(place, seq, content, shows_one, &showing);
}
