#include "common/errors.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

static cJSON *event_json(const struct history_event *event)
{
    cJSON *row = cJSON_CreateObject();
    cJSON *data = cJSON_Parse(event->json);
    json_add_count(row, "id", event->id);
    json_add_signed(row, "wall_ms", event->wall_ms);
    json_add_string(row, "kind", event->kind);
    json_add_string(row, "service", event->service);
    json_add_count(row, "index", event->index);
    cJSON_AddItemToObject(row, "data", data != NULL ? data : cJSON_CreateNull());
    return row;
}

static void on_next(const struct history_event *event, void *data)
{
    cJSON_AddItemToArray(data, event_json(event));
}

/* The newest come first; people read downwards. */
static void on_newest(const struct history_event *event, void *data)
{
    cJSON_InsertItemInArray(data, 0, event_json(event));
}

/* Absent numbers keep their value. Returns 0, or ERR_INVALID with the answer set. */
static int read_query(struct request *request, uint64_t *after, uint64_t *limit)
{
    const char *after_word = page_query(request, "after");
    const char *limit_word = page_query(request, "limit");
    if (after_word != NULL && page_number(after_word, after) != 0) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request",
                     "after: an event's id, a whole number, is wanted");
        return ERR_INVALID;
    }
    if (limit_word != NULL &&
        (page_number(limit_word, limit) != 0 || *limit == 0 || *limit > API_EVENT_COUNT_MAX)) {
        answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request",
                     "limit: a number from 1 to %d is wanted", API_EVENT_COUNT_MAX);
        return ERR_INVALID;
    }
    return 0;
}

void page_history(struct request *request, const struct node_view *view)
{
    uint64_t after = 0;
    uint64_t limit = API_EVENT_COUNT_DEFAULT;
    if (read_query(request, &after, &limit) != 0 || !page_has_history(request, view))
        return;
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    cJSON *events = cJSON_AddArrayToObject(page, "events");
    int result = page_query(request, "after") != NULL
                     ? history_list_events(view->history, after, (size_t)limit, on_next, events)
                     : history_list_last_events(view->history, (size_t)limit, on_newest, events);
    if (result != 0)
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "history",
                     "this node's history cannot be read: %s", error_name(result));
    answer_json(request, MHD_HTTP_OK, page);
}
