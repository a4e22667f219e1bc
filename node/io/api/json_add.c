#include "node/io/api/json_add.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/errors.h"

void json_add_string(cJSON *object, const char *key, const char *value)
{
    if (value == NULL)
        cJSON_AddNullToObject(object, key);
    else
        cJSON_AddStringToObject(object, key, value);
}

void json_add_count(cJSON *object, const char *key, uint64_t value)
{
    cJSON_AddNumberToObject(object, key, (double)value);
}

void json_add_signed(cJSON *object, const char *key, int64_t value)
{
    cJSON_AddNumberToObject(object, key, (double)value);
}

void json_add_bool(cJSON *object, const char *key, bool value)
{
    cJSON_AddBoolToObject(object, key, value);
}

void json_add_ms(cJSON *object, const char *key, time_ms value)
{
    if (value < 0)
        cJSON_AddNullToObject(object, key);
    else
        json_add_signed(object, key, value);
}

void json_add_us_as_ms(cJSON *object, const char *key, int32_t value_us)
{
    if (value_us < 0)
        cJSON_AddNullToObject(object, key);
    else
        cJSON_AddNumberToObject(object, key, (double)value_us / 1000.0);
}

void json_add_hex(cJSON *object, const char *key, const uint8_t *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * KEY_BYTES + 1];
    size_t used = 0;
    for (size_t i = 0; i < length && used + 2 < sizeof text; i++) {
        text[used++] = digits[bytes[i] >> 4];
        text[used++] = digits[bytes[i] & 15];
    }
    text[used] = '\0';
    cJSON_AddStringToObject(object, key, text);
}

void json_add_hash(cJSON *object, const char *key, uint64_t hash)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    cJSON_AddStringToObject(object, key, text);
}

void json_add_why(cJSON *object, const char *key, enum why why)
{
    if (why == WHY_NONE) {
        cJSON_AddNullToObject(object, key);
        return;
    }
    cJSON *words = cJSON_AddObjectToObject(object, key);
    json_add_string(words, "code", why_code(why));
    json_add_string(words, "text", why_text(why));
}

const char *view_node_name(const struct node_view *view, node_id node)
{
    if (node == 0 || node > view->config->node_count)
        return "?";
    return view->config->nodes[node - 1].name.text;
}

void json_add_node(cJSON *object, const char *key, const struct node_view *view, node_id node)
{
    json_add_string(object, key, node == 0 ? NULL : view_node_name(view, node));
}

node_id view_leader(const struct node_view *view)
{
    if (view->core == NULL)
        return 0;
    const struct raft *raft = &view->core->raft;
    return raft->role == RAFT_LEADER ? view->self : raft->leader;
}

bool view_is_leading(const struct node_view *view)
{
    return view->core != NULL && core_is_leading(view->core) &&
           raft_lease_until_ms(&view->core->raft) > view->now_ms;
}

int view_leader_url(const struct node_view *view, struct text *ret_url)
{
    node_id leader = view_leader(view);
    if (leader == 0 || leader > view->config->node_count)
        return ERR_NOT_FOUND;
    const struct node_config *node = &view->config->nodes[leader - 1];
    const char *scheme = view->config->local.tls_cert_file[0] != '\0' ? "https" : "http";
    bool is_ipv6 = strchr(node->host, ':') != NULL;
    text_set(ret_url, is_ipv6 ? "%s://[%s]:%u" : "%s://%s:%u", scheme, node->host,
             (unsigned)node->api_port);
    return 0;
}

void json_add_freshness(cJSON *page, const struct node_view *view)
{
    const struct core *core = view->core;
    json_add_node(page, "node", view, view->self);
    json_add_node(page, "leader", view, view_leader(view));
    json_add_count(page, "term", core != NULL ? core->raft.term : 0);
    json_add_count(page, "applied", core != NULL ? core->ledger.index : 0);
    json_add_bool(page, "as_of_leader", view_is_leading(view));
}
