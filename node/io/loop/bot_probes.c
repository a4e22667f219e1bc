#include "common/errors.h"
#include "node/io/loop/parts.h"

/* The place of a bot's platform. Returns 0 or ERR_NOT_FOUND. */
static int find_platform(const struct config *config, const struct probe_config *probe,
                         size_t *ret_place)
{
    const struct platform_config *platform = config_find_platform(config, probe->via);
    if (probe->kind != PROBE_BOT || platform == NULL)
        return ERR_NOT_FOUND;
    *ret_place = (size_t)(platform - config->platforms);
    return 0;
}

uint32_t bot_probes_platforms(const struct config *config)
{
    uint32_t mask = 0;
    for (size_t i = 0; i < config->service_count; i++)
        for (size_t side = 0; side < SIDE_N; side++) {
            size_t place = 0;
            if (find_platform(config, &config->services[i].side[side].probe, &place) == 0)
                mask |= UINT32_C(1) << place;
        }
    return mask;
}

int bot_probes_token(const struct node *node, const struct probe_config *probe,
                     struct token *ret_token)
{
    size_t platform = 0;
    int code = find_platform(node->config, probe, &platform);
    return code == 0 ? token_keeper_get(node->keeper, platform, ret_token) : code;
}

void bot_probes_on_done(const struct node *node, const struct probe_config *probe,
                        const struct probe_done *done)
{
    const struct token refused = {.generation = done->token_generation,
                                  .shared = done->token_shared};
    size_t platform = 0;
    if (done->token_refused && find_platform(node->config, probe, &platform) == 0)
        token_keeper_refuse(node->keeper, platform, &refused);
}
