/* What a client may ask about itself: its token, its permissions, its registration. */
#include "tests/lab/sim/call.h"

#include <stdio.h>
#include <string.h>

#define ORGANIZATION_ID "organization-1"

static void client_id(const struct call *call, char *ret_id, size_t size)
{
    const char *client = call->platform->tokens.clients[call->token->client];

    (void)snprintf(ret_id, size, "%.*s", (int)strcspn(client, ":"), client);
}

static void named_add(cJSON *object, const char *key, const char *id, const char *name)
{
    cJSON *named = cJSON_AddObjectToObject(object, key);

    (void)cJSON_AddStringToObject(named, "id", id);
    (void)cJSON_AddStringToObject(named, "name", name);
}

static void registration_fill(cJSON *client, const char *id)
{
    cJSON *divisions;
    cJSON *division = cJSON_CreateObject();

    (void)cJSON_AddStringToObject(client, "id", id);
    (void)cJSON_AddStringToObject(client, "name", id);
    (void)cJSON_AddStringToObject(client, "authorizedGrantType", "CLIENT_CREDENTIALS");
    (void)cJSON_AddArrayToObject(client, "scope");
    divisions = cJSON_AddArrayToObject(client, "roleDivisions");
    (void)cJSON_AddStringToObject(division, "roleId", "role-1");
    (void)cJSON_AddStringToObject(division, "divisionId", "division-1");
    (void)cJSON_AddItemToArray(divisions, division);
    (void)cJSON_AddStringToObject(client, "state", "active");
}

void call_serve_token_me(struct call *call)
{
    char id[CLIENT_BYTES] = "";
    cJSON *body;
    cJSON *client;

    if (strcmp(call->request->method, "GET") != 0 && strcmp(call->request->method, "HEAD") != 0) {
        call_refuse_method(call, "GET or HEAD.");
        return;
    }
    client_id(call, id, sizeof(id));
    body = cJSON_CreateObject();
    named_add(body, "organization", ORGANIZATION_ID, "Example");
    named_add(body, "homeOrganization", ORGANIZATION_ID, "Example");
    (void)cJSON_AddArrayToObject(body, "authorizedScope");
    client = cJSON_AddObjectToObject(body, "OAuthClient");
    registration_fill(client, id);
    named_add(client, "organization", ORGANIZATION_ID, "Example");
    web_answer_json(call->answer, 200, body);
}

void call_serve_subject_me(struct call *call)
{
    char id[CLIENT_BYTES] = "";
    cJSON *body = cJSON_CreateObject();
    cJSON *grants = cJSON_AddArrayToObject(body, "grants");
    cJSON *grant = cJSON_CreateObject();
    cJSON *role;

    client_id(call, id, sizeof(id));
    (void)cJSON_AddStringToObject(body, "id", id);
    (void)cJSON_AddStringToObject(body, "name", id);
    (void)cJSON_AddNumberToObject(body, "version", 1);
    (void)cJSON_AddStringToObject(body, "selfUri", "/api/v2/authorization/subjects/me");
    (void)cJSON_AddStringToObject(grant, "subjectId", id);
    named_add(grant, "division", "division-1", "Home");
    (void)cJSON_AddStringToObject(cJSON_GetObjectItem(grant, "division"), "description", "");
    role = cJSON_AddObjectToObject(grant, "role");
    (void)cJSON_AddStringToObject(role, "id", "role-1");
    (void)cJSON_AddStringToObject(role, "name", "Failover");
    (void)cJSON_AddItemToObject(
        role, "policies", permission_policies(&call->platform->permissions[call->token->client]));
    (void)cJSON_AddBoolToObject(role, "default", false);
    (void)cJSON_AddItemToArray(grants, grant);
    if (strcmp(call->request->method, "GET") == 0) {
        web_answer_json(call->answer, 200, body);
        return;
    }
    cJSON_Delete(body);
    call_refuse_method(call, "GET.");
}

void call_serve_client(struct call *call)
{
    const struct token_book *tokens = &call->platform->tokens;
    const char *id = call->words.words[0];
    cJSON *body;

    if (strcmp(call->request->method, "GET") != 0) {
        call_refuse_method(call, "GET.");
        return;
    }
    if (token_client_find(tokens, id) == tokens->client_count) {
        call_refuse_unknown(call);
        return;
    }
    body = cJSON_CreateObject();
    registration_fill(body, id);
    (void)cJSON_AddNumberToObject(body, "accessTokenValiditySeconds",
                                  (double)(tokens->life_ms / 1000));
    web_answer_json(call->answer, 200, body);
}
