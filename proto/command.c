#include "proto/command.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "proto/level.h"
#include "proto/parts.h"

static const char *const kind_names[COMMAND_KIND_N] = {
    [COMMAND_NOOP] = "noop",
    [COMMAND_CLUSTER] = "cluster",
    [COMMAND_SERVICE_SET] = "service-set",
    [COMMAND_INQUIRY_OPEN] = "inquiry-open",
    [COMMAND_BALLOT_CLOSE] = "ballot-close",
    [COMMAND_INQUIRY_LAPSE] = "inquiry-lapse",
    [COMMAND_MOVE_OPEN] = "move-open",
    [COMMAND_INTENT] = "intent",
    [COMMAND_OUTCOME] = "outcome",
    [COMMAND_MOVE_INPUT] = "move-input",
    [COMMAND_ROUTE_SEEN] = "route-seen",
    [COMMAND_HOLD] = "hold",
    [COMMAND_RELEASE] = "release",
    [COMMAND_ARM] = "arm",
    [COMMAND_DISARM] = "disarm",
    [COMMAND_TICK] = "tick",
    [COMMAND_ACK] = "ack",
    [COMMAND_LEVEL] = "level",
    [COMMAND_MEMBER] = "member",
    [COMMAND_HOLD_ALL] = "hold-all",
    [COMMAND_RELEASE_ALL] = "release-all",
    [COMMAND_TOKEN_INTENT] = "token-intent",
    [COMMAND_TOKEN_SET] = "token-set",
    [COMMAND_TOKEN_LOCKED_OUT] = "token-locked-out",
};

static const char *const result_names[BALLOT_RESULT_N] = {"VOID", "PASS", "FAIL"};
static const char *const outcome_names[OUTCOME_N] = {"applied", "superseded", "stuck"};

const char *command_kind_name(enum command_kind kind)
{
    return (size_t)kind < ARRAY_COUNT(kind_names) ? kind_names[kind] : "?";
}

const char *ballot_result_name(enum ballot_result result)
{
    return (size_t)result < ARRAY_COUNT(result_names) ? result_names[result] : "?";
}

const char *outcome_name(enum outcome outcome)
{
    return (size_t)outcome < ARRAY_COUNT(outcome_names) ? outcome_names[outcome] : "?";
}

static void code_cluster(struct codec *codec, struct command_cluster *cluster)
{
    codec_array(codec, 2);
    codec_fixed_nonzero(codec, cluster->cluster_id, CLUSTER_ID_BYTES);
    codec_nodes(codec, &cluster->node_count, cluster->nodes);
}

static void code_service_set(struct codec *codec, struct command_service_set *set)
{
    codec_array(codec, 2);
    codec_name(codec, &set->name);
    codec_settings(codec, &set->settings);
}

static void code_inquiry_open(struct codec *codec, struct command_inquiry_open *open)
{
    codec_array(codec, 3);
    codec_node_or_none(codec, &open->voter);
    CODEC_ENUM(codec, &open->side, SIDE_N);
    CODEC_ENUM(codec, &open->value, VOTE_VALUE_N);
}

static void code_side_close(struct codec *codec, struct side_close *side)
{
    if (!codec_optional(codec, &side->closed))
        return;
    codec_array(codec, 4);
    CODEC_ENUM(codec, &side->result, BALLOT_RESULT_N);
    CODEC_ENUM(codec, &side->severity, SEVERITY_N);
    codec_array(codec, VOTE_VALUE_N);
    for (int value = 0; value < VOTE_VALUE_N; value++)
        codec_u8(codec, &side->votes[value], NODE_COUNT_MAX);
    codec_u8(codec, &side->zones, NODE_COUNT_MAX);
}

static void code_opening(struct codec *codec, struct move_opening *opening)
{
    if (!codec_optional(codec, &opening->present))
        return;
    codec_array(codec, 5);
    CODEC_ENUM(codec, &opening->to, SIDE_N);
    CODEC_ENUM(codec, &opening->cause, MOVE_CAUSE_N);
    codec_bool(codec, &opening->force);
    CODEC_ENUM(codec, &opening->first_step, ROUTE_STEP_N);
    codec_base(codec, &opening->base);
}

static void code_ballot_close(struct codec *codec, struct command_ballot_close *close)
{
    codec_array(codec, 5);
    codec_index(codec, &close->inquiry);
    codec_u32(codec, &close->ballot, UINT32_MAX);
    for (int side = 0; side < SIDE_N; side++)
        code_side_close(codec, &close->side[side]);
    code_opening(codec, &close->move);
}

static void code_lapse(struct codec *codec, struct command_lapse *lapse)
{
    codec_array(codec, 1);
    codec_index(codec, &lapse->inquiry);
}

static void code_move_open(struct codec *codec, struct command_move_open *open)
{
    codec_array(codec, 5);
    code_opening(codec, &open->move);
    codec_name_or_none(codec, &open->actor);
    codec_reason(codec, open->reason);
    codec_bool(codec, &open->expects);
    CODEC_ENUM(codec, &open->expected, SIDE_N);
}

static void code_intent(struct codec *codec, struct command_intent *intent)
{
    codec_array(codec, 4);
    codec_index(codec, &intent->move);
    CODEC_ENUM(codec, &intent->step, ROUTE_STEP_N);
    codec_u32(codec, &intent->attempt, UINT32_MAX);
    codec_base(codec, &intent->base);
}

static uint32_t outcome_fields(uint8_t level)
{
    if (level >= PROTO_LEVEL_STEPS)
        return 10;
    return level >= PROTO_LEVEL_HELLO ? 8 : 7;
}

static void code_outcome(struct codec *codec, struct command_outcome *outcome)
{
    codec_array(codec, outcome_fields(codec->level));
    codec_index(codec, &outcome->move);
    CODEC_ENUM(codec, &outcome->step, ROUTE_STEP_N);
    codec_u32(codec, &outcome->attempt, UINT32_MAX);
    CODEC_ENUM(codec, &outcome->outcome, OUTCOME_N);
    CODEC_ENUM(codec, &outcome->why, WHY_N);
    codec_route_state(codec, &outcome->state);
    codec_u64(codec, &outcome->version, UINT64_MAX);
    if (codec->level >= PROTO_LEVEL_HELLO)
        codec_bool(codec, &outcome->may_land);
    if (codec->level < PROTO_LEVEL_STEPS)
        return;
    codec_correlation(codec, outcome->correlation);
    codec_route_parts(codec, &outcome->parts);
}

static void code_move_input(struct codec *codec, struct command_move_input *input)
{
    codec_array(codec, 3);
    codec_index(codec, &input->move);
    CODEC_ENUM(codec, &input->input, MOVE_INPUT_N);
    CODEC_ENUM(codec, &input->why, WHY_N);
}

static void code_route_seen(struct codec *codec, struct command_route_seen *seen)
{
    codec_array(codec, codec->level >= PROTO_LEVEL_STEPS ? 3 : 2);
    codec_route_state(codec, &seen->state);
    codec_u64(codec, &seen->version, UINT64_MAX);
    if (codec->level >= PROTO_LEVEL_STEPS)
        codec_route_parts(codec, &seen->parts);
}

static void code_hold(struct codec *codec, struct command_hold *hold)
{
    codec_array(codec, 4);
    codec_name_or_none(codec, &hold->actor);
    codec_reason(codec, hold->reason);
    codec_bool(codec, &hold->indefinite);
    codec_duration(codec, &hold->for_ms);
}

static void code_actor(struct codec *codec, struct command_actor *actor)
{
    codec_array(codec, 2);
    codec_name_or_none(codec, &actor->actor);
    codec_reason(codec, actor->reason);
}

/* A ledger of a level beyond ours could not be written as a snapshot: not applied, as an unknown
 * kind.
 */
static void code_level(struct codec *codec, struct command_level *level)
{
    codec_array(codec, 1);
    codec_u8(codec, &level->level, UINT8_MAX);
    if (codec_ok(codec) && level->level > proto_level())
        codec_fail(codec, codec_is_reading(codec) ? ERR_VERSION : ERR_INVALID);
}

static void code_member(struct codec *codec, struct member *member)
{
    codec_array(codec, 3);
    codec_node(codec, &member->node);
    codec_u64(codec, &member->incarnation, UINT64_MAX);
    codec_bool(codec, &member->voter);
    if (member->incarnation == 0)
        codec_refuse(codec);
}

static void code_token_intent(struct codec *codec, struct command_token_intent *intent)
{
    codec_array(codec, 3);
    codec_name(codec, &intent->platform);
    codec_u64(codec, &intent->generation, UINT64_MAX);
    codec_u64(codec, &intent->seed_hash, UINT64_MAX);
}

static void code_token_set(struct codec *codec, struct command_token_set *set)
{
    codec_array(codec, 4);
    codec_name(codec, &set->platform);
    codec_u64(codec, &set->generation, UINT64_MAX);
    codec_duration(codec, &set->life_ms);
    codec_view(codec, &set->sealed, &set->sealed_length, SEALED_BYTES_MAX);
    if (set->sealed_length == 0)
        codec_refuse(codec);
}

static void code_token_locked_out(struct codec *codec, struct command_token_locked_out *locked_out)
{
    codec_array(codec, 2);
    codec_name(codec, &locked_out->platform);
    codec_u64(codec, &locked_out->generation, UINT64_MAX);
}

/* About the cluster as a whole, from level 2 on. */
static void code_cluster_content(struct codec *codec, struct command *command)
{
    if (command->kind == COMMAND_LEVEL)
        code_level(codec, &command->as.level);
    else if (command->kind == COMMAND_MEMBER)
        code_member(codec, &command->as.member);
    else if (command->kind == COMMAND_TOKEN_INTENT)
        code_token_intent(codec, &command->as.token_intent);
    else if (command->kind == COMMAND_TOKEN_SET)
        code_token_set(codec, &command->as.token_set);
    else
        code_token_locked_out(codec, &command->as.token_locked_out);
}

static void code_content(struct codec *codec, struct command *command)
{
    switch (command->kind) {
    case COMMAND_NOOP:
    case COMMAND_TICK:
        codec_array(codec, 0);
        return;
    case COMMAND_CLUSTER:
        code_cluster(codec, &command->as.cluster);
        return;
    case COMMAND_SERVICE_SET:
        code_service_set(codec, &command->as.service_set);
        return;
    case COMMAND_INQUIRY_OPEN:
        code_inquiry_open(codec, &command->as.inquiry_open);
        return;
    case COMMAND_BALLOT_CLOSE:
        code_ballot_close(codec, &command->as.ballot_close);
        return;
    case COMMAND_INQUIRY_LAPSE:
        code_lapse(codec, &command->as.lapse);
        return;
    case COMMAND_MOVE_OPEN:
        code_move_open(codec, &command->as.move_open);
        return;
    case COMMAND_INTENT:
        code_intent(codec, &command->as.intent);
        return;
    case COMMAND_OUTCOME:
        code_outcome(codec, &command->as.outcome);
        return;
    case COMMAND_MOVE_INPUT:
        code_move_input(codec, &command->as.move_input);
        return;
    case COMMAND_ROUTE_SEEN:
        code_route_seen(codec, &command->as.route_seen);
        return;
    case COMMAND_HOLD:
    case COMMAND_HOLD_ALL:
        code_hold(codec, &command->as.hold);
        return;
    case COMMAND_RELEASE:
    case COMMAND_ARM:
    case COMMAND_DISARM:
    case COMMAND_ACK:
    case COMMAND_RELEASE_ALL:
        code_actor(codec, &command->as.actor);
        return;
    case COMMAND_LEVEL:
    case COMMAND_MEMBER:
    case COMMAND_TOKEN_INTENT:
    case COMMAND_TOKEN_SET:
    case COMMAND_TOKEN_LOCKED_OUT:
        code_cluster_content(codec, command);
        return;
    case COMMAND_KIND_N:
        break;
    }
    codec_refuse(codec);
}

static void code_kind(struct codec *codec, enum command_kind *kind)
{
    uint32_t value = *kind;
    codec_u32(codec, &value, UINT32_MAX);
    if (value >= COMMAND_KIND_N || command_kind_level((enum command_kind)value) > codec->level)
        codec_fail(codec, codec_is_reading(codec) ? ERR_VERSION : ERR_INVALID);
    else if (codec_is_reading(codec))
        *kind = (enum command_kind)value;
}

static void code_command(struct codec *codec, struct command *command)
{
    uint8_t level = command->level == 0 ? PROTO_LEVEL_FIRST : command->level;
    codec_level_array(codec, 7, level, PROTO_LEVEL_FIRST, 0);
    if (codec_is_reading(codec))
        command->level = codec->level;
    code_kind(codec, &command->kind);
    codec_slot_or_none(codec, &command->service);
    codec_duration(codec, &command->elapsed_ms);
    codec_u64(codec, &command->request_id, UINT64_MAX);
    if (codec_ok(codec))
        code_content(codec, command);
}

/* Only the votes that closed a ballot are carried behind a command. */
static bool evidence_fits(const struct command *command, size_t length)
{
    return length > 0 && command->kind == COMMAND_BALLOT_CLOSE;
}

int command_encode(const struct command *command, const uint8_t *evidence, size_t evidence_length,
                   uint8_t *buffer, size_t size, size_t *ret_length)
{
    struct writer writer;
    writer_init(&writer, buffer, size < COMMAND_BYTES_MAX ? size : COMMAND_BYTES_MAX);
    struct codec codec = codec_for_writing(&writer);
    code_command(&codec, (struct command *)command); /* a writing codec does not store */
    if (evidence_length == 0)
        writer_nil(&writer);
    else if (evidence_fits(command, evidence_length))
        writer_bin(&writer, evidence, evidence_length);
    else
        codec_refuse(&codec);
    return codec_finish_writing(&writer, ret_length);
}

int command_decode(const uint8_t *bytes, size_t length, struct command *ret_command,
                   const uint8_t **ret_evidence, size_t *ret_evidence_length)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    struct codec codec = codec_for_reading(&reader);
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    memset(ret_command, 0, sizeof *ret_command);
    if (length > COMMAND_BYTES_MAX)
        codec_refuse(&codec);
    code_command(&codec, ret_command);
    if (!reader_try_nil(&reader)) {
        evidence = reader_bin(&reader, COMMAND_BYTES_MAX, &evidence_length);
        if (!evidence_fits(ret_command, evidence_length))
            codec_refuse(&codec);
    }
    int error = codec_finish_reading(&reader, ret_command, sizeof *ret_command);
    *ret_evidence = error == 0 ? evidence : NULL;
    *ret_evidence_length = error == 0 ? evidence_length : 0;
    return error;
}
