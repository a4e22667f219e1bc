#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
#include "node/io/probe/probe_request.h"

#define SESSION_PLACEHOLDER "${session}"
#define MESSAGE_DEFAULT "ping"

enum { STEP_URL_SIZE = URL_SIZE + PROBE_PATH_SIZE, BEARER_SIZE = TOKEN_SIZE + 32 };

static int add_header(struct probe *probe, const char *line)
{
    struct curl_slist *longer = curl_slist_append(probe->headers, line);
    if (longer == NULL) {
        return ERR_NO_MEMORY;
    }
    probe->headers = longer;
    return 0;
}

/* Does the line set the header? Names are compared as RFC 9110 wants it. */
static bool is_header(const char *line, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(line, name, length) == 0 && line[length] == ':';
}

static bool has_header(const struct probe_config *config, const char *name)
{
    for (size_t i = 0; i < config->headers.count; i++) {
        if (is_header(config->headers.lines[i], name)) {
            return true;
        }
    }
    return false;
}

static int add_headers(struct probe *probe, bool is_json)
{
    const struct probe_config *config = &probe->config;
    int rc = 0;
    for (size_t i = 0; i < config->headers.count && rc == 0; i++) {
        if (config->headers.lines[i][0] != '\0') {
            rc = add_header(probe, config->headers.lines[i]);
        }
    }
    if (rc == 0 && probe->payload != NULL && !has_header(config, "Content-Type")) {
        rc = add_header(probe, is_json ? "Content-Type: application/json"
                                       : "Content-Type: text/plain; charset=utf-8");
    }
    return rc;
}

static int add_bearer(struct probe *probe)
{
    char line[BEARER_SIZE];
    CHECK(probe->token != NULL);
    int length = snprintf(line, sizeof line, "Authorization: Bearer %s", probe->token->value);
    int rc = length > 0 && (size_t)length < sizeof line ? add_header(probe, line) : ERR_NO_MEMORY;
    sodium_memzero(line, sizeof line);
    return rc;
}

/* The text with ${session} filled in. Returns 0 or ERR_NO_MEMORY. */
static int fill_session(const char *text, const char *session, char **ret_filled)
{
    size_t size = strlen(text) + 1;
    for (const char *at = strstr(text, SESSION_PLACEHOLDER); at != NULL;
         at = strstr(at + 1, SESSION_PLACEHOLDER)) {
        size += strlen(session);
    }
    char *filled = cJSON_malloc(size);
    if (filled == NULL) {
        return ERR_NO_MEMORY;
    }
    char *end = filled;
    while (*text != '\0') {
        bool here = strncmp(text, SESSION_PLACEHOLDER, strlen(SESSION_PLACEHOLDER)) == 0;
        size_t length = here ? strlen(session) : 1;
        memcpy(end, here ? session : text, length);
        end += length;
        text += here ? strlen(SESSION_PLACEHOLDER) : 1;
    }
    *end = '\0';
    *ret_filled = filled;
    return 0;
}

/* What a bot connector is sent where the configuration writes no body. */
static int make_message(const struct probe *probe, char **ret_body)
{
    const struct turn_list *turns = &probe->config.turns;
    const char *text =
        turns->count > 0 && turns->texts[0][0] != '\0' ? turns->texts[0] : MESSAGE_DEFAULT;
    CLEANUP(cleanup_json) cJSON *body = cJSON_CreateObject();
    bool whole = cJSON_AddStringToObject(body, "botSessionId", probe->session) != NULL;
    cJSON *message = cJSON_AddObjectToObject(body, "message");
    whole = whole && cJSON_AddStringToObject(message, "type", "Text") != NULL &&
            cJSON_AddStringToObject(message, "text", text) != NULL;
    return whole ? json_print(body, ret_body) : ERR_NO_MEMORY;
}

static int make_payload(struct probe *probe)
{
    if (probe->config.body[0] != '\0') {
        return fill_session(probe->config.body, probe->session, &probe->payload);
    }
    return probe->config.kind == PROBE_CONNECTOR ? make_message(probe, &probe->payload) : 0;
}

/* The body stays the probe's: curl does not copy it. */
static void set_method(struct probe *probe, const char *method)
{
    if (probe->payload != NULL) {
        (void)curl_easy_setopt(probe->easy, CURLOPT_POSTFIELDS, probe->payload);
        (void)curl_easy_setopt(probe->easy, CURLOPT_POSTFIELDSIZE, (long)strlen(probe->payload));
        (void)curl_easy_setopt(probe->easy, CURLOPT_CUSTOMREQUEST, method);
    } else if (strcmp(method, "HEAD") == 0) {
        (void)curl_easy_setopt(probe->easy, CURLOPT_NOBODY, 1L);
    } else if (strcmp(method, "GET") != 0) {
        (void)curl_easy_setopt(probe->easy, CURLOPT_CUSTOMREQUEST, method);
    }
}

static int set_request(struct probe *probe, const char *url, const char *method)
{
    set_method(probe, method);
    CURLcode code = curl_easy_setopt(probe->easy, CURLOPT_URL, url);
    if (code == CURLE_OK) {
        code = curl_easy_setopt(probe->easy, CURLOPT_HTTPHEADER, probe->headers);
    }
    return code == CURLE_OK ? 0 : ERR_NO_MEMORY;
}

static bool looks_like_json(const char *text)
{
    text += strspn(text, " \t\r\n");
    return *text == '{' || *text == '[';
}

static int set_http(struct probe *probe)
{
    const struct probe_config *config = &probe->config;
    int rc = make_payload(probe);
    if (rc < 0) {
        return rc;
    }
    bool is_json = probe->payload != NULL && looks_like_json(probe->payload);
    const char *method = probe->payload != NULL ? "POST" : "GET";
    rc = add_headers(probe, is_json);
    return rc < 0 ? rc
                  : set_request(probe, config->url,
                                config->method[0] != '\0' ? config->method : method);
}

static int set_talk(struct probe *probe)
{
    char path[PROBE_PATH_SIZE];
    char url[STEP_URL_SIZE];
    int rc = probe_talk_make(&probe->talk, &probe->config, probe->session, path, &probe->payload);
    if (rc < 0) {
        return rc;
    }
    size_t length = strlen(probe->config.url);
    while (length > 0 && probe->config.url[length - 1] == '/') {
        length--;
    }
    (void)snprintf(url, sizeof url, "%.*s%s", (int)length, probe->config.url, path);
    rc = add_header(probe, "Content-Type: application/json");
    if (rc == 0) {
        rc = add_bearer(probe);
    }
    return rc < 0 ? rc : set_request(probe, url, "POST");
}

/* curl knows the two by schemes of its own. */
static int set_connect(struct probe *probe)
{
    const char *scheme = probe->config.kind == PROBE_TLS ? "https" : "http";
    struct text url = {0};
    text_set(&url, "%s%s", scheme, strstr(probe->config.url, "://"));
    (void)curl_easy_setopt(probe->easy, CURLOPT_CONNECT_ONLY, 1L);
    return set_request(probe, url.bytes, "GET");
}

int probe_step_set(struct probe *probe)
{
    (void)curl_easy_setopt(probe->easy, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(probe->headers);
    probe->headers = NULL;
    cJSON_free(probe->payload);
    probe->payload = NULL;
    if (probe->config.kind == PROBE_BOT) {
        return set_talk(probe);
    }
    return probe->connect_only ? set_connect(probe) : set_http(probe);
}

static void read_plain(struct probe *probe, struct probe_word *ret_word)
{
    const struct probe_body body = {probe->body != NULL ? probe->body : "", probe->body_bytes};
    if (probe->config.kind == PROBE_CONNECTOR) {
        probe_expect_read_connector(&probe->config, probe->patterns, &body, ret_word);
    } else if (probe->keeps) {
        probe_expect_read(&probe->config, probe->patterns, &body, ret_word);
    } else if (!probe_match_found(&probe->match)) {
        probe_word_set(ret_word, SAMPLE_BODY, "%s", "");
    }
}

bool probe_step_read(struct probe *probe, struct probe_phases *phases)
{
    if (phases->expired || phases->code != CURLE_OK) {
        return false;
    }
    if (probe->config.kind != PROBE_BOT) {
        read_plain(probe, &phases->word);
        return false;
    }
    const struct probe_body body = {probe->body != NULL ? probe->body : "", probe->body_bytes};
    return probe_talk_read(&probe->talk, &probe->config, probe->patterns, phases->sample.status,
                           &body, &phases->word);
}

bool probe_step_leave(struct probe *probe)
{
    if (probe->config.kind != PROBE_BOT || !probe->talk.open || probe->talk.step != TALK_TURN) {
        return false;
    }
    probe->talk.step = TALK_FAREWELL;
    return true;
}
