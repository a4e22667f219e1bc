#include "node/cmd/route_jq.h"

#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/json.h"

static void print_string(const char *words, FILE *out)
{
    char quoted[6 * URL_SIZE + 3];
    CHECK(json_quote(words, quoted, sizeof quoted) == 0);
    fputs(quoted, out);
}

static void print_token(const char *from, size_t length, FILE *out)
{
    char token[JSON_POINTER_SIZE];
    size_t used = 0;
    bool number = length > 0 && (length == 1 || from[0] != '0');
    for (size_t i = 0; i < length; i++) {
        bool escaped = from[i] == '~';
        number = number && from[i] >= '0' && from[i] <= '9';
        i += escaped ? 1 : 0;
        token[used++] = escaped ? (from[i] == '0' ? '~' : '/') : from[i];
    }
    token[used] = '\0';
    if (number)
        fputs(token, out);
    else
        print_string(token, out);
}

/* A pointer as jq's path: /a/0 is ["a",0]. A number is taken as the place in a list. */
static void print_path(const char *pointer, FILE *out)
{
    const char *separator = "";
    fputc('[', out);
    while (*pointer == '/') {
        size_t length = strcspn(++pointer, "/");
        fputs(separator, out);
        print_token(pointer, length, out);
        pointer += length;
        separator = ",";
    }
    fputc(']', out);
}

static void print_ours(const struct service_config *service, const struct route_config *route,
                       FILE *out)
{
    const char *separator = "";
    fputc('[', out);
    for (int i = 0; i < ROUTE_VALUE_N; i++) {
        const char *value = config_route_value(service, route, (enum route_value)i);
        if (value[0] == '\0')
            continue;
        fputs(separator, out);
        print_string(value, out);
        separator = ",";
    }
    fputc(']', out);
}

/* $value: bare where no string stands there. */
static void print_value(const char *pointer, const char *words, FILE *out)
{
    fputs("(getpath(", out);
    print_path(pointer, out);
    fputs(") | if . == null then error(\"nothing stands at \" + ", out);
    print_string(pointer, out);
    fputs(") elif type == \"string\" then ", out);
    print_string(words, out);
    fputs(" else (", out);
    print_string(words, out);
    fputs(" | fromjson) end) as $value", out);
}

static void print_edit(const struct service_config *service, const struct route_config *route,
                       const struct route_edit *edit, FILE *out)
{
    if (!edit->ours_only) {
        print_value(edit->pointer, edit->words, out);
        fputs(" | setpath(", out);
        print_path(edit->pointer, out);
        fputs("; $value)", out);
        return;
    }
    fputs("getpath(", out);
    print_path(edit->pointer, out);
    fputs(") as $old | if any(", out);
    print_ours(service, route, out);
    fputs("[]; . == $old) then setpath(", out);
    print_path(edit->pointer, out);
    fputs("; ", out);
    print_string(edit->words, out);
    fputs(") else . end", out);
}

static void print_edits(const struct service_config *service, const struct route_config *route,
                        const struct route_edits *edits, FILE *out)
{
    for (size_t i = 0; i < edits->count; i++) {
        fputs(i > 0 ? " | " : "", out);
        print_edit(service, route, &edits->items[i], out);
    }
}

static void print_merge_patch(const struct http_route_config *http, FILE *out)
{
    fputs("{} | setpath(", out);
    print_path(http->value, out);
    fputs("; $value)", out);
    if (http->version[0] == '\0')
        return;
    fputs(" | setpath(", out);
    print_path(http->version, out);
    fputs("; $version)", out);
}

static void print_json_patch(const struct http_route_config *http, FILE *out)
{
    fputc('[', out);
    if (http->version[0] != '\0') {
        fputs("{op: \"test\", path: ", out);
        print_string(http->version, out);
        fputs(", value: $version}, ", out);
    }
    fputs("{op: \"replace\", path: ", out);
    print_string(http->value, out);
    fputs(", value: $value}]", out);
}

static void print_filling(const char *name, const char *words, FILE *out)
{
    fprintf(out, " | gsub(\"\\\\$\\\\{%s\\\\}\"; ", name);
    print_string(words, out);
    fputc(')', out);
}

static void print_body(const struct service_config *service, const struct route_config *route,
                       FILE *out)
{
    fputs(route->http.body, out);
    fputs(" | walk(if . == \"${value}\" then $value elif . == \"${version}\" then $version "
          "elif type == \"string\" then gsub(\"\\\\$\\\\{value\\\\}\"; $value | tostring)"
          " | gsub(\"\\\\$\\\\{version\\\\}\"; $version | tostring)",
          out);
    print_filling("primary[.]id", config_route_flow(service, route, SIDE_PRIMARY), out);
    print_filling("standby[.]id", config_route_flow(service, route, SIDE_STANDBY), out);
    fputs(" else . end)", out);
}

static void print_http(const struct service_config *service, const struct route_config *route,
                       const struct route_edit *edit, FILE *out)
{
    const struct http_route_config *http = &route->http;
    print_value(edit->pointer, edit->words, out);
    fputs(" | ", out);
    if (http->version[0] != '\0') {
        fputs("getpath(", out);
        print_path(http->version, out);
        fputs(") as $version | ", out);
    } else {
        fputs("null as $version | ", out);
    }
    switch (http->how) {
    case WRITE_MERGE_PATCH:
        print_merge_patch(http, out);
        break;
    case WRITE_JSON_PATCH:
        print_json_patch(http, out);
        break;
    case WRITE_BODY:
        print_body(service, route, out);
        break;
    case WRITE_REPLACE:
    case HTTP_WRITE_N:
        CHECK(false);
    }
}

/* What a plan's body does not say itself goes back as it was read. */
static int print_plan(const struct service_config *service, const struct route_config *route,
                      enum side to, FILE *out, struct text *why)
{
    CLEANUP(route_document_free) struct route_document nothing_read = {0};
    CLEANUP(cleanup_json_text) char *body = NULL;
    int result = route_document_parse("{}", 2, &nothing_read, why);
    if (result == 0)
        result = routing_prepare(service, route, &nothing_read, route_state_of(to), &body, why);
    if (result == 0)
        fprintf(out, "({name, routingType, version} | with_entries(select(.value != null))) + %s",
                body);
    return result;
}

int route_jq_print(const struct service_config *service, const struct route_config *route,
                   enum side to, FILE *out, struct text *why)
{
    const struct routing_backend *backend = routing_find_backend(route->backend);
    struct route_edits edits = {.count = 0};
    CHECK(backend != NULL);
    if (backend->edit == NULL)
        return print_plan(service, route, to, out, why);
    int result = backend->edit(service, route, route_state_of(to), &edits, why);
    if (result != 0)
        return result;
    if (backend->prepare != NULL && route->http.how != WRITE_REPLACE)
        print_http(service, route, &edits.items[0], out);
    else
        print_edits(service, route, &edits, out);
    return 0;
}
