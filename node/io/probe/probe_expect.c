#include "node/io/probe/probe_expect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "node/io/act/json.h"
#include "node/io/act/json_pointer.h"

bool probe_expect_keeps(const struct probe_config *config)
{
    return config->kind == PROBE_BOT || config->kind == PROBE_CONNECTOR ||
           config->expect_regex[0] != '\0' || config->expect_pointer[0] != '\0';
}

/* A number equals what is written where both are the same number: 1, 1.0 and 1e0. */
static bool number_equals(double number, const char *wanted)
{
    char *end = NULL;
    double other = strtod(wanted, &end);
    return end != wanted && *end == '\0' && !(number < other) && !(number > other);
}

static bool value_equals(const cJSON *value, const char *wanted)
{
    if (cJSON_IsString(value)) {
        return strcmp(value->valuestring, wanted) == 0;
    }
    if (cJSON_IsNumber(value)) {
        return number_equals(value->valuedouble, wanted);
    }
    if (cJSON_IsBool(value)) {
        return strcmp(wanted, cJSON_IsTrue(value) ? "true" : "false") == 0;
    }
    return cJSON_IsNull(value) && strcmp(wanted, "null") == 0;
}

static void read_json(const struct probe_config *config, const struct probe_body *body,
                      struct probe_word *ret_word)
{
    CLEANUP(cleanup_json) cJSON *document = NULL;
    if (json_parse(body->bytes, body->length, &document) < 0) {
        probe_word_set(ret_word, SAMPLE_BODY, "no JSON");
        return;
    }
    const cJSON *value = json_pointer_get(document, config->expect_pointer);
    if (value == NULL) {
        probe_word_set(ret_word, SAMPLE_BODY, "no %s", config->expect_pointer);
    } else if (config->expect_equals[0] != '\0' && !value_equals(value, config->expect_equals)) {
        probe_word_set(ret_word, SAMPLE_BODY, "%s differs", config->expect_pointer);
    }
}

void probe_expect_read(const struct probe_config *config, struct probe_patterns *patterns,
                       const struct probe_body *body, struct probe_word *ret_word)
{
    *ret_word = (struct probe_word){.result = SAMPLE_OK};
    if (config->expect_body[0] != '\0' && memmem(body->bytes, body->length, config->expect_body,
                                                 strlen(config->expect_body)) == NULL) {
        probe_word_set(ret_word, SAMPLE_BODY, "%s", "");
        return;
    }
    if (config->expect_regex[0] != '\0') {
        const regex_t *compiled = probe_patterns_get(patterns, config->expect_regex);
        if (compiled == NULL) {
            probe_word_set(ret_word, SAMPLE_LOCAL, "no memory");
            return;
        }
        if (!pattern_matches(compiled, body->bytes, body->length)) {
            probe_word_set(ret_word, SAMPLE_BODY, "regex");
            return;
        }
    }
    if (config->expect_pointer[0] != '\0') {
        read_json(config, body, ret_word);
    }
}

/* The error's code, however it is spelled; an errorInfo without one is an error all the same. */
static void read_error(const cJSON *info, const char *state, struct probe_word *ret_word)
{
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(info, "errorCode");
    if (cJSON_IsString(code)) {
        probe_word_set(ret_word, SAMPLE_BOT, "%s", code->valuestring);
    } else if (cJSON_IsNumber(code)) {
        probe_word_set(ret_word, SAMPLE_BOT, "%.15g", code->valuedouble);
    } else {
        probe_word_set(ret_word, SAMPLE_BOT, "%s", state);
    }
}

static void read_connector(const struct probe_body *body, struct probe_word *ret_word)
{
    CLEANUP(cleanup_json) cJSON *answer = NULL;
    if (json_parse(body->bytes, body->length, &answer) < 0) {
        probe_word_set(ret_word, SAMPLE_BODY, "no JSON");
        return;
    }
    const char *state = json_get_string(answer, "botState");
    const cJSON *info = cJSON_GetObjectItemCaseSensitive(answer, "errorInfo");
    bool has_error = info != NULL && !cJSON_IsNull(info);
    if (state == NULL && !has_error) {
        probe_word_set(ret_word, SAMPLE_BODY, "no botState");
        return;
    }
    bool well = state != NULL && (strcmp(state, "MoreData") == 0 || strcmp(state, "Complete") == 0);
    bool failed = state != NULL && strcmp(state, "Failed") == 0;
    if (has_error || failed) {
        read_error(info, failed ? "Failed" : "errorInfo", ret_word);
    } else if (!well) {
        probe_word_set(ret_word, SAMPLE_BODY, "botState %s", state);
    }
}

void probe_expect_read_connector(const struct probe_config *config, struct probe_patterns *patterns,
                                 const struct probe_body *body, struct probe_word *ret_word)
{
    *ret_word = (struct probe_word){.result = SAMPLE_OK};
    read_connector(body, ret_word);
    if (ret_word->result == SAMPLE_OK) {
        probe_expect_read(config, patterns, body, ret_word);
    }
}
