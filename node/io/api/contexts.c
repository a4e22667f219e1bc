#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/api/error_json.h"
#include "node/io/api/pages.h"

#define SEQ_HEADER "X-Quorate-Seq"

static enum context_verb verb_of(const struct api_route *route)
{
    if (route->access == ACCESS_CONTEXT_READ)
        return CONTEXT_VERB_GET;
    return strcmp(route->method, "DELETE") == 0 ? CONTEXT_VERB_DELETE : CONTEXT_VERB_PUT;
}

static const char *seq_of(const struct request *request)
{
    const char *seq = page_query(request, "seq");
    return seq != NULL
               ? seq
               : MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, SEQ_HEADER);
}

/* The answer comes from the contexts' thread; an answer that comes before this returns is in its
 * queue until the loop takes it. */
void context_request(struct request *request, const struct node_view *view)
{
    struct api *api = request->api;
    (void)view;
    if (api->hooks.context == NULL) {
        answer_error(request, MHD_HTTP_NOT_FOUND, "off",
                     "contexts are off: set contexts.store in the configuration");
        return;
    }
    struct context_request handed = {.request_id = ++api->context_id,
                                     .verb = verb_of(request->route),
                                     .id = request->argument,
                                     .body = request->body,
                                     .body_length = request->body_length,
                                     .seq = seq_of(request),
                                     .has = page_query(request, "has"),
                                     .secrets = request->shows_secrets};
    waiting_add(request, WAIT_CONTEXT, handed.request_id);
    int error = api->hooks.context(api->hooks.data, &handed);
    if (error == 0)
        return;
    waiting_remove(request);
    answer_error(request, MHD_HTTP_SERVICE_UNAVAILABLE, error == ERR_FULL ? "busy" : "no-memory",
                 error == ERR_FULL ? "contexts.in_flight requests are under way"
                                   : "this node is out of memory");
}

void api_context_answered(struct api *api, struct context_answer *answer)
{
    struct request *request = api->waiting;
    while (request != NULL &&
           (request->wait != WAIT_CONTEXT || request->request_id != answer->request_id))
        request = request->next;
    if (request == NULL || answer->json == NULL) {
        free(answer->json);
        answer->json = NULL;
        return; /* the client went away; or it hears of its patience's end */
    }
    request->answer.status = answer->status;
    request->answer.bytes = (uint8_t *)answer->json;
    request->answer.byte_count = answer->length;
    request->answer.type = "application/json";
    request->answer.retry_after_s = answer->retry_after_s;
    answer->json = NULL;
    waiting_end(request);
    api_run(api);
}
