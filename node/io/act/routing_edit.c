#include "node/io/act/routing_edit.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"

#define FLOW_ID "/flow/id"

enum route_value route_value_of(enum route_state state)
{
    switch (state) {
    case ROUTE_PRIMARY:
        return VALUE_PRIMARY;
    case ROUTE_STANDBY:
        return VALUE_STANDBY;
    case ROUTE_PAUSED:
        return VALUE_PAUSED;
    case ROUTE_UNKNOWN:
    case ROUTE_FOREIGN:
    case ROUTE_MIXED:
    case ROUTE_STATE_N:
        break;
    }
    return ROUTE_VALUE_N;
}

int route_pointer_to(const char *member, char ret_pointer[JSON_POINTER_SIZE])
{
    size_t used = 0;
    ret_pointer[used++] = '/';
    for (; *member != '\0'; member++) {
        bool escaped = *member == '~' || *member == '/';
        if (used + 3 > JSON_POINTER_SIZE)
            return ERR_TOO_LARGE;
        ret_pointer[used++] = escaped ? '~' : *member;
        if (escaped)
            ret_pointer[used++] = *member == '~' ? '0' : '1';
    }
    ret_pointer[used] = '\0';
    return 0;
}

static int find(const struct route_document *document, const char *pointer,
                struct json_span *ret_span, struct text *why)
{
    int rc = json_span_find(document->text, document->length, pointer, ret_span);
    if (rc == 0 || rc == ERR_NOT_FOUND)
        return rc;
    text_set(why, "the answer cannot be read at %.120s", pointer);
    return ERR_MALFORMED;
}

static enum route_state state_said(const struct service_config *service,
                                   const struct route_config *route, const char *text,
                                   struct json_span span)
{
    static const enum route_state states[] = {ROUTE_PRIMARY, ROUTE_STANDBY, ROUTE_PAUSED};
    for (size_t i = 0; i < ARRAY_COUNT(states); i++) {
        const char *value = config_route_value(service, route, route_value_of(states[i]));
        if (value[0] != '\0' && json_span_says(text, span, value))
            return states[i];
    }
    return ROUTE_FOREIGN;
}

int route_read_state(const struct service_config *service, const struct route_config *route,
                     const struct route_document *document, const char *pointer,
                     enum route_state *ret_state, struct text *why)
{
    struct json_span span;
    int rc = find(document, pointer, &span, why);
    if (rc == 0)
        *ret_state = state_said(service, route, document->text, span);
    return rc;
}

int route_read_version(const struct route_document *document, const char *pointer,
                       uint64_t *ret_version, struct text *why)
{
    struct json_span span;
    int64_t version = 0;
    int rc = find(document, pointer, &span, why);
    if (rc == ERR_MALFORMED)
        return rc;
    if (rc == ERR_NOT_FOUND || json_span_integer(document->text, span, &version) < 0 ||
        version < 0 || version > JSON_INTEGER_MAX) {
        text_set(why, "%.120s is no version", pointer);
        return ERR_MALFORMED;
    }
    *ret_version = (uint64_t)version;
    return 0;
}

bool route_document_says(const struct route_document *document, const char *pointer,
                         const char *words)
{
    struct json_span span;
    return json_span_find(document->text, document->length, pointer, &span) == 0 &&
           json_span_says(document->text, span, words);
}

bool route_is_gone(const struct route_document *document, struct text *why)
{
    static const char *const gone[] = {"deleted", "inactive"};
    for (size_t i = 0; i < ARRAY_COUNT(gone); i++) {
        if (!route_document_says(document, "/state", gone[i]))
            continue;
        text_set(why, "it is %s", gone[i]);
        return true;
    }
    return false;
}

enum route_progress route_confirm_status(const struct route_document *document, struct text *why)
{
    struct json_span span;
    if (json_span_find(document->text, document->length, "/status", &span) != 0 ||
        json_span_says(document->text, span, "Active") ||
        json_span_kind(document->text, span) == JSON_NULL)
        return ROUTE_PROGRESS_DONE;
    if (json_span_says(document->text, span, "Pending")) {
        text_set(why, "the platform has not finished: status Pending");
        return ROUTE_PROGRESS_PENDING;
    }
    text_set(why, "its status is not Active");
    return ROUTE_PROGRESS_FAILED;
}

int route_form_value(const char *text, struct json_span old, const char *words,
                     char ret_value[ROUTE_VALUE_SIZE], struct text *why)
{
    enum json_kind kind = json_span_kind(text, old);
    struct json_span span;
    size_t length = strlen(words);
    if (kind == JSON_STRING || kind == JSON_NULL)
        return json_quote(words, ret_value, ROUTE_VALUE_SIZE);
    if ((kind == JSON_BOOL || kind == JSON_NUMBER) &&
        json_span_find(words, length, "", &span) == 0 && span.length == length &&
        json_span_kind(words, span) == kind)
        return text_copy(ret_value, ROUTE_VALUE_SIZE, words);
    text_set(why, "'%.80s' cannot stand where no text stands", words);
    return ERR_STATE;
}

int route_edit_add(const struct service_config *service, const struct route_config *route,
                   const char *pointer, enum route_state state, struct route_edits *edits,
                   struct text *why)
{
    const char *value = config_route_value(service, route, route_value_of(state));
    CHECK(edits->count < ROUTE_EDIT_COUNT_MAX);
    if (value[0] == '\0') {
        text_set(why, "a %.60s without a hold_flow cannot be paused", route->backend);
        return ERR_STATE;
    }
    struct route_edit *edit = &edits->items[edits->count++];
    *edit = (struct route_edit){.ours_only = false};
    CHECK(text_copy(edit->pointer, sizeof edit->pointer, pointer) == 0 &&
          text_copy(edit->words, sizeof edit->words, value) == 0);
    return 0;
}

int route_read_flow(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, struct route_reading *ret_reading,
                    struct text *why)
{
    struct route_reading reading = {.state = ROUTE_FOREIGN};
    int rc = route_read_state(service, route, document, FLOW_ID, &reading.state, why);
    if (rc == ERR_NOT_FOUND) {
        text_set(why, "it leads to no flow");
        rc = 0;
    }
    if (rc == 0)
        *ret_reading = reading;
    return rc;
}

int route_edit_flow(const struct service_config *service, const struct route_config *route,
                    enum route_state state, struct route_edits *ret_edits, struct text *why)
{
    ret_edits->count = 0;
    return route_edit_add(service, route, FLOW_ID, state, ret_edits, why);
}

/* Applies one edit to *text, which is the document's or one made here before. Returns 1 where it
 * changed something, 0 where nothing of ours stands there, or an error. */
static int apply(const struct service_config *service, const struct route_config *route,
                 const struct route_edit *edit, const char *text, char **ret_text, struct text *why)
{
    struct json_span span;
    char value[ROUTE_VALUE_SIZE];
    size_t length = strlen(text);
    int rc = json_span_find(text, length, edit->pointer, &span);
    if (rc == ERR_NOT_FOUND && edit->ours_only)
        return 0;
    if (rc < 0) {
        text_set(why, rc == ERR_NOT_FOUND ? "nothing stands at %.120s" : "unclear: %.120s",
                 edit->pointer);
        return rc == ERR_NOT_FOUND ? ERR_STATE : ERR_MALFORMED;
    }
    if (edit->ours_only && state_said(service, route, text, span) == ROUTE_FOREIGN)
        return 0;
    rc = route_form_value(text, span, edit->words, value, why);
    if (rc == 0)
        rc = json_splice(text, length, span, value, ret_text);
    return rc < 0 ? rc : 1;
}

int route_edits_apply(const struct service_config *service, const struct route_config *route,
                      const struct route_document *document, const struct route_edits *edits,
                      char **ret_text, struct text *why)
{
    CLEANUP(cleanup_json_text) char *text = NULL;
    for (size_t i = 0; i < edits->count; i++) {
        char *edited = NULL;
        int rc = apply(service, route, &edits->items[i], text != NULL ? text : document->text,
                       &edited, why);
        if (rc < 0)
            return rc;
        if (rc == 0)
            continue;
        cJSON_free(text);
        text = edited;
    }
    if (text == NULL) {
        text_set(why, "nothing in it holds a flow of ours");
        return ERR_STATE;
    }
    *ret_text = TAKE_PTR(text);
    return 0;
}
