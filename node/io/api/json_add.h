/* Small builders that the pages share: numbers, times, names, and how fresh an answer is.
 * Never fails loudly: a member that memory did not suffice for is missing, and printing then fails.
 * Called by the pages. */
#ifndef QUORATE_IO_API_JSON_ADD_H
#define QUORATE_IO_API_JSON_ADD_H

#include <cjson/cJSON.h>

#include "node/io/api/view.h"

void json_add_string(cJSON *object, const char *key, const char *value); /* NULL: null */
void json_add_count(cJSON *object, const char *key, uint64_t value);
void json_add_signed(cJSON *object, const char *key, int64_t value);
void json_add_bool(cJSON *object, const char *key, bool value);
/* null where the value is negative */
void json_add_ms(cJSON *object, const char *key, time_ms value);
/* Microseconds as milliseconds with a fraction; null where negative. */
void json_add_us_as_ms(cJSON *object, const char *key, int32_t value_us);
void json_add_hex(cJSON *object, const char *key, const uint8_t *bytes, size_t length);
void json_add_hash(cJSON *object, const char *key, uint64_t hash);
/* {"code", "text"}, or null for WHY_NONE. */
void json_add_why(cJSON *object, const char *key, enum why why);
/* The node's name, or null for 0. */
void json_add_node(cJSON *object, const char *key, const struct node_view *view, node_id node);

/* "?" for an id that the configuration does not have. */
const char *view_node_name(const struct node_view *view, node_id node);
/* The leader as this node knows it; 0: none. */
node_id view_leader(const struct node_view *view);
/* This node leads and its lease runs: what it says is the cluster's word now. */
bool view_is_leading(const struct node_view *view);
/* "http://host:port" of the leader's API as the configuration has it. Returns 0 or ERR_NOT_FOUND.
 */
int view_leader_url(const struct node_view *view, struct text *ret_url);

/* "node", "leader", "term", "applied", "as_of_leader": how fresh the page is. */
void json_add_freshness(cJSON *page, const struct node_view *view);

#endif
