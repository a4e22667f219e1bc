#include "tests/lab/sim/routes.h"

#include "common/check.h"

#include <stdio.h>
#include <string.h>

struct route {
    const char *pattern;
    const char *permission;
    call_serve_fn *serve;
    const struct kind *kind; /* of the resource that it is about; NULL: none */
    size_t word;             /* which of the path's words names it */
};

static const struct route routes[] = {
    {"/api/v2/routing/plans/{id}", NULL, call_serve_plan, NULL, 0},
    {"/api/v2/analytics/flows/observations/query", "analytics:flowObservation:view",
     call_serve_observations, NULL, 0},
    {"/api/v2/architect/dependencytracking/consumedresources", "architect:dependencyTracking:view",
     call_serve_consumed, NULL, 0},
    {"/api/v2/textbots/botflows/sessions", "textbots:botFlowSession:execute",
     call_serve_bot_session, NULL, 0},
    {"/api/v2/textbots/botflows/sessions/{id}/turns", "textbots:botFlowSession:execute",
     call_serve_bot_turn, NULL, 0},
    {"/api/v2/conversations/contacts/{id}/profile", NULL, call_serve_profile, &kind_profile, 0},
    {"/api/v2/conversations/{id}/participants/{participant}/attributes", NULL,
     call_serve_attributes, &kind_conversation, 0},
    {"/api/v2/conversations/{media}/{id}/participants/{participant}/attributes", NULL,
     call_serve_attributes, &kind_conversation, 1},
    {"/api/v2/tokens/me", NULL, call_serve_token_me, NULL, 0},
    {"/api/v2/authorization/subjects/me", NULL, call_serve_subject_me, NULL, 0},
    {"/api/v2/oauth/clients/{id}", "oauth:client:view", call_serve_client, NULL, 0},
};

static bool kind_list_find(struct call *call, const struct kind *kind)
{
    if (kind->path[0] == '\0' || !path_match(kind->path, call->request->path, &call->words))
        return false;
    call->kind = kind;
    call->permission = kind->view;
    call->serve = call_serve_list;
    return true;
}

static bool kind_document_find(struct call *call, const struct kind *kind)
{
    char pattern[128] = "";
    bool below = strstr(kind->path, "{parent}") != NULL;

    (void)snprintf(pattern, sizeof(pattern), "%s/{id}", kind->path);
    if (kind->path[0] == '\0' || !path_match(pattern, call->request->path, &call->words))
        return false;
    call->kind = kind;
    call->permission = call->changes ? kind->edit : kind->view;
    call->serve = call_serve_document;
    call->document = catalog_find(&call->platform->catalog, kind, below ? call->words.words[0] : "",
                                  call->words.words[below ? 1 : 0]);
    return true;
}

/* Lists first: "/flows/datatables" is no flow. */
static bool kinds_find(struct call *call)
{
    for (size_t i = 0; i < kind_count; i++) {
        if (kind_list_find(call, kinds[i]))
            return true;
    }
    for (size_t i = 0; i < kind_count; i++) {
        if (!kind_document_find(call, kinds[i]))
            continue;
        call->endpoint = ARRAY_COUNT(routes) + i;
        return true;
    }
    return false;
}

void routes_find(struct call *call)
{
    for (size_t i = 0; i < ARRAY_COUNT(routes); i++) {
        if (!path_match(routes[i].pattern, call->request->path, &call->words))
            continue;
        call->serve = routes[i].serve;
        call->permission = routes[i].permission;
        call->endpoint = i;
        call->kind = routes[i].kind;
        if (call->kind != NULL)
            call->document = catalog_find(&call->platform->catalog, call->kind, "",
                                          call->words.words[routes[i].word]);
        if (call->serve == call_serve_plan)
            call->plan = platform_find_plan(call->platform, call->words.words[0]);
        return;
    }
    if (kinds_find(call))
        return;
    memset(&call->words, 0, sizeof(call->words));
    call->serve = call_refuse_unknown;
}
