#include <string.h>

#include "common/version.h"
#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"
#include "node/io/config/zones.h"

static const struct service_config *service_at(const struct load *load, size_t place)
{
    return &load->config->services[place];
}

/* One zone may be lost, and the rest must still be able to convict. */
static void check_zones(const struct load *load, size_t place)
{
    size_t min_zones = service_at(load, place)->settings.min_zones;
    size_t zones = zones_count(load->config);
    size_t voters = load->config->node_count;
    size_t quorum = zones_quorum(voters);
    const struct name *largest = NULL;
    size_t in_largest = zones_largest(load->config, &largest);
    struct object object;
    load_service_object(load, place, &object);
    if (voters == 0)
        return;
    if (min_zones > zones) {
        load_problem(load, &object, "rule.min_zones",
                     "impossible: min_zones <= zones is %zu <= %zu (the zones of nodes)", min_zones,
                     zones);
        return;
    }
    if (zones < 2 || min_zones < 2)
        return;
    if (voters - in_largest < quorum)
        load_problem(load, &object, "rule.min_zones",
                     "losing zone %s leaves no quorum: voters - voters in %s >= quorum is "
                     "%zu - %zu >= %zu; spread the voters, or write min_zones: 1",
                     largest->text, largest->text, voters, in_largest, quorum);
    else if (zones - 1 < min_zones)
        load_problem(load, &object, "rule.min_zones",
                     "losing one zone leaves too few: zones - 1 >= min_zones is %zu - 1 >= %zu",
                     zones, min_zones);
}

static void check_flow_ids(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct object object;
    load_side_object(load, place, SIDE_STANDBY, &object);
    if (side[SIDE_STANDBY].id[0] != '\0' &&
        strcmp(side[SIDE_PRIMARY].id, side[SIDE_STANDBY].id) == 0)
        load_problem(load, &object, "id",
                     "is the primary's flow %s: a switch would change nothing; clone the flow",
                     side[SIDE_STANDBY].id);
}

static void check_endpoints(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct endpoint primary;
    struct endpoint standby;
    struct object object;
    struct text unused = {.length = 0};
    if (side[SIDE_PRIMARY].probe.kind == PROBE_BOT || side[SIDE_STANDBY].probe.kind == PROBE_BOT)
        return; /* the API is asked for both; that the flows differ is checked above */
    if (endpoint_parse_url(side[SIDE_PRIMARY].probe.url, &primary, &unused) != 0 ||
        endpoint_parse_url(side[SIDE_STANDBY].probe.url, &standby, &unused) != 0 ||
        !endpoint_equal(&primary, &standby))
        return;
    load_probe_object(load, place, SIDE_STANDBY, &object);
    load_problem(load, &object, "url",
                 "is the primary's endpoint %s:%u%s: a standby that depends on what failed fails "
                 "with it (the isolation trap); give it its own",
                 primary.host, (unsigned)primary.port, primary.path);
}

static void check_tags(const struct load *load, size_t place)
{
    const struct side_config *side = service_at(load, place)->side;
    struct object object;
    load_side_object(load, place, SIDE_STANDBY, &object);
    if (!object_has(&object, "tag"))
        load_problem(load, &object, "tag",
                     "is missing: tag the standby flow, e.g. env:standby, so that its logs and "
                     "traffic can be told apart");
    else if (side[SIDE_STANDBY].tag[0] != '\0' &&
             strcmp(side[SIDE_PRIMARY].tag, side[SIDE_STANDBY].tag) == 0)
        load_problem(load, &object, "tag", "is the primary's tag, too");
}

static void check_versions(const struct load *load, size_t place)
{
    for (int side = 0; side < SIDE_N; side++) {
        const char *written = service_at(load, place)->side[side].min_version;
        struct version version;
        struct object object;
        if (written[0] == '\0' || version_parse(written, &version) == 0)
            continue;
        load_side_object(load, place, (enum side)side, &object);
        load_problem(load, &object, "min_version",
                     "'%.40s' is no version; write numbers with dots, e.g. v1.0.5", written);
    }
}

static void check_announce(const struct load *load, size_t place)
{
    const struct service_config *service = service_at(load, place);
    struct object object;
    load_service_object(load, place, &object);
    if (service->announce_header[0] != '\0' && service->announce_query[0] != '\0')
        load_problem(load, &object, "announce.query",
                     "the header and the query parameter exclude each other");
}

const rule_check_service rules_of_service[] = {
    check_zones, check_flow_ids, check_endpoints, check_tags, check_versions, check_announce,
};
const size_t rules_of_service_count = ARRAY_COUNT(rules_of_service);
