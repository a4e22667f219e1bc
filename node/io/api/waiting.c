#include "node/core/update.h"
#include "node/io/api/error_json.h"

void waiting_add(struct request *request, enum request_wait wait, uint64_t request_id)
{
    struct api *api = request->api;
    request->wait = wait;
    request->request_id = request_id;
    request->until_ms = api_now(api) + API_PATIENCE_MS;
    request->next = api->waiting;
    api->waiting = request;
}

void waiting_remove(struct request *request)
{
    struct request **link = &request->api->waiting;
    while (*link != NULL && *link != request)
        link = &(*link)->next;
    if (*link == request)
        *link = request->next;
    request->next = NULL;
    request->wait = WAIT_NOTHING;
}

void waiting_end(struct request *request)
{
    waiting_remove(request);
    if (!request->suspended)
        return;
    request->suspended = false;
    MHD_resume_connection(request->connection);
}

void waiting_expire(struct api *api, time_ms now_ms, bool all)
{
    struct request *next = NULL;
    for (struct request *request = api->waiting; request != NULL; request = next) {
        next = request->next;
        if (!all && request->until_ms > now_ms)
            continue;
        if (all)
            answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "stopping", "this node stops");
        else
            answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, "no-quorum",
                         "no answer from the cluster within %d s; whether the request was taken is "
                         "unknown",
                         API_PATIENCE_MS / 1000);
        waiting_end(request);
    }
}

time_ms waiting_until(const struct api *api)
{
    time_ms until_ms = TIME_NEVER;
    for (const struct request *request = api->waiting; request != NULL; request = request->next)
        if (request->until_ms < until_ms)
            until_ms = request->until_ms;
    return until_ms;
}
