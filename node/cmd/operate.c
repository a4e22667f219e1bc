#include "node/cmd/operate.h"

#include <sodium.h>

#include "common/errors.h"
#include "node/cmd/terminal.h"
#include "node/io/act/json.h"

enum exit_code operate_path(const char *service, const char *verb, char ret_path[OPERATE_PATH_SIZE])
{
    struct name name;
    if (service == NULL) {
        snprintf(ret_path, OPERATE_PATH_SIZE, "/v1/%s", verb);
        return EXIT_OK;
    }
    if (name_set(&name, service) != 0) {
        terminal_error("%.60s: a service's name has 1 to %d characters of A-Z a-z 0-9 . _ -",
                       service, NAME_BYTES_MAX);
        return EXIT_USAGE;
    }
    snprintf(ret_path, OPERATE_PATH_SIZE, "/v1/services/%s%s%s", name.text, verb != NULL ? "/" : "",
             verb != NULL ? verb : "");
    return EXIT_OK;
}

static cJSON *make_body(const struct arguments *arguments)
{
    cJSON *body = cJSON_CreateObject();
    const char *reason = arguments_value(arguments, OPTION_REASON);
    const char *for_word = arguments_value(arguments, OPTION_FOR);
    const char *expect = arguments_value(arguments, OPTION_EXPECT);
    uint64_t id = 0;
    randombytes_buf(&id, sizeof id);
    id = (id & ((uint64_t)JSON_PRINTED_MAX >> 1)) + 1;
    cJSON_AddNumberToObject(body, "request_id", (double)id);
    if (reason != NULL)
        cJSON_AddStringToObject(body, "reason", reason);
    if (for_word != NULL)
        cJSON_AddStringToObject(body, "for", for_word);
    if (expect != NULL)
        cJSON_AddStringToObject(body, "expect", expect);
    if (arguments_have(arguments, OPTION_FORCE))
        cJSON_AddBoolToObject(body, "force", true);
    return body;
}

enum exit_code operate_send(const struct arguments *arguments, const char *verb,
                            struct client_answer *ret_answer)
{
    char path[OPERATE_PATH_SIZE];
    struct client *client = NULL;
    struct text why = {.length = 0};
    enum exit_code code = operate_path(arguments->words[0], verb, path);
    if (code == EXIT_OK)
        code = client_open(arguments, true, &client);
    if (code != EXIT_OK)
        return code;
    cJSON *body = make_body(arguments);
    int result = client_request(client, path, body, ret_answer, &why);
    cJSON_Delete(body);
    client_close(&client);
    if (result != 0) {
        terminal_error("%s", why.bytes);
        return exit_code_of_error(result);
    }
    return client_report(arguments, ret_answer);
}

enum exit_code operate_run(const struct arguments *arguments, const char *verb, const char *done)
{
    struct client_answer answer = {.status = 0};
    enum exit_code code = operate_send(arguments, verb, &answer);
    if (code == EXIT_OK && !arguments_have(arguments, OPTION_JSON))
        printf("%s: %s\n", arguments->word_count > 0 ? arguments->words[0] : "all services", done);
    client_answer_clear(&answer);
    return code;
}
