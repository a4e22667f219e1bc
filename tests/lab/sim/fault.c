#include "tests/lab/sim/fault.h"

#include "common/check.h"
#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <string.h>

enum { MS_MAX = 3600 * 1000 };

static const char *const names[FAULT_KIND_N] = {
    "none",
    "latency",
    "status",
    "rate-limit",
    "drop-before",
    "apply-then-drop",
    "hold-then-apply-late",
    "token-expire",
    "hang",
};

const char *fault_name(enum fault_kind kind)
{
    return kind == FAULT_NONE ? NULL : names[kind];
}

static int match_read(const cJSON *match, struct fault *fault, struct text *why)
{
    static const char *const keys[] = {"method", "path", "count"};
    const char *method = "";
    const char *path = "";

    if (match == NULL)
        return 0;
    if (json_object_check(match, keys, ARRAY_COUNT(keys), why) != 0 ||
        json_text_read(match, "method", &method, why) != 0 ||
        json_text_read(match, "path", &path, why) != 0 ||
        json_number_read(match, "count", -1, INT32_MAX, &fault->count, why) != 0)
        return ERR_INVALID;
    if (text_copy(fault->method, sizeof(fault->method), method) != 0 ||
        text_copy(fault->path, sizeof(fault->path), path) != 0 || fault->count == 0) {
        text_set(why, "\"match\": method or path too long, or a count of 0");
        return ERR_INVALID;
    }
    return 0;
}

static int words_read(const cJSON *object, struct fault *fault, struct text *why)
{
    const char *code = "";
    const char *message = "";

    if (json_text_read(object, "code", &code, why) != 0 ||
        json_text_read(object, "message", &message, why) != 0)
        return ERR_INVALID;
    if (text_copy(fault->code, sizeof(fault->code), code) != 0 ||
        text_copy(fault->message, sizeof(fault->message), message) != 0) {
        text_set(why, "\"code\" or \"message\" is too long");
        return ERR_INVALID;
    }
    return 0;
}

static int fault_read(const cJSON *object, struct fault *fault, struct text *why)
{
    const char *name = NULL;
    size_t kind = 0;

    if (json_text_read(object, "fault", &name, why) != 0)
        return ERR_INVALID;
    if (name == NULL) {
        text_set(why, "\"fault\" is missing");
        return ERR_INVALID;
    }
    if (json_word_find("fault", name, names + 1, FAULT_KIND_N - 1, &kind, why) != 0 ||
        words_read(object, fault, why) != 0 ||
        match_read(cJSON_GetObjectItemCaseSensitive(object, "match"), fault, why) != 0 ||
        json_number_read(object, "ms", 0, MS_MAX, &fault->ms, why) != 0 ||
        json_number_read(object, "status", 400, 599, &fault->status, why) != 0 ||
        json_bool_read(object, "apply", &fault->apply, why) != 0 ||
        json_number_read(object, "retry_after", 0, MS_MAX / 1000, &fault->retry_after_s, why) != 0)
        return ERR_INVALID;
    fault->kind = (enum fault_kind)(kind + 1);
    return 0;
}

int fault_add(struct fault_book *book, const char *json, size_t length, struct text *why)
{
    static const char *const keys[] = {"match", "fault", "ms",      "status",
                                       "apply", "code",  "message", "retry_after"};
    struct fault fault = {.count = 1, .status = 500, .retry_after_s = 1};
    cJSON *object = NULL;
    int result = json_object_parse(json, length, keys, ARRAY_COUNT(keys), &object, why);

    if (result == 0)
        result = fault_read(object, &fault, why);
    cJSON_Delete(object);
    if (result != 0)
        return result;
    if (book->count == FAULTS_MAX) {
        text_set(why, "there are %d faults already", FAULTS_MAX);
        return ERR_FULL;
    }
    book->faults[book->count++] = fault;
    return 0;
}

void fault_clear(struct fault_book *book)
{
    book->count = 0;
}

static bool fault_hits(const struct fault *fault, const char *method, const char *path)
{
    return (fault->method[0] == '\0' || strcmp(fault->method, method) == 0) &&
           strncmp(fault->path, path, strlen(fault->path)) == 0;
}

struct fault fault_take(struct fault_book *book, const char *method, const char *path)
{
    for (size_t i = 0; i < book->count; i++) {
        struct fault *fault = &book->faults[i];
        struct fault taken;

        if (!fault_hits(fault, method, path))
            continue;
        fault->hits++;
        taken = *fault;
        if (fault->count > 0 && --fault->count == 0) {
            book->count--;
            memmove(fault, fault + 1, (book->count - i) * sizeof(*fault));
        }
        return taken;
    }
    return (struct fault){.kind = FAULT_NONE};
}

cJSON *fault_list(const struct fault_book *book)
{
    cJSON *list = cJSON_CreateArray();

    for (size_t i = 0; i < book->count; i++) {
        const struct fault *fault = &book->faults[i];
        cJSON *object = cJSON_CreateObject();
        cJSON *match = cJSON_AddObjectToObject(object, "match");

        (void)cJSON_AddStringToObject(match, "method", fault->method);
        (void)cJSON_AddStringToObject(match, "path", fault->path);
        (void)cJSON_AddNumberToObject(match, "count", (double)fault->count);
        (void)cJSON_AddStringToObject(object, "fault", names[fault->kind]);
        (void)cJSON_AddNumberToObject(object, "ms", (double)fault->ms);
        (void)cJSON_AddNumberToObject(object, "status", (double)fault->status);
        (void)cJSON_AddBoolToObject(object, "apply", fault->apply);
        (void)cJSON_AddNumberToObject(object, "retry_after", (double)fault->retry_after_s);
        (void)cJSON_AddNumberToObject(object, "hits", (double)fault->hits);
        (void)cJSON_AddItemToArray(list, object);
    }
    return list;
}
