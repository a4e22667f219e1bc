#include "node/io/api/view.h"

#include "common/check.h"

static const char *const condition_names[NODE_CONDITION_N] = {
    [NODE_UNINITIALISED] = "uninitialised",
    [NODE_RUNNING] = "running",
    [NODE_FAILED] = "failed",
};

static const char *const drop_names[DROP_REASON_N] = {
    [DROP_MALFORMED] = "malformed", [DROP_VERSION] = "version",
    [DROP_CLUSTER] = "cluster",     [DROP_SENDER] = "sender",
    [DROP_REPLAYED] = "replayed",   [DROP_SIGNATURE] = "signature",
    [DROP_EVIDENCE] = "evidence",   [DROP_UNEXPECTED] = "unexpected",
};

const char *node_condition_name(enum node_condition condition)
{
    return (size_t)condition < ARRAY_COUNT(condition_names) ? condition_names[condition] : "?";
}

const char *drop_reason_name(enum drop_reason reason)
{
    return (size_t)reason < ARRAY_COUNT(drop_names) ? drop_names[reason] : "?";
}
