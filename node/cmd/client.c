#include "node/cmd/client.h"

#include <curl/curl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/cmd/target.h"
#include "node/cmd/terminal.h"
#include "node/io/act/json.h"

enum {
    CONNECT_TIMEOUT_MS = 3000,
    REQUEST_TIMEOUT_MS = 20000, /* beyond the node's own patience with its cluster */
    ANSWER_BYTES_MAX = 8 << 20,
    CLIENT_HEADER_SIZE = SECRET_SIZE + 32,
};

struct client {
    CURL *curl;
    struct target target;
    char actor[CLIENT_HEADER_SIZE]; /* a whole header, "" for none */
};

struct body_buffer {
    char *bytes;
    size_t length;
    bool over;
};

/* Who asks, as the API takes it; a name of the system that cannot be one is left out. */
static enum exit_code set_actor(struct client *client, const struct arguments *arguments)
{
    const char *asked = arguments_value(arguments, OPTION_ACTOR);
    const char *person = asked != NULL ? asked : getenv("USER");
    struct name name;
    if (person == NULL || (asked == NULL && name_set(&name, person) != 0))
        return EXIT_OK;
    if (name_set(&name, person) != 0) {
        terminal_error("--actor %.60s: a name of A-Z a-z 0-9 . _ - is wanted", person);
        return EXIT_USAGE;
    }
    snprintf(client->actor, sizeof client->actor, "X-Quorate-Actor: %.35s", name.text);
    return EXIT_OK;
}

enum exit_code client_open(const struct arguments *arguments, bool writes,
                           struct client **ret_client)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        terminal_error("no memory");
        free(client);
        return EXIT_FAILED;
    }
    client->curl = curl_easy_init();
    enum exit_code code =
        client->curl != NULL ? target_find(arguments, writes, &client->target) : EXIT_FAILED;
    if (code == EXIT_OK && writes)
        code = set_actor(client, arguments);
    if (code == EXIT_OK)
        *ret_client = client;
    else
        client_close(&client);
    return code;
}

void client_close(struct client **client)
{
    if (*client == NULL)
        return;
    curl_easy_cleanup((*client)->curl);
    curl_global_cleanup();
    sodium_memzero(*client, sizeof **client);
    free(*client);
    *client = NULL;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    struct body_buffer *buffer = data;
    size_t length = size * count;
    if (buffer->length + length > ANSWER_BYTES_MAX) {
        buffer->over = true;
        return 0;
    }
    char *grown = realloc(buffer->bytes, buffer->length + length + 1);
    if (grown == NULL)
        return 0;
    memcpy(grown + buffer->length, bytes, length);
    buffer->bytes = grown;
    buffer->length += length;
    grown[buffer->length] = '\0';
    return length;
}

static bool append(struct curl_slist **headers, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*headers, line);
    if (longer != NULL)
        *headers = longer;
    return longer != NULL;
}

static bool make_headers(const struct client *client, struct curl_slist **headers)
{
    char line[CLIENT_HEADER_SIZE];
    bool ok = append(headers, "Content-Type: application/json") && append(headers, "Expect:");
    if (ok && client->actor[0] != '\0')
        ok = append(headers, client->actor);
    if (ok && client->target.token[0] != '\0') {
        snprintf(line, sizeof line, "Authorization: Bearer %s", client->target.token);
        ok = append(headers, line);
        sodium_memzero(line, sizeof line);
    }
    return ok;
}

static void set_options(struct client *client, const char *url, const char *body,
                        const struct curl_slist *headers, struct body_buffer *buffer)
{
    CURL *curl = client->curl;
    const struct target *target = &client->target;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)REQUEST_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, buffer);
    if (body != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (target->ca_file[0] != '\0')
        curl_easy_setopt(curl, CURLOPT_CAINFO, target->ca_file);
    if (target->pinned)
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
}

static int explain(const struct client *client, CURLcode code, const struct body_buffer *buffer,
                   struct text *why)
{
    text_set(why, "%s: %s", client->target.url,
             buffer->over ? "the answer is too large" : curl_easy_strerror(code));
    if (buffer->over)
        return ERR_TOO_LARGE;
    long connected = 0;
    curl_off_t sent = 0;
    curl_easy_getinfo(client->curl, CURLINFO_NUM_CONNECTS, &connected);
    curl_easy_getinfo(client->curl, CURLINFO_PRETRANSFER_TIME_T, &sent);
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
        return ERR_AUTH;
    return sent > 0 ? ERR_TIMEOUT : ERR_NETWORK;
}

int client_request(struct client *client, const char *path, const cJSON *body,
                   struct client_answer *ret_answer, struct text *why)
{
    struct curl_slist *headers = NULL;
    CLEANUP(cleanup_free) char *text = body != NULL ? cJSON_PrintUnformatted(body) : NULL;
    struct body_buffer buffer = {.bytes = calloc(1, 1)};
    char url[2 * URL_SIZE];
    int result = ERR_NO_MEMORY;
    text_set(why, "no memory");
    if (buffer.bytes == NULL || (body != NULL && text == NULL) || !make_headers(client, &headers))
        goto out;
    snprintf(url, sizeof url, "%s%s", client->target.url, path);
    set_options(client, url, text, headers, &buffer);
    CURLcode code = curl_easy_perform(client->curl);
    if (code != CURLE_OK) {
        result = explain(client, code, &buffer, why);
        goto out;
    }
    struct client_answer answer = {.text = TAKE_PTR(buffer.bytes)};
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &answer.status);
    if (json_parse(answer.text, buffer.length, &answer.json) != 0)
        answer.json = NULL;
    *ret_answer = answer;
    result = 0;
out:
    curl_slist_free_all(headers);
    free(buffer.bytes);
    return result;
}

void client_answer_clear(struct client_answer *answer)
{
    cJSON_Delete(answer->json);
    free(answer->text);
    memset(answer, 0, sizeof *answer);
}

enum exit_code client_report(const struct arguments *arguments, const struct client_answer *answer)
{
    enum exit_code code = exit_code_of_status(answer->status);
    if (arguments_have(arguments, OPTION_JSON)) {
        fputs(answer->text, stdout);
        return code;
    }
    if (code == EXIT_OK && answer->json != NULL)
        return EXIT_OK;
    const char *why = member_string(answer->json, "why");
    const char *earliest = member_string(answer->json, "earliest");
    if (why[0] != '\0')
        terminal_error("%s%s%s", why, earliest[0] != '\0' ? "; at the earliest in " : "", earliest);
    else
        terminal_error("the node answered with status %ld and no reason", answer->status);
    return code != EXIT_OK ? code : EXIT_FAILED;
}

enum exit_code client_get(const struct arguments *arguments, const char *path,
                          struct client_answer *ret_answer, bool *ret_shown)
{
    struct client *client = NULL;
    struct text why = {.length = 0};
    enum exit_code code = client_open(arguments, false, &client);
    *ret_shown = true;
    if (code != EXIT_OK)
        return code;
    int result = client_request(client, path, NULL, ret_answer, &why);
    client_close(&client);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return result == ERR_TIMEOUT ? EXIT_UNREACHABLE : exit_code_of_error(result);
    }
    code = client_report(arguments, ret_answer);
    *ret_shown = code != EXIT_OK || arguments_have(arguments, OPTION_JSON);
    if (code != EXIT_OK)
        client_answer_clear(ret_answer);
    return code;
}

const char *member_string(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(member) ? member->valuestring : "";
}

double member_number(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsNumber(member) ? member->valuedouble : 0;
}

bool member_true(const cJSON *object, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}
