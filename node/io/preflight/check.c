#include "node/io/preflight/check.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/check.h"

static const struct preflight_check checks[] = {
    {"credentials", SCOPE_PLATFORM, SIDE_N, "does the platform give this node a token",
     judge_credentials, NULL},
    {"permissions", SCOPE_PLATFORM, SIDE_N, "may the client read and write what a move needs",
     judge_permissions, NULL},
    {"route-readable", SCOPE_ROUTE, SIDE_N, "can the route be read, and is it alive",
     judge_route_readable, NULL},
    {"route-at-primary", SCOPE_ROUTE, SIDE_N, "does the route point at the primary",
     judge_route_at_primary, NULL},
    {"primary-exists", SCOPE_PAIR, SIDE_PRIMARY, "is there such a flow, not deleted",
     judge_primary_exists, NULL},
    {"primary-published", SCOPE_PAIR, SIDE_PRIMARY, "has it a published version, and is it active",
     judge_primary_published, NULL},
    {"primary-version", SCOPE_PAIR, SIDE_PRIMARY, "is it at or above min_version",
     judge_primary_version, NULL},
    {"standby-exists", SCOPE_PAIR, SIDE_STANDBY, "is there such a flow, not deleted",
     judge_standby_exists, NULL},
    {"standby-published", SCOPE_PAIR, SIDE_STANDBY, "has it a published version, and is it active",
     judge_standby_published, NULL},
    {"standby-version", SCOPE_PAIR, SIDE_STANDBY, "is it at or above min_version",
     judge_standby_version, NULL},
    {"standby-tag", SCOPE_PAIR, SIDE_STANDBY, "does its description carry the configured tag",
     judge_standby_tag, NULL},
    {"standby-quiet", SCOPE_PAIR, SIDE_STANDBY, "is nobody editing or publishing it",
     judge_standby_quiet, NULL},
    {"same-type", SCOPE_PAIR, SIDE_N, "have both flows one type", judge_same_type, NULL},
    {"same-division", SCOPE_PAIR, SIDE_N, "are both flows in one division", judge_same_division,
     NULL},
    {"languages", SCOPE_PAIR, SIDE_N, "does the standby speak all of the primary's languages",
     judge_languages, NULL},
    {"inputs", SCOPE_PAIR, SIDE_N, "does the standby take all that the primary takes", judge_inputs,
     NULL},
    {"outputs", SCOPE_PAIR, SIDE_N, "does the standby give all that the primary gives",
     judge_outputs, NULL},
    {"isolation", SCOPE_PAIR, SIDE_N, "do the sides share no integration endpoint", judge_isolation,
     NULL},
    {"entrances", SCOPE_PLATFORM, SIDE_N, "does anything that is not switched point at the primary",
     judge_entrances, list_entrances},
};

size_t preflight_check_count(void)
{
    return ARRAY_COUNT(checks);
}

const struct preflight_check *preflight_check_at(size_t at)
{
    CHECK(at < ARRAY_COUNT(checks));
    return &checks[at];
}

static void judge_one(const struct preflight_facts *facts, const struct preflight_check *check,
                      size_t at, const char *about, struct preflight_report *report)
{
    struct preflight_row *row = preflight_report_add(report, check->name, about);
    if (row != NULL)
        check->judge(facts, at, row);
    if (check->list != NULL)
        check->list(facts, at, report);
}

static const char *about_pair(const struct preflight_check *check,
                              const struct preflight_pair *pair)
{
    return pair->flow[check->side == SIDE_PRIMARY ? SIDE_PRIMARY : SIDE_STANDBY];
}

static void judge_all(const struct preflight_facts *facts, const struct preflight_check *check,
                      struct preflight_report *report)
{
    const struct config *config = facts->config;
    switch (check->scope) {
    case SCOPE_PLATFORM:
        for (size_t i = 0; i < config->platform_count; i++)
            if (preflight_uses_platform(facts, i))
                judge_one(facts, check, i, config->platforms[i].name.text, report);
        break;
    case SCOPE_ROUTE:
        for (size_t i = 0; i < facts->service->route_count; i++)
            judge_one(facts, check, i, facts->service->routes[i].name.text, report);
        break;
    case SCOPE_PAIR:
        for (size_t i = 0; i < facts->pair_count; i++)
            judge_one(facts, check, i, about_pair(check, &facts->pairs[i]), report);
        break;
    case PREFLIGHT_SCOPE_N:
        CHECK(false);
    }
}

void preflight_judge(const struct preflight_facts *facts, struct preflight_report *report)
{
    for (size_t i = 0; i < ARRAY_COUNT(checks); i++)
        judge_all(facts, &checks[i], report);
}

void row_say(struct preflight_row *row, enum preflight_result result, const char *format, ...)
{
    char words[TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    row->result = result;
    text_set(&row->found, "%s", length < 0 ? "?" : words);
}

void row_unanswered(struct preflight_row *row, const struct preflight_page *page,
                    const char *permission)
{
    if (!page->asked) {
        row_say(row, PREFLIGHT_SKIP, "not asked: see the rows above");
        return;
    }
    if (page->result != ROUTE_RESULT_FORBIDDEN) {
        row_say(row, PREFLIGHT_WARN, "not known: %s", page->why.bytes);
        return;
    }
    row_say(row, PREFLIGHT_WARN, "not known: the client has no %s", permission);
    text_set(&row->todo, "give a role of the OAuth client %s", permission);
}

bool row_without_flows(struct preflight_row *row, const struct preflight_facts *facts,
                       const struct preflight_pair *pair)
{
    if (preflight_is_genesys(facts, pair->platform))
        return false;
    const char *name = facts->config->platforms[pair->platform].name.text;
    if (facts->platforms[pair->platform].me.result == ROUTE_RESULT_NOT_FOUND)
        row_say(row, PREFLIGHT_SKIP, "%s is no Genesys Cloud: it has no flows to ask about", name);
    else
        row_say(row, PREFLIGHT_SKIP, "not asked: see the rows above");
    return true;
}
