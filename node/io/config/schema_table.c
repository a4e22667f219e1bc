#include "node/io/config/schema_table.h"

#include "common/check.h"
#include "node/io/config/backend.h"
#include "proto/ledger.h"

#define MS INT64_C(1)
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

#define FIELD(structure, member) \
    .offset = offsetof(struct structure, member), .size = sizeof(((struct structure *)0)->member)
#define TIMING(member) FIELD(config, timing.member)
#define CONTEXTS(member) FIELD(config, contexts.member)
#define SERVICE(member) FIELD(service_config, member)
#define ROUTE(member) FIELD(route_config, member)
#define SETTING(member) FIELD(service_config, settings.member)

#define DURATION(written, least, most)                                                       \
    .type = SCHEMA_DURATION, .unit = "duration", .default_value = (written), .min = (least), \
    .max = (most)
#define COUNT(counted, written, least, most)                                             \
    .type = SCHEMA_COUNT, .unit = (counted), .default_value = (written), .min = (least), \
    .max = (most)
#define BOOL(written) .type = SCHEMA_BOOL, .unit = "true or false", .default_value = (written)
#define CHOICE(list, written) \
    .type = SCHEMA_CHOICE, .unit = "one of", .words = (list), .default_value = (written)

static const char *const mode_words[] = {"observe", "act", NULL};
static const char *const latency_of_words[] = {"request", "total", NULL};
static const char *const probe_words[] = {"http", "connector", "bot", "tcp", "tls", NULL};
static const char *const method_words[] = {"GET",   "HEAD",   "POST",    "PUT",
                                           "PATCH", "DELETE", "OPTIONS", NULL};
static const char *const quorum_words[] = {"majority", NULL};
static const char *const count_words[] = {"time", "flow", NULL};
static const char *const grant_words[] = {"client_credentials", "refresh_token", NULL};
static const char *const context_store_words[] = {"off", "embedded", "redis", NULL};
static const char *const read_words[] = {"GET", "POST", NULL};
static const char *const write_words[] = {"PUT", "PATCH", "POST", "DELETE", NULL};
static const char *const how_words[] = {"replace", "merge-patch", "json-patch", "body", NULL};
static const char *const plan_holders[] = {"primary.id", "standby.id", "plan", NULL};
static const char *const http_holders[] = {"value", "version", "primary.id", "standby.id", NULL};

_Static_assert(WRITE_REPLACE == 0 && WRITE_MERGE_PATCH == 1 && WRITE_JSON_PATCH == 2 &&
                   WRITE_BODY == 3,
               "how_words are in the order of http_write");
static const char *const context_target_words[] = {"off", "profile", "participant",
                                                   "external-contact", NULL};

_Static_assert(MODE_OBSERVE == 0 && MODE_ACT == 1, "mode_words are in the order of service_mode");

_Static_assert(PROBE_HTTP == 0 && PROBE_CONNECTOR == 1 && PROBE_BOT == 2 && PROBE_TCP == 3 &&
                   PROBE_TLS == 4,
               "probe_words are in the order of probe_kind");

_Static_assert(COUNT_NOTHING == 0 && COUNT_FLOW == 1, "count_words are in the order of count_kind");

_Static_assert(GRANT_CLIENT_CREDENTIALS == 0 && GRANT_REFRESH_TOKEN == 1,
               "grant_words are in the order of grant_kind");

_Static_assert(CONTEXT_STORE_OFF == 0 && CONTEXT_STORE_EMBEDDED == 1 && CONTEXT_STORE_REDIS == 2,
               "context_store_words are in the order of context_store_kind");

_Static_assert(CONTEXT_TARGET_OFF == 0 && CONTEXT_TARGET_PROFILE == 1 &&
                   CONTEXT_TARGET_PARTICIPANT == 2 && CONTEXT_TARGET_EXTERNAL_CONTACT == 3,
               "context_target_words are in the order of context_target");

const struct schema_row schema_table[] = {
    {PLACE_FILE, "cluster", .type = SCHEMA_NAME, .unit = "name", .flags = SCHEMA_REQUIRED,
     FIELD(config, cluster), .help = "the cluster's name, in notifications and idempotency keys"},
    {PLACE_FILE, "nodes", .type = SCHEMA_MAP, .child = PLACE_NODE, .flags = SCHEMA_REQUIRED,
     .help = "the voters, three or more, in an order that never changes"},
    {PLACE_FILE, "references", .type = SCHEMA_LIST, .child = PLACE_PROBE, .flags = SCHEMA_REQUIRED,
     .help = "three or more URLs elsewhere that are healthy when this node is; a URL or a probe"},
    {PLACE_FILE, "rule", .type = SCHEMA_SECTION, .child = PLACE_SERVICE,
     .help = "the rule of all services; see services.NAME.rule"},
    {PLACE_FILE, "patrol", .type = SCHEMA_SECTION, .child = PLACE_SERVICE,
     .help = "the patrol of all services; see services.NAME.patrol"},
    {PLACE_FILE, "limits", .type = SCHEMA_SECTION, .child = PLACE_SERVICE,
     .help = "the limits of all services; see services.NAME.limits"},
    {PLACE_FILE, "defaults", .type = SCHEMA_OBJECT, .child = PLACE_SERVICE,
     .help = "settings of a service that each service may override"},
    {PLACE_FILE, "services", .type = SCHEMA_MAP, .child = PLACE_SERVICE, .flags = SCHEMA_REQUIRED,
     .help = "the bots, each behind one route"},
    {PLACE_FILE, "platforms", .type = SCHEMA_MAP, .child = PLACE_PLATFORM, .flags = SCHEMA_REQUIRED,
     .help = "the APIs that routes are changed through"},
    {PLACE_FILE, "notify", .type = SCHEMA_LIST, .child = PLACE_NOTIFY,
     .help = "whom to tell: programs and webhooks"},
    {PLACE_FILE, "seal", .type = SCHEMA_SECRET, .unit = "credential", FIELD(config, seal),
     .help = "the cluster's key for what the ledger keeps sealed, the same on every node; make one "
             "with `quorate keygen --seal`"},
    {PLACE_FILE, "heartbeat_url", .type = SCHEMA_OPEN_URL, .unit = "url",
     FIELD(config, heartbeat_url),
     .help =
         "fetched while quorum holds and the actuator is proven: silence is an alarm elsewhere"},
    {PLACE_FILE, "heartbeat_every", DURATION("1m", SECOND, HOUR), FIELD(config, heartbeat_every_ms),
     .help = "how often heartbeat_url is fetched"},
    {PLACE_FILE, "timing.election", DURATION("1s", 50 * MS, MINUTE), TIMING(election_ms),
     .help = "base of the election timeout and of the lease"},
    {PLACE_FILE, "timing.heartbeat", DURATION("100ms", 10 * MS, 10 * SECOND), TIMING(heartbeat_ms),
     .help = "the leader's heartbeat; at most a third of the election base"},
    {PLACE_FILE, "timing.actuator.deadline", DURATION("2s", 50 * MS, 30 * SECOND),
     TIMING(actuator_deadline_ms),
     .help = "D: the longest that one routing request may take, its token included"},
    {PLACE_FILE, "timing.actuator.proof", DURATION("60s", SECOND, HOUR), TIMING(actuator_proof_ms),
     .help = "how often a node shows that it could act: token minted, route read"},
    {PLACE_FILE, "timing.actuator.rate_limit_max", DURATION("60s", SECOND, HOUR),
     TIMING(rate_limit_max_ms),
     .help = "a Retry-After, or the time spent on 429s of one request, is waited for so long at "
             "most; then the move is BLOCKED"},
    {PLACE_FILE, "timing.actuator.token_fresh", DURATION("60s", SECOND, HOUR),
     TIMING(token_fresh_ms), .help = "a token younger than this counts as just minted"},
    {PLACE_FILE, "timing.timer_late", DURATION("100ms", 5 * MS, 10 * SECOND), TIMING(timer_late_ms),
     .help = "a node whose own timers run later than this does not trust its probes"},
    {PLACE_FILE, "timing.reference_inflation.factor", COUNT("times", "3", 2, 100),
     TIMING(reference_inflation_factor),
     .help = "a reference is inflated over factor x its rolling minimum"},
    {PLACE_FILE, "timing.reference_inflation.minimum", DURATION("100ms", MS, 10 * SECOND),
     TIMING(reference_inflation_min_ms), .help = "... and at least this much over that minimum"},
    {PLACE_FILE, "timing.prober_threads", COUNT("threads", "1", 1, 16), TIMING(prober_threads),
     .help = "threads that probe; one serves thousands of probes a second"},
    {PLACE_FILE, "contexts.store", CHOICE(context_store_words, "off"), CONTEXTS(store),
     .help = "checkpoints of conversations: embedded keeps them on a majority of the nodes"},
    {PLACE_FILE, "contexts.ttl", DURATION("24h", SECOND, 30 * DAY), CONTEXTS(ttl_ms),
     .help = "a context is kept so long after its last write"},
    {PLACE_FILE, "contexts.patience", DURATION("2s", 100 * MS, 10 * SECOND), CONTEXTS(patience_ms),
     .help = "... and waits so long for a majority before it answers 503"},
    {PLACE_FILE, "contexts.count_max", COUNT("contexts", "100000", 1, 100000000),
     CONTEXTS(count_max), .help = "over it new contexts get 503; what was taken stays its time"},
    {PLACE_FILE, "contexts.bytes_max", COUNT("bytes", "268435456", 1024, INT64_C(1) << 40),
     CONTEXTS(bytes_max), .help = "the same for ids and sealed contents together, on each node"},
    {PLACE_FILE, "contexts.in_flight", COUNT("requests", "256", 1, 4096), CONTEXTS(in_flight),
     .help = "so many requests are worked on at one time by a node; over it 503"},
    {PLACE_FILE, "contexts.value_max", COUNT("characters", "256", 0, 65536), CONTEXTS(value_max),
     .help = "the longest value of a field, 256 where the platform has to take it; 0: no limit"},
    {PLACE_FILE, "contexts.redis.host", .type = SCHEMA_HOST, .unit = "host", CONTEXTS(redis.host),
     .help = "the one Redis of all nodes, for `store: redis`; an address needs no name server"},
    {PLACE_FILE, "contexts.redis.port", COUNT("port", "6379", 1, UINT16_MAX), CONTEXTS(redis.port),
     .help = "plain TCP: contents are sealed before they leave the node, ids and seq are not"},
    {PLACE_FILE, "contexts.redis.database", COUNT("number", "0", 0, 1024), CONTEXTS(redis.database),
     .help = "keys begin with quorate:{CLUSTER}:"},
    {PLACE_FILE, "contexts.redis.user", .type = SCHEMA_TEXT, .unit = "name", CONTEXTS(redis.user),
     .help = "of an access list; without it the password alone is shown"},
    {PLACE_FILE, "contexts.redis.password", .type = SCHEMA_SECRET, .unit = "credential",
     CONTEXTS(redis.password), .help = "where Redis demands one"},
    {PLACE_FILE, "contexts.redis.wait", COUNT("replicas", "0", 0, 16),
     CONTEXTS(redis.replicas_wait),
     .help = "a write is answered when so many replicas have it, too; else 503"},
    {PLACE_FILE, "contexts.redis.timeout", DURATION("1s", 50 * MS, 10 * SECOND),
     CONTEXTS(redis.timeout_ms), .help = "... and Redis itself has answered in this time"},
    {PLACE_FILE, "contexts.write_through.to", CHOICE(context_target_words, "off"),
     CONTEXTS(write_through.to),
     .help =
         "where the newest checkpoint is written on the platform, too; secret fields never are"},
    {PLACE_FILE, "contexts.write_through.via", .type = SCHEMA_TEXT, .unit = "name",
     CONTEXTS(write_through.via),
     .help = "the platform, by its name under platforms; its token goes nowhere else"},
    {PLACE_FILE, "contexts.write_through.per_minute", COUNT("requests", "120", 1, 3000),
     CONTEXTS(write_through.per_minute),
     .help = "the most of the leader's requests for it, readings back included"},
    {PLACE_FILE, "contexts.write_through.suffix", .type = SCHEMA_TEXT, .unit = "text",
     .default_value = "_text", CONTEXTS(write_through.suffix),
     .help = "external-contact: field accountNumber is the custom field accountNumber_text"},
    {PLACE_FILE, "preflight.every", DURATION("24h", 0, 30 * DAY), FIELD(config, preflight.every_ms),
     .help = "how often the leader repeats `quorate check --online`; first some minutes after it "
             "began to lead. 0s: never"},
    {PLACE_FILE, "preflight.pace", DURATION("1s", 0, MINUTE), FIELD(config, preflight.pace_ms),
     .help =
         "... with so much time between two of its requests, for the API's limits are everybody's"},
    {PLACE_FILE, "local", .type = SCHEMA_OBJECT, .child = PLACE_LOCAL,
     .help = "what differs by node; in no hash"},

    {PLACE_NODE, "zone", .type = SCHEMA_NAME, .unit = "name", .flags = SCHEMA_REQUIRED,
     FIELD(node_config, zone), .help = "failure domain: region, provider, network"},
    {PLACE_NODE, "host", .type = SCHEMA_HOST, .unit = "host", .flags = SCHEMA_REQUIRED,
     FIELD(node_config, host), .help = "where its peers reach it"},
    {PLACE_NODE, "key", .type = SCHEMA_KEY, .unit = "ed25519:BASE64", .flags = SCHEMA_REQUIRED,
     FIELD(node_config, keys[0]), .help = "its public key, as `quorate keygen` printed it"},
    {PLACE_NODE, "next_key", .type = SCHEMA_KEY, .unit = "ed25519:BASE64",
     FIELD(node_config, keys[1]), .help = "the key that it will change to, accepted already"},
    {PLACE_NODE, "ports.votes", COUNT("port", "7701", 1, UINT16_MAX), FIELD(node_config, vote_port),
     .help = "votes and calls come in here"},
    {PLACE_NODE, "ports.raft", COUNT("port", "7702", 1, UINT16_MAX), FIELD(node_config, raft_port),
     .help = "the ledger's messages come in here"},
    {PLACE_NODE, "ports.contexts", COUNT("port", "7703", 1, UINT16_MAX),
     FIELD(node_config, context_port), .help = "contexts come in here, where they are on"},
    {PLACE_NODE, "ports.api", COUNT("port", "7700", 1, UINT16_MAX), FIELD(node_config, api_port),
     .help = "the HTTP API, where local.api.listen says nothing else"},

    {PLACE_SERVICE, "mode", CHOICE(mode_words, NULL), .flags = SCHEMA_REQUIRED | SCHEMA_OWN,
     SETTING(mode), .help = "observe: verdicts only; act: the route is moved, too"},
    {PLACE_SERVICE, "primary", .type = SCHEMA_OBJECT, .child = PLACE_SIDE,
     .flags = SCHEMA_REQUIRED | SCHEMA_OWN, .help = "the flow that normally serves"},
    {PLACE_SERVICE, "standby", .type = SCHEMA_OBJECT, .child = PLACE_SIDE,
     .flags = SCHEMA_REQUIRED | SCHEMA_OWN, .help = "the warm flow that takes over"},
    {PLACE_SERVICE, "probe", .type = SCHEMA_OBJECT, .child = PLACE_PROBE,
     .help = "settings of both sides' probes"},
    {PLACE_SERVICE, "route", .type = SCHEMA_OBJECT, .child = PLACE_ROUTE,
     .help = "what decides which side new conversations reach"},
    {PLACE_SERVICE, "routes", .type = SCHEMA_MAP, .child = PLACE_ROUTE, .flags = SCHEMA_OWN,
     .help = "NAME: several routes instead of one; they move as one unit"},
    {PLACE_SERVICE, "isolation.may_share", .type = SCHEMA_TEXT, .unit = "names or ids",
     .default_value = "Quorate context put, Quorate context get, Quorate context delete",
     SERVICE(may_share),
     .help =
         "data actions and integrations, with commas between them, that both sides may use; the "
         "preflight fails any other. A list of your own replaces this one"},
    {PLACE_SERVICE, "announce.header", .type = SCHEMA_HEADER, .unit = "Name: value",
     .flags = SCHEMA_WHOLE, SERVICE(announce_header),
     .help = "sent once to the serving side when a move opens"},
    {PLACE_SERVICE, "announce.query", .type = SCHEMA_QUERY, .unit = "name=value",
     .flags = SCHEMA_WHOLE, SERVICE(announce_query), .help = "the same as a query parameter"},
    {PLACE_SERVICE, "rule.fail", COUNT("ballots", "3", 1, ROLLING_COUNT_MAX),
     .flags = SCHEMA_GLOBAL, SETTING(rule_fail), .help = "so many FAIL ballots convict"},
    {PLACE_SERVICE, "rule.of", COUNT("ballots", "5", 1, ROLLING_COUNT_MAX), .flags = SCHEMA_GLOBAL,
     SETTING(rule_of), .help = "... of the last so many decided ones"},
    {PLACE_SERVICE, "rule.within", DURATION("2m", 100 * MS, HOUR), .flags = SCHEMA_GLOBAL,
     SETTING(within_ms), .help = "... that are not older than this; an inquiry lapses after it"},
    {PLACE_SERVICE, "rule.quorum", CHOICE(quorum_words, "majority"), .flags = SCHEMA_GLOBAL,
     .help = "how many voters decide a ballot"},
    {PLACE_SERVICE, "rule.min_zones", COUNT("zones", NULL, 1, NODE_COUNT_MAX),
     .flags = SCHEMA_GLOBAL, SETTING(min_zones),
     .help =
         "a FAIL needs voters of so many zones; without it 2 where the voters span two, else 1"},
    {PLACE_SERVICE, "rule.consecutive", BOOL("false"), .flags = SCHEMA_GLOBAL, SETTING(consecutive),
     .help = "the convicting FAILs must follow one another"},
    {PLACE_SERVICE, "rule.calls", COUNT("calls", "10", 1, UINT8_MAX), .flags = SCHEMA_GLOBAL,
     SETTING(max_calls), .help = "an inquiry lapses after so many calls"},
    {PLACE_SERVICE, "patrol.interval", DURATION("30s", 100 * MS, HOUR), .flags = SCHEMA_GLOBAL,
     SETTING(interval_ms), .help = "each voter looks at both sides so often, staggered"},
    {PLACE_SERVICE, "patrol.confirm_interval", DURATION("5s", 10 * MS, 10 * MINUTE),
     .flags = SCHEMA_GLOBAL, SETTING(confirm_interval_ms),
     .help = "between two calls of an inquiry"},
    {PLACE_SERVICE, "limits.cooldown", DURATION("10m", 0, 7 * DAY), .flags = SCHEMA_GLOBAL,
     SETTING(cooldown_ms), .help = "no automatic move so soon after another"},
    {PLACE_SERVICE, "limits.moves", .type = SCHEMA_BUDGET, .unit = "COUNT/DURATION",
     .default_value = "3/24h", .min = 1, .max = MOVE_TIME_COUNT_MAX, .flags = SCHEMA_GLOBAL,
     SETTING(budget_moves), .help = "the budget of automatic moves"},
    {PLACE_SERVICE, "limits.max_concurrent", COUNT("services", "4", 1, SERVICE_COUNT_MAX),
     .flags = SCHEMA_GLOBAL, SETTING(max_concurrent), .help = "so many services move at one time"},
    {PLACE_SERVICE, "limits.max_aborts", COUNT("aborts", "3", 1, MOVE_TIME_COUNT_MAX),
     .flags = SCHEMA_GLOBAL, SETTING(max_aborts),
     .help = "aborted moves within the budget's window"},
    {PLACE_SERVICE, "drain.slow", DURATION("60s", 0, HOUR), .flags = SCHEMA_SCALAR,
     SETTING(drain_ms[DRAIN_SLOW]), .help = "longest pause before leaving a side that is slow"},
    {PLACE_SERVICE, "drain.down", DURATION("0s", 0, HOUR), .flags = SCHEMA_SCALAR,
     SETTING(drain_ms[DRAIN_DOWN]), .help = "... that is down; 0s skips the pause"},
    {PLACE_SERVICE, "drain.planned", DURATION("60s", 0, HOUR), .flags = SCHEMA_SCALAR,
     SETTING(drain_ms[DRAIN_PLANNED]), .help = "... when an operator asked"},
    {PLACE_SERVICE, "drain.every", DURATION("5s", 100 * MS, 10 * MINUTE), SETTING(drain_every_ms),
     .help = "how often conversations are counted, where drain.count says by what"},
    {PLACE_SERVICE, "drain.count.of", CHOICE(count_words, "time"),
     .flags = SCHEMA_SCALAR | SCHEMA_WHOLE, SERVICE(drain_count.of),
     .help =
         "flow: a drain ends when the platform's flow observations show nobody on the side that "
         "is left, or at its longest; `count: flow` for short"},
    {PLACE_SERVICE, "drain.count.url", .type = SCHEMA_URL, .unit = "url", .flags = SCHEMA_WHOLE,
     SERVICE(drain_count.url), .help = "... or when this URL's answer has a 0"},
    {PLACE_SERVICE, "drain.count.pointer", .type = SCHEMA_TEXT, .unit = "JSON pointer",
     .flags = SCHEMA_WHOLE, SERVICE(drain_count.pointer),
     .help = "... at this JSON pointer, e.g. /sessions/active"},
    {PLACE_SERVICE, "paused_max", DURATION("90s", 100 * MS, HOUR), SETTING(paused_max_ms),
     .help = "a route is never paused longer"},
    {PLACE_SERVICE, "verify.reads", COUNT("reads", "3", 1, 20), SETTING(verify_reads),
     .help = "agreeing reads of the route that prove a switch"},
    {PLACE_SERVICE, "verify.every", DURATION("2s", 10 * MS, MINUTE), SETTING(verify_every_ms),
     .help = "between two reads"},
    {PLACE_SERVICE, "verify.canaries", COUNT("probes", "2", 1, 20), SETTING(verify_canaries),
     .help = "successive UP probes of the new side that prove it"},
    {PLACE_SERVICE, "verify.within", DURATION("60s", 100 * MS, HOUR), SETTING(verify_within_ms),
     .help = "after this the switch counts as unverified"},
    {PLACE_SERVICE, "propagation", DURATION("10s", 0, 10 * MINUTE), SETTING(propagation_ms),
     .help = "how long the platform needs to spread a change; drift is judged after it"},
    {PLACE_SERVICE, "failback.auto", .type = SCHEMA_FAILBACK, .unit = "true or false",
     .default_value = "false", .flags = SCHEMA_SCALAR, SETTING(failback_auto),
     .help = "return to the primary without an operator; `failback: manual` is false"},
    {PLACE_SERVICE, "failback.after", DURATION("30m", 100 * MS, 7 * DAY),
     SETTING(failback_after_ms),
     .help = "... so long after the failover, once the primary passes three ballots in a row; "
             "doubles with each recent failover"},
    {PLACE_SERVICE, "failback.longest", DURATION("8h", 100 * MS, 30 * DAY),
     SETTING(failback_longest_ms), .help = "... and never waits for longer than this"},
    {PLACE_SERVICE, "blind_after", DURATION("5m", 100 * MS, DAY), SETTING(blind_after_ms),
     .help = "no quorum of informative votes for so long is BLIND"},
    {PLACE_SERVICE, "priority", COUNT("place", "100", 0, UINT8_MAX), SETTING(priority),
     .help = "lower goes first where max_concurrent makes services wait"},
    {PLACE_SERVICE, "bodies.normal", .type = SCHEMA_JSON, .unit = "JSON object",
     .words = plan_holders, SERVICE(bodies.normal),
     .help = "what is sent to let the primary serve; without it the built-in body"},
    {PLACE_SERVICE, "bodies.paused", .type = SCHEMA_JSON, .unit = "JSON object",
     .words = plan_holders, SERVICE(bodies.paused), .help = "... to pause the route"},
    {PLACE_SERVICE, "bodies.standby", .type = SCHEMA_JSON, .unit = "JSON object",
     .words = plan_holders, SERVICE(bodies.standby), .help = "... to let the standby serve"},

    {PLACE_SIDE, "id", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_REQUIRED,
     FIELD(side_config, id), .help = "the flow's id on the platform"},
    {PLACE_SIDE, "tag", .type = SCHEMA_TEXT, .unit = "text", FIELD(side_config, tag),
     .help = "the flow's isolation tag; the standby must have one, e.g. env:standby"},
    {PLACE_SIDE, "min_version", .type = SCHEMA_TEXT, .unit = "version",
     FIELD(side_config, min_version),
     .help = "the least version of the published flow that the preflight passes, e.g. v1.0.5"},
    {PLACE_SIDE, "probe", .type = SCHEMA_OBJECT, .child = PLACE_PROBE,
     .help = "how this side is looked at"},

    {PLACE_PROBE, "kind", CHOICE(probe_words, NULL), FIELD(probe_config, kind),
     .help = "what is asked; without it the URL's scheme says. bot: a conversation with the flow "
             "through the platform; connector: a bot connector's webhook"},
    {PLACE_PROBE, "url", .type = SCHEMA_TARGET, .unit = "url", .flags = SCHEMA_OWN | SCHEMA_ITEM,
     FIELD(probe_config, url),
     .help = "the canary: http://, https://, tcp://HOST:PORT or tls://HOST:PORT"},
    {PLACE_PROBE, "connect_timeout", DURATION("2s", 10 * MS, 30 * SECOND),
     FIELD(probe_config, connect_timeout_ms), .help = "for name, TCP and TLS together"},
    {PLACE_PROBE, "timeout", DURATION("500ms", 10 * MS, 30 * SECOND),
     FIELD(probe_config, timeout_ms), .help = "for the whole answer, from the request's sending"},
    {PLACE_PROBE, "latency", DURATION("200ms", MS, 30 * SECOND), FIELD(probe_config, latency_ms),
     .help = "an answer over this budget is SLOW"},
    {PLACE_PROBE, "latency_of", CHOICE(latency_of_words, "request"),
     FIELD(probe_config, latency_total),
     .help = "request: one round trip is taken off; total: as the clock says"},
    {PLACE_PROBE, "method", .type = SCHEMA_WORD, .unit = "one of", .words = method_words,
     FIELD(probe_config, method), .help = "of the request; without it POST where there is a body"},
    {PLACE_PROBE, "headers", .type = SCHEMA_HEADERS, .unit = "Name: value",
     FIELD(probe_config, headers),
     .help = "of the request; one that holds a secret is a credential of the whole line"},
    {PLACE_PROBE, "body", .type = SCHEMA_BODY, .unit = "text", FIELD(probe_config, body),
     .help = "of the request; ${id} is the side's flow, ${session} new with each probe"},
    {PLACE_PROBE, "via", .type = SCHEMA_TEXT, .unit = "name", FIELD(probe_config, via),
     .help = "bot: the platform that is asked; without it the route's. A client of its own keeps "
             "probes out of the quota of moves"},
    {PLACE_PROBE, "turns", .type = SCHEMA_TURNS, .unit = "texts", FIELD(probe_config, turns),
     .help = "bot: what the user says, turn by turn; \"\" is a turn without input, as is no list. "
             "connector: the message's text"},
    {PLACE_PROBE, "expect.status", .type = SCHEMA_STATUSES, .unit = "HTTP status",
     .default_value = "200", .flags = SCHEMA_SCALAR, FIELD(probe_config, expect_status),
     .help = "the only statuses that are UP: one, FROM-TO, or a list of such"},
    {PLACE_PROBE, "expect.body", .type = SCHEMA_TEXT, .unit = "text",
     FIELD(probe_config, expect_body), .help = "text that the answer must contain"},
    {PLACE_PROBE, "expect.regex", .type = SCHEMA_REGEX, .unit = "POSIX extended",
     FIELD(probe_config, expect_regex),
     .help = "what the answer must match; of a bot the last turn's prompts"},
    {PLACE_PROBE, "expect.json.pointer", .type = SCHEMA_POINTER, .unit = "JSON pointer",
     .flags = SCHEMA_WHOLE, FIELD(probe_config, expect_pointer),
     .help = "where in the answer something must be, e.g. /status"},
    {PLACE_PROBE, "expect.json.equals", .type = SCHEMA_TEXT, .unit = "text", .flags = SCHEMA_WHOLE,
     FIELD(probe_config, expect_equals),
     .help = "... and what: a text, a number, true, false, null"},
    {PLACE_PROBE, "cert_warn", DURATION("14d", 0, 365 * DAY), FIELD(probe_config, cert_warn_ms),
     .help = "a certificate that ends sooner is a warning in status and metrics, never a vote; "
             "0s: none"},
    {PLACE_PROBE, "reuse", BOOL("false"), FIELD(probe_config, reuse),
     .help = "keep the connection; false sees what a new conversation sees"},

    {PLACE_ROUTE, "backend", .type = SCHEMA_WORD, .unit = "one of", .words = config_backend_names,
     .default_value = "routing-plan", ROUTE(backend), .help = "what kind of route it is"},
    {PLACE_ROUTE, "plan", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN, ROUTE(plan),
     .help = "routing-plan: the plan's id"},
    {PLACE_ROUTE, "via", .type = SCHEMA_TEXT, .unit = "name", ROUTE(via),
     .help = "the platform, by its name under platforms; its token goes nowhere else"},
    {PLACE_ROUTE, "hold_flow", .type = SCHEMA_TEXT, .unit = "id", ROUTE(hold_flow),
     .help = "a flow that holds callers while the route is paused; without one no entry of a plan "
             "is active, and other backends do not pause"},
    {PLACE_ROUTE, "primary", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN,
     ROUTE(flow[SIDE_PRIMARY]), .help = "the flow that is the primary here; without it primary.id"},
    {PLACE_ROUTE, "standby", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN,
     ROUTE(flow[SIDE_STANDBY]), .help = "the flow that is the standby here; without it standby.id"},
    {PLACE_ROUTE, "ivr", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN, ROUTE(ivr),
     .help = "ivr: the call route's id; every flow slot that holds a flow of ours is changed"},
    {PLACE_ROUTE, "group", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN, ROUTE(group),
     .help = "emergency-group: its id; enabled means standby"},
    {PLACE_ROUTE, "table", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN, ROUTE(table),
     .help = "datatable-row: the data table's id"},
    {PLACE_ROUTE, "row", .type = SCHEMA_TEXT, .unit = "text", .flags = SCHEMA_OWN, ROUTE(row),
     .help = "datatable-row: the row's key"},
    {PLACE_ROUTE, "column", .type = SCHEMA_TEXT, .unit = "name", ROUTE(column),
     .help = "datatable-row: the column that says which side serves; without it activeFlow"},
    {PLACE_ROUTE, "announce_column", .type = SCHEMA_TEXT, .unit = "name", ROUTE(announce_column),
     .help =
         "datatable-row: a second column, written with the first, that tells the flow its mode"},
    {PLACE_ROUTE, "announce.normal", .type = SCHEMA_TEXT, .unit = "text",
     ROUTE(announce[VALUE_PRIMARY]), .help = "... while the primary serves; without it normal"},
    {PLACE_ROUTE, "announce.degraded", .type = SCHEMA_TEXT, .unit = "text",
     ROUTE(announce[VALUE_STANDBY]), .help = "... while the standby serves; without it degraded"},
    {PLACE_ROUTE, "announce.draining", .type = SCHEMA_TEXT, .unit = "text",
     ROUTE(announce[VALUE_PAUSED]), .help = "... while the route is paused; without it draining"},
    {PLACE_ROUTE, "values.primary", .type = SCHEMA_TEXT, .unit = "text",
     ROUTE(values[VALUE_PRIMARY]),
     .help = "datatable-row, http: what the value is while the primary serves; without it the "
             "flow's id"},
    {PLACE_ROUTE, "values.standby", .type = SCHEMA_TEXT, .unit = "text",
     ROUTE(values[VALUE_STANDBY]), .help = "... while the standby serves"},
    {PLACE_ROUTE, "values.paused", .type = SCHEMA_TEXT, .unit = "text", ROUTE(values[VALUE_PAUSED]),
     .help = "... while it is paused; without it hold_flow, and without that it is never paused"},
    {PLACE_ROUTE, "recipient", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN,
     ROUTE(recipient), .help = "message-recipient: its id"},
    {PLACE_ROUTE, "deployment", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN,
     ROUTE(deployment), .help = "web-deployment: its id"},
    {PLACE_ROUTE, "domain", .type = SCHEMA_TEXT, .unit = "text", .flags = SCHEMA_OWN, ROUTE(domain),
     .help = "email-route: the domain's name"},
    {PLACE_ROUTE, "email_route", .type = SCHEMA_TEXT, .unit = "id", .flags = SCHEMA_OWN,
     ROUTE(email_route), .help = "email-route: the route's id within the domain"},
    {PLACE_ROUTE, "read.url", .type = SCHEMA_TEXT, .unit = "url", .flags = SCHEMA_OWN,
     ROUTE(http.read_url),
     .help = "http: where the route is read; a URL, or a path at the platform"},
    {PLACE_ROUTE, "read.method", .type = SCHEMA_WORD, .unit = "one of", .words = read_words,
     ROUTE(http.read_method), .help = "... and how; without it GET"},
    {PLACE_ROUTE, "write.url", .type = SCHEMA_TEXT, .unit = "url", .flags = SCHEMA_OWN,
     ROUTE(http.write_url), .help = "http: where it is written"},
    {PLACE_ROUTE, "write.method", .type = SCHEMA_WORD, .unit = "one of", .words = write_words,
     ROUTE(http.write_method), .help = "... and how; without it PUT, and PATCH of a patch"},
    {PLACE_ROUTE, "write.how", CHOICE(how_words, "replace"), ROUTE(http.how),
     .help = "http: replace: what was read, with the one value changed; merge-patch (RFC 7396), "
             "json-patch (RFC 6902), or body"},
    {PLACE_ROUTE, "write.body", .type = SCHEMA_JSON, .unit = "JSON object", .flags = SCHEMA_OWN,
     .words = http_holders, ROUTE(http.body),
     .help = "http: what how: body sends, with ${value} and ${version}"},
    {PLACE_ROUTE, "value", .type = SCHEMA_POINTER, .unit = "JSON pointer", .flags = SCHEMA_OWN,
     ROUTE(http.value), .help = "http: where the answer says which side serves"},
    {PLACE_ROUTE, "version", .type = SCHEMA_POINTER, .unit = "JSON pointer", .flags = SCHEMA_OWN,
     ROUTE(http.version),
     .help = "http: where the answer says its version, which is sent back; the API must refuse a "
             "stale one"},
    {PLACE_ROUTE, "headers", .type = SCHEMA_HEADERS, .unit = "Name: value", ROUTE(http.headers),
     .help = "http: headers of both requests, or references to credentials that hold one"},

    {PLACE_PLATFORM, "region", .type = SCHEMA_TEXT, .unit = "region",
     .help = "e.g. eu-central-1, euc1 or mypurecloud.de; gives https://api.DOMAIN and "
             "https://login.DOMAIN"},
    {PLACE_PLATFORM, "api_url", .type = SCHEMA_URL, .unit = "url", FIELD(platform_config, api_url),
     .help = "the API, where it is not the region's"},
    {PLACE_PLATFORM, "login_url", .type = SCHEMA_URL, .unit = "url",
     FIELD(platform_config, login_url), .help = "the token's issuer, where it is not the region's"},
    {PLACE_PLATFORM, "client_id", .type = SCHEMA_OPEN_TEXT, .unit = "text",
     .flags = SCHEMA_REQUIRED, FIELD(platform_config, client_id), .help = "of the OAuth client"},
    {PLACE_PLATFORM, "client_secret", .type = SCHEMA_SECRET, .unit = "credential",
     .flags = SCHEMA_REQUIRED, FIELD(platform_config, client_secret),
     .help = "of the OAuth client: {credential: NAME}, {file: PATH} or {env: NAME}"},
    {PLACE_PLATFORM, "grant", CHOICE(grant_words, "client_credentials"),
     FIELD(platform_config, grant),
     .help = "client_credentials: each node mints its own tokens; refresh_token: the leader "
             "exchanges, the ledger shares"},
    {PLACE_PLATFORM, "refresh_token", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(platform_config, refresh_token),
     .help =
         "the first refresh token; the ledger keeps those that follow. Put a new one here after "
         "a lock-out"},
    {PLACE_PLATFORM, "fallback.client_id", .type = SCHEMA_OPEN_TEXT, .unit = "text",
     FIELD(platform_config, fallback_id),
     .help = "client credentials for where the refresh token is locked out or not exchanged yet"},
    {PLACE_PLATFORM, "fallback.client_secret", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(platform_config, fallback_secret), .help = "... and their secret"},

    {PLACE_NOTIFY, "exec", .type = SCHEMA_TEXT, .unit = "path", FIELD(notify_config, target),
     .help = "a program; the notice comes as JSON on its standard input"},
    {PLACE_NOTIFY, "webhook", .type = SCHEMA_OPEN_URL, .unit = "url", FIELD(notify_config, target),
     .help = "a URL; the notice is posted as JSON"},
    {PLACE_NOTIFY, "secret", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(notify_config, secret), .help = "signs the webhook's body (HMAC-SHA256)"},
    {PLACE_NOTIFY, "on", .type = SCHEMA_NOTICES, .unit = "words", FIELD(notify_config, on_mask),
     .help = "which notices; without it all"},

    {PLACE_LOCAL, "data", .type = SCHEMA_TEXT, .unit = "path", .default_value = "/var/lib/quorate",
     FIELD(local_config, data), .help = "the folder of ledger and history"},
    {PLACE_LOCAL, "key", .type = SCHEMA_KEY_FILE, .unit = "credential",
     FIELD(local_config, key_file),
     .help = "the node's secret key: {credential: NAME} or {file: PATH}"},
    {PLACE_LOCAL, "api.listen", .type = SCHEMA_LISTEN, .unit = "host:port",
     FIELD(local_config, api_host),
     .help = "the HTTP API; without it 127.0.0.1 and the node's ports.api"},
    {PLACE_LOCAL, "api.read_token", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(local_config, read_token), .help = "demanded for reading; needed off loopback"},
    {PLACE_LOCAL, "api.write_token", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(local_config, write_token),
     .help = "demanded for operators' commands; needed off loopback"},
    {PLACE_LOCAL, "contexts.read_token", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(local_config, context_read_token),
     .help = "the standby flow's: reads contexts, secret fields too; needed off loopback"},
    {PLACE_LOCAL, "contexts.write_token", .type = SCHEMA_SECRET, .unit = "credential",
     FIELD(local_config, context_write_token),
     .help = "the primary flow's: writes contexts, and reads all but secret values"},
    {PLACE_LOCAL, "api.tls.cert", .type = SCHEMA_FILE, .unit = "path",
     FIELD(local_config, tls_cert_file), .help = "certificate chain (PEM); needed off loopback"},
    {PLACE_LOCAL, "api.tls.key", .type = SCHEMA_FILE, .unit = "path",
     FIELD(local_config, tls_key_file), .help = "its key (PEM)"},
    {PLACE_LOCAL, "proxy", .type = SCHEMA_URL, .unit = "url", FIELD(local_config, proxy),
     .help = "for probes and routing requests; the environment's proxies are ignored"},
    {PLACE_LOCAL, "connect_to", .type = SCHEMA_DIALS, .unit = "host:port pairs",
     .help = "dial another address for a host:port; its name in TLS and Host stays"},
    {PLACE_LOCAL, "nodes", .type = SCHEMA_MAP, .child = PLACE_LOCAL, .flags = SCHEMA_OWN,
     .help = "NAME: settings of local for that node alone"},
};

const size_t schema_table_count = ARRAY_COUNT(schema_table);
