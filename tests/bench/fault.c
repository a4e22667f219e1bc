#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t boot_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static bool all_votes_are_up(const struct cluster *cluster)
{
    cJSON *page =
        ask_get(cluster, ask_wait_leader(cluster), "/v1/services/" CLUSTER_SERVICE "/explain");
    const cJSON *votes = cJSON_GetObjectItemCaseSensitive(page, "votes");
    const cJSON *vote;
    bool up = cJSON_GetArraySize(votes) == CLUSTER_NODE_COUNT;
    cJSON_ArrayForEach(vote, votes)
    {
        static const char *const sides[] = {"primary", "standby"};
        for (size_t i = 0; i < 2; i++) {
            const cJSON *side = cJSON_GetObjectItemCaseSensitive(vote, sides[i]);
            up = up && cJSON_IsObject(side) && strcmp(client_text(side, "value"), "UP") == 0;
        }
    }
    cJSON_Delete(page);
    return up;
}

static bool all_is_steady(const struct cluster *cluster)
{
    return ask_all_say(cluster, "condition", "steady") && all_votes_are_up(cluster);
}

int64_t fault_run(struct cluster *cluster, const char *mode)
{
    char fault[64];
    char healthy[] = "{\"mode\":\"healthy\"}";
    bool primary = ask_service_is(cluster, 0, "serving", "primary");
    const struct bot_process *serving = primary ? &cluster->primary : &cluster->standby;
    const char *other = primary ? "standby" : "primary";
    WAIT_UNTIL(all_is_steady(cluster));
    (void)snprintf(fault, sizeof fault, "{\"mode\":\"%s\"}", mode);
    int64_t fault_us = boot_us();
    bot_mode(serving, fault);
    WAIT_UNTIL(ask_all_say(cluster, "serving", other));
    WAIT_UNTIL(ask_move_is(cluster, ask_wait_leader(cluster), "DONE"));
    bot_mode(serving, healthy);
    WAIT_UNTIL(all_is_steady(cluster));
    return fault_us;
}
