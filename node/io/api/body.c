#include "node/io/api/body.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"

enum {
    MOVE_KINDS = 1 << OPERATION_FAILOVER | 1 << OPERATION_FAILBACK,
    HOLD_KINDS = 1 << OPERATION_HOLD | 1 << OPERATION_HOLD_ALL,
    ALL_KINDS = (1 << OPERATION_KIND_N) - 1,
};

typedef int read_fn(const cJSON *value, struct operation *operation, struct text *why);

struct body_key {
    const char *name;
    int kinds; /* bits (1 << enum operation_kind) of the requests that take it */
    read_fn *read;
};

static int read_reason(const cJSON *value, struct operation *operation, struct text *why)
{
    if (cJSON_IsString(value) && reason_set(operation->reason, value->valuestring) == 0)
        return 0;
    text_set(why, "reason: text of at most %d bytes without control characters is wanted",
             REASON_BYTES_MAX);
    return ERR_INVALID;
}

static int read_for(const cJSON *value, struct operation *operation, struct text *why)
{
    const char *word = cJSON_IsString(value) ? value->valuestring : "";
    if (strcmp(word, "indefinite") == 0) {
        operation->indefinite = true;
        return 0;
    }
    time_ms for_ms = 0;
    if (duration_parse(word, &for_ms) == 0 && for_ms > 0 && for_ms <= BODY_HOLD_MS_MAX) {
        operation->for_ms = for_ms;
        return 0;
    }
    text_set(why, "for: a duration of at most 7d such as \"30m\", or \"indefinite\", is wanted");
    return ERR_INVALID;
}

static int read_expect(const cJSON *value, struct operation *operation, struct text *why)
{
    const char *const words[SIDE_N] = {side_name(SIDE_PRIMARY), side_name(SIDE_STANDBY)};
    const char *word = cJSON_IsString(value) ? value->valuestring : "";
    for (int side = 0; side < SIDE_N; side++) {
        if (strcmp(word, words[side]) != 0)
            continue;
        operation->expects = true;
        operation->expected = (enum side)side;
        return 0;
    }
    const char *near = text_nearest(word, words, SIDE_N);
    text_set(why, "expect: \"primary\" or \"standby\" is wanted");
    if (near != NULL)
        text_add(why, " (\"%s\"?)", near);
    return ERR_INVALID;
}

static int read_force(const cJSON *value, struct operation *operation, struct text *why)
{
    if (!cJSON_IsBool(value)) {
        text_set(why, "force: true or false is wanted");
        return ERR_INVALID;
    }
    operation->force = cJSON_IsTrue(value);
    return 0;
}

static int read_request_id(const cJSON *value, struct operation *operation, struct text *why)
{
    double number = cJSON_IsNumber(value) ? value->valuedouble : 0;
    if (!(number >= 1 && number <= (double)JSON_INTEGER_MAX) ||
        number != (double)(uint64_t)number) {
        text_set(why, "request_id: a whole number from 1 to %lld is wanted",
                 (long long)JSON_INTEGER_MAX);
        return ERR_INVALID;
    }
    operation->request_id = (uint64_t)number;
    return 0;
}

static const struct body_key keys[] = {
    {"reason", ALL_KINDS, read_reason},         {"for", HOLD_KINDS, read_for},
    {"expect", MOVE_KINDS, read_expect},        {"force", MOVE_KINDS, read_force},
    {"request_id", ALL_KINDS, read_request_id},
};

static int explain_unknown(const char *word, struct text *why)
{
    const char *names[ARRAY_COUNT(keys)];
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++)
        names[i] = keys[i].name;
    const char *near = text_nearest(word, names, ARRAY_COUNT(keys));
    text_set(why, "\"%.40s\": no such key", word);
    if (near != NULL)
        text_add(why, " (\"%s\"?)", near);
    return ERR_INVALID;
}

static int read_member(const cJSON *member, enum operation_kind kind, unsigned *seen,
                       struct operation *operation, struct text *why)
{
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (strcmp(member->string, keys[i].name) != 0)
            continue;
        if ((keys[i].kinds & (1 << kind)) == 0) {
            text_set(why, "%s: %s does not take it", keys[i].name, operation_kind_name(kind));
            return ERR_INVALID;
        }
        if ((*seen & (1U << i)) != 0) {
            text_set(why, "%s: stands twice", keys[i].name);
            return ERR_INVALID;
        }
        *seen |= 1U << i;
        return keys[i].read(member, operation, why);
    }
    return explain_unknown(member->string, why);
}

int body_read_operation(const char *text, size_t length, enum operation_kind kind,
                        struct operation *ret_operation, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    struct operation operation = *ret_operation;
    unsigned seen = 0;
    if (length > 0 && json_parse(text, length, &body) != 0) {
        text_set(why, "the body is not JSON");
        return ERR_INVALID;
    }
    if (length > 0 && !cJSON_IsObject(body)) {
        text_set(why, "the body is not a JSON object");
        return ERR_INVALID;
    }
    const cJSON *member = NULL;
    cJSON_ArrayForEach(member, body)
    {
        int result = read_member(member, kind, &seen, &operation, why);
        if (result != 0)
            return result;
    }
    if ((HOLD_KINDS & 1 << kind) != 0 && !operation.indefinite && operation.for_ms == 0) {
        text_set(why, "for: a hold needs it: a duration of at most 7d, or \"indefinite\"");
        return ERR_INVALID;
    }
    *ret_operation = operation;
    return 0;
}
