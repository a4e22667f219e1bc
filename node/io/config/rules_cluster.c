#include <sodium.h>
#include <string.h>

#include "node/io/config/endpoint.h"
#include "node/io/config/rules.h"
#include "node/io/config/seal_key.h"
#include "node/io/config/zones.h"

enum { VOTER_COUNT_MIN = 3, REFERENCE_COUNT_MIN = 3 };

static void check_voter_count(const struct load *load)
{
    struct object file;
    size_t count = load->config->node_count;
    load_file_object(load, &file);
    if (count < VOTER_COUNT_MIN)
        load_problem(
            load, &file, "nodes",
            "%zu voters are too few: the quorum of %zu is %zu, so that none could fail; %d "
            "are needed",
            count, count, zones_quorum(count), VOTER_COUNT_MIN);
}

/* Two nodes on one host must not want the same port, for whatever purpose. */
static void check_ports(const struct load *load)
{
    static const char *const paths[] = {"ports.votes", "ports.raft", "ports.api", "ports.contexts"};
    const size_t kinds = ARRAY_COUNT(paths) - (load->config->contexts.store == CONTEXT_STORE_OFF);
    const struct node_config *nodes = load->config->nodes;
    for (size_t i = 0; i < load->config->node_count * kinds; i++) {
        const struct node_config *node = &nodes[i / kinds];
        const uint16_t ports[] = {node->vote_port, node->raft_port, node->api_port,
                                  node->context_port};
        for (size_t j = 0; j < i; j++) {
            const struct node_config *other = &nodes[j / kinds];
            const uint16_t others[] = {other->vote_port, other->raft_port, other->api_port,
                                       other->context_port};
            if (node->host[0] == '\0' || strcasecmp(node->host, other->host) != 0 ||
                ports[i % kinds] != others[j % kinds])
                continue;
            struct object object;
            load_node_object(load, i / kinds, &object);
            load_problem(load, &object, paths[i % kinds], "%s:%u is nodes.%s.%s already",
                         node->host, (unsigned)ports[i % kinds], other->name.text,
                         paths[j % kinds]);
        }
    }
}

static bool key_is_taken(const struct load *load, size_t place, size_t which, size_t *ret_other)
{
    const struct node_config *nodes = load->config->nodes;
    for (size_t i = 0; i <= place; i++) {
        size_t end = i == place ? which : nodes[i].key_count;
        for (size_t j = 0; j < end; j++) {
            if (memcmp(nodes[i].keys[j], nodes[place].keys[which], KEY_BYTES) == 0) {
                *ret_other = i;
                return true;
            }
        }
    }
    return false;
}

static void check_keys(const struct load *load)
{
    for (size_t place = 0; place < load->config->node_count; place++) {
        for (size_t which = 0; which < load->config->nodes[place].key_count; which++) {
            struct object object;
            size_t other = 0;
            if (!key_is_taken(load, place, which, &other))
                continue;
            load_node_object(load, place, &object);
            load_problem(load, &object, which == 0 ? "key" : "next_key",
                         "is the key of nodes.%s already; each node has its own",
                         load->config->nodes[other].name.text);
        }
    }
}

static void check_reference_count(const struct load *load)
{
    struct object file;
    load_file_object(load, &file);
    if (load->config->reference_count < REFERENCE_COUNT_MIN)
        load_problem(load, &file, "references",
                     "%zu are too few: a majority of them tells whether this node can be trusted; "
                     "%d are needed",
                     load->config->reference_count, REFERENCE_COUNT_MIN);
}

static void check_reference_repeats(const struct load *load)
{
    for (size_t i = 0; i < load->config->reference_count; i++) {
        for (size_t j = 0; j < i; j++) {
            const char *url = load->config->references[i].url;
            struct object object;
            if (url[0] == '\0' || strcmp(url, load->config->references[j].url) != 0)
                continue;
            load_reference_object(load, i, &object);
            load_problem(load, &object, "", "is references[%zu] again; each counts once", j);
        }
    }
}

/* A dead target must leave the references healthy. */
static void check_reference_host(const struct load *load, size_t reference, size_t service,
                                 enum side side)
{
    const struct service_config *entry = &load->config->services[service];
    const char *url = load->config->references[reference].url;
    struct endpoint at_reference;
    struct endpoint at_target;
    struct object object;
    struct text unused = {.length = 0};
    if (endpoint_parse_url(url, &at_reference, &unused) != 0 ||
        endpoint_parse_url(entry->side[side].probe.url, &at_target, &unused) != 0 ||
        !endpoint_same_machine(&at_reference, &at_target))
        return;
    load_reference_object(load, reference, &object);
    load_problem(load, &object, "",
                 "%s is on the host of services.%s.%s (%s): it would fail with its target and make "
                 "every voter distrust itself",
                 url, entry->name.text, side_name(side), entry->side[side].probe.url);
}

static void check_reference_hosts(const struct load *load)
{
    for (size_t i = 0; i < load->config->reference_count; i++) {
        for (size_t j = 0; j < load->config->service_count; j++) {
            check_reference_host(load, i, j, SIDE_PRIMARY);
            check_reference_host(load, i, j, SIDE_STANDBY);
        }
    }
}

static void check_election(const struct load *load)
{
    const struct timing_config *timing = &load->config->timing;
    struct object file;
    char heartbeat[DURATION_BYTES];
    char election[DURATION_BYTES];
    load_file_object(load, &file);
    if (timing->heartbeat_ms * 3 > timing->election_ms)
        load_problem(load, &file, "timing.heartbeat",
                     "impossible: 3 x heartbeat <= election is 3 x %s <= %s",
                     duration_format(timing->heartbeat_ms, heartbeat),
                     duration_format(timing->election_ms, election));
}

static void check_actuator(const struct load *load)
{
    const struct timing_config *timing = &load->config->timing;
    struct object file;
    char deadline[DURATION_BYTES];
    char proof[DURATION_BYTES];
    load_file_object(load, &file);
    if (timing->actuator_deadline_ms > timing->actuator_proof_ms)
        load_problem(load, &file, "timing.actuator.deadline",
                     "impossible: deadline <= proof is %s <= %s",
                     duration_format(timing->actuator_deadline_ms, deadline),
                     duration_format(timing->actuator_proof_ms, proof));
}

static void check_platforms(const struct load *load)
{
    for (size_t i = 0; i < load->config->platform_count; i++) {
        struct object object;
        load_platform_object(load, i, &object);
        if (!object_has(&object, "region") &&
            !(object_has(&object, "api_url") && object_has(&object, "login_url")))
            load_problem(load, &object, "region", "is missing: write it, or api_url and login_url");
    }
}

static bool has_refresh_grant(const struct load *load, size_t place)
{
    return load->config->platforms[place].grant == GRANT_REFRESH_TOKEN;
}

static void check_grant(const struct load *load, size_t place)
{
    struct object object;
    load_platform_object(load, place, &object);
    bool id = object_has(&object, "fallback.client_id");
    bool secret = object_has(&object, "fallback.client_secret");
    bool refresh = has_refresh_grant(load, place);
    if (refresh && !object_has(&object, "refresh_token"))
        load_problem(load, &object, "refresh_token", "is missing: %s",
                     schema_find(PLACE_PLATFORM, "refresh_token")->help);
    if (!refresh && object_has(&object, "refresh_token"))
        load_problem(load, &object, "refresh_token", "goes with `grant: refresh_token` alone");
    if (!refresh && (id || secret))
        load_problem(load, &object, id ? "fallback.client_id" : "fallback.client_secret",
                     "goes with `grant: refresh_token` alone");
    else if (id != secret)
        load_problem(load, &object, id ? "fallback.client_secret" : "fallback.client_id",
                     "is missing: id and secret go together");
}

static void check_grants(const struct load *load)
{
    struct object file;
    size_t count = 0;
    load_file_object(load, &file);
    for (size_t i = 0; i < load->config->platform_count; i++) {
        check_grant(load, i);
        count += has_refresh_grant(load, i);
    }
    if (count > TOKEN_COUNT_MAX)
        load_problem(load, &file, "platforms", "%zu have `grant: refresh_token`; %d are the most",
                     count, TOKEN_COUNT_MAX);
    if (load->config->contexts.store != CONTEXT_STORE_OFF && !object_has(&file, "seal"))
        load_problem(load, &file, "seal",
                     "is missing: contexts are kept sealed; make a key with `quorate keygen --seal "
                     "--out FILE`, give it to every node, and write `seal: {credential: NAME}`");
    else if (count > 0 && !object_has(&file, "seal"))
        load_problem(load, &file, "seal",
                     "is missing: refresh tokens stand sealed in the ledger; make a key with "
                     "`quorate keygen --seal --out FILE`, give it to every node, and write "
                     "`seal: {credential: NAME}`");
}

static void check_seal(const struct load *load)
{
    struct object file;
    uint8_t key[SEAL_KEY_BYTES];
    if (load->config->seal[0] == '\0')
        return;
    load_file_object(load, &file);
    if (seal_key_parse(load->config->seal, key) != 0)
        load_problem(load, &file, "seal",
                     "holds no key; make one with `quorate keygen --seal --out FILE`");
    sodium_memzero(key, sizeof key);
}

const rule_check rules_of_cluster[] = {
    check_voter_count,       check_ports,           check_keys,     check_reference_count,
    check_reference_repeats, check_reference_hosts, check_election, check_actuator,
    check_platforms,         check_grants,          check_seal,
};
const size_t rules_of_cluster_count = ARRAY_COUNT(rules_of_cluster);
