#include "proto/ledger.h"

#include <string.h>

#include "proto/level.h"
#include "proto/parts.h"

static void code_rolling(struct codec *codec, struct rolling *rolling)
{
    codec_count8(codec, &rolling->count, ROLLING_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < rolling->count; i++) {
        struct ballot_record *record = &rolling->records[i];
        codec_array(codec, 6);
        codec_index(codec, &record->index);
        codec_index(codec, &record->inquiry);
        codec_u32(codec, &record->ballot, UINT32_MAX);
        CODEC_ENUM(codec, &record->result, BALLOT_RESULT_N);
        CODEC_ENUM(codec, &record->severity, SEVERITY_N);
        codec_time(codec, &record->closed_ms);
    }
}

static void code_inquiry(struct codec *codec, struct inquiry_record *inquiry)
{
    codec_array(codec, 6 + 3 * SIDE_N);
    codec_index(codec, &inquiry->index);
    codec_time(codec, &inquiry->opened_ms);
    codec_node_or_none(codec, &inquiry->voter);
    CODEC_ENUM(codec, &inquiry->side, SIDE_N);
    codec_u32(codec, &inquiry->ballots, UINT32_MAX);
    for (int side = 0; side < SIDE_N; side++) {
        codec_u32(codec, &inquiry->closed[side], UINT32_MAX);
        codec_bool(codec, &inquiry->convicted[side]);
        CODEC_ENUM(codec, &inquiry->severity[side], SEVERITY_N);
    }
    CODEC_ENUM(codec, &inquiry->gate, WHY_N);
}

static void code_intent(struct codec *codec, struct intent_record *intent)
{
    codec_array(codec, 6);
    codec_index(codec, &intent->index);
    codec_index(codec, &intent->term);
    CODEC_ENUM(codec, &intent->step, ROUTE_STEP_N);
    codec_u32(codec, &intent->attempt, UINT32_MAX);
    CODEC_ENUM(codec, &intent->to, SIDE_N);
    codec_base(codec, &intent->base);
}

static void code_steps(struct codec *codec, struct step_record steps[ROUTE_STEP_N])
{
    codec_array(codec, ROUTE_STEP_N);
    for (int step = 0; codec_ok(codec) && step < ROUTE_STEP_N; step++) {
        codec_array(codec, 4);
        codec_u32(codec, &steps[step].attempt, UINT32_MAX);
        CODEC_ENUM(codec, &steps[step].outcome, OUTCOME_N);
        CODEC_ENUM(codec, &steps[step].why, WHY_N);
        codec_correlation(codec, steps[step].correlation);
    }
}

static void code_move(struct codec *codec, struct move_record *move)
{
    codec_array(codec, codec->level >= PROTO_LEVEL_STEPS ? 18 : 17);
    codec_index(codec, &move->id);
    CODEC_ENUM(codec, &move->state, MOVE_STATE_N);
    CODEC_ENUM(codec, &move->cause, MOVE_CAUSE_N);
    CODEC_ENUM(codec, &move->severity, SEVERITY_N);
    CODEC_ENUM(codec, &move->from, SIDE_N);
    CODEC_ENUM(codec, &move->to, SIDE_N);
    CODEC_ENUM(codec, &move->resume_to, SIDE_N);
    codec_bool(codec, &move->force);
    codec_name_or_none(codec, &move->actor);
    codec_reason(codec, move->reason);
    codec_u32(codec, &move->attempt, UINT32_MAX);
    codec_u8(codec, &move->canaries, UINT8_MAX);
    CODEC_ENUM(codec, &move->why, WHY_N);
    codec_time(codec, &move->opened_ms);
    codec_time(codec, &move->state_ms);
    codec_time(codec, &move->paused_ms);
    code_intent(codec, &move->intent);
    if (codec->level >= PROTO_LEVEL_STEPS)
        code_steps(codec, move->steps);
}

static void code_hold(struct codec *codec, struct hold_record *hold)
{
    codec_array(codec, 5);
    codec_bool(codec, &hold->active);
    codec_bool(codec, &hold->indefinite);
    codec_time(codec, &hold->until_ms);
    codec_name_or_none(codec, &hold->actor);
    codec_reason(codec, hold->reason);
}

static void code_times(struct codec *codec, struct time_list *times)
{
    codec_count8(codec, &times->count, MOVE_TIME_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < times->count; i++)
        codec_time(codec, &times->at_ms[i]);
}

static void code_late(struct codec *codec, struct late_list *late)
{
    codec_count8(codec, &late->count, LATE_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < late->count; i++) {
        struct late_record *record = &late->records[i];
        codec_array(codec, 5);
        CODEC_ENUM(codec, &record->step, ROUTE_STEP_N);
        CODEC_ENUM(codec, &record->to, SIDE_N);
        codec_u32(codec, &record->attempt, UINT32_MAX);
        codec_base(codec, &record->base);
        codec_time(codec, &record->until_ms);
    }
}

static uint32_t service_fields(uint8_t level)
{
    if (level >= PROTO_LEVEL_STEPS)
        return 21 + SIDE_N;
    return (level >= PROTO_LEVEL_HELLO ? 20 : 16) + SIDE_N;
}

static void code_service(struct codec *codec, struct service_record *service)
{
    codec_array(codec, service_fields(codec->level));
    codec_name(codec, &service->name);
    codec_settings(codec, &service->settings);
    CODEC_ENUM(codec, &service->mode, SERVICE_MODE_N);
    CODEC_ENUM(codec, &service->serving, SIDE_N);
    codec_route_state(codec, &service->route);
    codec_u64(codec, &service->route_version, UINT64_MAX);
    codec_time(codec, &service->route_ms);
    for (int side = 0; side < SIDE_N; side++)
        code_rolling(codec, &service->rolling[side]);
    code_inquiry(codec, &service->inquiry);
    code_move(codec, &service->move);
    code_hold(codec, &service->hold);
    codec_time(codec, &service->cooldown_until_ms);
    codec_bool(codec, &service->reverse_exempt);
    codec_bool(codec, &service->would_have_moved);
    CODEC_ENUM(codec, &service->blind, WHY_N);
    code_times(codec, &service->moves);
    code_times(codec, &service->aborts);
    if (codec->level < PROTO_LEVEL_HELLO)
        return;
    codec_u8(codec, &service->settings_level, UINT8_MAX);
    code_late(codec, &service->late);
    code_times(codec, &service->failovers);
    codec_time(codec, &service->failback_from_ms);
    if (codec->level >= PROTO_LEVEL_STEPS)
        codec_route_parts(codec, &service->parts);
}

/* One row a node, in the order of `nodes`. */
static void code_members(struct codec *codec, struct ledger *ledger)
{
    struct members *members = &ledger->members;
    codec_array(codec, ledger->node_count);
    for (uint8_t i = 0; codec_ok(codec) && i < ledger->node_count; i++) {
        node_id node = ledger->nodes[i].id;
        bool voter = members_is_voter(members, node);
        codec_array(codec, 2);
        codec_bool(codec, &voter);
        codec_u64(codec, &members->incarnation[node], UINT64_MAX);
        if (codec_is_reading(codec) && !voter)
            members->learners |= UINT32_C(1) << node;
    }
}

static void code_requests(struct codec *codec, struct ledger *ledger)
{
    codec_u8(codec, &ledger->request_next, REQUEST_COUNT_MAX - 1);
    codec_array(codec, REQUEST_COUNT_MAX);
    for (int i = 0; codec_ok(codec) && i < REQUEST_COUNT_MAX; i++) {
        struct request_record *request = &ledger->requests[i];
        codec_array(codec, 4);
        codec_u64(codec, &request->id, UINT64_MAX);
        codec_bool(codec, &request->accepted);
        CODEC_ENUM(codec, &request->why, WHY_N);
        codec_index(codec, &request->move);
    }
}

static void code_token(struct codec *codec, struct token_record *token)
{
    codec_array(codec, 10);
    codec_name(codec, &token->platform);
    codec_u64(codec, &token->seed_hash, UINT64_MAX);
    codec_u64(codec, &token->generation, UINT64_MAX);
    codec_u64(codec, &token->intended, UINT64_MAX);
    codec_index(codec, &token->intent);
    codec_index(codec, &token->intent_term);
    codec_bool(codec, &token->locked_out);
    codec_time(codec, &token->set_ms);
    codec_duration(codec, &token->life_ms);
    codec_bytes(codec, token->sealed, &token->sealed_length, SEALED_BYTES_MAX);
}

static void code_tokens(struct codec *codec, struct ledger *ledger)
{
    codec_count8(codec, &ledger->token_count, TOKEN_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < ledger->token_count; i++)
        code_token(codec, &ledger->tokens[i]);
}

static void code_ledger(struct codec *codec, struct ledger *ledger)
{
    uint8_t level = ledger->level == 0 ? PROTO_LEVEL_FIRST : ledger->level;
    codec_level_array(codec, 9, level, PROTO_LEVEL_HELLO, 3);
    if (codec_is_reading(codec))
        ledger->level = codec->level;
    codec_index(codec, &ledger->index);
    codec_index(codec, &ledger->term);
    codec_time(codec, &ledger->now_ms);
    codec_fixed(codec, ledger->cluster_id, CLUSTER_ID_BYTES);
    codec_nodes(codec, &ledger->node_count, ledger->nodes);
    codec_count16(codec, &ledger->service_count, SERVICE_COUNT_MAX);
    for (uint16_t i = 0; codec_ok(codec) && i < ledger->service_count; i++)
        code_service(codec, &ledger->services[i]);
    code_requests(codec, ledger);
    if (codec->level >= PROTO_LEVEL_HELLO) {
        code_members(codec, ledger);
        code_hold(codec, &ledger->hold);
        code_tokens(codec, ledger);
    }
}

int ledger_encode(const struct ledger *ledger, uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    writer_init(&writer, buffer, size < LEDGER_BYTES_MAX ? size : LEDGER_BYTES_MAX);
    struct codec codec = codec_for_writing(&writer);
    code_ledger(&codec, (struct ledger *)ledger); /* a writing codec does not store */
    return codec_finish_writing(&writer, ret_length);
}

int ledger_decode(const uint8_t *bytes, size_t length, struct ledger *ret_ledger)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    struct codec codec = codec_for_reading(&reader);
    memset(ret_ledger, 0, sizeof *ret_ledger);
    code_ledger(&codec, ret_ledger);
    return codec_finish_reading(&reader, ret_ledger, sizeof *ret_ledger);
}
