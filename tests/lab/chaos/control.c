#include "tests/lab/chaos/control.h"

#include "common/errors.h"
#include "tests/lab/base/json.h"

#include <string.h>

static void state_answer(const struct control *control, struct web_answer *answer)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *pairs = cJSON_AddArrayToObject(body, "pairs");

    for (size_t i = 0; i < control->pair_count; i++)
        (void)cJSON_AddItemToArray(pairs, pair_describe(&control->pairs[i]));
    web_answer_json(answer, 200, body);
}

/* The pairs that `object` means: the one of "listen", else all of them. */
static int pairs_choose(const struct control *control, const cJSON *object, size_t *ret_first,
                        size_t *ret_end, struct text *why)
{
    int64_t port = 0;

    *ret_first = 0;
    *ret_end = control->pair_count;
    if (json_number_read(object, "listen", 1, UINT16_MAX, &port, why) != 0)
        return ERR_INVALID;
    if (port == 0)
        return 0;
    for (size_t i = 0; i < control->pair_count; i++) {
        if (control->pairs[i].port == port) {
            *ret_first = i;
            *ret_end = i + 1;
            return 0;
        }
    }
    text_set(why, "no pair listens on port %lld", (long long)port);
    return ERR_NOT_FOUND;
}

/* The first pair's check covers them all, since ranges do not depend on a pair. */
static int set(struct control *control, const cJSON *object, struct text *why)
{
    size_t first = 0;
    size_t end = 0;
    int result = pairs_choose(control, object, &first, &end, why);

    for (size_t i = first; result == 0 && i < end; i++) {
        struct setting setting = control->pairs[i].setting;

        result = setting_merge(&setting, object, why);
        if (result == 0)
            pair_apply(&control->pairs[i], &setting);
    }
    return result;
}

static void set_post(struct control *control, const struct web_request *request,
                     struct web_answer *answer)
{
    struct text why = {0};
    cJSON *object = NULL;
    int result = json_object_parse(request->body, request->body_length, NULL, 0, &object, &why);

    if (result == 0)
        result = set(control, object, &why);
    cJSON_Delete(object);
    if (result == 0)
        state_answer(control, answer);
    else
        web_answer_refusal(answer, result == ERR_NOT_FOUND ? 404 : 400, "%s", why.bytes);
}

void chaos_control_handle(const struct web_request *request, struct web_answer *answer, void *data)
{
    if (strcmp(request->path, "/set") == 0 && strcmp(request->method, "POST") == 0)
        set_post(data, request, answer);
    else if (strcmp(request->path, "/state") == 0 && strcmp(request->method, "GET") == 0)
        state_answer(data, answer);
    else
        web_answer_refusal(answer, 404, "there is no %s %s; POST /set or GET /state",
                           request->method, request->path);
}
