#include "tests/lab/sim/control_parts.h"

#include "tests/lab/base/clock.h"

void control_traffic_get(const struct web_request *request, struct web_answer *answer,
                         struct platform *platform)
{
    time_ms now_ms = clock_boot_ms();

    (void)request;
    platform_traffic_advance(platform, now_ms);
    web_answer_json(answer, 200, traffic_describe(&platform->traffic, now_ms));
}

void control_traffic_post(const struct web_request *request, struct web_answer *answer,
                          struct platform *platform)
{
    struct text why = {0};

    platform_traffic_advance(platform, clock_boot_ms());
    if (traffic_set(&platform->traffic, request->body, request->body_length, clock_boot_ms(),
                    &why) != 0)
        web_answer_refusal(answer, 400, "%s", why.bytes);
    else
        control_traffic_get(request, answer, platform);
}
