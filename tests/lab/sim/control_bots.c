#include "tests/lab/sim/control_parts.h"

#include <string.h>

#define BOTS_PATH "/sim/bots/"

void control_bots_get(const struct web_request *request, struct web_answer *answer,
                      struct platform *platform)
{
    (void)request;
    web_answer_json(answer, 200, dialog_bots_describe(&platform->dialogs));
}

void control_bot_post(const struct web_request *request, struct web_answer *answer,
                      struct platform *platform)
{
    const char *flow = request->path + strlen(BOTS_PATH);
    struct text why = {0};

    if (dialog_bot_set(&platform->dialogs, flow, request->body, request->body_length, &why) != 0)
        web_answer_refusal(answer, 400, "%s", why.bytes);
    else
        control_bots_get(request, answer, platform);
}
