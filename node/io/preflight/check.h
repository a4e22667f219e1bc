/* The checks of the preflight: one table, one pure judge a check.
 * A judge never asks and never changes anything: from the platform's answers it says pass, warn,
 * fail or skip, in words, and what to do. Called by the runner, once for each subject of its scope.
 */
#ifndef QUORATE_IO_PREFLIGHT_CHECK_H
#define QUORATE_IO_PREFLIGHT_CHECK_H

#include "node/io/preflight/facts.h"
#include "node/io/preflight/report.h"

/* What a check looks at: each platform of the service, each of its routes, or each pair of flows
 * that stand in for each other. */
enum preflight_scope { SCOPE_PLATFORM, SCOPE_ROUTE, SCOPE_PAIR, PREFLIGHT_SCOPE_N };

/* `at` is the subject's place in config->platforms, service->routes or facts->pairs. The row comes
 * with check and about set, as SKIP. */
typedef void preflight_judge_fn(const struct preflight_facts *facts, size_t at,
                                struct preflight_row *row);

struct preflight_check {
    const char *name;
    enum preflight_scope scope;
    enum side side;   /* SCOPE_PAIR: whose flow it is about; SIDE_N: both */
    const char *asks; /* what it wants to know, for people */
    preflight_judge_fn *judge;
    /* Where one row is not enough: more rows behind the judge's. NULL: there are none. */
    void (*list)(const struct preflight_facts *facts, size_t at, struct preflight_report *report);
};

size_t preflight_check_count(void);
const struct preflight_check *preflight_check_at(size_t at);

/* Judges everything that the facts hold, in the table's order. */
void preflight_judge(const struct preflight_facts *facts, struct preflight_report *report);

/* check_platform.c */
preflight_judge_fn judge_credentials;
/* check_permissions.c */
preflight_judge_fn judge_permissions;
/* check_route.c */
preflight_judge_fn judge_route_readable;
preflight_judge_fn judge_route_at_primary;
/* check_flow.c */
preflight_judge_fn judge_primary_exists;
preflight_judge_fn judge_primary_published;
preflight_judge_fn judge_primary_version;
preflight_judge_fn judge_standby_exists;
preflight_judge_fn judge_standby_published;
preflight_judge_fn judge_standby_version;
preflight_judge_fn judge_standby_tag;
preflight_judge_fn judge_standby_quiet;
/* check_match.c */
preflight_judge_fn judge_same_type;
preflight_judge_fn judge_same_division;
preflight_judge_fn judge_languages;
preflight_judge_fn judge_inputs;
preflight_judge_fn judge_outputs;
/* check_isolation.c */
preflight_judge_fn judge_isolation;
/* check_entrances.c */
preflight_judge_fn judge_entrances;
void list_entrances(const struct preflight_facts *facts, size_t at,
                    struct preflight_report *report);

/* For the judges: sets result and found; then add what to do with text_set. */
void row_say(struct preflight_row *row, enum preflight_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Says why there is no answer to judge: skip where nobody was asked, warn where the platform did
 * not tell, naming the permission after a 403. */
void row_unanswered(struct preflight_row *row, const struct preflight_page *page,
                    const char *permission);
/* SKIP with the reason where the pair's platform has no flows to ask about. Returns true then. */
bool row_without_flows(struct preflight_row *row, const struct preflight_facts *facts,
                       const struct preflight_pair *pair);

#endif
