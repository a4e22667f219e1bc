#include "node/io/config/rules.h"

enum { PLATFORM_VALUE_MAX = 256 /* characters of a participant's attribute */ };

static void check_redis(const struct load *load)
{
    struct object file;
    load_file_object(load, &file);
    if (load->config->contexts.store == CONTEXT_STORE_REDIS &&
        !object_has(&file, "contexts.redis.host"))
        load_problem(load, &file, "contexts.redis.host", "is missing: `store: redis` needs it");
}

static void check_via(const struct load *load, const struct object *file)
{
    const char *via = load->config->contexts.write_through.via;
    if (via[0] == '\0')
        load_problem(load, file, "contexts.write_through.via",
                     "is missing: the platform that is written to");
    else if (config_find_platform(load->config, via) == NULL)
        load_problem(load, file, "contexts.write_through.via",
                     "no platform %.60s; platforms has %s", via,
                     load->config->platforms[0].name.text);
}

static void check_write_through(const struct load *load)
{
    const struct contexts_config *contexts = &load->config->contexts;
    struct object file;
    load_file_object(load, &file);
    if (contexts->write_through.to == CONTEXT_TARGET_OFF)
        return;
    check_via(load, &file);
    if (contexts->store == CONTEXT_STORE_OFF)
        load_problem(load, &file, "contexts.write_through.to",
                     "there is nothing to write: contexts.store is off");
    if (contexts->write_through.to == CONTEXT_TARGET_PARTICIPANT &&
        (contexts->value_max == 0 || contexts->value_max > PLATFORM_VALUE_MAX))
        load_problem(load, &file, "contexts.value_max",
                     "is %u; a participant's attribute takes %d characters, and a longer one is "
                     "refused at the PUT: 1 <= value_max <= %d",
                     (unsigned)contexts->value_max, PLATFORM_VALUE_MAX, PLATFORM_VALUE_MAX);
}

const rule_check rules_of_contexts[] = {check_redis, check_write_through};
const size_t rules_of_contexts_count = ARRAY_COUNT(rules_of_contexts);
