#include "tests/cluster/load/load.h"

#include "common/errors.h"
#include "tests/cluster/load/connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    EVENT_COUNT = 64,
    PAUSE_US = 20000,      /* after a refusal */
    DOWN_US = 1000000,     /* a node that refuses connections is left alone */
    PATIENCE_US = 4000000, /* for one answer */
    READ_BACK_PER_SECOND = 2000,
};

/* A request that has to come to a good end. */
struct task {
    struct task *next;
    uint32_t conversation;
    uint32_t seq;
    int64_t due_us;
    int64_t not_before_us;
    size_t node;
};

struct channel {
    struct connection connection;
    struct task *task; /* NULL: none */
    int64_t sent_us;
};

struct run {
    struct load *load;
    bool reads;
    int epoll_fd;
    struct channel *channels;              /* node by node */
    uint32_t busy[CLUSTER_NODE_COUNT_MAX]; /* channels with a task */
    int64_t down_until_us[CLUSTER_NODE_COUNT_MAX];
    struct task *first;
    struct task **last;
    uint64_t open; /* tasks that have not ended */
};

static int64_t now_us(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void enqueue(struct run *run, struct task *task)
{
    task->next = NULL;
    *run->last = task;
    run->last = &task->next;
}

static int add_task(struct run *run, uint32_t conversation, uint32_t seq, int64_t due_us)
{
    struct task *task = calloc(1, sizeof(*task));
    if (task == NULL)
        return ERR_NO_MEMORY;
    task->conversation = conversation;
    task->seq = seq;
    task->due_us = due_us;
    task->node = conversation % run->load->settings.node_count;
    run->open++;
    run->load->scheduled++;
    enqueue(run, task);
    return 0;
}

static void end_task(struct run *run, struct task *task)
{
    run->open--;
    free(task);
}

/* At another node: at once where this one is gone, after a moment where it said no. */
static void repeat(struct run *run, struct task *task, int64_t at_us, int64_t pause_us)
{
    if (at_us - task->due_us > LOAD_GIVE_UP_MS * INT64_C(1000)) {
        run->load->given_up++;
        end_task(run, task);
        return;
    }
    run->load->repeated++;
    task->node = (task->node + 1) % run->load->settings.node_count;
    task->not_before_us = at_us + pause_us;
    enqueue(run, task);
}

static int write_put(const struct run *run, const struct task *task, char *buffer, size_t size)
{
    char body[512];
    int length =
        snprintf(body, sizeof(body),
                 "{\"seq\":%" PRIu32 ",\"step\":\"step-%" PRIu32 "\",\"conversation\":\"v-%" PRIu32
                 "\",\"participant\":\"p-%" PRIu32 "\",\"fields\":{\"issueType\":\"billing\","
                 "\"hasCompletedOnboarding\":true,\"accountNumber\":{\"value\":\"%08" PRIu32
                 "-%" PRIu32 "\",\"secret\":true}}}",
                 task->seq, task->seq, task->conversation, task->conversation, task->conversation,
                 task->seq);
    return snprintf(buffer, size,
                    "PUT /v1/contexts/c-%" PRIu32 " HTTP/1.1\r\nHost: load\r\n"
                    "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                    "Content-Length: %d\r\n\r\n%s",
                    task->conversation, run->load->settings.token, length, body);
}

static int write_get(const struct run *run, const struct task *task, char *buffer, size_t size)
{
    return snprintf(buffer, size,
                    "GET /v1/contexts/c-%" PRIu32
                    "?has=accountNumber HTTP/1.1\r\nHost: load\r\nAuthorization: Bearer %s\r\n\r\n",
                    task->conversation, run->load->settings.token);
}

static struct task *release(struct run *run, struct channel *channel)
{
    struct task *task = channel->task;
    channel->task = NULL;
    run->busy[task->node]--;
    return task;
}

static bool send_task(struct run *run, struct channel *channel, struct task *task)
{
    char request[CONNECTION_BYTES];
    const bool fresh = channel->connection.state == CONNECTION_CLOSED;
    int length = run->reads ? write_get(run, task, request, sizeof(request))
                            : write_put(run, task, request, sizeof(request));
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = channel}};
    if (!connection_send(&channel->connection, request, (size_t)length))
        return false;
    if (fresh)
        (void)epoll_ctl(run->epoll_fd, EPOLL_CTL_ADD, channel->connection.fd, &event);
    channel->task = task;
    run->busy[task->node]++;
    channel->sent_us = now_us();
    return true;
}

/* A connection of the node that is free, an open one first. */
static struct channel *find_channel(struct run *run, size_t node)
{
    const uint32_t count = run->load->settings.connections;
    struct channel *closed = NULL;
    if (run->busy[node] == count)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct channel *channel = &run->channels[node * count + i];
        if (channel->task != NULL)
            continue;
        if (channel->connection.state == CONNECTION_IDLE)
            return channel;
        closed = closed == NULL ? channel : closed;
    }
    return closed;
}

/* Sends what can be sent; the rest stays in its order. */
static void send_all(struct run *run)
{
    struct task *task = run->first;
    int64_t at_us = now_us();
    run->first = NULL;
    run->last = &run->first;
    while (task != NULL) {
        struct task *next = task->next;
        struct channel *channel = NULL;
        if (task->not_before_us <= at_us && run->down_until_us[task->node] <= at_us)
            channel = find_channel(run, task->node);
        else if (task->not_before_us <= at_us)
            task->node = (task->node + 1) % run->load->settings.node_count;
        if (channel == NULL && at_us - task->due_us > LOAD_GIVE_UP_MS * INT64_C(1000)) {
            run->load->given_up++;
            end_task(run, task);
        } else if (channel == NULL) {
            enqueue(run, task);
        } else if (!send_task(run, channel, task)) {
            run->down_until_us[task->node] = at_us + DOWN_US;
            repeat(run, task, at_us, 0);
        }
        task = next;
    }
}

static double number_in(const char *body, const char *key)
{
    const char *at = strstr(body, key);
    return at == NULL ? -1 : strtod(at + strlen(key), NULL);
}

/* What is read must be what was put under the seq that it has. */
static void check_read(struct load *load, const struct task *task, const char *body)
{
    char wanted[64];
    double seq = number_in(body, "\"seq\":");
    if (seq < task->seq)
        load->behind++;
    (void)snprintf(wanted, sizeof(wanted), "\"accountNumber\":\"%08" PRIu32 "-%.0f\"",
                   task->conversation, seq);
    if (strstr(body, wanted) == NULL)
        load->altered++;
}

static void take_answer(struct run *run, struct channel *channel)
{
    struct load *load = run->load;
    struct task *task = release(run, channel);
    const int status = channel->connection.status;
    int64_t at_us = now_us();
    if (status == 200 && !run->reads && task->seq > load->acknowledged[task->conversation])
        load->acknowledged[task->conversation] = task->seq;
    if (status == 200 && run->reads)
        check_read(load, task, channel->connection.body);
    if (status == 404 && run->reads)
        load->behind++;
    if (status == 200 || (status == 404 && run->reads)) {
        load->answered++;
        latency_add(&load->latency, at_us - task->due_us);
        end_task(run, task);
        return;
    }
    load->unavailable += status == 503;
    repeat(run, task, at_us, PAUSE_US);
}

static void take_event(struct run *run, struct channel *channel)
{
    if (channel->connection.state == CONNECTION_CLOSED)
        return;
    enum connection_step step = connection_read(&channel->connection);
    if (step == CONNECTION_WAITS)
        return;
    if (step == CONNECTION_ANSWERED && channel->task != NULL) {
        take_answer(run, channel);
    } else if (channel->task != NULL) {
        repeat(run, release(run, channel), now_us(), 0);
    }
}

/* A node that hangs must not keep a request for ever. */
static void drop_hanging(struct run *run)
{
    const size_t count = run->load->settings.connections * run->load->settings.node_count;
    int64_t at_us = now_us();
    for (size_t i = 0; i < count; i++) {
        struct channel *channel = &run->channels[i];
        if (channel->task == NULL || at_us - channel->sent_us < PATIENCE_US)
            continue;
        connection_close(&channel->connection);
        repeat(run, release(run, channel), at_us, 0);
    }
}

static void turn(struct run *run, int64_t until_us)
{
    struct epoll_event events[EVENT_COUNT];
    send_all(run);
    int64_t left_us = until_us - now_us();
    int64_t wait_us = left_us < 0 ? 0 : left_us > 10000 ? 10000 : left_us;
    if (run->first != NULL && wait_us > 1000)
        wait_us = 1000;
    const struct timespec wait = {.tv_nsec = (long)wait_us * 1000};
    int count = epoll_pwait2(run->epoll_fd, events, EVENT_COUNT, &wait, NULL);
    for (int i = 0; i < count; i++)
        take_event(run, events[i].data.ptr);
    drop_hanging(run);
}

static int begin(struct run *run, struct load *load, bool reads)
{
    const struct load_settings *settings = &load->settings;
    *run = (struct run){.load = load, .reads = reads};
    run->last = &run->first;
    run->channels = calloc(settings->connections * settings->node_count, sizeof(*run->channels));
    if (run->channels == NULL)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < settings->connections * settings->node_count; i++)
        run->channels[i].connection =
            (struct connection){.fd = -1, .port = settings->ports[i / settings->connections]};
    run->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return run->epoll_fd < 0 ? ERR_IO : 0;
}

static void end(struct run *run)
{
    const struct load_settings *settings = &run->load->settings;
    for (size_t i = 0; i < settings->connections * settings->node_count; i++)
        connection_close(&run->channels[i].connection);
    free(run->channels);
    (void)close(run->epoll_fd);
}

int load_init(struct load *load, const struct load_settings *settings)
{
    *load = (struct load){.settings = *settings};
    load->acknowledged = calloc(settings->conversations, sizeof(*load->acknowledged));
    return load->acknowledged == NULL ? ERR_NO_MEMORY : 0;
}

void load_fini(struct load *load)
{
    free(load->acknowledged);
    latency_free(&load->latency);
}

int load_put(struct load *load)
{
    const struct load_settings *settings = &load->settings;
    const int64_t apart_us = settings->period_ms * INT64_C(1000);
    const uint64_t total =
        (uint64_t)settings->conversations * settings->run_ms / settings->period_ms;
    struct run run;
    int rc = begin(&run, load, false);
    int64_t begun_us = now_us();
    for (uint64_t i = 0; rc == 0 && i < total;) {
        int64_t due_us = begun_us + (int64_t)(i * (uint64_t)apart_us / settings->conversations);
        if (due_us > now_us() || run.open % 32 == 31)
            turn(&run, due_us);
        if (due_us <= now_us()) {
            rc = add_task(&run, (uint32_t)(i % settings->conversations),
                          (uint32_t)(i / settings->conversations) + 1, due_us);
            i++;
        }
    }
    while (rc == 0 && run.open > 0)
        turn(&run, now_us() + 1000);
    end(&run);
    return rc;
}

int load_read_back(struct load *load)
{
    struct run run;
    uint64_t asked = 0;
    load->scheduled = load->answered = load->repeated = load->unavailable = load->given_up = 0;
    latency_free(&load->latency);
    int rc = begin(&run, load, true);
    int64_t begun_us = now_us();
    for (uint32_t i = 0; rc == 0 && i < load->settings.conversations; i++) {
        if (load->acknowledged[i] == 0)
            continue;
        int64_t due_us = begun_us + (int64_t)asked++ * 1000000 / READ_BACK_PER_SECOND;
        while (now_us() < due_us)
            turn(&run, due_us);
        rc = add_task(&run, i, load->acknowledged[i], due_us);
    }
    while (rc == 0 && run.open > 0)
        turn(&run, now_us() + 1000);
    end(&run);
    return rc;
}
