#include <string.h>

#include "node/io/config/rules.h"

/* RFC 6901: "" or segments that begin with a slash, in which '~' stands before 0 or 1. */
static bool is_pointer(const char *text)
{
    if (text[0] != '\0' && text[0] != '/')
        return false;
    for (const char *at = strchr(text, '~'); at != NULL; at = strchr(at + 1, '~'))
        if (at[1] != '0' && at[1] != '1')
            return false;
    return true;
}

static void check_source(const struct load *load, size_t place)
{
    const struct count_config *count = &load->config->services[place].drain_count;
    struct object object;
    load_service_object(load, place, &object);
    bool has_pointer = object_has(&object, "drain.count.pointer");
    if (count->url[0] != '\0' && object_has(&object, "drain.count.of"))
        load_problem(load, &object, "drain.count.url",
                     "drain.count.of and a URL exclude each other");
    else if (count->url[0] != '\0' && !has_pointer)
        load_problem(load, &object, "drain.count.url",
                     "needs drain.count.pointer: where in the answer the number is");
    else if (count->url[0] == '\0' && has_pointer)
        load_problem(load, &object, "drain.count.pointer",
                     "needs drain.count.url: whose answer has the number");
    if (!is_pointer(count->pointer))
        load_problem(load, &object, "drain.count.pointer",
                     "'%.60s' is no JSON pointer: write e.g. /sessions/active", count->pointer);
}

static time_ms longest_drain_ms(const struct service_settings *settings)
{
    time_ms longest_ms = 0;
    for (size_t kind = 0; kind < DRAIN_KIND_N; kind++)
        if (settings->drain_ms[kind] > longest_ms)
            longest_ms = settings->drain_ms[kind];
    return longest_ms;
}

/* A count that can never end a drain is a mistake of whoever wrote it. */
static void check_use(const struct load *load, size_t place)
{
    const struct service_config *service = &load->config->services[place];
    char longest[DURATION_BYTES];
    char propagation[DURATION_BYTES];
    struct object object;
    if (service->drain_count.of == COUNT_NOTHING ||
        longest_drain_ms(&service->settings) > service->settings.propagation_ms)
        return;
    load_service_object(load, place, &object);
    load_problem(load, &object,
                 service->drain_count.of == COUNT_URL ? "drain.count.url" : "drain.count.of",
                 "no count can end a drain: one decides from propagation (%s) after the pause on, "
                 "and the longest drain is %s",
                 duration_format(service->settings.propagation_ms, propagation),
                 duration_format(longest_drain_ms(&service->settings), longest));
}

const rule_check_service rules_of_drain[] = {check_source, check_use};
const size_t rules_of_drain_count = ARRAY_COUNT(rules_of_drain);
