#include "node/cmd/target.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/cmd/terminal.h"

#define DEFAULT_URL "http://127.0.0.1:7700"

static enum exit_code read_token_file(const char *path, char token[SECRET_SIZE])
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "re");
    if (file == NULL) {
        terminal_error("token file %s: %s", path, strerror(errno));
        return EXIT_AUTH;
    }
    size_t length = fread(token, 1, SECRET_SIZE - 1, file);
    token[length] = '\0';
    token[strcspn(token, "\r\n")] = '\0';
    if (token[0] != '\0' && !ferror(file))
        return EXIT_OK;
    terminal_error("token file %s holds no token", path);
    return EXIT_AUTH;
}

static enum exit_code set_url(struct target *target, const char *url)
{
    size_t length = strlen(url);
    while (length > 0 && url[length - 1] == '/')
        length--;
    if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) ||
        length >= sizeof target->url) {
        terminal_error("%.80s: http://HOST:PORT or https://HOST:PORT is wanted", url);
        return EXIT_USAGE;
    }
    memcpy(target->url, url, length);
    target->url[length] = '\0';
    return EXIT_OK;
}

/* An address that means "all of this machine's" is asked on loopback. */
static const char *host_to_ask(const char *host)
{
    if (strcmp(host, "0.0.0.0") == 0)
        return "127.0.0.1";
    return strcmp(host, "::") == 0 ? "::1" : host;
}

static void take_local(struct target *target, const struct local_config *local, bool writes)
{
    const char *host = host_to_ask(local->api_host);
    bool tls = local->tls_cert_file[0] != '\0';
    bool is_ipv6 = strchr(host, ':') != NULL;
    const char *token =
        writes || local->read_token[0] == '\0' ? local->write_token : local->read_token;
    snprintf(target->url, sizeof target->url, "%s://%s%s%s:%u", tls ? "https" : "http",
             is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", (unsigned)local->api_port);
    snprintf(target->token, sizeof target->token, "%s", token);
    if (tls)
        snprintf(target->ca_file, sizeof target->ca_file, "%s", local->tls_cert_file);
    target->pinned = tls;
}

/* Without a configuration at its usual place, the usual address is asked. */
static enum exit_code take_config(const struct arguments *arguments, bool writes,
                                  struct target *target)
{
    const char *path = arguments_config(arguments);
    struct config *config = NULL;
    struct config_problems problems;
    bool named = arguments_have(arguments, OPTION_CONFIG) || getenv("QUORATE_CONFIG") != NULL;
    if (!named && access(path, F_OK) != 0)
        return set_url(target, DEFAULT_URL);
    int result = config_load(path, arguments_node(arguments), &config, &problems);
    if (result != 0) {
        terminal_problems(&problems);
        return exit_code_of_error(result);
    }
    take_local(target, &config->local, writes);
    config_free(&config);
    return EXIT_OK;
}

static enum exit_code take_token(const struct arguments *arguments, struct target *target)
{
    const char *file = arguments_value(arguments, OPTION_TOKEN_FILE);
    const char *token = getenv("QUORATE_TOKEN");
    if (file != NULL)
        return read_token_file(file, target->token);
    if (token == NULL || token[0] == '\0')
        return EXIT_OK;
    if (text_copy(target->token, sizeof target->token, token) == 0)
        return EXIT_OK;
    terminal_error("$QUORATE_TOKEN is over %d bytes", SECRET_SIZE - 1);
    return EXIT_AUTH;
}

enum exit_code target_find(const struct arguments *arguments, bool writes,
                           struct target *ret_target)
{
    struct target target = {.pinned = false};
    const char *url = arguments_value(arguments, OPTION_API);
    const char *ca_file = arguments_value(arguments, OPTION_CA_FILE);
    if (url == NULL && !arguments_have(arguments, OPTION_CONFIG))
        url = getenv("QUORATE_API");
    enum exit_code code = url != NULL && url[0] != '\0' ? set_url(&target, url)
                                                        : take_config(arguments, writes, &target);
    if (code == EXIT_OK)
        code = take_token(arguments, &target);
    if (code == EXIT_OK && ca_file != NULL) {
        target.pinned = false;
        if (text_copy(target.ca_file, sizeof target.ca_file, ca_file) != 0) {
            terminal_error("--ca-file: the path is too long");
            code = EXIT_USAGE;
        }
    }
    if (code == EXIT_OK)
        *ret_target = target;
    sodium_memzero(&target, sizeof target);
    return code;
}
