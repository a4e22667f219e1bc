#include "proto/parts.h"

#include "proto/level.h"

static void code_rule(struct codec *codec, struct service_settings *settings)
{
    codec_u8(codec, &settings->rule_fail, ROLLING_COUNT_MAX);
    codec_u8(codec, &settings->rule_of, ROLLING_COUNT_MAX);
    codec_bool(codec, &settings->consecutive);
    codec_u8(codec, &settings->min_zones, NODE_COUNT_MAX);
    codec_u8(codec, &settings->max_calls, UINT8_MAX);
    if (settings->rule_fail > settings->rule_of)
        codec_refuse(codec);
}

static void code_limits(struct codec *codec, struct service_settings *settings)
{
    codec_u8(codec, &settings->max_aborts, UINT8_MAX);
    codec_u8(codec, &settings->verify_reads, UINT8_MAX);
    codec_u8(codec, &settings->verify_canaries, UINT8_MAX);
    codec_u8(codec, &settings->budget_moves, UINT8_MAX);
    codec_u8(codec, &settings->max_concurrent, UINT8_MAX);
    codec_u8(codec, &settings->priority, UINT8_MAX);
    codec_bool(codec, &settings->versioned);
    codec_bool(codec, &settings->failback_auto);
}

static void code_durations(struct codec *codec, struct service_settings *settings)
{
    codec_duration(codec, &settings->within_ms);
    codec_duration(codec, &settings->interval_ms);
    codec_duration(codec, &settings->confirm_interval_ms);
    codec_duration(codec, &settings->ballot_deadline_ms);
    codec_array(codec, DRAIN_KIND_N);
    for (int kind = 0; kind < DRAIN_KIND_N; kind++)
        codec_duration(codec, &settings->drain_ms[kind]);
    codec_duration(codec, &settings->paused_max_ms);
    codec_duration(codec, &settings->verify_every_ms);
    codec_duration(codec, &settings->verify_within_ms);
    codec_duration(codec, &settings->propagation_ms);
    codec_duration(codec, &settings->cooldown_ms);
    codec_duration(codec, &settings->budget_window_ms);
    codec_duration(codec, &settings->failback_after_ms);
    codec_duration(codec, &settings->blind_after_ms);
    if (codec->level < PROTO_LEVEL_HELLO)
        return;
    codec_duration(codec, &settings->failback_longest_ms);
    codec_duration(codec, &settings->actuator_deadline_ms);
    if (codec->level >= PROTO_LEVEL_STEPS)
        codec_duration(codec, &settings->drain_every_ms);
}

static uint32_t settings_fields(uint8_t level)
{
    if (level >= PROTO_LEVEL_STEPS)
        return 31;
    return level >= PROTO_LEVEL_HELLO ? 30 : 28;
}

void codec_settings(struct codec *codec, struct service_settings *settings)
{
    codec_array(codec, settings_fields(codec->level));
    codec_u64(codec, &settings->config_hash, UINT64_MAX);
    CODEC_ENUM(codec, &settings->mode, SERVICE_MODE_N);
    code_rule(codec, settings);
    code_limits(codec, settings);
    code_durations(codec, settings);
}

void codec_base(struct codec *codec, struct route_base *base)
{
    codec_array(codec, 2);
    codec_u64(codec, &base->version, UINT64_MAX);
    codec_u64(codec, &base->body_hash, UINT64_MAX);
}

void codec_route_state(struct codec *codec, enum route_state *state)
{
    CODEC_ENUM(codec, state, codec->level >= PROTO_LEVEL_STEPS ? ROUTE_STATE_N : ROUTE_MIXED);
}

void codec_route_parts(struct codec *codec, struct route_parts *parts)
{
    codec_count8(codec, &parts->count, ROUTE_PART_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < parts->count; i++) {
        codec_array(codec, 2);
        CODEC_ENUM(codec, &parts->part[i].state, ROUTE_MIXED); /* a part is never mixed */
        codec_u64(codec, &parts->part[i].version, UINT64_MAX);
    }
}

void codec_nodes(struct codec *codec, uint8_t *count, struct ledger_node nodes[NODE_COUNT_MAX])
{
    node_id last = 0;
    codec_count8(codec, count, NODE_COUNT_MAX);
    for (uint8_t i = 0; codec_ok(codec) && i < *count; i++) {
        codec_array(codec, 4);
        codec_node(codec, &nodes[i].id);
        codec_name(codec, &nodes[i].name);
        codec_name_or_none(codec, &nodes[i].zone);
        codec_fixed(codec, nodes[i].key, KEY_BYTES);
        if (nodes[i].id <= last)
            codec_refuse(codec);
        last = nodes[i].id;
    }
}
