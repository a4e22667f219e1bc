#include "tests/vectors/vectors.h"

#include <string.h>

#include "common/check.h"
#include "proto/level.h"

static const char reason[] = "the primary is being replaced";

int command_recode(const uint8_t *bytes, size_t length, uint8_t *buffer, size_t size,
                   size_t *ret_length, bool *ret_dirty)
{
    struct command command;
    const uint8_t *evidence = bytes;
    size_t evidence_length = 1;
    int error = command_decode(bytes, length, &command, &evidence, &evidence_length);
    *ret_dirty = error != 0 &&
                 (!all_zero(&command, sizeof command) || evidence != NULL || evidence_length != 0);
    if (error != 0)
        return error;
    return command_encode(&command, evidence, evidence_length, buffer, size, ret_length);
}

static struct command command_of(enum command_kind kind)
{
    return (struct command){.kind = kind, .service = 5, .elapsed_ms = 1200};
}

static int encode_plain(const struct command *command, uint8_t *buffer, size_t size,
                        size_t *ret_length)
{
    return command_encode(command, NULL, 0, buffer, size, ret_length);
}

struct service_settings example_settings(void)
{
    return (struct service_settings){
        .config_hash = UINT64_C(0x1122334455667788),
        .mode = MODE_ACT,
        .rule_fail = 3,
        .rule_of = 5,
        .min_zones = 2,
        .max_calls = 10,
        .max_aborts = 3,
        .verify_reads = 2,
        .verify_canaries = 3,
        .budget_moves = 3,
        .max_concurrent = 4,
        .priority = 100,
        .versioned = true,
        .within_ms = 120000,
        .interval_ms = 30000,
        .confirm_interval_ms = 5000,
        .ballot_deadline_ms = 2750,
        .drain_ms = {60000, 0, 60000},
        .paused_max_ms = 90000,
        .verify_every_ms = 1000,
        .verify_within_ms = 30000,
        .propagation_ms = 5000,
        .cooldown_ms = 600000,
        .budget_window_ms = 86400000,
        .failback_after_ms = 1800000,
        .blind_after_ms = 300000,
        .failback_longest_ms = 28800000,
        .actuator_deadline_ms = 2000,
    };
}

int encode_noop(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {.kind = COMMAND_NOOP, .service = SERVICE_SLOT_NONE};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_cluster(uint8_t *buffer, size_t size, size_t *ret_length)
{
    static const char *const names[] = {"frankfurt-1", "dublin-1", "oregon-1"};
    struct command command = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    uint8_t secret[64];
    example_cluster_id(command.as.cluster.cluster_id);
    command.as.cluster.node_count = 3;
    for (uint8_t i = 0; i < 3; i++) {
        struct ledger_node *node = &command.as.cluster.nodes[i];
        node->id = (node_id)(i + 1);
        example_name(&node->name, names[i]);
        example_name(&node->zone, i == 2 ? "us" : "eu");
        example_keys(node->id, node->key, secret);
    }
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_service_set(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
    example_name(&command.as.service_set.name, "billing-bot");
    command.as.service_set.settings = example_settings();
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_service_set_2(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_SERVICE_SET, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    example_name(&command.as.service_set.name, "billing-bot");
    command.as.service_set.settings = example_settings();
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_service_set_3(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_SERVICE_SET, .level = PROTO_LEVEL_STEPS, .service = SERVICE_SLOT_NONE};
    example_name(&command.as.service_set.name, "billing-bot");
    command.as.service_set.settings = example_settings();
    command.as.service_set.settings.drain_every_ms = 5000;
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_inquiry_open(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_INQUIRY_OPEN);
    command.as.inquiry_open = (struct command_inquiry_open){2, SIDE_PRIMARY, VOTE_SLOW};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_ballot_close(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = example_close();
    struct evidence_list list;
    uint8_t evidence[EVIDENCE_BYTES_MAX];
    size_t length = 0;
    example_evidence(&list);
    CHECK(evidence_list_encode(&list, evidence, sizeof evidence, &length) == 0);
    return command_encode(&command, evidence, length, buffer, size, ret_length);
}

int encode_inquiry_lapse(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_INQUIRY_LAPSE);
    command.as.lapse.inquiry = 4711;
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_move_open(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_MOVE_OPEN);
    command.request_id = UINT64_C(0x7777777777777777);
    command.as.move_open.move = (struct move_opening){
        true, SIDE_STANDBY, CAUSE_OPERATOR, true, ROUTE_PAUSE, {UINT64_MAX, UINT64_MAX - 1}};
    example_name(&command.as.move_open.actor, "operator-1");
    CHECK(reason_set(command.as.move_open.reason, reason) == 0);
    command.as.move_open.expects = true;
    command.as.move_open.expected = SIDE_PRIMARY;
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_intent(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_INTENT);
    command.as.intent = (struct command_intent){4720, ROUTE_SWITCH, 2, {13, 0x0102030405060708}};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_outcome(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_OUTCOME);
    command.as.outcome = (struct command_outcome){.move = 4720,
                                                  .step = ROUTE_SWITCH,
                                                  .attempt = 2,
                                                  .outcome = OUTCOME_STUCK,
                                                  .why = WHY_FORBIDDEN,
                                                  .state = ROUTE_PRIMARY,
                                                  .version = 13};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_outcome_2(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_OUTCOME);
    command.level = PROTO_LEVEL_HELLO;
    command.as.outcome = (struct command_outcome){.move = 4720,
                                                  .step = ROUTE_PAUSE,
                                                  .attempt = 1,
                                                  .outcome = OUTCOME_STUCK,
                                                  .why = WHY_RATE_LIMITED,
                                                  .state = ROUTE_UNKNOWN,
                                                  .version = 13,
                                                  .may_land = true};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_outcome_3(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_OUTCOME);
    command.level = PROTO_LEVEL_STEPS;
    command.as.outcome =
        (struct command_outcome){.move = 4720,
                                 .step = ROUTE_SWITCH,
                                 .attempt = 2,
                                 .outcome = OUTCOME_APPLIED,
                                 .state = ROUTE_STANDBY,
                                 .version = 14,
                                 .correlation = "0d5a6c1e-3b7f-4c52-9a1d-2f6b8e7c4d10"};
    return encode_plain(&command, buffer, size, ret_length);
}

/* Of a unit of which one route was written and the other was not. */
int encode_outcome_unit(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_OUTCOME);
    command.level = PROTO_LEVEL_STEPS;
    command.as.outcome =
        (struct command_outcome){.move = 4720,
                                 .step = ROUTE_SWITCH,
                                 .attempt = 2,
                                 .outcome = OUTCOME_SUPERSEDED,
                                 .state = ROUTE_MIXED,
                                 .version = UINT64_C(0x8090a0b0c0d0e0f0),
                                 .parts = {2, {{ROUTE_STANDBY, 14}, {ROUTE_PRIMARY, 7}}}};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_move_input(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_MOVE_INPUT);
    command.as.move_input =
        (struct command_move_input){4720, MOVE_IN_PAUSED_TOO_LONG, WHY_PAUSED_TOO_LONG};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_route_seen(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_ROUTE_SEEN);
    command.as.route_seen = (struct command_route_seen){.state = ROUTE_FOREIGN, .version = 14};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_route_seen_3(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(COMMAND_ROUTE_SEEN);
    command.level = PROTO_LEVEL_STEPS;
    command.as.route_seen =
        (struct command_route_seen){.state = ROUTE_PRIMARY,
                                    .version = 15,
                                    .parts = {2, {{ROUTE_PRIMARY, 3}, {ROUTE_PRIMARY, 0}}}};
    return encode_plain(&command, buffer, size, ret_length);
}

static int encode_holding(struct command command, uint8_t *buffer, size_t size, size_t *ret_length)
{
    command.request_id = 78;
    command.as.hold.for_ms = INT64_C(604800000);
    example_name(&command.as.hold.actor, "operator-1");
    CHECK(reason_set(command.as.hold.reason, reason) == 0);
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_hold(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_holding(command_of(COMMAND_HOLD), buffer, size, ret_length);
}

static struct command command_of_all(enum command_kind kind)
{
    return (struct command){.kind = kind, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
}

int encode_hold_all(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_holding(command_of_all(COMMAND_HOLD_ALL), buffer, size, ret_length);
}

int encode_release_all(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of_all(COMMAND_RELEASE_ALL);
    command.request_id = 80;
    example_name(&command.as.actor.actor, "operator-2");
    return encode_plain(&command, buffer, size, ret_length);
}

static int encode_actor(enum command_kind kind, uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = command_of(kind);
    command.request_id = 79;
    example_name(&command.as.actor.actor, "operator-2");
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_release(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_actor(COMMAND_RELEASE, buffer, size, ret_length);
}

int encode_arm(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_actor(COMMAND_ARM, buffer, size, ret_length);
}

int encode_disarm(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_actor(COMMAND_DISARM, buffer, size, ret_length);
}

int encode_tick(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE, .elapsed_ms = 10000};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_ack(uint8_t *buffer, size_t size, size_t *ret_length)
{
    return encode_actor(COMMAND_ACK, buffer, size, ret_length);
}

int encode_member(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_MEMBER, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    command.as.member = (struct member){.node = 3, .incarnation = UINT64_C(0x0123456789abcdef)};
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_level(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_LEVEL, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    command.as.level.level = PROTO_LEVEL_HELLO;
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_token_intent(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_TOKEN_INTENT, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    example_name(&command.as.token_intent.platform, "genesys");
    command.as.token_intent.generation = 7;
    command.as.token_intent.seed_hash = UINT64_C(0x1020304050607080);
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_token_set(uint8_t *buffer, size_t size, size_t *ret_length)
{
    static const uint8_t sealed[] = {0x5e, 0xa1, 0xed, 0x00, 0x02};
    struct command command = {.kind = COMMAND_TOKEN_SET,
                              .level = PROTO_LEVEL_HELLO,
                              .service = SERVICE_SLOT_NONE,
                              .elapsed_ms = 210};
    example_name(&command.as.token_set.platform, "genesys");
    command.as.token_set.generation = 7;
    command.as.token_set.life_ms = 86399790;
    command.as.token_set.sealed = sealed;
    command.as.token_set.sealed_length = sizeof sealed;
    return encode_plain(&command, buffer, size, ret_length);
}

int encode_token_locked_out(uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct command command = {
        .kind = COMMAND_TOKEN_LOCKED_OUT, .level = PROTO_LEVEL_HELLO, .service = SERVICE_SLOT_NONE};
    example_name(&command.as.token_locked_out.platform, "genesys");
    command.as.token_locked_out.generation = 7;
    return encode_plain(&command, buffer, size, ret_length);
}
