#include "node/io/contexts/context_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "node/io/contexts/context_body.h"

enum {
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_NOT_FOUND = 404,
    HTTP_CONFLICT = 409,
    HTTP_TOO_LARGE = 413,
    HTTP_INTERNAL = 500,
    HTTP_UNAVAILABLE = 503,
    RETRY_SOON_S = 1,
    RETRY_NEW_S = 2,
    RETRY_DISK_S = 10,
    RETRY_FULL_S = 30,
};

#define OUT_OF_MEMORY "{\"code\":\"no-memory\",\"why\":\"this node is out of memory\"}"

/* Takes the page over; NULL: memory did not suffice. */
static void set_page(struct context_answer *answer, unsigned status, cJSON *page)
{
    char *text = page != NULL ? cJSON_PrintUnformatted(page) : NULL;
    cJSON_Delete(page);
    answer->status = status;
    if (text == NULL) {
        answer->status = HTTP_INTERNAL;
        text = strdup(OUT_OF_MEMORY);
    }
    answer->json = text;
    answer->length = text != NULL ? strlen(text) : 0;
}

static void set_error(struct context_answer *answer, unsigned status, unsigned retry_after_s,
                      const char *code, const char *why)
{
    cJSON *page = cJSON_CreateObject();
    (void)cJSON_AddStringToObject(page, "code", code);
    (void)cJSON_AddStringToObject(page, "why", why);
    set_page(answer, status, page);
    answer->retry_after_s = retry_after_s;
}

static void add_whole(cJSON *page, const char *key, uint64_t number)
{
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
    (void)cJSON_AddRawToObject(page, key, digits);
}

static void set_stored(const struct context_result *result, struct context_answer *answer)
{
    cJSON *page = cJSON_CreateObject();
    const char *word = result->kind == CONTEXT_RESULT_DELETED ? "deleted" : "stored";
    (void)cJSON_AddTrueToObject(page, word);
    add_whole(page, "seq", result->seq);
    add_whole(page, "on_disk", result->on_disk);
    add_whole(page, "of", result->of);
    set_page(answer, HTTP_OK, page);
}

static void set_older(const struct context_result *result, struct context_answer *answer)
{
    cJSON *page = cJSON_CreateObject();
    (void)cJSON_AddFalseToObject(page, "stored");
    add_whole(page, "seq", result->seq);
    (void)cJSON_AddStringToObject(page, "why",
                                  result->deleted
                                      ? "the context was deleted at this seq; a higher one begins "
                                        "it anew"
                                      : "a higher seq is held: this checkpoint is older");
    set_page(answer, HTTP_OK, page);
}

static enum context_refusal set_found(const struct context_seal *seal,
                                      const struct context_request *request,
                                      const struct context_entry *entry,
                                      struct context_answer *answer)
{
    struct context_content *content = NULL;
    int error = context_seal_open(seal, entry, request->secrets, &content);
    if (error == ERR_NO_MEMORY) {
        set_page(answer, HTTP_INTERNAL, NULL);
        return CONTEXT_REFUSED_FAILED;
    }
    if (error != 0) {
        set_error(answer, HTTP_INTERNAL, 0, "sealed",
                  "the context does not open with this node's `seal`: is it the same on every "
                  "node?");
        return CONTEXT_REFUSED_FAILED;
    }
    set_page(answer, HTTP_OK,
             context_page(&entry->id, entry->version.seq, entry->age_ms, content, request->secrets,
                          request->has));
    context_content_free(&content);
    return CONTEXT_REFUSAL_N;
}

enum context_refusal context_answer_result(const struct context_seal *seal,
                                           const struct context_request *request,
                                           const struct context_result *result,
                                           struct context_answer *ret_answer)
{
    switch (result->kind) {
    case CONTEXT_RESULT_STORED:
    case CONTEXT_RESULT_DELETED:
        set_stored(result, ret_answer);
        return CONTEXT_REFUSAL_N;
    case CONTEXT_RESULT_OLDER:
        set_older(result, ret_answer);
        return CONTEXT_REFUSED_OLDER;
    case CONTEXT_RESULT_CONFLICT:
        set_error(ret_answer, HTTP_CONFLICT, 0, "conflict",
                  "this seq is held with another content; it rises with each checkpoint");
        return CONTEXT_REFUSED_CONFLICT;
    case CONTEXT_RESULT_FOUND:
        return set_found(seal, request, result->entry, ret_answer);
    case CONTEXT_RESULT_ABSENT:
        set_error(ret_answer, HTTP_NOT_FOUND, 0, "not-found",
                  "no such context: never written, over, or deleted");
        return CONTEXT_REFUSAL_N;
    case CONTEXT_RESULT_FULL:
        set_error(ret_answer, HTTP_UNAVAILABLE, RETRY_FULL_S, "full",
                  "contexts.count_max or contexts.bytes_max is reached, or a disk is full: no new "
                  "contexts are taken until older ones are over");
        return CONTEXT_REFUSED_FULL;
    case CONTEXT_RESULT_FAILED:
        return context_answer_refused(ERR_IO, ret_answer);
    case CONTEXT_RESULT_NO_QUORUM:
    case CONTEXT_RESULT_KIND_N:
        break;
    }
    set_error(ret_answer, HTTP_UNAVAILABLE, RETRY_SOON_S, "no-quorum",
              "no majority of the nodes answered in time; whether a checkpoint was taken is "
              "unknown: send the same again");
    return CONTEXT_REFUSED_NO_QUORUM;
}

enum context_refusal context_answer_form(int error, const struct text *why,
                                         struct context_answer *ret_answer)
{
    if (error == ERR_NO_MEMORY) {
        set_page(ret_answer, HTTP_INTERNAL, NULL);
        return CONTEXT_REFUSED_FAILED;
    }
    bool large = error == ERR_TOO_LARGE;
    set_error(ret_answer, large ? HTTP_TOO_LARGE : HTTP_BAD_REQUEST, 0,
              large ? "too-large" : "bad-request", why->bytes);
    return CONTEXT_REFUSED_FORM;
}

enum context_refusal context_answer_refused(int error, struct context_answer *ret_answer)
{
    switch (error) {
    case ERR_STATE:
        set_error(ret_answer, HTTP_UNAVAILABLE, RETRY_NEW_S, "new",
                  "this node's store is new and still learns from the others; ask another node");
        return CONTEXT_REFUSED_NEW;
    case ERR_FULL:
        set_error(ret_answer, HTTP_UNAVAILABLE, RETRY_SOON_S, "busy",
                  "contexts.in_flight requests are under way");
        return CONTEXT_REFUSED_BUSY;
    case ERR_NO_MEMORY:
        set_page(ret_answer, HTTP_INTERNAL, NULL);
        return CONTEXT_REFUSED_FAILED;
    default:
        set_error(ret_answer, HTTP_UNAVAILABLE, RETRY_DISK_S, "failed",
                  "the disks of too many nodes failed, or this node's did; see its log");
        return CONTEXT_REFUSED_FAILED;
    }
}
