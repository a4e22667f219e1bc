#include "tests/vectors/vectors.h"

#include <string.h>

#include "common/check.h"

static void fill_rolling(struct rolling *rolling)
{
    rolling->count = 3;
    for (uint32_t i = 0; i < 3; i++)
        rolling->records[i] = (struct ballot_record){
            4712 + i,        4711, i + 1, i == 0 ? BALLOT_PASS : BALLOT_FAIL, SEVERITY_DOWN,
            50000 + i * 5000};
}

static void fill_move(struct move_record *move)
{
    *move = (struct move_record){
        .id = 4720,
        .state = MOVE_SWITCHING,
        .cause = CAUSE_OPERATOR,
        .severity = SEVERITY_SLOW,
        .from = SIDE_PRIMARY,
        .to = SIDE_STANDBY,
        .resume_to = SIDE_PRIMARY,
        .force = true,
        .attempt = 2,
        .canaries = 1,
        .why = WHY_OPERATOR,
        .opened_ms = 61000,
        .state_ms = 64000,
        .paused_ms = 62000,
        .intent = {4725, 9, ROUTE_SWITCH, 2, SIDE_STANDBY, {13, 0x0102030405060708}},
    };
    example_name(&move->actor, "operator-1");
    CHECK(reason_set(move->reason, "the primary is being replaced") == 0);
}

static void fill_busy_service(struct service_record *service)
{
    example_name(&service->name, "billing-bot");
    service->settings = example_settings();
    service->mode = MODE_ACT;
    service->route = ROUTE_PAUSED;
    service->route_version = 13;
    service->route_ms = 62500;
    fill_rolling(&service->rolling[SIDE_PRIMARY]);
    service->inquiry = (struct inquiry_record){
        .index = 4711,
        .opened_ms = 49000,
        .voter = 2,
        .ballots = 3,
        .closed = {3, 2},
        .convicted = {true, false},
        .severity = {SEVERITY_DOWN, SEVERITY_SLOW},
        .gate = WHY_DESTINATION_UNKNOWN,
    };
    fill_move(&service->move);
    service->hold.active = true;
    service->hold.until_ms = 3600000;
    example_name(&service->hold.actor, "operator-2");
    service->cooldown_until_ms = 664000;
    service->reverse_exempt = true;
    service->blind = WHY_LAPSED;
    service->moves = (struct time_list){2, {10000, 61000}};
    service->aborts = (struct time_list){1, {20000}};
}

void example_ledger(struct ledger *ret_ledger)
{
    static const char *const names[] = {"frankfurt-1", "dublin-1", "oregon-1"};
    uint8_t secret[64];
    memset(ret_ledger, 0, sizeof *ret_ledger);
    ret_ledger->index = 4725;
    ret_ledger->term = 9;
    ret_ledger->now_ms = 64000;
    example_cluster_id(ret_ledger->cluster_id);
    ret_ledger->node_count = 3;
    for (uint8_t i = 0; i < 3; i++) {
        ret_ledger->nodes[i].id = (node_id)(i + 1);
        example_name(&ret_ledger->nodes[i].name, names[i]);
        example_name(&ret_ledger->nodes[i].zone, i == 2 ? "us" : "eu");
        example_keys((node_id)(i + 1), ret_ledger->nodes[i].key, secret);
    }
    ret_ledger->service_count = 2;
    fill_busy_service(&ret_ledger->services[0]);
    example_name(&ret_ledger->services[1].name, "order-bot");
    ret_ledger->services[1].settings = example_settings();
    ret_ledger->request_next = 2;
    ret_ledger->requests[0] = (struct request_record){77, true, WHY_NONE, 4720};
    ret_ledger->requests[1] = (struct request_record){78, false, WHY_MOVE_OPEN, 0};
}

void example_token(struct ledger *ledger)
{
    struct token_record *token = &ledger->tokens[ledger->token_count++];
    *token = (struct token_record){
        .seed_hash = UINT64_C(0x1020304050607080),
        .generation = 6,
        .intended = 7,
        .intent = 4719,
        .intent_term = 9,
        .set_ms = 41000,
        .life_ms = 86399800,
        .sealed_length = 5,
        .sealed = {0x5e, 0xa1, 0xed, 0x00, 0x01},
    };
    example_name(&token->platform, "genesys");
}
