#include "tests/unit/api/api_world.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/core/ledger.h"
#include "tests/unit/api/api_pem.h"

enum { FOLDER_BYTES = 64, PATH_BYTES = 128, LATER_MS = 30 };

struct world {
    char folder[FOLDER_BYTES];
    char config_file[PATH_BYTES];
    char cert_file[PATH_BYTES];
    uint16_t port;
    struct config *config;
    struct core *core;
    struct node_view view;
    log_index next_index;
    uv_loop_t loop;
    uv_async_t wake;
    uv_timer_t later;
    uv_prepare_t counter;
    uint64_t turns;
    pthread_t thread;
    struct api *api;
    sem_t done;
    world_fn *fn;
    void *fn_data;
    enum world_answering when;
    struct operated operated;
    struct operation operation;
    bool init_asked;
    int init_start;
    int init_code;
    struct text init_why;
    world_context_fn *on_context;
};

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static const char config_head[] =
    "cluster: support\n"
    "nodes:\n"
    "  fra: {zone: a, host: 127.0.0.1, key: \"ed25519:ANBaHR6iUTltVXr71FiLPG2Z2+uXL+0QoyVi6ibc3Po="
    "\", ports: {votes: 17701, raft: 17702, api: 17700}}\n"
    "  dub: {zone: b, host: 127.0.0.1, key: \"ed25519:l/Wje2WwsR4wDjZQfXYQq/Nrn//G8he7OeUZT57hbos="
    "\", ports: {votes: 17711, raft: 17712, api: 17710}}\n"
    "  iad: {zone: c, host: 127.0.0.1, key: \"ed25519:bcadRy9/QPR2nq2xWbMu2uabBymjMneYDQdDZTEfTXc="
    "\", ports: {votes: 17721, raft: 17722, api: 17720}}\n"
    "references: [\"https://a.example.org/\", \"https://b.example.org/\", "
    "\"https://c.example.org/\"]\n"
    "services:\n"
    "  line:\n"
    "    mode: act\n"
    "    primary: {id: P1, probe: {url: \"https://bot.example.com/c\"}}\n"
    "    standby: {id: S1, tag: \"env:standby\", probe: {url: \"https://bot.example.net/c\"}}\n"
    "    route: {plan: plan-1, via: genesys}\n"
    "  chat:\n"
    "    mode: observe\n"
    "    primary: {id: P2, probe: {url: \"https://chat.example.com/c\"}}\n"
    "    standby: {id: S2, tag: \"env:standby\", probe: {url: \"https://chat.example.net/c\"}}\n"
    "    routes:\n"
    "      voice: {plan: plan-2, via: genesys}\n"
    "      text: {plan: plan-3, via: genesys}\n"
    "platforms:\n"
    "  genesys: {region: mypurecloud.de, client_id: abc, client_secret: {env: WORLD_SECRET}}\n";

static void write_config(struct world *world, const struct world_options *options)
{
    char text[8192];
    char tls[2 * PATH_BYTES + 64] = "";
    if (options->tls)
        snprintf(tls, sizeof tls, ", tls: {cert: {file: %s/cert.pem}, key: {file: %s/key.pem}}",
                 world->folder, world->folder);
    snprintf(text, sizeof text,
             "%slocal:\n  data: %s\n  key: {file: %s/node.key}\n"
             "  api: {listen: \"127.0.0.1:%u\"%s%s%s}\n",
             config_head, world->folder, world->folder, (unsigned)world->port,
             options->no_write_token ? "" : ", write_token: {env: WORLD_WRITE_TOKEN}",
             options->read_token ? ", read_token: {env: WORLD_READ_TOKEN}" : "", tls);
    write_file(world->config_file, text);
}

static void load_config(struct world *world, const struct world_options *options)
{
    struct config_problems problems;
    char path[PATH_BYTES + 16];
    setenv("WORLD_SECRET", "x", 1);
    setenv("WORLD_READ_TOKEN", WORLD_READ, 1);
    setenv("WORLD_WRITE_TOKEN", WORLD_WRITE, 1);
    snprintf(world->config_file, sizeof world->config_file, "%s/q.yaml", world->folder);
    snprintf(world->cert_file, sizeof world->cert_file, "%s/cert.pem", world->folder);
    write_file(world->cert_file, pem_certificate);
    snprintf(path, sizeof path, "%s/key.pem", world->folder);
    write_file(path, pem_key);
    write_config(world, options);
    if (config_load(world->config_file, "fra", &world->config, &problems) != 0)
        fail_msg("%s", problems.lines[0].bytes);
    if (!options->context_tokens)
        return;
    struct local_config *local = &world->config->local;
    (void)text_copy(local->context_read_token, SECRET_SIZE, WORLD_CONTEXT_READ);
    (void)text_copy(local->context_write_token, SECRET_SIZE, WORLD_CONTEXT_WRITE);
}

void world_apply(struct world *world, struct command command)
{
    struct applied applied = ledger_apply(&world->core->ledger, world->next_index++, 4, &command);
    if (!applied.accepted)
        fail_msg("command %s: %s", command_kind_name(command.kind), why_code(applied.why));
    world->core->raft.applied_index = applied.index;
    world->core->raft.commit_index = applied.index;
}

static void close_ballot(struct world *world, log_index inquiry, uint32_t ballot,
                         enum ballot_result result)
{
    struct command command = {.kind = COMMAND_BALLOT_CLOSE, .service = 0, .elapsed_ms = 100};
    command.as.ballot_close.inquiry = inquiry;
    command.as.ballot_close.ballot = ballot;
    command.as.ballot_close.side[SIDE_PRIMARY] =
        (struct side_close){.closed = true, .result = result, .severity = SEVERITY_DOWN};
    command.as.ballot_close.side[SIDE_STANDBY] =
        (struct side_close){.closed = true, .result = BALLOT_PASS};
    world_apply(world, command);
}

static void fill_ledger(struct world *world)
{
    struct command command = {.kind = COMMAND_CLUSTER, .service = SERVICE_SLOT_NONE};
    memset(command.as.cluster.cluster_id, 7, CLUSTER_ID_BYTES);
    command.as.cluster.node_count = world->core->settings.node_count;
    memcpy(command.as.cluster.nodes, world->core->settings.nodes, sizeof command.as.cluster.nodes);
    world_apply(world, command);
    for (size_t i = 0; i < world->config->service_count; i++) {
        command = (struct command){.kind = COMMAND_SERVICE_SET, .service = SERVICE_SLOT_NONE};
        command.as.service_set.name = world->config->services[i].name;
        command.as.service_set.settings = world->config->services[i].settings;
        world_apply(world, command);
        command = (struct command){.kind = COMMAND_ROUTE_SEEN, .service = (service_slot)i};
        command.as.route_seen.state = ROUTE_PRIMARY;
        command.as.route_seen.version = 12;
        world_apply(world, command);
    }
    command = (struct command){.kind = COMMAND_INQUIRY_OPEN, .elapsed_ms = 1000};
    command.as.inquiry_open.voter = 2;
    log_index inquiry = world->next_index;
    world_apply(world, command);
    close_ballot(world, inquiry, 1, BALLOT_PASS);
    close_ballot(world, inquiry, 2, BALLOT_PASS);
    close_ballot(world, inquiry, 3, BALLOT_FAIL);
}

static struct vote make_vote(node_id voter, enum vote_value value, enum vote_reason reason)
{
    struct vote vote = {.voter = voter, .probed_wall_ms = 1000};
    for (int side = 0; side < SIDE_N; side++)
        vote.side[side] = (struct side_vote){.value = VOTE_UP,
                                             .sample = {.dns_us = 100,
                                                        .connect_us = 200,
                                                        .tls_us = -1,
                                                        .first_byte_us = 40000,
                                                        .total_us = 43000,
                                                        .status = 200},
                                             .reference_count = 3};
    vote.side[SIDE_PRIMARY].value = value;
    vote.side[SIDE_PRIMARY].reason = reason;
    return vote;
}

static void fill_votes(struct world *world)
{
    struct heard *heard = &world->core->heard[0];
    heard->votes[1] = make_vote(1, VOTE_DOWN, VOTE_REASON_STATUS);
    heard->votes[1].side[SIDE_PRIMARY].sample.result = SAMPLE_STATUS;
    heard->votes[1].side[SIDE_PRIMARY].sample.status = 500;
    heard->votes[2] = make_vote(2, VOTE_CANNOT_TELL, VOTE_REASON_REFERENCES_FAILED);
    heard->votes[2].side[SIDE_PRIMARY].reference_failed = 3;
    heard->votes[3] = make_vote(3, VOTE_UP, VOTE_REASON_OK);
    for (node_id voter = 1; voter <= 3; voter++)
        heard->at_ms[voter] = world->view.now_ms - 200;
}

static void fill_view(struct world *world, bool uninitialised)
{
    struct core_settings settings = {
        .self = 1, .node_count = 3, .election_ms = 1000, .heartbeat_ms = 100, .seed = 1};
    for (uint8_t i = 0; i < 3; i++) {
        settings.nodes[i].id = (node_id)(i + 1);
        settings.nodes[i].name = world->config->nodes[i].name;
        settings.nodes[i].zone = world->config->nodes[i].zone;
    }
    world->view = (struct node_view){.config = world->config,
                                     .self = 1,
                                     .condition = NODE_UNINITIALISED,
                                     .condition_why = "run quorate init once",
                                     .now_ms = 100000,
                                     .started_ms = 1000};
    world->view.drops[DROP_REPLAYED] = 3;
    world->core = calloc(1, sizeof *world->core);
    assert_non_null(world->core);
    world->next_index = 1;
    core_init(world->core, &settings, NULL, world->view.now_ms);
    world->core->raft.term = 4;
    world->core->raft.leader = 2;
    fill_ledger(world);
    fill_votes(world);
    if (uninitialised)
        return;
    world->view.core = world->core;
    world->view.condition = NODE_RUNNING;
    world->view.condition_why = "";
}

void world_lead(struct world *world)
{
    struct raft *raft = &world->core->raft;
    raft->role = RAFT_LEADER;
    raft->leader = 1;
    raft->noop_index = 1;
    raft->round_sent_ms[raft->round % RAFT_ROUNDS_MAX] = world->view.now_ms;
    for (node_id id = 2; id <= 3; id++) {
        raft->peers[id].answered_ms = world->view.now_ms;
        raft->peers[id].heard_ms = world->view.now_ms;
    }
    world->core->leading = true;
    world->core->proposed_ms = world->view.now_ms;
}

static void on_view(void *data, struct node_view *ret_view)
{
    struct world *world = data;
    *ret_view = world->view;
}

static void on_later(uv_timer_t *timer)
{
    struct world *world = timer->data;
    if (world->init_asked) {
        world->init_asked = false;
        api_initialised(world->api, world->init_code, &world->init_why);
        return;
    }
    world->operated.request_id = world->operation.request_id;
    api_operated(world->api, &world->operated);
}

static void on_operate(void *data, const struct operation *operation)
{
    struct world *world = data;
    world->operation = *operation;
    if (world->when == ANSWER_LATER)
        uv_timer_start(&world->later, on_later, LATER_MS, 0);
    if (world->when == ANSWER_AT_ONCE)
        on_later(&world->later);
}

static int on_init(void *data, struct text *why)
{
    struct world *world = data;
    if (world->init_start != 0) {
        text_set(why, "%s", world->init_why.bytes);
        return world->init_start;
    }
    world->init_asked = true;
    if (world->when == ANSWER_LATER)
        uv_timer_start(&world->later, on_later, LATER_MS, 0);
    if (world->when == ANSWER_AT_ONCE)
        on_later(&world->later);
    return 0;
}

static void on_wake(uv_async_t *wake)
{
    struct world *world = wake->data;
    world_fn *fn = world->fn;
    world->fn = NULL;
    if (fn == NULL)
        return;
    fn(world, world->fn_data);
    sem_post(&world->done);
}

static void on_turn(uv_prepare_t *prepare)
{
    struct world *world = prepare->data;
    world->turns++;
}

static void *run_loop(void *data)
{
    struct world *world = data;
    uv_run(&world->loop, UV_RUN_DEFAULT);
    return NULL;
}

void world_do(struct world *world, world_fn *fn, void *data)
{
    world->fn_data = data;
    world->fn = fn;
    uv_async_send(&world->wake);
    sem_wait(&world->done);
}

static void start(struct world *world)
{
    const struct api_hooks hooks = {.data = world,
                                    .view = on_view,
                                    .operate = on_operate,
                                    .init = on_init,
                                    .context = world->on_context};
    struct text why = {.length = 0};
    assert_int_equal(uv_loop_init(&world->loop), 0);
    uv_async_init(&world->loop, &world->wake, on_wake);
    uv_timer_init(&world->loop, &world->later);
    uv_prepare_init(&world->loop, &world->counter);
    uv_prepare_start(&world->counter, on_turn);
    world->wake.data = world;
    world->later.data = world;
    world->counter.data = world;
    sem_init(&world->done, 0, 0);
    if (api_new(world->config, &world->loop, &hooks, &world->api, &why) != 0)
        fail_msg("%s", why.bytes);
    assert_int_equal(pthread_create(&world->thread, NULL, run_loop, world), 0);
}

struct world *world_new(const struct world_options *options)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->on_context = options->on_context;
    snprintf(world->folder, sizeof world->folder, "/tmp/quorate-api-XXXXXX");
    assert_non_null(mkdtemp(world->folder));
    world->port = free_port();
    load_config(world, options);
    fill_view(world, options->uninitialised);
    start(world);
    return world;
}

static void on_closed(void *data)
{
    (void)data;
}

static void close_all(struct world *world, void *data)
{
    (void)data;
    api_close(world->api, on_closed, NULL);
    uv_close((uv_handle_t *)&world->wake, NULL);
    uv_close((uv_handle_t *)&world->later, NULL);
    uv_close((uv_handle_t *)&world->counter, NULL);
}

static void remove_file(const struct world *world, const char *name)
{
    char path[PATH_BYTES + 64];
    snprintf(path, sizeof path, "%s/%s", world->folder, name);
    unlink(path);
}

void world_free(struct world **world)
{
    struct world *old = *world;
    world_do(old, close_all, NULL);
    pthread_join(old->thread, NULL);
    assert_int_equal(uv_loop_close(&old->loop), 0);
    sem_destroy(&old->done);
    remove_file(old, "q.yaml");
    remove_file(old, "cert.pem");
    remove_file(old, "key.pem");
    rmdir(old->folder);
    config_free(&old->config);
    free(old->core);
    free(old);
    *world = NULL;
}

uint16_t world_port(const struct world *world)
{
    return world->port;
}

const char *world_config_file(const struct world *world)
{
    return world->config_file;
}

const char *world_cert_file(const struct world *world)
{
    return world->cert_file;
}

struct api *world_api(struct world *world)
{
    return world->api;
}

struct core *world_core(struct world *world)
{
    return world->core;
}

struct node_view *world_view(struct world *world)
{
    return &world->view;
}

struct config *world_config(struct world *world)
{
    return world->config;
}

struct ending {
    enum world_answering when;
    struct operated operated;
    int init_start;
    int init_code;
    const char *why;
};

static void set_ending(struct world *world, void *data)
{
    const struct ending *ending = data;
    world->when = ending->when;
    world->operated = ending->operated;
    world->init_start = ending->init_start;
    world->init_code = ending->init_code;
    text_set(&world->init_why, "%s", ending->why);
}

void world_answers(struct world *world, enum world_answering when, const struct operated *operated)
{
    struct ending ending = {.when = when, .operated = *operated, .why = ""};
    world_do(world, set_ending, &ending);
}

void world_init_ends(struct world *world, enum world_answering when, int start_code, int code,
                     const char *why)
{
    struct ending ending = {.when = when, .init_start = start_code, .init_code = code, .why = why};
    world_do(world, set_ending, &ending);
}

static void copy_operation(struct world *world, void *data)
{
    *(struct operation *)data = world->operation;
}

struct operation world_operation(struct world *world)
{
    struct operation operation;
    world_do(world, copy_operation, &operation);
    return operation;
}

static void copy_turns(struct world *world, void *data)
{
    *(uint64_t *)data = world->turns;
}

uint64_t world_turns(struct world *world)
{
    uint64_t turns = 0;
    world_do(world, copy_turns, &turns);
    return turns;
}
