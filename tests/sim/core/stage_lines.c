#include <inttypes.h>
#include <stdio.h>

#include "common/text.h"
#include "tests/sim/core/stage_parts.h"

void lines_role(struct stage *stage, node_id node)
{
    struct actor *actor = &stage->actors[node];
    const struct raft *raft = &actor->core->raft;
    bool leads = raft->role == RAFT_LEADER;
    if (leads && actor->role_shown != RAFT_LEADER)
        stage_say(stage, node, "leads term %" PRIu64, raft->term);
    if (!leads && actor->role_shown == RAFT_LEADER)
        stage_say(stage, node, "leads no longer");
    actor->role_shown = raft->role;
}

static void add_side_vote(struct text *text, enum side side, const struct side_vote *vote)
{
    text_add(text, " %s %s", side_name(side), vote_value_name(vote->value));
    if (vote->value != VOTE_UP)
        text_add(text, " (%s)", vote_reason_text(vote->reason));
}

/* A patrol's vote that says nothing new would drown the rest. */
void lines_vote(struct stage *stage, const struct vote *vote)
{
    struct actor *actor = &stage->actors[vote->voter];
    struct text text = {0};
    bool news = vote->inquiry != 0;
    for (int side = 0; side < SIDE_N; side++) {
        const struct side_vote *part = &vote->side[side];
        uint64_t shown = (uint64_t)part->value * 256 + (uint64_t)part->reason + 1;
        news = news || actor->votes_shown[side] != shown;
        actor->votes_shown[side] = shown;
        add_side_vote(&text, (enum side)side, part);
    }
    if (!news)
        return;
    if (vote->inquiry == 0)
        stage_say(stage, vote->voter, "sees%s", text.bytes);
    else
        stage_say(stage, vote->voter, "votes in %u:%s", vote->ballot, text.bytes);
}

static void add_close(struct text *text, enum side side, const struct side_close *close)
{
    if (!close->closed)
        return;
    text_add(text, " %s %s", side_name(side), ballot_result_name(close->result));
    if (close->result == BALLOT_FAIL)
        text_add(text, "/%s", severity_name(close->severity));
    const char *separator = " (";
    for (int value = 0; value < VOTE_VALUE_N; value++) {
        if (close->votes[value] == 0)
            continue;
        text_add(text, "%s%u %s", separator, close->votes[value],
                 vote_value_name((enum vote_value)value));
        separator = ", ";
    }
    text_add(text, "%s", *separator == ',' ? ")" : "");
}

static void add_command(struct text *text, const struct command *command)
{
    switch (command->kind) {
    case COMMAND_INQUIRY_OPEN:
        text_add(text, " by n%u: %s %s", command->as.inquiry_open.voter,
                 side_name(command->as.inquiry_open.side),
                 vote_value_name(command->as.inquiry_open.value));
        break;
    case COMMAND_BALLOT_CLOSE:
        text_add(text, " %u:", command->as.ballot_close.ballot);
        for (int side = 0; side < SIDE_N; side++)
            add_close(text, (enum side)side, &command->as.ballot_close.side[side]);
        break;
    case COMMAND_INTENT:
        text_add(text, " to %s, attempt %u, on version %" PRIu64,
                 route_step_name(command->as.intent.step), command->as.intent.attempt,
                 command->as.intent.base.version);
        break;
    case COMMAND_OUTCOME:
        text_add(text, " of %s, attempt %u: %s, version %" PRIu64,
                 route_step_name(command->as.outcome.step), command->as.outcome.attempt,
                 outcome_name(command->as.outcome.outcome), command->as.outcome.version);
        break;
    case COMMAND_MOVE_INPUT:
        text_add(text, " %s", move_input_name(command->as.move_input.input));
        break;
    case COMMAND_ROUTE_SEEN:
        text_add(text, " %s, version %" PRIu64, route_state_name(command->as.route_seen.state),
                 command->as.route_seen.version);
        break;
    case COMMAND_NOOP:
    case COMMAND_CLUSTER:
    case COMMAND_SERVICE_SET:
    case COMMAND_INQUIRY_LAPSE:
    case COMMAND_MOVE_OPEN:
    case COMMAND_HOLD:
    case COMMAND_RELEASE:
    case COMMAND_ARM:
    case COMMAND_DISARM:
    case COMMAND_TICK:
    case COMMAND_ACK:
    case COMMAND_LEVEL:
    case COMMAND_MEMBER:
    case COMMAND_HOLD_ALL:
    case COMMAND_RELEASE_ALL:
    case COMMAND_TOKEN_INTENT:
    case COMMAND_TOKEN_SET:
    case COMMAND_TOKEN_LOCKED_OUT:
    case COMMAND_KIND_N:
        break;
    }
}

static void lines_consequences(struct stage *stage, node_id node, const struct applied *applied)
{
    const struct ledger *ledger = &stage->actors[node].core->ledger;
    if (applied->convicted)
        stage_say(stage, node, "  convicts the %s", side_name(applied->side));
    if (applied->service >= ledger->service_count)
        return;
    const struct service_record *service = &ledger->services[applied->service];
    const struct inquiry_record *inquiry = &service->inquiry;
    if (applied->kind == COMMAND_BALLOT_CLOSE && inquiry->index != 0 && inquiry->gate != WHY_NONE)
        stage_say(stage, node, "  no move: %s", why_text(inquiry->gate));
    if (applied->kind == COMMAND_BALLOT_CLOSE && inquiry->index == 0)
        stage_say(stage, node, "  the inquiry ends");
    if (applied->move_before != applied->move_after)
        stage_say(stage, node, "  move %" PRIu64 ": %s -> %s (%s)", applied->move,
                  move_state_name(applied->move_before), move_state_name(applied->move_after),
                  why_text(service->move.why));
}

/* Which service is meant, where there are several. */
static const char *lines_service(struct stage *stage, node_id node, service_slot slot)
{
    if (stage->service_count < 2 || slot >= stage->actors[node].core->ledger.service_count)
        return "";
    return stage->services[stage_service_at(stage, node, slot)].name.text;
}

void lines_applied(struct stage *stage, node_id node, const struct applied *applied,
                   const struct command *command)
{
    struct text text = {0};
    if (command->kind == COMMAND_NOOP || command->kind == COMMAND_TICK)
        return;
    text_set(&text, "%s%s%s %s", lines_service(stage, node, applied->service),
             stage->service_count > 1 ? " " : "",
             applied->accepted ? "accepted:" : "refused:", command_kind_name(command->kind));
    add_command(&text, command);
    if (!applied->accepted)
        text_add(&text, ", %s", why_text(applied->why));
    stage_say(stage, node, "%s", text.bytes);
    if (applied->accepted)
        lines_consequences(stage, node, applied);
}

void lines_write(struct stage *stage, uint16_t service, const struct platform_write *write)
{
    const char *name = stage->services[service].name.text;
    const struct route_job *job = &write->job;
    struct text text = {0};
    if (stage->services[service].platform.part_count > 1)
        text_add(&text, " part %u", write->part + 1);
    if (job->step != ROUTE_PAUSE)
        text_add(&text, " to the %s", side_name(job->to));
    if (write->fault != PLATFORM_WELL)
        text_add(&text, " [%s]", platform_fault_name(write->fault));
    stage_say(stage, 0,
              "API: %s%s%s%s by n%u, key %" PRIu64 ".%s.%u, on version %" PRIu64
              ": %s, route is %s",
              stage->service_count > 1 ? name : "", stage->service_count > 1 ? " " : "",
              route_step_name(job->step), text.bytes, write->node, job->move,
              route_step_name(job->step), job->attempt, job->base.version,
              route_result_name(write->result), route_state_name(write->state));
}

void lines_notice(struct stage *stage, node_id node, const struct effect *effect)
{
    stage_say(stage, node, "notice %s, %s (%s)", notice_name(effect->as.notice.kind),
              side_name(effect->as.notice.side), why_code(effect->as.notice.why));
}

void lines_reply(struct stage *stage, node_id node, const struct effect *effect)
{
    stage_say(stage, node, "answers %s: %s, earliest %lld",
              effect->as.reply.accepted ? "yes" : "no", why_text(effect->as.reply.why),
              (long long)effect->as.reply.earliest_ms);
}
