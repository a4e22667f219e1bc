/* Backend `datatable-row`: GET and PUT of /api/v2/flows/datatables/TABLE/rows/ROW, whose one column
 * a dispatcher flow reads. A second one, written with it, tells the flows their mode. */
#include "node/io/act/routing_edit.h"

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/routing_url.h"

static const char *column_of(const struct route_config *route)
{
    return route->column[0] != '\0' ? route->column : "activeFlow";
}

/* Without showbrief=false the platform shows the key alone, and the PUT would blank the row. */
static int row_make_request(const struct platform_config *platform,
                            const struct route_config *route, enum route_call call,
                            struct route_request *ret_request)
{
    int rc = routing_url_resource(platform, "/api/v2/flows/datatables/", route->table, call,
                                  ret_request);
    if (rc == 0)
        rc = routing_url_add("/rows/", ret_request->url);
    if (rc == 0)
        rc = routing_url_add_segment(route->row, ret_request->url);
    if (rc == 0 && call == ROUTE_CALL_READ)
        rc = routing_url_add("?showbrief=false", ret_request->url);
    return rc;
}

static int check_column(const struct route_document *document, const char *column,
                        const char *pointer, struct text *why)
{
    struct json_span span;
    if (json_span_find(document->text, document->length, pointer, &span) == 0)
        return 0;
    text_set(why, "the row has no column %.60s", column);
    return ERR_MALFORMED;
}

static int row_read(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, struct route_reading *ret_reading,
                    struct text *why)
{
    struct route_reading reading = {.state = ROUTE_FOREIGN};
    char pointer[JSON_POINTER_SIZE];
    int rc = 0;
    if (route->announce_column[0] != '\0') {
        CHECK(route_pointer_to(route->announce_column, pointer) == 0);
        rc = check_column(document, route->announce_column, pointer, why);
    }
    CHECK(route_pointer_to(column_of(route), pointer) == 0);
    if (rc == 0)
        rc = check_column(document, column_of(route), pointer, why);
    if (rc == 0)
        rc = route_read_state(service, route, document, pointer, &reading.state, why);
    if (rc == 0)
        *ret_reading = reading;
    return rc;
}

static const char *mode_of(const struct route_config *route, enum route_state state)
{
    static const char *const words[ROUTE_VALUE_N] = {
        [VALUE_PRIMARY] = "normal", [VALUE_STANDBY] = "degraded", [VALUE_PAUSED] = "draining"};
    enum route_value value = route_value_of(state);
    return route->announce[value][0] != '\0' ? route->announce[value] : words[value];
}

static int row_edit(const struct service_config *service, const struct route_config *route,
                    enum route_state state, struct route_edits *ret_edits, struct text *why)
{
    char pointer[JSON_POINTER_SIZE];
    ret_edits->count = 0;
    CHECK(route_pointer_to(column_of(route), pointer) == 0);
    int rc = route_edit_add(service, route, pointer, state, ret_edits, why);
    if (rc < 0 || route->announce_column[0] == '\0')
        return rc;
    struct route_edit *mode = &ret_edits->items[ret_edits->count++];
    *mode = (struct route_edit){.ours_only = false};
    CHECK(route_pointer_to(route->announce_column, mode->pointer) == 0);
    return text_copy(mode->words, ROUTE_WORDS_SIZE, mode_of(route, state));
}

const struct routing_backend routing_datatable_row_backend = {
    .name = "datatable-row",
    .make_request = row_make_request,
    .read = row_read,
    .edit = row_edit,
};
