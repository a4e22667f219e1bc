/* Backend `ivr`: GET and PUT of /api/v2/architect/ivrs/IVR. A move changes each of the three flow
 * slots that holds a flow of ours, and no other. */
#include "node/io/act/routing_edit.h"

#include "common/check.h"
#include "common/errors.h"
#include "node/io/act/routing_url.h"

static const char *const slots[] = {"/openHoursFlow/id", "/closedHoursFlow/id",
                                    "/holidayHoursFlow/id"};

static int ivr_make_request(const struct platform_config *platform,
                            const struct route_config *route, enum route_call call,
                            struct route_request *ret_request)
{
    return routing_url_resource(platform, "/api/v2/architect/ivrs/", route->ivr, call, ret_request);
}

/* A slot that is empty or holds somebody else's flow says nothing. */
static int read_slots(const struct service_config *service, const struct route_config *route,
                      const struct route_document *document, enum route_state *ret_state,
                      struct text *why)
{
    enum route_state state = ROUTE_FOREIGN;
    for (size_t i = 0; i < ARRAY_COUNT(slots); i++) {
        enum route_state found = ROUTE_FOREIGN;
        int rc = route_read_state(service, route, document, slots[i], &found, why);
        if (rc < 0 && rc != ERR_NOT_FOUND)
            return rc;
        if (found == ROUTE_FOREIGN)
            continue;
        if (state != ROUTE_FOREIGN && state != found) {
            text_set(why, "its flow slots differ: %s and %s", route_state_name(state),
                     route_state_name(found));
            *ret_state = ROUTE_MIXED;
            return 0;
        }
        state = found;
    }
    if (state == ROUTE_FOREIGN)
        text_set(why, "no flow slot holds a flow of ours");
    *ret_state = state;
    return 0;
}

static int ivr_read(const struct service_config *service, const struct route_config *route,
                    const struct route_document *document, struct route_reading *ret_reading,
                    struct text *why)
{
    struct route_reading reading = {.state = ROUTE_FOREIGN};
    int rc = route_read_version(document, "/version", &reading.version, why);
    if (rc == 0 && !route_is_gone(document, why))
        rc = read_slots(service, route, document, &reading.state, why);
    if (rc == 0)
        *ret_reading = reading;
    return rc;
}

static int ivr_edit(const struct service_config *service, const struct route_config *route,
                    enum route_state state, struct route_edits *ret_edits, struct text *why)
{
    _Static_assert(ARRAY_COUNT(slots) <= ROUTE_EDIT_COUNT_MAX, "each slot is an edit");
    ret_edits->count = 0;
    for (size_t i = 0; i < ARRAY_COUNT(slots); i++) {
        int rc = route_edit_add(service, route, slots[i], state, ret_edits, why);
        if (rc < 0)
            return rc;
        ret_edits->items[i].ours_only = true;
    }
    return 0;
}

const struct routing_backend routing_ivr_backend = {
    .name = "ivr",
    .make_request = ivr_make_request,
    .read = ivr_read,
    .edit = ivr_edit,
};
