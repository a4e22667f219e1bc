#include "node/cmd/route_curl.h"

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/cmd/route_jq.h"
#include "node/io/act/routing.h"

/* In single quotes, as a shell takes anything. */
static void print_quoted(const char *word, FILE *out)
{
    fputc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            fputc(*word, out);
    }
    fputc('\'', out);
}

/* Never with a refresh token: an exchange by hand would lock the cluster out of its own chain. */
static void print_token(const struct platform_config *platform, FILE *out)
{
    bool fallback = platform->grant == GRANT_REFRESH_TOKEN;
    if (fallback && platform->fallback_id[0] == '\0') {
        fprintf(out, "# platforms.%s has no fallback client: put an access token into TOKEN\n",
                platform->name.text);
        return;
    }
    fprintf(out, "# a token; CLIENT_SECRET is the client's secret\n"
                 "TOKEN=$(curl -sS -d grant_type=client_credentials -u ");
    print_quoted(fallback ? platform->fallback_id : platform->client_id, out);
    fprintf(out, "\":$CLIENT_SECRET\" ");
    char url[ROUTING_URL_SIZE];
    snprintf(url, sizeof url, "%s/oauth/token", platform->login_url);
    print_quoted(url, out);
    fprintf(out, " | jq -r .access_token)\n");
}

/* Each header of a request; what a credential holds stays a variable. */
static void print_headers(const struct route_request *request, bool token, FILE *out)
{
    const struct header_list *headers = request->headers;
    if (token)
        fputs(" -H \"Authorization: Bearer $TOKEN\"", out);
    for (size_t i = 0; headers != NULL && i < headers->count; i++) {
        if ((headers->secret_mask >> i & 1) != 0) {
            fprintf(out, " -H \"$HEADER_%zu\"", i + 1);
            continue;
        }
        fputs(" -H ", out);
        print_quoted(headers->lines[i], out);
    }
}

static void print_secret_headers(const struct header_list *headers, FILE *out)
{
    for (size_t i = 0; i < headers->count; i++)
        if ((headers->secret_mask >> i & 1) != 0)
            fprintf(out, "# HEADER_%zu is the line \"Name: value\" of its credential\n", i + 1);
}

static void print_read(const struct route_request *request, bool token, FILE *out)
{
    fputs("# the route as it is\nROUTE=$(curl -sS", out);
    if (request->method != HTTP_GET)
        fprintf(out, " -X %s", http_method_name(request->method));
    print_headers(request, token, out);
    fputc(' ', out);
    print_quoted(request->url, out);
    fprintf(out, "); echo \"$ROUTE\"\n");
}

static void print_write(const struct route_request *request, const char *program, bool token,
                        enum side to, FILE *out)
{
    fprintf(out,
            "# the %s side effective, made from what was just read (a jq before 1.7 rounds numbers "
            "of\n# more than 15 digits: look at BODY before you send it)\n"
            "BODY=$(printf '%%s' \"$ROUTE\" | jq -c ",
            side_name(to));
    print_quoted(program, out);
    fprintf(out, "); echo \"$BODY\"\ncurl -sS -X %s", http_method_name(request->method));
    print_headers(request, token, out);
    fprintf(out, " -H 'Content-Type: %s' \\\n  --data \"$BODY\" ",
            request->content_type != NULL ? request->content_type : "application/json");
    print_quoted(request->url, out);
    fprintf(out, "\n");
}

static int print_change(const struct routing_backend *backend,
                        const struct platform_config *platform,
                        const struct service_config *service, const struct route_config *route,
                        enum side to, FILE *out, struct text *why)
{
    CLEANUP(cleanup_free) char *program = NULL;
    size_t length = 0;
    struct route_request request = {.content_type = NULL};
    FILE *memory = open_memstream(&program, &length);
    if (memory == NULL) {
        text_set(why, "no memory");
        return ERR_NO_MEMORY;
    }
    int result = route_jq_print(service, route, to, memory, why);
    if (fclose(memory) != 0 && result == 0)
        result = ERR_NO_MEMORY;
    if (result == 0)
        result = backend->make_request(platform, route, ROUTE_CALL_WRITE, &request);
    if (result == 0)
        print_write(&request, program, request.to_platform, to, out);
    return result;
}

static int print_route(const struct config *config, const struct service_config *service,
                       const struct route_config *route, enum side to, FILE *out, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    const struct platform_config *platform = config_find_platform(config, route->via);
    struct route_request request = {.content_type = NULL};
    if (backend == NULL || (platform == NULL && route->via[0] != '\0')) {
        text_set(why, "service %s: backend %s via %s is not known", service->name.text,
                 route->backend, route->via);
        return ERR_INVALID;
    }
    int result = backend->make_request(platform, route, ROUTE_CALL_READ, &request);
    if (result != 0)
        return result;
    if (service->route_count > 1)
        fprintf(out, "# route %s of %s\n", route->name.text, service->name.text);
    if (platform != NULL)
        print_token(platform, out);
    if (request.headers != NULL)
        print_secret_headers(request.headers, out);
    print_read(&request, request.to_platform, out);
    return to == SIDE_N ? 0 : print_change(backend, platform, service, route, to, out, why);
}

int route_curl_print(const struct config *config, const struct service_config *service,
                     enum side to, FILE *out, struct text *why)
{
    int result = 0;
    for (size_t i = 0; i < service->route_count && result == 0; i++)
        result = print_route(config, service, &service->routes[i], to, out, why);
    return result;
}
