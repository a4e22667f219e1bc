/* Backend `emergency-group`: GET and PUT of /api/v2/architect/emergencygroups/GROUP, of which the
 * one boolean `enabled` is changed. Which flow it leads to was set up before; it must be ours. */
#include "node/io/act/routing_edit.h"

#include <stdio.h>

#include "common/errors.h"
#include "node/io/act/routing_url.h"

enum { CALL_FLOW_COUNT_MAX = 256 };

static int group_make_request(const struct platform_config *platform,
                              const struct route_config *route, enum route_call call,
                              struct route_request *ret_request)
{
    return routing_url_resource(platform, "/api/v2/architect/emergencygroups/", route->group, call,
                                ret_request);
}

/* Does every flow that an enabled group leads to belong to the standby? */
static bool leads_to_standby(const struct service_config *service, const struct route_config *route,
                             const struct route_document *document, struct text *why)
{
    const char *flow = config_route_flow(service, route, SIDE_STANDBY);
    struct json_span span;
    char pointer[JSON_POINTER_SIZE];
    size_t count = 0;
    for (; count < CALL_FLOW_COUNT_MAX; count++) {
        (void)snprintf(pointer, sizeof pointer, "/emergencyCallFlows/%zu", count);
        if (json_span_find(document->text, document->length, pointer, &span) < 0)
            break;
        (void)snprintf(pointer, sizeof pointer, "/emergencyCallFlows/%zu/emergencyFlow/id", count);
        if (!route_document_says(document, pointer, flow)) {
            text_set(why, "its emergency flow is not the standby's %.120s", flow);
            return false;
        }
    }
    if (count == 0)
        text_set(why, "it has no emergency flow");
    return count > 0 && count < CALL_FLOW_COUNT_MAX;
}

static int group_read(const struct service_config *service, const struct route_config *route,
                      const struct route_document *document, struct route_reading *ret_reading,
                      struct text *why)
{
    struct route_reading reading = {.state = ROUTE_FOREIGN};
    struct json_span span;
    int rc = route_read_version(document, "/version", &reading.version, why);
    if (rc < 0)
        return rc;
    if (json_span_find(document->text, document->length, "/enabled", &span) < 0 ||
        json_span_kind(document->text, span) != JSON_BOOL) {
        text_set(why, "the group does not say at /enabled whether it is");
        return ERR_MALFORMED;
    }
    if (!route_is_gone(document, why) && leads_to_standby(service, route, document, why))
        reading.state =
            json_span_says(document->text, span, "true") ? ROUTE_STANDBY : ROUTE_PRIMARY;
    *ret_reading = reading;
    return 0;
}

static int group_edit(const struct service_config *service, const struct route_config *route,
                      enum route_state state, struct route_edits *ret_edits, struct text *why)
{
    (void)service;
    (void)route;
    if (state != ROUTE_PRIMARY && state != ROUTE_STANDBY) {
        text_set(why, "an emergency group cannot be paused");
        return ERR_STATE;
    }
    *ret_edits = (struct route_edits){.count = 1, .items[0] = {.pointer = "/enabled"}};
    return text_copy(ret_edits->items[0].words, ROUTE_WORDS_SIZE,
                     state == ROUTE_STANDBY ? "true" : "false");
}

const struct routing_backend routing_emergency_group_backend = {
    .name = "emergency-group",
    .make_request = group_make_request,
    .read = group_read,
    .edit = group_edit,
};
