#include "tests/cluster/ask.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <string.h>

#define SERVICE_PATH "/v1/services/" CLUSTER_SERVICE

void ask_send(const struct cluster *cluster, size_t place, const char *method, const char *path,
              const char *header, const char *body, struct client_reply *ret_reply)
{
    struct client_request request = {.method = method,
                                     .port = cluster->nodes[place].api_port,
                                     .path = path,
                                     .headers = {header},
                                     .body = body,
                                     .timeout_ms = 20000};
    network_enter(&cluster->network, place);
    client_send(&request, ret_reply);
    network_leave(&cluster->network);
}

long ask_status_code(const struct cluster *cluster, size_t place, const char *path)
{
    struct client_reply reply = {0};
    ask_send(cluster, place, "GET", path, ASK_READ, NULL, &reply);
    long status = reply.status;
    client_reply_free(&reply);
    return status;
}

static cJSON *parse(const char *path, long status, struct client_reply *reply)
{
    if (reply->status != status)
        fail_msg("%s: %ld, not %ld: %s", path, reply->status, status, reply->body);
    cJSON *page = cJSON_Parse(reply->body);
    if (page == NULL)
        fail_msg("%s: no JSON: %s", path, reply->body);
    client_reply_free(reply);
    return page;
}

cJSON *ask_get(const struct cluster *cluster, size_t place, const char *path)
{
    struct client_reply reply = {0};
    ask_send(cluster, place, "GET", path, ASK_READ, NULL, &reply);
    return parse(path, 200, &reply);
}

cJSON *ask_post(const struct cluster *cluster, size_t place, const char *path, const char *body,
                long status)
{
    struct client_reply reply = {0};
    ask_send(cluster, place, "POST", path, ASK_WRITE, body, &reply);
    return parse(path, status, &reply);
}

void ask_operate(const struct cluster *cluster, size_t place, const char *word, const char *body,
                 long status)
{
    char path[96];
    (void)snprintf(path, sizeof path, SERVICE_PATH "/%s", word);
    cJSON_Delete(ask_post(cluster, place, path, body, status));
}

void ask_init(const struct cluster *cluster, size_t place, long status)
{
    cJSON_Delete(ask_post(cluster, place, "/v1/init", "{}", status));
}

int ask_leader(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i) && ask_status_code(cluster, i, "/v1/leader?self") == 200)
            return (int)i;
    return -1;
}

size_t ask_wait_leader(const struct cluster *cluster)
{
    int leader = -1;
    WAIT_UNTIL((leader = ask_leader(cluster)) >= 0);
    return (size_t)leader;
}

bool ask_settled(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++) {
        if (!node_is_running(cluster, i))
            continue;
        if (ask_status_code(cluster, i, "/readyz") != 200 ||
            ask_status_code(cluster, i, SERVICE_PATH) != 200 ||
            ask_service_is(cluster, i, "route", "unknown"))
            return false;
    }
    return ask_leader(cluster) >= 0;
}

/* NULL while the node cannot answer, as one that was started a moment ago. */
static cJSON *try_get(const struct cluster *cluster, size_t place, const char *path)
{
    struct client_reply reply = {0};
    ask_send(cluster, place, "GET", path, ASK_READ, NULL, &reply);
    cJSON *page = reply.status == 200 ? cJSON_Parse(reply.body) : NULL;
    client_reply_free(&reply);
    return page;
}

void ask_service_word(const struct cluster *cluster, size_t place, const char *key, char *buffer,
                      size_t size)
{
    cJSON *page = try_get(cluster, place, SERVICE_PATH);
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(page, key);
    (void)snprintf(buffer, size, "%s", cJSON_IsString(item) ? item->valuestring : "");
    cJSON_Delete(page);
}

bool ask_service_is(const struct cluster *cluster, size_t place, const char *key, const char *word)
{
    char found[64];
    ask_service_word(cluster, place, key, found, sizeof found);
    return strcmp(found, word) == 0;
}

bool ask_all_say(const struct cluster *cluster, const char *key, const char *word)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i) && !ask_service_is(cluster, i, key, word))
            return false;
    return true;
}

bool ask_move_is(const struct cluster *cluster, size_t place, const char *state)
{
    cJSON *page = try_get(cluster, place, SERVICE_PATH);
    const cJSON *move = cJSON_GetObjectItemCaseSensitive(page, "move");
    bool same = cJSON_IsObject(move) && strcmp(client_text(move, "state"), state) == 0;
    cJSON_Delete(page);
    return same;
}

bool ask_explains(const struct cluster *cluster, size_t place, const char *key, const char *code)
{
    cJSON *page = try_get(cluster, place, SERVICE_PATH "/explain");
    const cJSON *why = cJSON_GetObjectItemCaseSensitive(page, key);
    bool same = cJSON_IsObject(why) && strcmp(client_text(why, "code"), code) == 0;
    cJSON_Delete(page);
    return same;
}

double ask_count(const struct cluster *cluster, size_t place, const char *part, const char *key)
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *object = part == NULL ? page : cJSON_GetObjectItemCaseSensitive(page, part);
    double count = client_number(object, key);
    cJSON_Delete(page);
    return count;
}

static void ledger_of(const struct cluster *cluster, size_t place, double *ret_index,
                      char ret_hash[32])
{
    cJSON *page = ask_get(cluster, place, "/v1/status");
    const cJSON *ledger = cJSON_GetObjectItemCaseSensitive(page, "ledger");
    *ret_index = client_number(ledger, "applied");
    (void)snprintf(ret_hash, 32, "%s", client_text(ledger, "hash"));
    cJSON_Delete(page);
}

bool ask_ledgers_equal(const struct cluster *cluster)
{
    char first_hash[32] = "";
    double first_index = 0;
    for (size_t i = 0; i < cluster->node_count; i++) {
        char hash[32];
        double index;
        if (!node_is_running(cluster, i))
            continue;
        ledger_of(cluster, i, &index, hash);
        if (first_hash[0] == '\0') {
            (void)memcpy(first_hash, hash, sizeof first_hash);
            first_index = index;
        }
        if (index != first_index)
            return false;
        assert_string_equal(hash, first_hash);
    }
    return true;
}

static bool is_patch(const cJSON *line)
{
    return strcmp(client_text(line, "method"), "PATCH") == 0 && client_truth(line, "applied");
}

int ask_effective(const struct cluster *cluster, const char *state)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        if (is_patch(line) &&
            (state == NULL || strcmp(client_text(line, "state_after"), state) == 0))
            count++;
    }
    cJSON_Delete(journal);
    return count;
}

int ask_requests(const struct cluster *cluster, const char *method, const char *path)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        if (strcmp(client_text(line, "method"), method) == 0 &&
            strcmp(client_text(line, "path"), path) == 0)
            count++;
    }
    cJSON_Delete(journal);
    return count;
}

cJSON *ask_patch(const struct cluster *cluster, int nth)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    cJSON *found = NULL;
    cJSON *line;
    cJSON_ArrayForEach(line, journal)
    {
        if (is_patch(line) && nth-- == 0) {
            found = cJSON_DetachItemViaPointer(journal, line);
            break;
        }
    }
    cJSON_Delete(journal);
    assert_non_null(found);
    return found;
}
