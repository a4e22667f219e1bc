#include "tests/lab/sim/resource/catalog.h"

#include "common/errors.h"
#include "tests/lab/sim/path.h"
#include "tests/lab/sim/resource/stock.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int catalog_init(struct catalog *catalog, time_ms now_ms, time_ms wall_ms)
{
    int result = stock_fill(catalog, wall_ms);

    if (result == 0)
        catalog_effects_note(catalog, NULL, now_ms, now_ms);
    return result;
}

void catalog_fini(struct catalog *catalog)
{
    for (size_t i = 0; i < catalog->count; i++) {
        document_fini(catalog->documents[i]);
        free(catalog->documents[i]);
    }
    free(catalog->documents);
    *catalog = (struct catalog){0};
}

struct document *catalog_find(struct catalog *catalog, const struct kind *kind, const char *parent,
                              const char *id)
{
    for (size_t i = 0; i < catalog->count; i++) {
        struct document *document = catalog->documents[i];

        if (document->kind == kind && strcmp(document->parent, parent) == 0 &&
            strcmp(document->id, id) == 0)
            return document;
    }
    return NULL;
}

struct document *catalog_find_name(struct catalog *catalog, const char *name)
{
    for (size_t i = 0; i < catalog->count; i++) {
        if (strcmp(catalog->documents[i]->name, name) == 0)
            return catalog->documents[i];
    }
    return NULL;
}

static int catalog_grow(struct catalog *catalog)
{
    size_t capacity = catalog->capacity == 0 ? 64 : 2 * catalog->capacity;
    struct document **grown;

    if (catalog->count < catalog->capacity)
        return 0;
    if (catalog->count == CATALOG_MAX)
        return ERR_FULL;
    grown = realloc(catalog->documents, capacity * sizeof(struct document *));
    if (grown == NULL)
        return ERR_NO_MEMORY;
    catalog->documents = grown;
    catalog->capacity = capacity;
    return 0;
}

int catalog_add(struct catalog *catalog, const struct kind *kind, const char *parent,
                const char *id, cJSON *json)
{
    struct document *document = NULL;
    int result = catalog_grow(catalog);

    if (result == 0) {
        document = calloc(1, sizeof(*document));
        result = document == NULL ? ERR_NO_MEMORY : 0;
    }
    if (result != 0) {
        cJSON_Delete(json);
        return result;
    }
    result = document_init(document, kind, parent, id, json);
    if (result != 0)
        free(document);
    else
        catalog->documents[catalog->count++] = document;
    return result;
}

int catalog_create(struct catalog *catalog, const char *name, cJSON *json, time_ms wall_ms)
{
    struct path_words words = {0};
    bool below = path_match("{kind}/{parent}/{id}", name, &words);
    const struct kind *kind = NULL;
    int result = ERR_NOT_FOUND;

    if (below || path_match("{kind}/{id}", name, &words))
        kind = kind_find(words.words[0]);
    if (kind == NULL || below != (strstr(kind->path, "{parent}") != NULL)) {
        cJSON_Delete(json);
        return ERR_NOT_FOUND;
    }
    result =
        catalog_add(catalog, kind, below ? words.words[1] : "", words.words[words.count - 1], json);
    if (result == 0) {
        stock_mark(catalog->documents[catalog->count - 1], wall_ms);
        document_complete(catalog->documents[catalog->count - 1], catalog);
    }
    return result;
}

void catalog_effects_note(struct catalog *catalog, const struct document *changed,
                          time_ms changed_at_ms, time_ms now_ms)
{
    for (size_t i = 0; i < catalog->count; i++) {
        struct document *document = catalog->documents[i];
        const struct kind *kind = document->kind;

        if (kind->reached == NULL && kind->flow == NULL)
            continue;
        effect_note(&document->effects, document == changed ? changed_at_ms : now_ms,
                    kind->reached != NULL ? kind->reached(catalog, document)
                                          : kind->flow(document));
    }
}

void catalog_flow_complete(const struct catalog *catalog, cJSON *reference)
{
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(reference, "id"));

    cJSON_DeleteItemFromObjectCaseSensitive(reference, "name");
    cJSON_DeleteItemFromObjectCaseSensitive(reference, "selfUri");
    for (size_t i = 0; id != NULL && i < catalog->count; i++) {
        const struct document *document = catalog->documents[i];
        char uri[CATALOG_URI_BYTES] = "";

        if (document->kind != &kind_flow || strcmp(document->id, id) != 0)
            continue;
        catalog_uri(document, uri, sizeof(uri));
        (void)cJSON_AddItemToObject(
            reference, "name",
            cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(document->json, "name"), true));
        (void)cJSON_AddStringToObject(reference, "selfUri", uri);
    }
}

static void segment_add(char *uri, size_t size, const char *segment)
{
    size_t length = strlen(uri);

    for (; *segment != '\0' && length + 4 < size; segment++) {
        unsigned char letter = (unsigned char)*segment;

        if (isalnum(letter) || strchr("-._~", letter) != NULL)
            length += (size_t)snprintf(uri + length, size - length, "%c", letter);
        else
            length += (size_t)snprintf(uri + length, size - length, "%%%02X", letter);
    }
}

void catalog_list_uri(const struct kind *kind, const char *parent, char *ret_uri, size_t size)
{
    const char *place = strstr(kind->path, "{parent}");
    size_t length = place == NULL ? strlen(kind->path) : (size_t)(place - kind->path);

    (void)snprintf(ret_uri, size, "%.*s", (int)length, kind->path);
    if (place == NULL)
        return;
    segment_add(ret_uri, size, parent);
    length = strlen(ret_uri);
    (void)snprintf(ret_uri + length, size - length, "%s", place + strlen("{parent}"));
}

void catalog_uri(const struct document *document, char *ret_uri, size_t size)
{
    size_t length;

    catalog_list_uri(document->kind, document->parent, ret_uri, size);
    length = strlen(ret_uri);
    (void)snprintf(ret_uri + length, size - length, "/");
    segment_add(ret_uri, size, document->id);
}

void catalog_date(time_ms wall_ms, char *ret_date, size_t size)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm parts = {0};
    size_t length;

    (void)gmtime_r(&seconds, &parts);
    length = strftime(ret_date, size, "%Y-%m-%dT%H:%M:%S", &parts);
    (void)snprintf(ret_date + length, size - length, ".%03dZ", (int)(wall_ms % 1000));
}
