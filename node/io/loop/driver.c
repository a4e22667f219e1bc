#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/failpoint.h"
#include "node/io/loop/parts.h"
#include "proto/level.h"

static void arm_timer(struct node *node);

static void on_deadline(uv_timer_t *timer)
{
    struct node *node = timer->data;
    struct event event = {.kind = EVENT_TICK};
    driver_step(node, &event);
}

static void arm_timer(struct node *node)
{
    time_ms deadline_ms = node->core_deadline_ms;
    if (node->stopping || deadline_ms == TIME_NEVER) {
        uv_timer_stop(&node->deadline_timer);
        return;
    }
    time_ms wait_ms = deadline_ms - clock_boot_ms();
    clock_watch_sleep(&node->clock, deadline_ms);
    uv_update_time(&node->loop);
    uv_timer_start(&node->deadline_timer, on_deadline, wait_ms > 0 ? (uint64_t)wait_ms : 0, 0);
}

static void perform_ledger(struct node *node, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_SEND:
        effect_send(node, &effect->as.send);
        return;
    case EFFECT_PERSIST:
        effect_persist(node, &effect->as.persist);
        return;
    case EFFECT_APPLY:
        node->apply_to = effect->as.apply.last;
        return;
    case EFFECT_SNAPSHOT_TAKE:
        effect_snapshot_take(node, effect->as.snapshot_take.index, effect->as.snapshot_take.term,
                             effect->as.snapshot_take.compact_to);
        return;
    case EFFECT_SNAPSHOT_CHUNK:
        effect_snapshot_chunk(node, effect);
        return;
    case EFFECT_SNAPSHOT_INSTALL:
        effect_snapshot_install(node, effect->as.snapshot_install.index,
                                effect->as.snapshot_install.term);
        return;
    case EFFECT_PROPOSE:
        effect_propose(node, &effect->as.propose);
        return;
    case EFFECT_PROBE:
    case EFFECT_VOTE:
    case EFFECT_CALL:
    case EFFECT_ROUTE:
    case EFFECT_EXCHANGE:
    case EFFECT_TOKEN:
    case EFFECT_NOTICE:
    case EFFECT_REPLY:
    case EFFECT_ADMIT:
    case EFFECT_APPLIED:
    case EFFECT_KIND_N:
        break;
    }
    CHECK(false);
}

static void reply(struct node *node, const struct effect *effect)
{
    struct operated operated = {
        .request_id = effect->as.reply.request_id,
        .state = effect->as.reply.why == WHY_NOT_LEADER ? OPERATED_NOT_LEADER : OPERATED_ANSWERED,
        .accepted = effect->as.reply.accepted,
        .why = effect->as.reply.why,
        .move = effect->as.reply.move,
        .earliest_ms = effect->as.reply.earliest_ms};
    operations_reply(node, &operated);
}

static void perform(struct node *node, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PROBE:
        effect_probe(node, effect->as.probe.round, effect->as.probe.service,
                     effect->as.probe.place);
        break;
    case EFFECT_VOTE:
        effect_vote(node, effect->as.vote.to, &effect->as.vote.vote);
        break;
    case EFFECT_CALL:
        effect_call(node, &effect->as.call);
        break;
    case EFFECT_ROUTE:
        effect_route(node, &effect->as.route);
        break;
    case EFFECT_EXCHANGE:
        effect_exchange(node, effect);
        break;
    case EFFECT_TOKEN:
        effect_token(node, effect);
        break;
    case EFFECT_NOTICE:
        report_notice(node, effect);
        break;
    case EFFECT_REPLY:
        reply(node, effect);
        break;
    case EFFECT_ADMIT:
        effect_admit(node, effect->as.admit.node, effect->as.admit.incarnation);
        break;
    case EFFECT_APPLIED:
        report_applied(node, &effect->as.applied);
        failpoint_applied(node, &effect->as.applied);
        break;
    case EFFECT_SEND:
    case EFFECT_PERSIST:
    case EFFECT_APPLY:
    case EFFECT_SNAPSHOT_TAKE:
    case EFFECT_SNAPSHOT_CHUNK:
    case EFFECT_SNAPSHOT_INSTALL:
    case EFFECT_PROPOSE:
    case EFFECT_KIND_N:
        perform_ledger(node, effect);
        break;
    }
}

static void step_once(struct node *node, struct event *event)
{
    event->now_ms = clock_boot_ms();
    core_step(node->core, event, node->update);
    actuator_lead(node->actuator, node->core->leading ? node->core->leading_term : 0);
    for (size_t i = 0; i < node->update->count; i++)
        perform(node, &node->update->effects[i]);
    node->core_deadline_ms = node->update->deadline_ms;
}

/* DESIGN 5: an unknown kind stops applying loudly. */
static bool feed_committed(struct node *node)
{
    log_index index = node->core->raft.applied_index + 1;
    const struct raft_entry *entry = raft_log_get(&node->core->raft.log, index);
    struct payload payload;
    struct command command;
    const uint8_t *evidence;
    size_t evidence_length;
    int code = entry == NULL ? ERR_NOT_FOUND : payloads_get(node->payloads, index, &payload);
    if (code == 0)
        code = command_decode(payload.bytes, payload.length, &command, &evidence, &evidence_length);
    if (code != 0) {
        log_error("apply_stopped", "index=%llu error=%s", (unsigned long long)index,
                  error_name(code));
        driver_fail(node, false,
                    "the ledger holds an entry that this build cannot read; update it");
        return false;
    }
    struct event event = {.kind = EVENT_COMMITTED};
    event.as.committed.index = index;
    event.as.committed.term = entry->term;
    event.as.committed.command = &command;
    step_once(node, &event);
    return true;
}

static void feed_proposal(struct node *node)
{
    struct proposal *proposal = node->first_proposal;
    node->first_proposal = proposal->next;
    if (node->first_proposal == NULL)
        node->last_proposal = NULL;
    struct event event = {.kind = EVENT_PROPOSE};
    event.as.propose.kind = proposal->kind;
    event.as.propose.length = (uint32_t)proposal->length;
    event.as.propose.handle = 0;
    event.as.propose.member = proposal->member;
    node->source = proposal->bytes;
    step_once(node, &event);
    node->source = NULL;
    free(proposal);
}

/* Committed entries come before anything else, then what the core proposed meanwhile. */
static void drain(struct node *node)
{
    for (;;) {
        bool due = node->core->raft.applied_index < node->apply_to;
        if (due && node->condition == NODE_RUNNING) {
            if (!feed_committed(node))
                return;
        } else if (node->first_proposal != NULL) {
            feed_proposal(node);
        } else {
            return;
        }
    }
}

/* A voter that failed for another reason than its disk stops being one all the same. */
static void stop_voting(struct node *node)
{
    if (node->condition != NODE_FAILED || node->core->raft.failed)
        return;
    struct event event = {.kind = EVENT_PERSIST_FAILED};
    step_once(node, &event);
}

void driver_step_from(struct node *node, struct event *event, const uint8_t *source)
{
    if (node->core == NULL || node->stopping)
        return;
    CHECK(!node->stepping); /* nothing re-enters the core */
    node->stepping = true;
    node->source = source;
    step_once(node, event);
    node->source = NULL;
    drain(node);
    stop_voting(node);
    node->stepping = false;
    report_roles(node);
    arm_timer(node);
    operations_flush(node);
}

void driver_step(struct node *node, struct event *event)
{
    driver_step_from(node, event, NULL);
}

void driver_propose(struct node *node, uint8_t kind, const struct member *member,
                    const uint8_t *bytes, size_t length)
{
    struct proposal *proposal = malloc(sizeof *proposal + length);
    if (proposal == NULL) {
        log_error("proposal_dropped", "error=%s", error_name(ERR_NO_MEMORY));
        return; /* as if it had been lost on its way; the core proposes again */
    }
    proposal->next = NULL;
    proposal->kind = kind;
    proposal->member = member != NULL ? *member : (struct member){0};
    proposal->length = length;
    memcpy(proposal->bytes, bytes, length);
    if (node->last_proposal != NULL)
        node->last_proposal->next = proposal;
    else
        node->first_proposal = proposal;
    node->last_proposal = proposal;
}

static void fill_settings(const struct node *node, struct core_settings *settings)
{
    const struct config *config = node->config;
    *settings = (struct core_settings){
        .self = node->self,
        .node_count = (uint8_t)config->node_count,
        .reference_count = (uint8_t)config->reference_count,
        .level = proto_level(),
        .incarnation = node->incarnation,
        .novice = node->novice,
        .trust = {.timer_late_ms = config->timing.timer_late_ms,
                  .inflation_minimum_ms = config->timing.reference_inflation_min_ms,
                  .inflation_factor = config->timing.reference_inflation_factor},
        .election_ms = config->timing.election_ms,
        .heartbeat_ms = config->timing.heartbeat_ms,
        .actuator_deadline_ms = config->timing.actuator_deadline_ms,
        .actuator_proof_ms = config->timing.actuator_proof_ms,
        .rate_limit_max_ms = config->timing.rate_limit_max_ms};
    memcpy(settings->cluster_id, node->cluster_id, sizeof settings->cluster_id);
    tokens_fill_settings(node, settings);
    settings->seed = (uint64_t)clock_boot_us() ^ node->incarnation;
    for (size_t i = 0; i < config->node_count; i++) {
        struct ledger_node *voter = &settings->nodes[i];
        voter->id = (node_id)(i + 1);
        voter->name = config->nodes[i].name;
        voter->zone = config->nodes[i].zone;
        memcpy(voter->key, config->nodes[i].keys[0], sizeof voter->key);
    }
}

int driver_member_of(uint8_t kind, const uint8_t *bytes, size_t length, struct member *ret_member)
{
    struct command command;
    const uint8_t *evidence;
    size_t evidence_length;
    *ret_member = (struct member){0};
    if (kind != COMMAND_MEMBER)
        return 0;
    int code = command_decode(bytes, length, &command, &evidence, &evidence_length);
    if (code == 0 && command.kind != COMMAND_MEMBER)
        code = ERR_MALFORMED;
    if (code == 0)
        *ret_member = command.as.member;
    return code;
}

static int restore_log(struct node *node, struct text *why)
{
    const struct store_loaded *loaded = &node->loaded;
    struct raft_entry *entries = calloc(loaded->entry_count + 1, sizeof *entries);
    if (entries == NULL)
        return ERR_NO_MEMORY;
    int code = 0;
    for (size_t i = 0; code == 0 && i < loaded->entry_count; i++) {
        const struct store_entry *row = &loaded->entries[i];
        entries[i] = (struct raft_entry){.index = row->index,
                                         .term = row->term,
                                         .kind = row->kind,
                                         .length = (uint32_t)row->length};
        code = driver_member_of(row->kind, row->bytes, row->length, &entries[i].member);
        if (code == 0)
            code = payloads_put(node->payloads, row->index, row->bytes, row->length);
    }
    if (code == 0)
        code =
            raft_restore(&node->core->raft, loaded->term, loaded->voted_for, loaded->snapshot.index,
                         loaded->snapshot.term, entries, loaded->entry_count);
    free(entries);
    if (code != 0)
        text_set(why, "%s: the stored log cannot be restored: %s", node->config->local.data,
                 error_name(code));
    return code;
}

static int restore_snapshot(struct node *node, struct ledger **ret_ledger, struct text *why)
{
    const struct store_snapshot *stored = &node->loaded.snapshot;
    if (stored->length == 0)
        return 0;
    struct ledger *ledger = calloc(1, sizeof *ledger);
    uint8_t *bytes = malloc(stored->length);
    if (ledger == NULL || bytes == NULL ||
        ledger_decode(stored->bytes, stored->length, ledger) != 0 ||
        ledger->index != stored->index) {
        text_set(why, "%s: the stored snapshot cannot be read", node->config->local.data);
        free(ledger);
        free(bytes);
        return ERR_DAMAGED;
    }
    memcpy(bytes, stored->bytes, stored->length);
    node->snapshot = (struct snapshot_bytes){.index = stored->index,
                                             .term = stored->term,
                                             .total = (uint32_t)stored->length,
                                             .received = (uint32_t)stored->length,
                                             .bytes = bytes};
    *ret_ledger = ledger;
    return 0;
}

int driver_start_core(struct node *node, struct text *why)
{
    struct core_settings settings;
    struct ledger *ledger = NULL;
    int code = restore_snapshot(node, &ledger, why);
    if (code != 0)
        return code;
    node->core = calloc(1, sizeof *node->core);
    if (node->core == NULL) {
        free(ledger);
        return ERR_NO_MEMORY;
    }
    if ((ledger != NULL && !voters_agree(node, ledger)) || !voters_agree_with_log(node)) {
        text_set(why, "%s: %s", node->config->local.data, VOTERS_DIFFER);
        free(ledger);
        return ERR_INVALID;
    }
    fill_settings(node, &settings);
    core_init(node->core, &settings, ledger, clock_boot_ms());
    free(ledger);
    code = restore_log(node, why);
    if (code != 0)
        return code;
    node->condition = NODE_RUNNING;
    text_clear(&node->condition_why);
    cluster_join_check(node);
    for (size_t i = 0; i < node->config->service_count; i++) {
        struct event event = {.kind = EVENT_CONFIGURED};
        event.as.configured.name = &node->config->services[i].name;
        event.as.configured.settings = &node->config->services[i].settings;
        event.as.configured.platform = tokens_platform_of(node, &node->config->services[i]);
        driver_step(node, &event);
    }
    return 0;
}

void driver_fail(struct node *node, bool full, const char *why)
{
    if (node->condition == NODE_FAILED)
        return;
    node->condition = NODE_FAILED;
    text_set(&node->condition_why, "%s: %s", node->config->local.data, why);
    log_error("voter_failed", "folder=%s full=%d why=\"%s\"", node->config->local.data, full, why);
}

void driver_fini(struct node *node)
{
    while (node->first_proposal != NULL) {
        struct proposal *next = node->first_proposal->next;
        free(node->first_proposal);
        node->first_proposal = next;
    }
    payloads_free(&node->payloads);
    free(node->snapshot.bytes);
    free(node->incoming.bytes);
    free(node->installing);
    free(node->dossier);
    free(node->scratch);
    free(node->update);
    free(node->core);
}
