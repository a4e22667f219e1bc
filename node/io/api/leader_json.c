#include <string.h>

#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

const char *page_query(const struct request *request, const char *key)
{
    const char *value = NULL;
    size_t length = 0;
    if (MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND, key, strlen(key),
                                      &value, &length) != MHD_YES)
        return NULL;
    return value != NULL ? value : "";
}

void page_leader(struct request *request, const struct node_view *view)
{
    bool leads = view_is_leading(view);
    struct text url = {.length = 0};
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    json_add_bool(page, "self", leads);
    json_add_string(page, "leader_url", view_leader_url(view, &url) == 0 ? url.bytes : NULL);
    json_add_bool(page, "has_quorum", view->core != NULL && view->core->has_quorum);
    bool refused = page_query(request, "self") != NULL && !leads;
    answer_json(request, refused ? MHD_HTTP_SERVICE_UNAVAILABLE : MHD_HTTP_OK, page);
}
