/* Counting conversations: what is asked, and what the answer says.
 * Never sends anything; a number that is not surely there is no number.
 * Called by the actuator's jobs. */
#ifndef QUORATE_IO_ACT_COUNT_H
#define QUORATE_IO_ACT_COUNT_H

#include "common/text.h"
#include "node/io/config/config.h"

#define COUNT_FLOWS_PATH "/api/v2/analytics/flows/observations/query"

/* The flows of one platform that a service's side is. */
struct count_flows {
    size_t count;
    const char *ids[ROUTE_COUNT_MAX];
};

/* Those of the routes through `via`, each once. */
void count_find_flows(const struct service_config *service, enum side side, const char *via,
                      struct count_flows *ret_flows);

/* The flow observations query about them; the caller frees it with cJSON_free. Returns 0 or
 * ERR_NO_MEMORY. */
int count_make_query(const struct count_flows *flows, char **ret_body);

/* The sum over their media types; a flow that the answer leaves out has none. Returns 0, or
 * ERR_MALFORMED with `why`. */
int count_read_flows(const struct count_flows *flows, const char *text, size_t length,
                     uint64_t *ret_live, struct text *why);

/* The whole number that the pointer finds. Same errors. */
int count_read_pointer(const char *pointer, const char *text, size_t length, uint64_t *ret_live,
                       struct text *why);

#endif
