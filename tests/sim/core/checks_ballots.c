#include "common/check.h"
#include "tests/sim/core/checks_parts.h"
#include "tests/sim/core/stage_parts.h"

static struct said *find_said(struct checks *checks, const struct vote *vote)
{
    for (size_t i = checks->said_count; i > 0; i--) {
        struct said *said = &checks->said[i - 1];
        if (said->inquiry == vote->inquiry && said->ballot == vote->ballot &&
            said->nonce == vote->nonce)
            return said;
    }
    checks->said =
        checks_grow(checks->said, checks->said_count, &checks->said_capacity, sizeof *checks->said);
    struct said *said = &checks->said[checks->said_count++];
    said->inquiry = vote->inquiry;
    said->ballot = vote->ballot;
    said->nonce = vote->nonce;
    return said;
}

void checks_on_vote(struct stage *stage, const struct vote *vote)
{
    const struct actor *actor = &stage->actors[vote->voter];
    if (vote->inquiry == 0)
        return;
    struct said *said = find_said(stage->checks, vote);
    if (actor->lie == LIE_NONE && said->incarnation[vote->voter] == actor->incarnation)
        stage_fail(stage, "n%u votes twice in ballot %u", vote->voter, vote->ballot);
    said->incarnation[vote->voter] = actor->incarnation;
    for (int side = 0; side < SIDE_N; side++)
        said->values[vote->voter][side] |= (uint8_t)(1u << vote->side[side].value);
    stage->checks->counts.votes[vote->side[SIDE_PRIMARY].value]++;
}

void checks_on_call(struct stage *stage)
{
    stage->checks->counts.ballots++;
}

struct tally {
    uint8_t up;
    uint8_t down;
    uint8_t not_up;
    uint8_t zones;
};

static struct tally tally_of(const struct stage *stage, const struct said *said, enum side side)
{
    struct tally tally = {0};
    uint32_t zones = 0;
    for (node_id voter = 1; voter <= stage->node_count; voter++) {
        uint8_t values = said->values[voter][side];
        bool up = values & (1u << VOTE_UP);
        bool down = values & (1u << VOTE_DOWN);
        bool not_up = down || (values & (1u << VOTE_SLOW));
        tally.up = (uint8_t)(tally.up + up);
        tally.down = (uint8_t)(tally.down + down);
        tally.not_up = (uint8_t)(tally.not_up + not_up);
        if (not_up)
            zones |= UINT32_C(1) << ((voter - 1) % STAGE_ZONES);
    }
    tally.zones = (uint8_t)__builtin_popcount(zones);
    return tally;
}

/* What voters said in one call of this ballot carries the result. */
static bool is_carried(const struct stage *stage, const struct service_record *record,
                       const struct said *said, enum side side, const struct side_close *part)
{
    struct tally tally = tally_of(stage, said, side);
    uint8_t quorum = raft_quorum(stage->node_count);
    if (part->result == BALLOT_PASS)
        return tally.up >= quorum;
    return tally.not_up >= quorum && tally.zones >= record->settings.min_zones &&
           (part->severity != SEVERITY_DOWN || tally.down >= quorum);
}

/* Invariant 1: a close may claim only what voters said, by a quorum and from enough zones. */
static void check_close(struct stage *stage, const struct service_record *record,
                        const struct command_ballot_close *close, enum side side)
{
    const struct checks *checks = stage->checks;
    const struct side_close *part = &close->side[side];
    if (part->result == BALLOT_VOID)
        return;
    for (size_t i = checks->said_count; i > 0; i--) {
        const struct said *said = &checks->said[i - 1];
        if (said->inquiry == close->inquiry && said->ballot == close->ballot &&
            is_carried(stage, record, said, side, part))
            return;
    }
    stage_fail(stage, "ballot %u of the %s is closed as %s without a quorum", close->ballot,
               side_name(side), ballot_result_name(part->result));
}

void checks_close(struct stage *stage, uint16_t service, const struct ledger *ledger,
                  const struct service_record *record, const struct command_ballot_close *close)
{
    struct service_checks *own = &stage->checks->services[service];
    for (int side = 0; side < SIDE_N; side++) {
        const struct side_close *part = &close->side[side];
        if (!part->closed || close->ballot <= own->before.inquiry.closed[side])
            continue;
        check_close(stage, record, close, (enum side)side);
        if (part->result == BALLOT_VOID)
            continue;
        own->decided[side][own->decided_count[side]++ % CHECKS_RECORDS] =
            (struct decided){.result = part->result, .closed_ms = ledger->now_ms};
    }
}

/* DESIGN 2.5, counted here once more. */
bool checks_convicted(const struct stage *stage, uint16_t service, enum side side, time_ms now_ms)
{
    const struct service_checks *own = &stage->checks->services[service];
    const struct service_settings *settings = &stage->services[service].settings;
    size_t count = own->decided_count[side];
    uint8_t fails = 0;
    for (size_t back = 1; back <= count && back <= settings->rule_of; back++) {
        const struct decided *decided = &own->decided[side][(count - back) % CHECKS_RECORDS];
        if (now_ms - decided->closed_ms >= settings->within_ms)
            break;
        if (decided->result == BALLOT_FAIL)
            fails++;
        else if (settings->consecutive)
            break;
    }
    return fails >= settings->rule_fail;
}
