/* Backend `http`: any URL that shows JSON with a value in it, and any that takes JSON to change it:
 * what was read with the one value exchanged, a merge patch (RFC 7396), a JSON patch (RFC 6902), or
 * a configured body. */
#include "node/io/act/routing_edit.h"

#include <stdio.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "common/hash.h"
#include "node/io/act/json.h"
#include "node/io/act/routing_url.h"
#include "node/io/act/template.h"

enum { VERSION_BYTES_MAX = 256 };

static enum http_method method_of(const struct route_config *route, enum route_call call)
{
    const struct http_route_config *http = &route->http;
    const char *word = call == ROUTE_CALL_READ ? http->read_method : http->write_method;
    bool patch = http->how == WRITE_MERGE_PATCH || http->how == WRITE_JSON_PATCH;
    for (int i = 0; i < HTTP_METHOD_N; i++)
        if (strcmp(word, http_method_name((enum http_method)i)) == 0)
            return (enum http_method)i;
    if (call == ROUTE_CALL_READ)
        return HTTP_GET;
    return patch ? HTTP_PATCH : HTTP_PUT;
}

static const char *content_type_of(const struct route_config *route)
{
    switch (route->http.how) {
    case WRITE_MERGE_PATCH:
        return "application/merge-patch+json";
    case WRITE_JSON_PATCH:
        return "application/json-patch+json";
    case WRITE_REPLACE:
    case WRITE_BODY:
    case HTTP_WRITE_N:
        break;
    }
    return NULL;
}

static int http_make_request(const struct platform_config *platform,
                             const struct route_config *route, enum route_call call,
                             struct route_request *ret_request)
{
    const char *url = call == ROUTE_CALL_READ ? route->http.read_url : route->http.write_url;
    int rc = 0;
    ret_request->method = method_of(route, call);
    ret_request->content_type = content_type_of(route);
    ret_request->headers = &route->http.headers;
    ret_request->url[0] = '\0';
    ret_request->to_platform = url[0] == '/'; /* the token is nobody else's business */
    if (ret_request->to_platform) {
        CHECK(platform != NULL);
        rc = routing_url_begin(platform, ret_request->url);
    }
    return rc < 0 ? rc : routing_url_add(url, ret_request->url);
}

/* A version that is no number is told by its hash. */
static int read_version(const struct route_config *route, const struct route_document *document,
                        uint64_t *ret_version, struct text *why)
{
    const char *pointer = route->http.version;
    char words[VERSION_BYTES_MAX];
    struct json_span span;
    *ret_version = 0;
    if (pointer[0] == '\0')
        return 0;
    if (json_span_find(document->text, document->length, pointer, &span) < 0 ||
        json_span_string(document->text, span, words, sizeof words) < 0)
        return route_read_version(document, pointer, ret_version, why);
    *ret_version = hash_bytes(HASH_SEED, words, strlen(words)) & JSON_PRINTED_MAX;
    return 0;
}

static int http_read(const struct service_config *service, const struct route_config *route,
                     const struct route_document *document, struct route_reading *ret_reading,
                     struct text *why)
{
    struct route_reading reading = {.state = ROUTE_FOREIGN};
    int rc = read_version(route, document, &reading.version, why);
    if (rc == 0)
        rc = route_read_state(service, route, document, route->http.value, &reading.state, why);
    if (rc == ERR_NOT_FOUND) {
        text_set(why, "nothing stands at %.120s", route->http.value);
        rc = ERR_MALFORMED;
    }
    if (rc == 0)
        *ret_reading = reading;
    return rc;
}

static int http_edit(const struct service_config *service, const struct route_config *route,
                     enum route_state state, struct route_edits *ret_edits, struct text *why)
{
    ret_edits->count = 0;
    return route_edit_add(service, route, route->http.value, state, ret_edits, why);
}

/* The bytes at the pointer; the caller frees them. */
static int copy_span(const struct route_document *document, const char *pointer, char **ret_text,
                     struct text *why)
{
    struct json_span span;
    if (json_span_find(document->text, document->length, pointer, &span) < 0) {
        text_set(why, "nothing stands at %.120s", pointer);
        return ERR_STATE;
    }
    char *text = cJSON_malloc(span.length + 1);
    if (text == NULL)
        return ERR_NO_MEMORY;
    memcpy(text, document->text + span.at, span.length);
    text[span.length] = '\0';
    *ret_text = text;
    return 0;
}

/* Is an item of a list on the way? A merge patch cannot name one. */
static bool crosses_list(const struct route_document *document, const char *pointer)
{
    char part[JSON_POINTER_SIZE];
    struct json_span span;
    CHECK(text_copy(part, sizeof part, pointer) == 0);
    for (char *slash = NULL; (slash = strrchr(part, '/')) != NULL;) {
        *slash = '\0';
        if (json_span_find(document->text, document->length, part, &span) == 0 &&
            json_span_kind(document->text, span) == JSON_ARRAY)
            return true;
    }
    return false;
}

static void read_token(const char *from, size_t length, char ret_token[JSON_POINTER_SIZE])
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bool escaped = from[i] == '~';
        i += escaped ? 1 : 0;
        ret_token[used++] = escaped ? (from[i] == '0' ? '~' : '/') : from[i];
    }
    ret_token[used] = '\0';
}

/* Adds {"a": {"b": value}} for the pointer /a/b. */
static int add_nested(cJSON *object, const char *pointer, const char *value)
{
    char token[JSON_POINTER_SIZE];
    while (object != NULL && *pointer == '/') {
        size_t length = strcspn(++pointer, "/");
        read_token(pointer, length, token);
        pointer += length;
        if (*pointer == '\0')
            return cJSON_AddRawToObject(object, token, value) != NULL ? 0 : ERR_NO_MEMORY;
        cJSON *inner = cJSON_GetObjectItemCaseSensitive(object, token);
        object = inner != NULL ? inner : cJSON_AddObjectToObject(object, token);
    }
    return ERR_NO_MEMORY;
}

struct write {
    const struct route_config *route;
    const char *value;   /* as JSON */
    const char *version; /* as JSON, or NULL */
};

static int make_merge_patch(const struct write *write, cJSON **ret_body)
{
    CLEANUP(cleanup_json) cJSON *body = cJSON_CreateObject();
    int rc =
        body != NULL ? add_nested(body, write->route->http.value, write->value) : ERR_NO_MEMORY;
    if (rc == 0 && write->version != NULL)
        rc = add_nested(body, write->route->http.version, write->version);
    if (rc == 0)
        *ret_body = TAKE_PTR(body);
    return rc;
}

static int add_operation(cJSON *list, const char *name, const char *pointer, const char *value)
{
    cJSON *operation = cJSON_CreateObject();
    if (operation == NULL)
        return ERR_NO_MEMORY;
    if (cJSON_AddItemToArray(list, operation) && /* the list owns it from here on */
        cJSON_AddStringToObject(operation, "op", name) != NULL &&
        cJSON_AddStringToObject(operation, "path", pointer) != NULL &&
        cJSON_AddRawToObject(operation, "value", value) != NULL)
        return 0;
    return ERR_NO_MEMORY;
}

static int make_json_patch(const struct write *write, cJSON **ret_body)
{
    const struct http_route_config *http = &write->route->http;
    CLEANUP(cleanup_json) cJSON *body = cJSON_CreateArray();
    int rc = body != NULL ? 0 : ERR_NO_MEMORY;
    if (rc == 0 && write->version != NULL)
        rc = add_operation(body, "test", http->version, write->version);
    if (rc == 0)
        rc = add_operation(body, "replace", http->value, write->value);
    if (rc == 0)
        *ret_body = TAKE_PTR(body);
    return rc;
}

/* A string that is nothing but ${value} or ${version} becomes the value as the API writes it, a
 * number for instance. Depth is bounded by json_parse. */
static int fill_bare(cJSON *parent, const struct write *write)
{
    int rc = 0;
    cJSON *child = parent->child;
    while (child != NULL && rc == 0) {
        cJSON *next = child->next;
        const char *words = cJSON_GetStringValue(child);
        const char *bare = NULL;
        if (words != NULL && strcmp(words, "${value}") == 0)
            bare = write->value;
        else if (words != NULL && strcmp(words, "${version}") == 0)
            bare = write->version;
        if (bare == NULL) {
            rc = fill_bare(child, write);
        } else {
            cJSON *raw = cJSON_CreateRaw(bare);
            char *key = raw != NULL ? child->string : NULL;
            child->string = key != NULL ? NULL : child->string;
            if (raw == NULL)
                return ERR_NO_MEMORY;
            raw->string = key; /* owned, as an item's key is */
            if (!cJSON_ReplaceItemViaPointer(parent, child, raw)) {
                cJSON_Delete(raw);
                return ERR_INTERNAL;
            }
        }
        child = next;
    }
    return rc;
}

/* Words of a value that stands in a longer string. */
static void bare_words(const char *json, char ret_words[VERSION_BYTES_MAX])
{
    const struct json_span whole = {0, strlen(json)};
    if (json_span_string(json, whole, ret_words, VERSION_BYTES_MAX) < 0 &&
        text_copy(ret_words, VERSION_BYTES_MAX, json) < 0)
        ret_words[0] = '\0';
}

static int make_body(const struct service_config *service, const struct write *write,
                     cJSON **ret_body, struct text *why)
{
    const struct route_config *route = write->route;
    char value[VERSION_BYTES_MAX];
    char version[VERSION_BYTES_MAX] = "";
    bare_words(write->value, value);
    if (write->version != NULL)
        bare_words(write->version, version);
    const struct template_variable variables[] = {
        {"value", value},
        {"version", version},
        {"primary.id", config_route_flow(service, route, SIDE_PRIMARY)},
        {"standby.id", config_route_flow(service, route, SIDE_STANDBY)},
    };
    CLEANUP(cleanup_json) cJSON *body = NULL;
    const char *text = route->http.body;
    if (json_parse(text, strlen(text), &body) < 0 || !cJSON_IsObject(body)) {
        text_set(why, "not a JSON object");
        return ERR_INVALID;
    }
    int rc = fill_bare(body, write);
    if (rc == 0)
        rc = template_fill(body, variables, ARRAY_COUNT(variables), why);
    if (rc == 0)
        *ret_body = TAKE_PTR(body);
    return rc;
}

static int make_text(const struct service_config *service, const struct write *write,
                     char **ret_text, struct text *why)
{
    CLEANUP(cleanup_json) cJSON *body = NULL;
    int rc = ERR_INTERNAL;
    switch (write->route->http.how) {
    case WRITE_MERGE_PATCH:
        rc = make_merge_patch(write, &body);
        break;
    case WRITE_JSON_PATCH:
        rc = make_json_patch(write, &body);
        break;
    case WRITE_BODY:
        rc = make_body(service, write, &body, why);
        break;
    case WRITE_REPLACE:
    case HTTP_WRITE_N:
        CHECK(false);
    }
    if (rc == 0)
        rc = json_print(body, ret_text);
    if (rc == ERR_NO_MEMORY)
        text_set(why, "no memory");
    return rc;
}

static int http_prepare(const struct service_config *service, const struct route_config *route,
                        const struct route_document *document, enum route_state state,
                        char **ret_text, struct text *why)
{
    struct route_edits edits;
    struct json_span old;
    char value[ROUTE_VALUE_SIZE];
    CLEANUP(cleanup_json_text) char *version = NULL;
    int rc = http_edit(service, route, state, &edits, why);
    if (rc < 0)
        return rc;
    if (route->http.how == WRITE_REPLACE)
        return route_edits_apply(service, route, document, &edits, ret_text, why);
    if (route->http.how == WRITE_MERGE_PATCH && crosses_list(document, route->http.value)) {
        text_set(why, "a merge patch cannot change an item of a list: %.120s", route->http.value);
        return ERR_INVALID;
    }
    if (json_span_find(document->text, document->length, route->http.value, &old) < 0) {
        text_set(why, "nothing stands at %.120s", route->http.value);
        return ERR_STATE;
    }
    rc = route_form_value(document->text, old, edits.items[0].words, value, why);
    if (rc == 0 && route->http.version[0] != '\0')
        rc = copy_span(document, route->http.version, &version, why);
    const struct write write = {.route = route, .value = value, .version = version};
    return rc < 0 ? rc : make_text(service, &write, ret_text, why);
}

const struct routing_backend routing_http_backend = {
    .name = "http",
    .make_request = http_make_request,
    .read = http_read,
    .edit = http_edit,
    .prepare = http_prepare,
};
