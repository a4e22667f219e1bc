#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"

void page_health(struct request *request, const struct node_view *view)
{
    cJSON *page = cJSON_CreateObject();
    json_add_bool(page, "healthy", true);
    json_add_node(page, "node", view, view->self);
    answer_json(request, MHD_HTTP_OK, page);
}

void page_ready(struct request *request, const struct node_view *view)
{
    if (view->condition == NODE_FAILED) {
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "disk", "%s votes no more: %s",
                     view_node_name(view, view->self), view->condition_why);
        return;
    }
    if (view->condition == NODE_UNINITIALISED || view->core == NULL) {
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "uninitialised",
                     "this node's folder is empty: run `quorate init` once for a new cluster; "
                     "one that is running readmits it by itself");
        return;
    }
    if (view_leader(view) == 0) {
        answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "no-leader",
                     "%s knows no leader: no quorum of nodes is heard",
                     view_node_name(view, view->self));
        return;
    }
    cJSON *page = cJSON_CreateObject();
    json_add_bool(page, "ready", true);
    json_add_freshness(page, view);
    answer_json(request, MHD_HTTP_OK, page);
}
