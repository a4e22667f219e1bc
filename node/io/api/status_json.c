#include <stdlib.h>

#include "common/hash.h"
#include "node/io/api/error_json.h"
#include "node/io/api/json_add.h"
#include "node/io/api/pages.h"
#include "node/io/api/warnings.h"

/* Equal ledgers have equal bytes: two nodes at one index show one hash. Kept until the ledger moves
 * on. */
static int ledger_hash(struct api *api, const struct ledger *ledger, uint64_t *ret_hash)
{
    if (!api->hashed || api->hash_index != ledger->index) {
        size_t length = 0;
        uint8_t *bytes = malloc(LEDGER_BYTES_MAX);
        int result = bytes != NULL ? ledger_encode(ledger, bytes, LEDGER_BYTES_MAX, &length) : -1;
        api->hashed = result == 0;
        api->hash_index = ledger->index;
        api->hash = result == 0 ? hash_mix(hash_bytes(HASH_SEED, bytes, length)) : 0;
        free(bytes);
    }
    *ret_hash = api->hash;
    return api->hashed ? 0 : -1;
}

static void add_ledger(cJSON *page, struct api *api, const struct core *core)
{
    cJSON *part = cJSON_AddObjectToObject(page, "ledger");
    uint64_t hash = 0;
    json_add_count(part, "level", core->ledger.level);
    json_add_count(part, "last", core->raft.log.last_index);
    json_add_count(part, "commit", core->raft.commit_index);
    json_add_count(part, "applied", core->ledger.index);
    json_add_count(part, "applied_term", core->ledger.term);
    json_add_ms(part, "time_ms", core->ledger.now_ms);
    if (ledger_hash(api, &core->ledger, &hash) == 0)
        json_add_hash(part, "hash", hash);
}

static void add_raft(cJSON *page, const struct node_view *view)
{
    const struct core *core = view->core;
    uint8_t voters = raft_voter_count(&core->raft);
    bool leads = core->raft.role == RAFT_LEADER;
    json_add_string(page, "role", raft_role_name(core->raft.role));
    json_add_string(page, "member", raft_is_voter(&core->raft) ? "voter" : "learner");
    json_add_why(page, "gate", core_leader_gate(core));
    cJSON *part = cJSON_AddObjectToObject(page, "quorum");
    json_add_bool(part, "has", core->has_quorum);
    json_add_count(part, "voters", voters);
    json_add_count(part, "needed", raft_quorum(voters));
    if (leads) /* only a leader hears all of them */
        json_add_count(part, "live", raft_live_voters(&core->raft, view->now_ms));
}

/* What a peer last said of itself: nulls where it is silent. */
static void add_hello(cJSON *row, const struct peer *peer, time_ms now_ms)
{
    bool heard = peer->hello_ms != 0;
    json_add_ms(row, "hello_ago_ms", heard ? now_ms - peer->hello_ms : -1);
    json_add_signed(row, "level", heard ? peer->level : 0);
    json_add_bool(row, "can_act",
                  heard && now_ms - peer->hello_ms <= PEER_FRESH_MS && peer->can_act);
}

static const char *member_word(const struct core *core, node_id id)
{
    return members_is_voter(&core->raft.members, id) ? "voter" : "learner";
}

/* How many entries of the leader's log a node does not hold yet; the leader alone can tell. */
static void add_behind(cJSON *row, const struct core *core, node_id id)
{
    if (core->raft.role == RAFT_LEADER)
        json_add_count(row, "behind", core->raft.log.last_index - core->raft.peers[id].match_index);
}

static void add_peers(cJSON *page, const struct node_view *view)
{
    cJSON *peers = cJSON_AddArrayToObject(page, "peers");
    for (size_t place = 0; place < view->config->node_count; place++) {
        node_id id = (node_id)(place + 1);
        if (id == view->self)
            continue;
        const struct bus_peer_stats *bus = &view->bus.peers[place];
        cJSON *row = cJSON_CreateObject();
        json_add_node(row, "node", view, id);
        json_add_string(row, "zone", view->config->nodes[place].zone.text);
        if (view->core != NULL) {
            const struct peer *peer = &view->core->peers[id];
            json_add_string(row, "member", member_word(view->core, id));
            add_behind(row, view->core, id);
            json_add_us_as_ms(row, "rtt_ms", peer->heard_ms != 0 ? peer->rtt_us : -1);
            json_add_ms(row, "answered_ago_ms",
                        peer->heard_ms != 0 ? view->now_ms - peer->heard_ms : -1);
            add_hello(row, peer, view->now_ms);
        }
        json_add_ms(row, "heard_ago_ms",
                    bus->last_received_ms != 0 ? view->now_ms - bus->last_received_ms : -1);
        json_add_count(row, "sent", bus->sent);
        json_add_count(row, "received", bus->received);
        json_add_count(row, "send_full", bus->send_full);
        cJSON_AddItemToArray(peers, row);
    }
}

/* Could this node act if it had to: a token minted and a route read, lately. */
static void add_proof(cJSON *page, const struct node_view *view)
{
    const struct proof *proof = &view->core->proof;
    bool asked = proof->answered_ms != 0;
    time_ms age_ms = asked ? view->now_ms - proof->answered_ms : -1;
    cJSON *part = cJSON_AddObjectToObject(page, "proof");
    json_add_bool(part, "ok", proof->ok);
    json_add_bool(part, "fresh", core_can_act(view->core, view->now_ms));
    json_add_count(part, "failures", proof->failures);
    json_add_string(part, "result", asked ? route_result_name(proof->result) : NULL);
    json_add_ms(part, "ago_ms", age_ms);
    json_add_ms(part, "took_ms", asked ? proof->took_ms : -1);
}

/* The last time that this node gave leadership away, because it could not act and another could. */
static void add_handover(cJSON *page, const struct node_view *view)
{
    const struct handover *handover = &view->core->handover;
    if (handover->count == 0) {
        json_add_string(page, "handover", NULL);
        return;
    }
    cJSON *part = cJSON_AddObjectToObject(page, "handover");
    json_add_count(part, "count", handover->count);
    json_add_node(part, "to", view, handover->to);
    json_add_why(part, "why", WHY_CANNOT_ACT);
    json_add_ms(part, "ago_ms", view->now_ms - handover->at_ms);
}

/* What the ledger keeps of platforms' refresh tokens: never what is sealed. */
static void add_tokens(cJSON *page, const struct node_view *view)
{
    const struct ledger *ledger = &view->core->ledger;
    cJSON *tokens = cJSON_AddArrayToObject(page, "tokens");
    for (uint8_t i = 0; i < ledger->token_count; i++) {
        const struct token_record *token = &ledger->tokens[i];
        cJSON *row = cJSON_CreateObject();
        json_add_string(row, "platform", token->platform.text);
        json_add_count(row, "generation", token->generation);
        json_add_bool(row, "exchanging", token->intent != 0);
        json_add_bool(row, "locked_out", token->locked_out);
        json_add_ms(row, "age_ms",
                    token->generation == 0
                        ? -1
                        : core_ledger_now(view->core, view->now_ms) - token->set_ms);
        json_add_ms(row, "life_ms", token->generation == 0 ? -1 : token->life_ms);
        json_add_string(row, "what", token->locked_out ? LOCKED_OUT_ADVICE : NULL);
        cJSON_AddItemToArray(tokens, row);
    }
}

static void add_counters(cJSON *page, const struct node_view *view)
{
    cJSON *drops = cJSON_AddObjectToObject(page, "drops");
    for (int reason = 0; reason < DROP_REASON_N; reason++)
        json_add_count(drops, drop_reason_name((enum drop_reason)reason), view->drops[reason]);
    cJSON *bus = cJSON_AddObjectToObject(page, "bus");
    json_add_count(bus, "published", view->bus.published);
    json_add_count(bus, "received", view->bus.received);
    json_add_count(bus, "dropped_no_user", view->bus.dropped_no_user);
    json_add_count(bus, "dropped_parts", view->bus.dropped_parts);
    json_add_count(bus, "dropped_large", view->bus.dropped_large);
    json_add_count(bus, "zap_accepted", view->bus.zap_accepted);
    json_add_count(bus, "zap_refused", view->bus.zap_refused);
    json_add_count(bus, "send_full", view->bus.send_full);
    json_add_count(page, "loop_late", view->loop_late_count);
    json_add_count(page, "history_dropped",
                   view->history != NULL ? history_dropped_count(view->history) : 0);
    if (view->core == NULL)
        return;
    json_add_count(page, "raft_rejected", view->core->raft.rejected);
    json_add_count(page, "raft_outdated", view->core->raft.outdated);
    json_add_count(page, "dropped_votes", view->core->dropped_votes);
    json_add_count(page, "dropped_calls", view->core->dropped_calls);
}

static void add_identity(cJSON *page, const struct node_view *view)
{
    json_add_string(page, "cluster", view->config->cluster.text);
    if (view->condition == NODE_UNINITIALISED)
        json_add_string(page, "cluster_id", NULL);
    else
        json_add_hex(page, "cluster_id", view->cluster_id, sizeof view->cluster_id);
    json_add_count(page, "id", view->self);
    json_add_hash(page, "incarnation", view->incarnation);
    json_add_string(page, "version", QUORATE_VERSION);
    json_add_string(page, "condition", node_condition_name(view->condition));
    json_add_string(page, "condition_why", view->condition_why);
    json_add_ms(page, "up_ms", view->now_ms - view->started_ms);
}

static void add_services(cJSON *page, const struct node_view *view)
{
    cJSON *services = cJSON_AddArrayToObject(page, "services");
    for (service_slot slot = 0; view->core != NULL && slot < view->core->ledger.service_count;
         slot++)
        cJSON_AddItemToArray(services, service_summary(view, slot));
}

void page_status(struct request *request, const struct node_view *view)
{
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    add_identity(page, view);
    if (view->core != NULL) {
        add_raft(page, view);
        add_ledger(page, request->api, view->core);
        add_proof(page, view);
        add_handover(page, view);
        service_add_hold(page, &view->core->ledger.hold, core_ledger_now(view->core, view->now_ms));
        add_tokens(page, view);
    }
    add_peers(page, view);
    status_add_platforms(page, view);
    add_services(page, view);
    warnings_add(page, view);
    contexts_add_status(page, &view->contexts);
    add_counters(page, view);
    answer_json(request, MHD_HTTP_OK, page);
}

void page_services(struct request *request, const struct node_view *view)
{
    cJSON *page = cJSON_CreateObject();
    json_add_freshness(page, view);
    add_services(page, view);
    answer_json(request, MHD_HTTP_OK, page);
}
