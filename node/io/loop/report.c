#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "node/core/ledger.h"
#include "node/core/move.h"
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

/* The convicted side serves, or did until this very entry opened a move away from it. */
static bool is_serving(const struct node *node, const struct applied *applied)
{
    const struct service_record *service = &node->core->ledger.services[applied->service];
    return applied->side == service->serving ||
           (service->move.id == applied->index && applied->side == service->move.from);
}

static void log_applied(const struct node *node, const struct applied *applied)
{
    enum log_level level = applied->accepted ? LOG_INFO : LOG_WARN;
    bool old = applied->index <= node->replay_to; /* logged when it first happened */
    if (old || (applied->accepted && applied->kind == COMMAND_TICK))
        level = LOG_DEBUG;
    log_event(level, "applied",
              "index=%llu term=%llu kind=%s service=%s accepted=%d why=%s at_us=%lld",
              (unsigned long long)applied->index, (unsigned long long)applied->term,
              command_kind_name(applied->kind), service_text(node, applied->service),
              applied->accepted, why_code(applied->why), (long long)clock_boot_us());
    if (applied->convicted && !old)
        log_event(is_serving(node, applied) ? LOG_WARN : LOG_INFO, "convicted",
                  "service=%s side=%s index=%llu", service_text(node, applied->service),
                  side_name(applied->side), (unsigned long long)applied->index);
    if (applied->move_before != applied->move_after && !old)
        log_info("move_state", "service=%s move=%llu old=%s new=%s input=%s why=%s",
                 service_text(node, applied->service), (unsigned long long)applied->move,
                 move_state_name(applied->move_before), move_state_name(applied->move_after),
                 applied->row != NULL ? move_input_name(applied->row->input) : "-",
                 why_code(node->core->ledger.services[applied->service].move.why));
}

/* Never what is sealed. */
static void log_token(const struct node *node, const struct applied *applied)
{
    if (applied->token == 0 || applied->index <= node->replay_to)
        return;
    const struct token_record *token = &node->core->ledger.tokens[applied->token - 1];
    log_event(token->locked_out ? LOG_ERROR : LOG_INFO, "token",
              "platform=%s generation=%llu intended=%llu locked_out=%d life_ms=%lld",
              token->platform.text, (unsigned long long)token->generation,
              (unsigned long long)token->intended, token->locked_out, (long long)token->life_ms);
}

/* Since the start: what was applied before it was counted then. */
static void count_applied(struct node *node, const struct applied *applied)
{
    if (applied->index <= node->replay_to || !applied->accepted ||
        applied->service >= SERVICE_COUNT_MAX)
        return;
    for (int result = 0; result < BALLOT_RESULT_N; result++)
        node->counts.ballots[applied->service][result] += applied->ballots[result];
    if (applied->move_after != applied->move_before)
        node->counts.moves[applied->service][applied->move_after]++;
}

void report_applied(struct node *node, const struct applied *applied)
{
    log_applied(node, applied);
    log_token(node, applied);
    count_applied(node, applied);
    if (applied->kind == COMMAND_CLUSTER && !voters_agree(node, &node->core->ledger))
        driver_fail(node, false, VOTERS_DIFFER);
    if (applied->kind == COMMAND_MEMBER)
        cluster_join_on_applied(node, applied);
    incidents_on_applied(node, applied);
    events_on_applied(node, applied);
}

static char *notice_json(const struct node *node, const struct effect *effect)
{
    enum notice_kind kind = effect->as.notice.kind;
    service_slot slot = effect->as.notice.service;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "event", notice_name(kind));
    cJSON_AddStringToObject(json, "cluster", node->config->cluster.text);
    cJSON_AddStringToObject(json, "node", node->config->nodes[node->self - 1].name.text);
    if (effect->as.notice.node != 0)
        cJSON_AddStringToObject(json, "about",
                                node->config->nodes[effect->as.notice.node - 1].name.text);
    cJSON_AddNumberToObject(json, "wall_ms", (double)clock_wall_ms());
    if (slot < node->core->ledger.service_count) {
        cJSON_AddStringToObject(json, "service", service_text(node, slot));
        cJSON_AddStringToObject(json, "side", side_name(effect->as.notice.side));
        cJSON_AddStringToObject(json, "serving",
                                side_name(node->core->ledger.services[slot].serving));
        cJSON_AddNumberToObject(json, "move", (double)effect->as.notice.move);
    }
    if (effect->as.notice.platform != 0)
        cJSON_AddStringToObject(
            json, "platform",
            node->core->settings.platforms[effect->as.notice.platform - 1].name.text);
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
    events_on_notice(node, effect->as.notice.kind, effect->as.notice.service, json);
    free(json);
}

void report_preflight(struct node *node, service_slot slot, const char *json)
{
    const char *service = service_text(node, slot);
    log_warn("notice", "kind=%s service=%s", notice_name(NOTICE_PREFLIGHT_FAILED), service);
    if (notifier_send(node->notifier, NOTICE_PREFLIGHT_FAILED, service, json) != 0)
        log_warn("notice_dropped", "kind=%s service=%s", notice_name(NOTICE_PREFLIGHT_FAILED),
                 service);
    events_on_notice(node, NOTICE_PREFLIGHT_FAILED, slot, json);
}

void report_roles(struct node *node)
{
    const struct raft *raft = &node->core->raft;
    if (raft->role == node->logged_role && raft->leader == node->logged_leader &&
        raft->term == node->logged_term)
        return;
    log_info("role", "old=%s new=%s term=%llu leader=%u", raft_role_name(node->logged_role),
             raft_role_name(raft->role), (unsigned long long)raft->term, raft->leader);
    events_on_role(node);
    if (node->contexts != NULL)
        contexts_lead(node->contexts, core_is_leading(node->core));
    node->logged_role = raft->role;
    node->logged_leader = raft->leader;
    node->logged_term = raft->term;
}

/* Silence of the heartbeat is an alarm elsewhere: it is fetched only while this cluster could act.
 */
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
