#include <stdio.h>
#include <string.h>

#include "node/io/config/config.h"
#include "node/io/config/region.h"

static void explain_platform(const struct platform_config *platform, FILE *out)
{
    const struct region *region = region_find(platform->region);
    fprintf(out, "%-24s %-36s %-36s ", platform->name.text, platform->api_url, platform->login_url);
    if (region != NULL)
        fprintf(out, "%s, %s\n", region->cloud, region->domain);
    else if (platform->region[0] != '\0')
        fprintf(out, "%s: none of the platform's, taken as written\n", platform->region);
    else
        fprintf(out, "-\n");
}

void config_explain_platforms(const struct config *config, FILE *out)
{
    fprintf(out, "%-24s %-36s %-36s %s\n", "PLATFORM", "API", "LOGIN", "REGION");
    for (size_t i = 0; i < config->platform_count; i++)
        explain_platform(&config->platforms[i], out);
    fprintf(out, "\n");
}
