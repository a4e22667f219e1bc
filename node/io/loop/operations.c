#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/loop/parts.h"

static void answer(struct node *node, node_id from, const struct operated *operated)
{
    if (from == 0) {
        api_operated(node->api, operated);
        return;
    }
    struct frame_header header = frame_header_of(node);
    size_t length;
    if (frame_encode_operated(&header, operated, node->frame, sizeof node->frame, &length) == 0)
        frames_send(node, from, length);
}

static void refuse(struct node *node, node_id from, uint64_t request_id, enum operated_state state)
{
    struct operated operated = {
        .request_id = request_id, .state = state, .why = WHY_NO_QUORUM, .earliest_ms = -1};
    if (state == OPERATED_NOT_LEADER)
        operated.why = WHY_NOT_LEADER;
    answer(node, from, &operated);
}

/* Returns 0, or ERR_FULL where as many requests wait as may. */
static int remember(struct node *node, node_id from, uint64_t request_id)
{
    for (size_t i = 0; i < WAITING_COUNT_MAX; i++) {
        struct waiting *waiting = &node->waiting[i];
        if (waiting->request_id != 0)
            continue;
        *waiting = (struct waiting){.request_id = request_id,
                                    .from = from,
                                    .until_ms = clock_boot_ms() + OPERATION_PATIENCE_MS};
        return 0;
    }
    return ERR_FULL;
}

static void ask_core(struct node *node, const struct operation *operation)
{
    struct event event = {.kind = EVENT_OPERATE, .as.operation = operation};
    driver_step(node, &event);
}

static int forward(struct node *node, node_id leader, const struct operation *operation)
{
    struct frame_header header = frame_header_of(node);
    size_t length;
    int code = frame_encode_operate(&header, operation, node->frame, sizeof node->frame, &length);
    return code != 0 ? code : bus_send(node->bus, leader, node->frame, length);
}

/* Any node answers for the cluster: a follower forwards, over CURVE, the role's name and never the
 * token. */
void operations_start(void *data, const struct operation *operation)
{
    struct node *node = data;
    node_id leader = node->core == NULL ? 0 : node->core->raft.leader;
    log_info("operator_request", "kind=%s service=%s actor=%s request=%llu",
             operation_kind_name(operation->kind), operation->service.text, operation->actor.text,
             (unsigned long long)operation->request_id);
    if (leader == 0 || node->condition != NODE_RUNNING ||
        remember(node, 0, operation->request_id) != 0) {
        refuse(node, 0, operation->request_id, OPERATED_NO_QUORUM);
        return;
    }
    if (leader == node->self)
        ask_core(node, operation);
    else if (forward(node, leader, operation) != 0)
        operations_on_answer(node, &(struct operated){.request_id = operation->request_id,
                                                      .state = OPERATED_NO_QUORUM,
                                                      .why = WHY_NO_QUORUM,
                                                      .earliest_ms = -1});
}

void operations_on_forwarded(struct node *node, node_id from, const struct operation *operation)
{
    if (node->core->raft.leader != node->self) {
        refuse(node, from, operation->request_id, OPERATED_NOT_LEADER);
        return;
    }
    if (remember(node, from, operation->request_id) != 0) {
        refuse(node, from, operation->request_id, OPERATED_NO_QUORUM);
        return;
    }
    ask_core(node, operation);
}

static struct waiting *find_waiting(struct node *node, uint64_t request_id)
{
    for (size_t i = 0; request_id != 0 && i < WAITING_COUNT_MAX; i++)
        if (node->waiting[i].request_id == request_id)
            return &node->waiting[i];
    return NULL;
}

static void settle(struct node *node, const struct operated *operated)
{
    struct waiting *waiting;
    while ((waiting = find_waiting(node, operated->request_id)) != NULL) {
        node_id from = waiting->from;
        *waiting = (struct waiting){0};
        answer(node, from, operated);
    }
}

/* There are never more answers than waiting requests: an id that is kept already keeps its first
 * answer. */
void operations_reply(struct node *node, const struct operated *operated)
{
    if (find_waiting(node, operated->request_id) == NULL)
        return;
    for (size_t i = 0; i < node->reply_count; i++)
        if (node->replies[i].request_id == operated->request_id)
            return;
    CHECK(node->reply_count < WAITING_COUNT_MAX);
    node->replies[node->reply_count++] = *operated;
}

void operations_flush(struct node *node)
{
    while (node->reply_count > 0 && !node->stepping) {
        struct operated operated = node->replies[--node->reply_count];
        settle(node, &operated);
    }
}

void operations_on_answer(struct node *node, const struct operated *operated)
{
    settle(node, operated);
}

void operations_tick(struct node *node)
{
    time_ms now_ms = clock_boot_ms();
    for (size_t i = 0; i < WAITING_COUNT_MAX; i++) {
        struct waiting *waiting = &node->waiting[i];
        if (waiting->request_id == 0 || now_ms < waiting->until_ms)
            continue;
        struct waiting expired = *waiting;
        *waiting = (struct waiting){0};
        refuse(node, expired.from, expired.request_id, OPERATED_NO_QUORUM);
    }
}
