#include "proto/types.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "proto/notice.h"
#include "proto/route.h"

#define NAME_OF(table, value) \
    ((size_t)(value) < ARRAY_COUNT(table) && (table)[value] != NULL ? (table)[value] : "?")

static const char *const side_names[SIDE_N] = {"primary", "standby"};

static const char *const vote_value_names[VOTE_VALUE_N] = {"DOWN", "SLOW", "UP", "CANNOT_TELL"};

static const char *const vote_reason_texts[VOTE_REASON_N] = {
    [VOTE_REASON_OK] = "answered as expected within its budget",
    [VOTE_REASON_OVER_LATENCY] = "answered, over the latency budget",
    [VOTE_REASON_STATUS] = "the target answered with a wrong status",
    [VOTE_REASON_BODY] = "the target answered with a wrong body",
    [VOTE_REASON_NO_ANSWER] = "no answer from the target",
    [VOTE_REASON_REFERENCES_FAILED] = "a majority of my references failed in the same round",
    [VOTE_REASON_REFERENCES_INFLATED] = "a majority of my references were slow in the same round",
    [VOTE_REASON_TIMER_LATE] = "my own timers ran late",
    [VOTE_REASON_CONFIG_DIFFERS] = "my configuration of the service is not the call's",
    [VOTE_REASON_LOCAL] = "this node could not even try",
    [VOTE_REASON_BOT] = "the bot answered that it failed",
    [VOTE_REASON_PLATFORM] = "the platform did not let me ask the bot",
};

static const char *const sample_result_names[SAMPLE_RESULT_N] = {
    [SAMPLE_OK] = "ok",
    [SAMPLE_OVER_LATENCY] = "over-latency",
    [SAMPLE_STATUS] = "status",
    [SAMPLE_BODY] = "body",
    [SAMPLE_DNS] = "dns",
    [SAMPLE_REFUSED] = "refused",
    [SAMPLE_CONNECT_TIMEOUT] = "connect-timeout",
    [SAMPLE_TLS] = "tls",
    [SAMPLE_TIMEOUT] = "timeout",
    [SAMPLE_RESET] = "reset",
    [SAMPLE_PROXY] = "proxy",
    [SAMPLE_LOCAL] = "local",
    [SAMPLE_BOT] = "bot",
    [SAMPLE_PLATFORM] = "platform",
};

static const char *const mode_names[SERVICE_MODE_N] = {"observe", "act"};
static const char *const severity_names[SEVERITY_N] = {"SLOW", "DOWN"};
static const char *const step_names[ROUTE_STEP_N] = {"pause", "switch", "resume"};

static const char *const state_names[ROUTE_STATE_N] = {
    [ROUTE_UNKNOWN] = "unknown", [ROUTE_PRIMARY] = "primary", [ROUTE_STANDBY] = "standby",
    [ROUTE_PAUSED] = "paused",   [ROUTE_FOREIGN] = "foreign", [ROUTE_MIXED] = "mixed",
};

static const char *const result_names[ROUTE_RESULT_N] = {
    [ROUTE_RESULT_OK] = "ok",
    [ROUTE_RESULT_NOT_SENT] = "not-sent",
    [ROUTE_RESULT_UNKNOWN] = "unknown-outcome",
    [ROUTE_RESULT_CONFLICT] = "conflict",
    [ROUTE_RESULT_UNAUTHORIZED] = "unauthorized",
    [ROUTE_RESULT_FORBIDDEN] = "forbidden",
    [ROUTE_RESULT_NOT_FOUND] = "not-found",
    [ROUTE_RESULT_REJECTED] = "rejected",
    [ROUTE_RESULT_RATE_LIMITED] = "rate-limited",
    [ROUTE_RESULT_SERVER_ERROR] = "server-error",
    [ROUTE_RESULT_CANCELED] = "canceled",
};

static const char *const notice_names[NOTICE_N] = {
    [NOTICE_CONVICTED] = "convicted",
    [NOTICE_STANDBY_CONVICTED] = "standby-convicted",
    [NOTICE_WOULD_HAVE_MOVED] = "would-have-moved",
    [NOTICE_MOVE_OPENED] = "move-opened",
    [NOTICE_MOVE_DONE] = "move-done",
    [NOTICE_MOVE_ABORTED] = "move-aborted",
    [NOTICE_MOVE_UNVERIFIED] = "move-unverified",
    [NOTICE_BLOCKED] = "blocked",
    [NOTICE_BLIND] = "blind",
    [NOTICE_QUORUM_LOST] = "quorum-lost",
    [NOTICE_QUORUM_BACK] = "quorum-back",
    [NOTICE_PAUSED_TOO_LONG] = "paused-too-long",
    [NOTICE_CANNOT_ACT] = "cannot-act",
    [NOTICE_ROUTE_FOREIGN] = "route-foreign",
    [NOTICE_READMITTED] = "readmitted",
    [NOTICE_REJOINED] = "rejoined",
    [NOTICE_GATED] = "gated",
    [NOTICE_LOCKED_OUT] = "locked-out",
    [NOTICE_HALF_MOVED] = "half-moved",
    [NOTICE_PREFLIGHT_FAILED] = "preflight-failed",
};

const char *side_name(enum side side)
{
    return NAME_OF(side_names, side);
}

const char *vote_value_name(enum vote_value value)
{
    return NAME_OF(vote_value_names, value);
}

const char *vote_reason_text(enum vote_reason reason)
{
    return NAME_OF(vote_reason_texts, reason);
}

const char *sample_result_name(enum sample_result result)
{
    return NAME_OF(sample_result_names, result);
}

const char *service_mode_name(enum service_mode mode)
{
    return NAME_OF(mode_names, mode);
}

const char *severity_name(enum severity severity)
{
    return NAME_OF(severity_names, severity);
}

const char *route_step_name(enum route_step step)
{
    return NAME_OF(step_names, step);
}

const char *route_state_name(enum route_state state)
{
    return NAME_OF(state_names, state);
}

const char *route_result_name(enum route_result result)
{
    return NAME_OF(result_names, result);
}

const char *notice_name(enum notice_kind kind)
{
    return NAME_OF(notice_names, kind);
}

static bool name_byte_ok(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

int name_set(struct name *ret_name, const char *text)
{
    struct name name = {{0}};
    size_t length = 0;
    for (; text[length] != '\0'; length++) {
        if (length == NAME_BYTES_MAX)
            return ERR_TOO_LARGE;
        if (!name_byte_ok(text[length]))
            return ERR_INVALID;
        name.text[length] = text[length];
    }
    if (length == 0)
        return ERR_INVALID;
    *ret_name = name;
    return 0;
}

bool name_equal(const struct name *a, const struct name *b)
{
    return memcmp(a->text, b->text, sizeof a->text) == 0;
}
