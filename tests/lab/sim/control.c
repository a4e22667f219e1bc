#include "tests/lab/sim/control.h"

#include "common/errors.h"
#include "tests/lab/base/clock.h"
#include "tests/lab/base/json.h"
#include "tests/lab/sim/control_parts.h"

#include <stdlib.h>
#include <string.h>

struct control {
    const char *method;
    const char *path;
    bool prefix;
    control_fn *serve;
};

static void journal_get(const struct web_request *request, struct web_answer *answer,
                        struct platform *platform)
{
    const char *after = web_request_query(request, "after");

    answer->body = journal_text(&platform->journal, after == NULL ? 0 : strtoll(after, NULL, 10));
    if (answer->body == NULL)
        web_answer_refusal(answer, 500, "no memory for the journal");
}

static cJSON *plan_describe(const struct plan *plan)
{
    cJSON *described = cJSON_Duplicate(plan->document, true);

    (void)cJSON_AddStringToObject(described, "state", plan_state(plan));
    return described;
}

static void plans_get(const struct web_request *request, struct web_answer *answer,
                      struct platform *platform)
{
    cJSON *list = cJSON_CreateArray();

    (void)request;
    for (size_t i = 0; i < PLAN_COUNT; i++)
        (void)cJSON_AddItemToArray(list, plan_describe(&platform->plans[i]));
    web_answer_json(answer, 200, list);
}

static void human_record(const struct web_request *request, struct platform *platform,
                         const struct plan *plan, const char *state_before, int64_t sent)
{
    struct journal_entry entry = {
        .wall_ms = request->wall_ms,
        .mono_ms = request->boot_ms,
        .done_ms = clock_boot_ms(),
        .method = "HUMAN",
        .path = request->path,
        .plan = plan->id,
        .status = 200,
        .peer_port = request->peer_port,
        .version_sent = sent,
        .version_after = plan->versioned ? plan->version : -1,
        .state_before = state_before,
        .state_after = plan_state(plan),
        .applied = true,
        .body = request->body,
        .body_length = request->body_length,
    };

    platform_record(platform, &entry);
}

static void human_edit(const struct web_request *request, struct web_answer *answer,
                       struct platform *platform, struct plan *plan)
{
    static const char *const keys[] = {"name", "routingType", "entries", "version"};
    const char *state_before = plan_state(plan);
    struct text why = {0};
    cJSON *change = NULL;
    int64_t sent = -1;
    int result = json_object_parse(request->body, request->body_length, keys,
                                   sizeof(keys) / sizeof(keys[0]), &change, &why);

    if (result == 0)
        result = plan_change(plan, change, clock_boot_ms(), platform->propagation_ms, &sent, &why);
    cJSON_Delete(change);
    if (result != 0) {
        web_answer_refusal(answer, result == ERR_CONFLICT ? 409 : 400, "%s",
                           result == ERR_CONFLICT ? "the version is another one" : why.bytes);
        return;
    }
    platform_plan_changed(platform, plan, clock_boot_ms());
    human_record(request, platform, plan, state_before, sent);
    web_answer_json(answer, 200, plan_describe(plan));
}

static void plan_post(const struct web_request *request, struct web_answer *answer,
                      struct platform *platform)
{
    const char *id = strrchr(request->path, '/') + 1;
    struct plan *plan = platform_find_plan(platform, id);

    if (plan == NULL)
        web_answer_refusal(answer, 404, "there is no plan %s", id);
    else
        human_edit(request, answer, platform, plan);
}

static void faults_get(const struct web_request *request, struct web_answer *answer,
                       struct platform *platform)
{
    cJSON *body = cJSON_CreateObject();

    (void)request;
    (void)cJSON_AddItemToObject(body, "faults", fault_list(&platform->faults));
    (void)cJSON_AddNumberToObject(body, "held", platform->held_count);
    web_answer_json(answer, 200, body);
}

static void faults_post(const struct web_request *request, struct web_answer *answer,
                        struct platform *platform)
{
    struct text why = {0};

    if (fault_add(&platform->faults, request->body, request->body_length, &why) != 0)
        web_answer_refusal(answer, 400, "%s", why.bytes);
    else
        faults_get(request, answer, platform);
}

static void faults_delete(const struct web_request *request, struct web_answer *answer,
                          struct platform *platform)
{
    fault_clear(&platform->faults);
    faults_get(request, answer, platform);
}

/* Everything that was given out, for tests that look for it where it must not be. */
static void tokens_get(const struct web_request *request, struct web_answer *answer,
                       struct platform *platform)
{
    const struct token_book *tokens = &platform->tokens;
    const struct refresh_book *refreshes = &platform->refreshes;
    cJSON *list = cJSON_CreateArray();

    (void)request;
    for (size_t i = 0; i < refreshes->made_count && i < REFRESHES_MAX; i++)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(refreshes->refreshes[i].value));
    for (size_t i = 0; i < tokens->minted_count && i < TOKENS_MAX; i++)
        (void)cJSON_AddItemToArray(list, cJSON_CreateString(tokens->tokens[i].value));
    web_answer_json(answer, 200, list);
}

static void tokens_expire(const struct web_request *request, struct web_answer *answer,
                          struct platform *platform)
{
    cJSON *body = cJSON_CreateObject();
    size_t count = token_expire_all(&platform->tokens, clock_boot_ms());

    (void)request;
    (void)cJSON_AddNumberToObject(body, "expired", (double)count);
    web_answer_json(answer, 200, body);
}

static void refresh_post(const struct web_request *request, struct web_answer *answer,
                         struct platform *platform)
{
    static const char *const keys[] = {"token"};
    struct text why = {0};
    cJSON *object = NULL;
    const char *token = "";
    int result = json_object_parse(request->body, request->body_length, keys, 1, &object, &why);

    if (result == 0)
        result = json_text_read(object, "token", &token, &why);
    if (result == 0 && refresh_add(&platform->refreshes, token) != 0) {
        text_set(&why, "\"token\" is empty or too long");
        result = ERR_INVALID;
    }
    cJSON_Delete(object);
    if (result != 0)
        web_answer_refusal(answer, 400, "%s", why.bytes);
    else
        web_answer_json(answer, 200, cJSON_CreateObject());
}

static void refresh_revoke(const struct web_request *request, struct web_answer *answer,
                           struct platform *platform)
{
    cJSON *body = cJSON_CreateObject();
    size_t count = refresh_revoke_all(&platform->refreshes, clock_boot_ms());

    (void)request;
    (void)cJSON_AddNumberToObject(body, "revoked", (double)count);
    web_answer_json(answer, 200, body);
}

static const struct control controls[] = {
    {"GET", "/sim/journal", false, journal_get},
    {"GET", "/sim/plans", false, plans_get},
    {"POST", "/sim/plans/", true, plan_post},
    {"GET", "/sim/documents", false, control_documents_get},
    {"GET", "/sim/documents/", true, control_document_get},
    {"POST", "/sim/documents/", true, control_document_post},
    {"GET", "/sim/entrances", false, control_entrances_get},
    {"GET", "/sim/entrances/", true, control_entrance_get},
    {"GET", "/sim/traffic", false, control_traffic_get},
    {"POST", "/sim/traffic", false, control_traffic_post},
    {"GET", "/sim/bots", false, control_bots_get},
    {"POST", "/sim/bots/", true, control_bot_post},
    {"GET", "/sim/permissions/", true, control_permission_get},
    {"POST", "/sim/permissions/", true, control_permission_post},
    {"GET", "/sim/faults", false, faults_get},
    {"POST", "/sim/faults", false, faults_post},
    {"DELETE", "/sim/faults", false, faults_delete},
    {"GET", "/sim/tokens", false, tokens_get},
    {"POST", "/sim/tokens/expire", false, tokens_expire},
    {"POST", "/sim/refresh", false, refresh_post},
    {"POST", "/sim/refresh/revoke", false, refresh_revoke},
};

static bool control_matches(const struct control *control, const struct web_request *request)
{
    bool path_matches = control->prefix
                            ? strncmp(request->path, control->path, strlen(control->path)) == 0
                            : strcmp(request->path, control->path) == 0;

    return path_matches && strcmp(control->method, request->method) == 0;
}

void sim_control_handle(const struct web_request *request, struct web_answer *answer,
                        struct platform *platform)
{
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        if (!control_matches(&controls[i], request))
            continue;
        (void)pthread_mutex_lock(&platform->lock);
        controls[i].serve(request, answer, platform);
        (void)pthread_mutex_unlock(&platform->lock);
        return;
    }
    web_answer_refusal(answer, 404, "there is no %s %s; see tests/lab/README.md", request->method,
                       request->path);
}
