#include "node/io/loop/node.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"
#include "proto/level.h"

static const int stop_signals[] = {SIGTERM, SIGINT};

static void wake(struct node *node);

/* At most so many as may be in flight. */
static void give_context_answers(struct node *node)
{
    struct context_answer answer;
    while (!node->stopping && contexts_take(node->contexts, &answer) == 0)
        api_context_answered(node->api, &answer);
}

static void on_contexts(void *data)
{
    struct node *node = data;
    struct letter letter = {.kind = LETTER_CONTEXTS};
    mailbox_post(&node->mailbox, &letter);
}

static int on_context(void *data, const struct context_request *request)
{
    struct node *node = data;
    return contexts_submit(node->contexts, request);
}

static void on_letter(const struct letter *letter, void *data)
{
    struct node *node = data;
    wake(node); /* a stopped process finds old letters first: the doubt comes before them */
    switch (letter->kind) {
    case LETTER_PERSISTED:
        ledger_on_persisted(node, letter);
        break;
    case LETTER_PROBED:
        world_on_probed(node, &letter->as.probed);
        break;
    case LETTER_ROUTED:
        world_on_routed(node, &letter->as.routed);
        break;
    case LETTER_CONTEXTS:
        give_context_answers(node);
        break;
    case LETTER_PREFLIGHT:
        preflights_on_done(node, letter->as.preflight);
        break;
    case LETTER_KIND_N:
        break;
    }
}

static void on_persisted(uint64_t ticket, int error, const struct text *why, void *data)
{
    struct node *node = data;
    struct letter letter = {.kind = LETTER_PERSISTED};
    letter.as.persisted.ticket = ticket;
    letter.as.persisted.error = error;
    letter.as.persisted.why = *why;
    mailbox_post(&node->mailbox, &letter);
}

static void on_probed(const struct probe_done *done, void *data)
{
    struct node *node = data;
    struct letter letter = {.kind = LETTER_PROBED, .as.probed = *done};
    mailbox_post(&node->mailbox, &letter);
}

static void on_routed(const struct actuator_result *result, void *data)
{
    struct node *node = data;
    struct letter letter = {.kind = LETTER_ROUTED, .as.routed = *result};
    mailbox_post(&node->mailbox, &letter);
}

static void on_preflight(size_t service, void *data)
{
    struct node *node = data;
    struct letter letter = {.kind = LETTER_PREFLIGHT, .as.preflight = service};
    mailbox_post(&node->mailbox, &letter);
}

static void on_view(void *data, struct node_view *ret_view)
{
    struct node *node = data;
    *ret_view = (struct node_view){.config = node->config,
                                   .self = node->self,
                                   .condition = node->condition,
                                   .condition_why = node->condition_why.bytes,
                                   .core = node->core,
                                   .incarnation = node->incarnation,
                                   .now_ms = clock_boot_ms(),
                                   .started_ms = node->started_ms,
                                   .loop_late_count = node->loop_late_count,
                                   .heartbeat_late_count = node->heartbeat_late_count,
                                   .loop_late_max_ms = node->loop_late_max_ms,
                                   .counts = &node->counts,
                                   .certificates = &node->certificates,
                                   .wall_ms = clock_wall_ms(),
                                   .history = node->history};
    memcpy(ret_view->cluster_id, node->cluster_id, sizeof ret_view->cluster_id);
    memcpy(ret_view->drops, node->drops, sizeof ret_view->drops);
    ret_view->preflights = node->preflights;
    for (size_t i = 0; i < node->config->platform_count; i++) {
        ret_view->troubles[i] = actuator_troubles(node->actuator, i);
        ret_view->rates[i] = actuator_rate(node->actuator, i);
    }
    bus_stats_get(node->bus, &ret_view->bus);
    if (node->contexts != NULL)
        contexts_stats_get(node->contexts, &ret_view->contexts);
}

/* The loop ends by itself once every part has let go of its handles. */
static void on_part_closed(void *data)
{
    (void)data;
}

static void stop_now(struct node *node)
{
    if (node->stopping)
        return;
    node->stopping = true;
    uv_close((uv_handle_t *)&node->deadline_timer, NULL);
    uv_close((uv_handle_t *)&node->second_timer, NULL);
    uv_close((uv_handle_t *)&node->prepare, NULL);
    uv_close((uv_handle_t *)&node->check, NULL);
    for (size_t i = 0; i < sizeof node->signals / sizeof node->signals[0]; i++)
        uv_close((uv_handle_t *)&node->signals[i], NULL);
    if (node->api != NULL)
        api_close(node->api, on_part_closed, node);
    if (node->bus != NULL)
        bus_close(node->bus, on_part_closed, node);
    mailbox_close(&node->mailbox, NULL);
}

/* A leader first hands leadership over, so that a restart costs no election. */
static void stop_when_free(struct node *node)
{
    bool leads = node->core != NULL && node->core->raft.role == RAFT_LEADER;
    if (node->stop_asked && !node->stopping && (!leads || clock_boot_ms() >= node->stop_by_ms))
        stop_now(node);
}

static void on_signal(uv_signal_t *signal, int number)
{
    struct node *node = signal->data;
    bool again = node->stop_asked;
    log_info("stopping", "signal=%d", number);
    node->stop_asked = true;
    node->stop_by_ms = again ? 0 : clock_boot_ms() + node->config->timing.election_ms;
    struct event event = {.kind = EVENT_TRANSFER};
    if (!again)
        driver_step(node, &event);
    stop_when_free(node);
}

static void on_second(uv_timer_t *timer)
{
    struct node *node = timer->data;
    if (node->contexts != NULL)
        contexts_lead(node->contexts, node->core != NULL && core_is_leading(node->core));
    pings_tick(node);
    hello_tick(node);
    cluster_join_tick(node);
    operations_tick(node);
    cluster_init_tick(node);
    report_heartbeat(node);
    preflights_tick(node);
}

static void on_prepare(uv_prepare_t *prepare)
{
    struct node *node = prepare->data;
    stop_when_free(node);
    clock_watch_sleep(&node->clock, node->core == NULL ? INT64_MAX : node->core_deadline_ms);
}

/* Half an election base: from there on a peer may have seen this node as gone. */
static void wake(struct node *node)
{
    time_ms late_ms;
    bool doubt = clock_watch_wake(&node->clock, node->config->timing.election_ms / 2, &late_ms);
    if (late_ms > node->config->timing.timer_late_ms)
        node->loop_late_count++;
    if (late_ms > node->config->timing.heartbeat_ms)
        node->heartbeat_late_count++;
    if (late_ms > node->loop_late_max_ms)
        node->loop_late_max_ms = late_ms;
    if (!doubt)
        return;
    log_warn("time_in_doubt", "late_ms=%lld", (long long)late_ms);
    struct event event = {.kind = EVENT_TIME_DOUBT};
    driver_step(node, &event);
}

static void on_check(uv_check_t *check)
{
    wake(check->data);
}

static void init_handles(struct node *node)
{
    uv_timer_init(&node->loop, &node->deadline_timer);
    uv_timer_init(&node->loop, &node->second_timer);
    uv_prepare_init(&node->loop, &node->prepare);
    uv_check_init(&node->loop, &node->check);
    node->deadline_timer.data = node;
    node->second_timer.data = node;
    node->prepare.data = node;
    node->check.data = node;
    for (size_t i = 0; i < sizeof node->signals / sizeof node->signals[0]; i++) {
        uv_signal_init(&node->loop, &node->signals[i]);
        node->signals[i].data = node;
        uv_signal_start(&node->signals[i], on_signal, stop_signals[i]);
    }
}

static int allocate(struct node *node, struct text *why)
{
    node->update = calloc(1, sizeof *node->update);
    node->dossier = calloc(1, sizeof *node->dossier);
    node->scratch = calloc(1, sizeof *node->scratch);
    if (node->update == NULL || node->dossier == NULL || node->scratch == NULL ||
        payloads_new(&node->payloads) != 0) {
        text_set(why, "out of memory");
        return ERR_NO_MEMORY;
    }
    return 0;
}

static int open_store(struct node *node, struct text *why)
{
    const char *folder = node->config->local.data;
    struct text warning = {0};
    int code = store_open(folder, node->self, on_persisted, node, &node->store, &node->loaded, why);
    if (code != 0)
        return code;
    node->incarnation = node->loaded.incarnation;
    node->novice = node->loaded.novice;
    memcpy(node->cluster_id, node->loaded.cluster_id, sizeof node->cluster_id);
    if (history_open(folder, &node->history, &warning) != 0)
        log_warn("no_history", "why=\"%s\"", warning.bytes);
    node->replay_to = node->loaded.snapshot.index;
    if (node->loaded.entry_count > 0)
        node->replay_to = node->loaded.entries[node->loaded.entry_count - 1].index;
    incidents_start(node);
    events_start(node);
    return 0;
}

static int open_adapters(struct node *node, struct text *why)
{
    const struct config *config = node->config;
    int code = bus_new(config, node->self, &node->identity, frames_on_frame, node, &node->bus, why);
    if (code == 0)
        code = prober_new(config, on_probed, node, &node->prober, why);
    if (code == 0)
        code = actuator_new(config, on_routed, node, &node->actuator, why);
    if (code == 0)
        code = preflight_new(config, node->actuator, on_preflight, node, &node->preflight, why);
    if (code == 0)
        code =
            token_keeper_new(config, node->actuator, bot_probes_platforms(config), &node->keeper);
    if (code == 0)
        code = notifier_new(config, &node->notifier, why);
    if (code == 0 && config->contexts.store != CONTEXT_STORE_OFF)
        code = contexts_new(config, node->self, &node->identity, on_contexts, node, &node->contexts,
                            why);
    if (code == 0 && node->contexts != NULL &&
        config->contexts.write_through.to != CONTEXT_TARGET_OFF)
        code = contexts_write_through(node->contexts, node->actuator, why);
    return code;
}

static int open_api(struct node *node, struct text *why)
{
    struct api_hooks hooks = {
        .data = node, .view = on_view, .operate = operations_start, .init = cluster_init_start};
    if (node->contexts != NULL)
        hooks.context = on_context;
    return api_new(node->config, &node->loop, &hooks, &node->api, why);
}

static void free_adapters(struct node *node)
{
    token_keeper_free(&node->keeper);
    contexts_free(&node->contexts);
    preflights_stop(node);
    actuator_free(&node->actuator);
    prober_free(&node->prober);
    notifier_free(&node->notifier);
    store_free(&node->store);
    history_free(&node->history);
    store_loaded_fini(&node->loaded);
    identity_wipe(&node->identity);
}

static bool is_initialised(const struct node *node)
{
    static const uint8_t none[CLUSTER_ID_BYTES];
    return memcmp(node->cluster_id, none, sizeof none) != 0;
}

static void say_uninitialised(struct node *node)
{
    text_set(&node->condition_why,
             "%s is empty: for a new cluster run `quorate init` once; a cluster that is running "
             "readmits this node by itself once it has a leader and its nodes speak wire level %d",
             node->config->local.data, PROTO_LEVEL_HELLO);
    log_info("uninitialised", "why=\"%s\"", node->condition_why.bytes);
}

static int start(struct node *node, struct text *why)
{
    int code = 0;
    if (is_initialised(node))
        code = driver_start_core(node, why);
    else
        say_uninitialised(node);
    store_loaded_fini(&node->loaded); /* the core and the payloads have it now */
    if (code == 0)
        code = bus_attach(node->bus, &node->loop);
    if (code != 0)
        return code;
    uv_timer_start(&node->second_timer, on_second, PING_EVERY_MS, PING_EVERY_MS);
    uv_prepare_start(&node->prepare, on_prepare);
    uv_check_start(&node->check, on_check);
    log_info("started", "zone=%s api=%s:%u folder=%s",
             node->config->nodes[node->self - 1].zone.text, node->config->local.api_host,
             node->config->local.api_port, node->config->local.data);
    return 0;
}

static int run(struct node *node, struct text *why)
{
    int code = mailbox_init(&node->mailbox, &node->loop, on_letter, node);
    if (code != 0)
        return code;
    init_handles(node);
    code = open_store(node, why);
    if (code == 0)
        code = open_adapters(node, why);
    if (code == 0)
        code = open_api(node, why);
    if (code == 0)
        code = start(node, why);
    if (code != 0)
        stop_now(node);
    uv_run(&node->loop, UV_RUN_DEFAULT);
    free_adapters(node);
    mailbox_fini(&node->mailbox);
    return code;
}

int node_run(const struct config *config, node_id self, struct text *why)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return ERR_NO_MEMORY;
    node->config = config;
    node->self = self;
    node->started_ms = clock_boot_ms();
    (void)signal(SIGPIPE, SIG_IGN); /* a reader of the log that went away must not end the node */
    node->sequence = (uint64_t)clock_wall_ms() * 1000;
    clock_watch_init(&node->clock);
    int code = identity_load(config->local.key_file, &node->identity, why);
    if (code == 0)
        code = allocate(node, why);
    if (code == 0 && uv_loop_init(&node->loop) != 0)
        code = ERR_INTERNAL;
    if (code == 0) {
        code = run(node, why);
        uv_loop_close(&node->loop);
    }
    driver_fini(node);
    free(node);
    return code;
}
