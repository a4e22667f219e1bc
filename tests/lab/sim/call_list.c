/* Lists of every kind of resource, page by page. */
#include "tests/lab/sim/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PAGE_SIZE_MAX = 500, URI_BYTES = 2048 };

struct page {
    int size;
    int number; /* from 1 */
    int total;
    char uri[CATALOG_URI_BYTES];
};

static const char *parent_of(const struct call *call)
{
    return call->words.count == 0 ? "" : call->words.words[0];
}

static bool text_matches(const struct call *call, const char *query, const cJSON *json,
                         const char *key)
{
    const char *wanted = web_request_query(call->request, query);
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));

    return wanted == NULL || (value != NULL && strcasecmp(wanted, value) == 0);
}

/* The filters that the kinds have; a query that a kind does not know means nothing to it. */
static bool document_listed(const struct call *call, struct document *document)
{
    const cJSON *json;

    if (document->kind != call->kind || strcmp(document->parent, parent_of(call)) != 0)
        return false;
    json = document_read(document, call->now_ms);
    if (call->kind == &kind_message_recipient)
        return text_matches(call, "messengerType", json, "messengerType") &&
               text_matches(call, "name", json, "name");
    if (call->kind == &kind_email_route)
        return text_matches(call, "pattern", json, "pattern");
    if (call->kind == &kind_flow)
        return text_matches(call, "type", json, "type") && text_matches(call, "id", json, "id") &&
               text_matches(call, "name", json, "name");
    return call->kind == &kind_datatable_row || text_matches(call, "name", json, "name");
}

static int page_count(const struct page *page)
{
    return page->total == 0 ? 1 : (page->total + page->size - 1) / page->size;
}

static void page_uri_add(cJSON *body, const char *key, const struct page *page, int number)
{
    char uri[URI_BYTES] = "";

    if (number < 1 || number > page_count(page))
        return;
    (void)snprintf(uri, sizeof(uri), "%s?pageSize=%d&pageNumber=%d", page->uri, page->size, number);
    (void)cJSON_AddStringToObject(body, key, uri);
}

static void pages_describe(cJSON *body, const struct page *page)
{
    (void)cJSON_AddNumberToObject(body, "pageSize", page->size);
    (void)cJSON_AddNumberToObject(body, "pageNumber", page->number);
    (void)cJSON_AddNumberToObject(body, "total", page->total);
    (void)cJSON_AddNumberToObject(body, "pageCount", page_count(page));
    page_uri_add(body, "firstUri", page, 1);
    page_uri_add(body, "selfUri", page, page->number);
    page_uri_add(body, "nextUri", page, page->number + 1);
    page_uri_add(body, "previousUri", page, page->number - 1);
    page_uri_add(body, "lastUri", page, page_count(page));
}

/* The cursor is the number of the next page; clients must not read it. */
static void cursor_describe(cJSON *body, const struct page *page)
{
    char uri[URI_BYTES] = "";

    (void)cJSON_AddNumberToObject(body, "total", page->total);
    (void)cJSON_AddStringToObject(body, "selfUri", page->uri);
    if (page->number >= page_count(page))
        return;
    (void)snprintf(uri, sizeof(uri), "%s?pageSize=%d&after=%d", page->uri, page->size,
                   page->number + 1);
    (void)cJSON_AddStringToObject(body, "nextUri", uri);
}

static bool query_number(const struct call *call, const char *name, int maximum, int *number)
{
    const char *value = web_request_query(call->request, name);
    char *end = NULL;
    long read;

    if (value == NULL)
        return true;
    read = strtol(value, &end, 10);
    if (*value == '\0' || *end != '\0' || read < 1 || read > maximum)
        return false;
    *number = (int)read;
    return true;
}

static void page_serve(struct call *call, struct page *page)
{
    struct catalog *catalog = &call->platform->catalog;
    cJSON *body = cJSON_CreateObject();
    cJSON *entities = cJSON_AddArrayToObject(body, "entities");

    for (size_t i = 0; i < catalog->count; i++) {
        struct document *document = catalog->documents[i];

        if (!document_listed(call, document))
            continue;
        if (page->total / page->size == page->number - 1)
            (void)cJSON_AddItemToArray(entities, call_document_show(call, document));
        page->total++;
    }
    if (call->kind->paging == KIND_CURSOR)
        cursor_describe(body, page);
    else
        pages_describe(body, page);
    web_answer_json(call->answer, 200, body);
}

/* The resource above must be there. */
static bool parent_exists(const struct call *call)
{
    const struct kind *above = call->kind == &kind_datatable_row ? &kind_datatable
                               : call->kind == &kind_email_route ? &kind_email_domain
                                                                 : NULL;

    return above == NULL ||
           catalog_find(&call->platform->catalog, above, "", parent_of(call)) != NULL;
}

void call_serve_list(struct call *call)
{
    struct page page = {.size = call->kind->page_size, .number = 1};
    const char *cursor = call->kind->paging == KIND_CURSOR ? "after" : "pageNumber";

    catalog_list_uri(call->kind, parent_of(call), page.uri, sizeof(page.uri));
    if (strcmp(call->request->method, "GET") != 0)
        call_refuse_method(call, "GET.");
    else if (!parent_exists(call))
        call_refuse_unknown(call);
    else if (!query_number(call, "pageSize", PAGE_SIZE_MAX, &page.size) ||
             !query_number(call, cursor, INT16_MAX, &page.number))
        call_refuse(call, 400, "invalid.value", "pageSize and pageNumber must be in range.");
    else
        page_serve(call, &page);
}
