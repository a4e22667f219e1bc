#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "node/core/ledger.h"
#include "node/io/loop/parts.h"

static const char *service_text(const struct node *node, service_slot slot)
{
    const struct ledger *ledger = &node->core->ledger;
    return slot < ledger->service_count ? ledger->services[slot].name.text : "";
}

static char *print_and_delete(cJSON *json)
{
    char *text = cJSON_PrintUnformatted(json);
    cJSON_Delete(json);
    return text;
}

static void log_applied(const struct node *node, const struct applied *applied)
{
    enum log_level level = applied->accepted ? LOG_INFO : LOG_WARN;
    if (applied->accepted && applied->kind == COMMAND_TICK)
        level = LOG_DEBUG;
    log_event(level, "applied", "index=%llu term=%llu kind=%s service=%s accepted=%d why=%s",
              (unsigned long long)applied->index, (unsigned long long)applied->term,
              command_kind_name(applied->kind), service_text(node, applied->service),
              applied->accepted, why_code(applied->why));
    if (applied->convicted)
        log_warn("convicted", "service=%s side=%s index=%llu", service_text(node, applied->service),
                 side_name(applied->side), (unsigned long long)applied->index);
    if (applied->move_before != applied->move_after)
        log_info("move_state", "service=%s move=%llu old=%s new=%s why=%s",
                 service_text(node, applied->service), (unsigned long long)applied->move,
                 move_state_name(applied->move_before), move_state_name(applied->move_after),
                 why_code(node->core->ledger.services[applied->service].move.why));
}

static void add_ballots(const struct node *node, const struct service_record *service,
                        enum side side, cJSON *entries)
{
    const struct rolling *rolling = &service->rolling[side];
    for (uint8_t i = 0; i < rolling->count; i++) {
        const struct ballot_record *record = &rolling->records[i];
        struct payload payload;
        if (record->result != BALLOT_FAIL ||
            payloads_get(node->payloads, record->index, &payload) != 0)
            continue;
        char *hex = malloc(payload.length * 2 + 1);
        if (hex == NULL)
            return;
        sodium_bin2hex(hex, payload.length * 2 + 1, payload.bytes, payload.length);
        cJSON *entry = cJSON_CreateObject();
        cJSON_AddNumberToObject(entry, "index", (double)record->index);
        cJSON_AddNumberToObject(entry, "ballot", record->ballot);
        cJSON_AddStringToObject(entry, "entry", hex);
        cJSON_AddItemToArray(entries, entry);
        free(hex);
    }
}

/* The certificate: the convicting ballots' entries with their signed votes, the rule and the configuration hash. */
static char *certificate_of(const struct node *node, const struct service_record *service,
                            enum side side)
{
    char hex[CLUSTER_ID_BYTES * 2 + 1];
    char hash[17];
    uint8_t big_endian[8];
    cJSON *certificate = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof big_endian; i++)
        big_endian[i] = (uint8_t)(service->settings.config_hash >> (56 - 8 * i));
    sodium_bin2hex(hex, sizeof hex, node->cluster_id, sizeof node->cluster_id);
    sodium_bin2hex(hash, sizeof hash, big_endian, sizeof big_endian);
    cJSON_AddStringToObject(certificate, "cluster", hex);
    cJSON_AddStringToObject(certificate, "service", service->name.text);
    cJSON_AddStringToObject(certificate, "side", side_name(side));
    cJSON_AddNumberToObject(certificate, "term", (double)node->core->ledger.term);
    cJSON_AddNumberToObject(certificate, "fail", service->settings.rule_fail);
    cJSON_AddNumberToObject(certificate, "of", service->settings.rule_of);
    cJSON_AddStringToObject(certificate, "config_hash", hash);
    add_ballots(node, service, side, cJSON_AddArrayToObject(certificate, "ballots"));
    return print_and_delete(certificate);
}

static bool is_over(enum move_state state)
{
    return state == MOVE_DONE || state == MOVE_ABORTED || state == MOVE_UNVERIFIED;
}

static void keep_incident(struct node *node, const struct applied *applied)
{
    const struct service_record *service = &node->core->ledger.services[applied->service];
    const struct move_record *move = &service->move;
    bool opened = move->id == applied->index;
    if (node->history == NULL || move->id == 0 ||
        (!opened && applied->move_before == applied->move_after))
        return;
    char *certificate = opened && move->cause == CAUSE_CONVICTION
                            ? certificate_of(node, service, move->from)
                            : NULL;
    struct history_incident incident = {
        .id = move->id,
        .service = service->name.text,
        .opened_wall_ms = clock_wall_ms(),
        .closed_wall_ms = is_over(move->state) ? clock_wall_ms() : 0,
        .index = applied->index,
        .verdict = move_cause_name(move->cause),
        .severity = move->cause == CAUSE_CONVICTION ? severity_name(move->severity) : "",
        .from = side_name(move->from),
        .to = side_name(move->to),
        .outcome = move_state_name(move->state),
        .certificate = (const uint8_t *)certificate,
        .certificate_length = certificate == NULL ? 0 : strlen(certificate)};
    /* Dropping is counted by the history and shows in the status. */
    (void)history_put_incident(node->history, &incident);
    free(certificate);
}

static void compare_voters(struct node *node)
{
    const struct ledger *ledger = &node->core->ledger;
    bool differ = ledger->node_count != node->config->node_count;
    for (size_t i = 0; !differ && i < node->config->node_count; i++)
        differ = !name_equal(&ledger->nodes[i].name, &node->config->nodes[i].name) ||
                 !name_equal(&ledger->nodes[i].zone, &node->config->nodes[i].zone);
    if (differ && !node->voters_differ)
        log_error("voters_differ", "why=\"the file's voters are not the ledger's; the ledger's count\"");
    node->voters_differ = differ;
}

void report_applied(struct node *node, const struct applied *applied)
{
    log_applied(node, applied);
    if (applied->kind == COMMAND_CLUSTER)
        compare_voters(node);
    if (applied->accepted && applied->service < node->core->ledger.service_count)
        keep_incident(node, applied);
}

static char *notice_json(const struct node *node, const struct effect *effect)
{
    enum notice_kind kind = effect->as.notice.kind;
    service_slot slot = effect->as.notice.service;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "event", notice_name(kind));
    cJSON_AddStringToObject(json, "cluster", node->config->cluster.text);
    cJSON_AddStringToObject(json, "node", node->config->nodes[node->self - 1].name.text);
    cJSON_AddNumberToObject(json, "wall_ms", (double)clock_wall_ms());
    if (slot < node->core->ledger.service_count) {
        cJSON_AddStringToObject(json, "service", service_text(node, slot));
        cJSON_AddStringToObject(json, "side", side_name(effect->as.notice.side));
        cJSON_AddStringToObject(json, "serving",
                                side_name(node->core->ledger.services[slot].serving));
        cJSON_AddNumberToObject(json, "move", (double)effect->as.notice.move);
    }
    cJSON_AddStringToObject(json, "why", why_code(effect->as.notice.why));
    cJSON_AddStringToObject(json, "text", why_text(effect->as.notice.why));
    return print_and_delete(json);
}

void report_notice(struct node *node, const struct effect *effect)
{
    const char *service = service_text(node, effect->as.notice.service);
    const char *kind = notice_name(effect->as.notice.kind);
    char *json = notice_json(node, effect);
    log_warn("notice", "kind=%s service=%s why=%s", kind, service, why_code(effect->as.notice.why));
    if (json == NULL)
        return;
    if (notifier_send(node->notifier, effect->as.notice.kind, service, json) != 0)
        log_warn("notice_dropped", "kind=%s service=%s", kind, service);
    struct history_event event = {.wall_ms = clock_wall_ms(),
                                  .kind = kind,
                                  .service = service,
                                  .index = node->core->ledger.index,
                                  .json = json};
    if (node->history != NULL)
        (void)history_add_event(node->history, &event); /* counted by the history */
    free(json);
}

void report_roles(struct node *node)
{
    const struct raft *raft = &node->core->raft;
    if (raft->role == node->logged_role && raft->leader == node->logged_leader &&
        raft->term == node->logged_term)
        return;
    log_info("role", "old=%s new=%s term=%llu leader=%u", raft_role_name(node->logged_role),
             raft_role_name(raft->role), (unsigned long long)raft->term, raft->leader);
    node->logged_role = raft->role;
    node->logged_leader = raft->leader;
    node->logged_term = raft->term;
}

/* Silence of the heartbeat is an alarm elsewhere: it is fetched only while this cluster could act. */
void report_heartbeat(struct node *node)
{
    time_ms now_ms = clock_boot_ms();
    const struct core *core = node->core;
    if (core == NULL || node->config->heartbeat_url[0] == '\0' || !core_is_leading(core) ||
        now_ms < node->heartbeat_ms)
        return;
    time_ms proof_age_ms = now_ms - core->proof.answered_ms;
    if (!core->proof.ok || proof_age_ms > 2 * node->config->timing.actuator_proof_ms)
        return;
    node->heartbeat_ms = now_ms + node->config->heartbeat_every_ms;
    notifier_heartbeat(node->notifier);
}
