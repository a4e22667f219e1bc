#include "tests/lab/sim/control_parts.h"

#include <string.h>

#define PERMISSIONS_PATH "/sim/permissions/"

/* NULL where the client is unknown, which is then answered. */
static struct permission_set *set_of(const struct web_request *request, struct web_answer *answer,
                                     struct platform *platform)
{
    const char *id = request->path + strlen(PERMISSIONS_PATH);
    size_t client = token_client_find(&platform->tokens, id);

    if (client < platform->tokens.client_count)
        return &platform->permissions[client];
    web_answer_refusal(answer, 404, "there is no client %s", id);
    return NULL;
}

static void set_show(struct web_answer *answer, const struct permission_set *set)
{
    cJSON *body = cJSON_CreateObject();

    (void)cJSON_AddItemToObject(body, "deny", permission_denied(set));
    web_answer_json(answer, 200, body);
}

void control_permission_get(const struct web_request *request, struct web_answer *answer,
                            struct platform *platform)
{
    const struct permission_set *set = set_of(request, answer, platform);

    if (set != NULL)
        set_show(answer, set);
}

void control_permission_post(const struct web_request *request, struct web_answer *answer,
                             struct platform *platform)
{
    struct permission_set *set = set_of(request, answer, platform);
    struct text why = {0};

    if (set == NULL)
        return;
    if (permission_deny(set, request->body, request->body_length, &why) != 0)
        web_answer_refusal(answer, 400, "%s", why.bytes);
    else
        set_show(answer, set);
}
