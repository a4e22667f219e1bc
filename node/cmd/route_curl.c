#include "node/cmd/route_curl.h"

#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"
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

static void print_read(const char *url, FILE *out)
{
    fprintf(out, "# the route as it is\nROUTE=$(curl -sS -H \"Authorization: Bearer $TOKEN\" ");
    print_quoted(url, out);
    fprintf(out, "); echo \"$ROUTE\"\n");
}

static void print_write(const char *url, const char *body, enum side to, FILE *out)
{
    fprintf(out, "# the %s side effective, based on the version just read\nBODY=", side_name(to));
    print_quoted(body, out);
    fprintf(out, "\ncurl -sS -X PATCH -H \"Authorization: Bearer $TOKEN\" "
                 "-H 'Content-Type: application/json' \\\n"
                 "  --data \"$(echo \"$BODY\" | jq -c --argjson route \"$ROUTE\" "
                 "'($route | {name, routingType, version} | "
                 "with_entries(select(.value != null))) + .')\" \\\n  ");
    print_quoted(url, out);
    fprintf(out, "\n");
}

static int print_route(const struct config *config, const struct service_config *service,
                       const struct route_config *route, enum side to, FILE *out, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    const struct platform_config *platform = config_find_platform(config, route->via);
    CLEANUP(route_document_free) struct route_document nothing_read = {0};
    CLEANUP(cleanup_json_text) char *body = NULL;
    struct route_request request;
    if (backend == NULL || platform == NULL) {
        text_set(why, "service %s: backend %s via %s is not known", service->name.text,
                 route->backend, route->via);
        return ERR_INVALID;
    }
    int result = route_document_parse("{}", 2, &nothing_read, why);
    if (result == 0)
        result = backend->make_request(platform, route, ROUTE_CALL_READ, &request);
    if (result == 0 && to != SIDE_N)
        result = backend->prepare(service, route, &nothing_read, route_state_of(to), &body, why);
    if (result != 0)
        return result;
    if (service->route_count > 1)
        fprintf(out, "# route %s of %s\n", route->name.text, service->name.text);
    print_token(platform, out);
    print_read(request.url, out);
    if (to != SIDE_N)
        print_write(request.url, body, to, out);
    return 0;
}

int route_curl_print(const struct config *config, const struct service_config *service,
                     enum side to, FILE *out, struct text *why)
{
    int result = 0;
    for (size_t i = 0; i < service->route_count && result == 0; i++)
        result = print_route(config, service, &service->routes[i], to, out, why);
    return result;
}
