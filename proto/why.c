#include "proto/why.h"

#include <stddef.h>

#include "common/check.h"

struct why_row {
    const char *code;
    const char *text;
};

static const struct why_row rows[WHY_N] = {
    [WHY_NONE] = {"none", "nothing stands against it"},
    [WHY_HEALTHY] = {"healthy", "the serving side is not convicted"},
    [WHY_NO_QUORUM] = {"no-quorum", "fewer than a quorum of voters is heard"},
    [WHY_NOT_LEADER] = {"not-leader", "this node does not lead"},
    [WHY_TERM_NOT_APPLIED] = {"term-not-applied",
                              "the leader has not applied an entry of its term"},
    [WHY_TIME_IN_DOUBT] = {"time-in-doubt", "the clock jumped or the loop was late"},
    [WHY_OBSERVE_MODE] = {"observe-mode", "the service is in mode observe"},
    [WHY_ON_HOLD] = {"on-hold", "an operator put the service on hold"},
    [WHY_COOLDOWN] = {"cooldown", "the cooldown after the last move is not over"},
    [WHY_BUDGET] = {"budget", "the budget of automatic moves is used up"},
    [WHY_ABORTS] = {"aborts", "too many moves were aborted in the window"},
    [WHY_CONCURRENT] = {"concurrent", "as many services as allowed are moving"},
    [WHY_DESTINATION_NOT_BETTER] = {"destination-not-better",
                                    "the other side is not better by its last ballot"},
    [WHY_DESTINATION_UNKNOWN] = {"destination-unknown", "no young ballot tells of the other side"},
    [WHY_ROUTE_UNREAD] = {"route-unread", "the route could not be read yet"},
    [WHY_ROUTE_FOREIGN] = {"route-foreign", "the route points at something that is not ours"},
    [WHY_MOVE_OPEN] = {"move-open", "a move of the service is open"},
    [WHY_NO_MOVE] = {"no-move", "no such move is open"},
    [WHY_INTENT_OPEN] = {"intent-open", "a request without an outcome is open"},
    [WHY_NO_INTENT] = {"no-intent", "no such intent is open"},
    [WHY_ILLEGAL] = {"illegal", "the move's state does not allow it"},
    [WHY_TOO_EARLY] = {"too-early", "its time has not come"},
    [WHY_STALE] = {"stale", "it belongs to something older"},
    [WHY_UNKNOWN_SERVICE] = {"unknown-service", "the ledger does not know the service"},
    [WHY_DUPLICATE] = {"duplicate", "the request was answered before"},
    [WHY_ALREADY_SERVING] = {"already-serving", "that side serves already"},
    [WHY_EXPECTATION] = {"expectation", "another side serves than the caller expects"},
    [WHY_FULL] = {"full", "a table of the ledger has no room"},
    [WHY_FAIL_QUORUM] = {"fail-quorum", "a quorum of nodes found the serving side unwell"},
    [WHY_OPERATOR] = {"operator", "an operator asked for it"},
    [WHY_ACQUITTED] = {"acquitted", "three ballots in a row passed"},
    [WHY_LAPSED] = {"lapsed", "the inquiry came to no result in time"},
    [WHY_FORBIDDEN] = {"forbidden", "the API says that our credentials lack a permission"},
    [WHY_NOT_FOUND] = {"not-found", "the API does not know the route"},
    [WHY_REJECTED] = {"rejected", "the API does not accept the request's body"},
    [WHY_UNVERIFIED] = {"unverified", "switched, but not seen to work in time"},
    [WHY_PAUSED_TOO_LONG] = {"paused-too-long", "the pause lasted as long as it may"},
    [WHY_LOCKED_OUT] = {"locked-out", "the platform knows the refresh token no more"},
    [WHY_HALF_MOVED] = {"half-moved", "the routes of the service differ"},
    [WHY_ADOPTED] = {"adopted", "somebody else changed the route; it was adopted"},
    [WHY_TOO_FEW_VOTERS] = {"too-few-voters",
                            "fewer voters than a majority of the nodes would be left"},
    [WHY_DATA_LOST] = {"data-lost", "the node came back with an empty data folder"},
    [WHY_RATE_LIMITED] = {"rate-limited", "the API wants us to wait for longer than we may"},
    [WHY_LATE_WRITE] = {"late-write", "an own request landed after it had been given up"},
    [WHY_FAILBACK] = {"failback", "the hold time is over, and the primary is well"},
    [WHY_CANNOT_ACT] = {"cannot-act",
                        "the leader does not reach the routing API, and another node does"},
    [WHY_LEVEL] = {"level", "not all nodes run a version that knows it"},
};

const char *why_code(enum why why)
{
    return (size_t)why < ARRAY_COUNT(rows) ? rows[why].code : "?";
}

const char *why_text(enum why why)
{
    return (size_t)why < ARRAY_COUNT(rows) ? rows[why].text : "?";
}
