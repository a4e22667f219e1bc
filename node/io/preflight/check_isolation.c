/* isolation: a standby that calls what the primary calls fails with it. */
#include "node/io/preflight/check.h"
#include "node/io/preflight/share.h"

static bool is_known(const struct preflight_uses *uses)
{
    return uses->last.asked && uses->last.result == ROUTE_RESULT_OK;
}

static const struct preflight_uses *find_unknown(const struct preflight_pair *pair)
{
    for (int side = 0; side < SIDE_N; side++)
        if (!is_known(&pair->uses[side]))
            return &pair->uses[side];
    return NULL;
}

static void say_apart(const struct preflight_pair *pair, struct preflight_row *row)
{
    const struct preflight_uses *primary = &pair->uses[SIDE_PRIMARY];
    const struct preflight_uses *standby = &pair->uses[SIDE_STANDBY];
    row_say(row, PREFLIGHT_PASS,
            "integrations: %zu of the primary, %zu of the standby, none of both",
            share_count(primary->list), share_count(standby->list));
    if (primary->cut || standby->cut) {
        row->result = PREFLIGHT_WARN;
        text_add(&row->found, ", as far as was asked");
    }
    if (primary->actions_hidden || standby->actions_hidden)
        text_add(&row->found, "; which hosts their actions call is not known without "
                              "integrations:action:view");
}

void judge_isolation(const struct preflight_facts *facts, size_t at, struct preflight_row *row)
{
    const struct preflight_pair *pair = &facts->pairs[at];
    const char *allowed = facts->service->may_share;
    struct text shared = {.length = 0};
    if (row_without_flows(row, facts, pair))
        return;
    const struct preflight_uses *unknown = find_unknown(pair);
    if (unknown != NULL) {
        row_unanswered(row, &unknown->last, "architect:dependencyTracking:view");
        return;
    }
    if (share_list(&pair->uses[SIDE_PRIMARY], &pair->uses[SIDE_STANDBY], allowed, &shared) > 0) {
        row_say(row, PREFLIGHT_FAIL, "both use %s", shared.bytes);
        text_set(&row->todo,
                 "give the standby its own; or name it in services.%s."
                 "isolation.may_share if it does not fail with the primary",
                 facts->service->name.text);
    } else if (share_hosts(&pair->uses[SIDE_PRIMARY], &pair->uses[SIDE_STANDBY], allowed, &shared) >
               0) {
        row_say(row, PREFLIGHT_WARN, "actions of both sides call %s", shared.bytes);
        text_set(&row->todo, "see that this host does not fail with the primary, or give the "
                             "standby another one");
    } else {
        say_apart(pair, row);
    }
}
