#include "tests/cluster/ask.h"
#include "tests/cluster/load/failover.h"
#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AS_WRITER "Authorization: Bearer " CLUSTER_CONTEXT_WRITE_TOKEN
#define AS_READER "Authorization: Bearer " CLUSTER_CONTEXT_READ_TOKEN
#define PROFILES "/api/v2/conversations/contacts/"

enum {
    COUNT = 24,
    BODY_SIZE = 512,
    THROUGH_REPEATS_MAX = 9, /* what the dead leader had on its way */
};

static const struct cluster_settings to_profile = {
    .contexts = "store: embedded, write_through: {to: profile, via: lab, per_minute: 3000}"};
static const struct cluster_settings to_participant = {
    .contexts = "store: embedded, write_through: {to: participant, via: lab, per_minute: 3000}",
    .sim_option = "--attributes=500ms"};
static const struct cluster_settings to_contact = {
    .contexts =
        "store: embedded, write_through: {to: external-contact, via: lab, per_minute: 3000}"};

static void wait_ready(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->node_count; i++)
        WAIT_UNTIL(failover_metric(cluster, i, "quorate_contexts_ready") >= 1);
}

static void put_body(const struct cluster *cluster, size_t place, const char *id, const char *body,
                     long status)
{
    struct client_reply reply;
    char path[128];
    (void)snprintf(path, sizeof(path), "/v1/contexts/%s", id);
    ask_send(cluster, place, "PUT", path, AS_WRITER, body, &reply);
    if (reply.status != status)
        fail_msg("PUT %s: %ld, not %ld: %s", path, reply.status, status, reply.body);
    client_reply_free(&reply);
}

static void put(const struct cluster *cluster, size_t place, const char *id, int seq)
{
    char body[BODY_SIZE];
    (void)snprintf(body, sizeof(body),
                   "{\"seq\":%d,\"step\":\"step-%d\",\"conversation\":\"conversation-1\","
                   "\"participant\":\"participant-1\",\"fields\":{\"issueType\":\"issue-%d\","
                   "\"tries\":%d,\"known\":true,\"accountNumber\":{\"value\":\"top-secret\","
                   "\"secret\":true}}}",
                   seq, seq, seq, seq);
    put_body(cluster, place, id, body, 200);
}

/* The value of a field of a profile, or "". */
static void profile_field(const struct cluster *cluster, const char *id, const char *field,
                          char *ret_value, size_t size)
{
    struct client_reply reply;
    char path[128];
    (void)snprintf(path, sizeof(path), PROFILES "%s/profile", id);
    sim_send(&cluster->sim, "GET", path, NULL, &reply);
    cJSON *page = cJSON_Parse(reply.body == NULL ? "" : reply.body);
    const cJSON *row;
    ret_value[0] = '\0';
    cJSON_ArrayForEach(
        row, cJSON_GetObjectItem(cJSON_GetObjectItem(page, "userProfile"),
                                 "fields")) if (strcmp(client_text(row, "id"), field) == 0)(void)
        snprintf(ret_value, size, "%s", client_text(row, "value"));
    cJSON_Delete(page);
    client_reply_free(&reply);
}

static bool profile_is(const struct cluster *cluster, const char *id, const char *field,
                       const char *value)
{
    char found[64];
    profile_field(cluster, id, field, found, sizeof(found));
    return strcmp(found, value) == 0;
}

/* Writes that the simulator carried out under a path; a text that none of them may hold. */
static int written_count(const struct cluster *cluster, const char *method, const char *path,
                         const char *text, const char *never)
{
    cJSON *journal = client_json(cluster->sim.port, "GET", "/sim/journal", NULL, 200);
    const cJSON *line;
    int count = 0;
    cJSON_ArrayForEach(line, journal)
    {
        char *body = cJSON_PrintUnformatted(cJSON_GetObjectItem(line, "body"));
        if (strcmp(client_text(line, "method"), method) != 0 ||
            strncmp(client_text(line, "path"), path, strlen(path)) != 0) {
            cJSON_free(body);
            continue;
        }
        if (strstr(body, never) != NULL)
            fail_msg("%s stands in %s", never, body);
        count += client_truth(line, "applied") && strstr(body, text) != NULL;
        cJSON_free(body);
    }
    cJSON_Delete(journal);
    return count;
}

static double sum_of(const struct cluster *cluster, const char *name)
{
    double sum = 0;
    for (size_t i = 0; i < cluster->node_count; i++)
        if (node_is_running(cluster, i))
            sum += failover_metric(cluster, i, name);
    return sum;
}

static void the_newest_is_written_and_read_back_and_no_secret_leaves(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    put(cluster, 0, "contact-a", 1);
    WAIT_UNTIL(profile_is(cluster, "contact-a", "currentStep", "step-1"));
    put(cluster, 1, "contact-a", 2);
    put(cluster, 2, "contact-b", 1);
    WAIT_UNTIL(profile_is(cluster, "contact-a", "quorateSeq", "2"));
    WAIT_UNTIL(profile_is(cluster, "contact-b", "issueType", "issue-1"));
    assert_true(profile_is(cluster, "contact-a", "tries", "2"));
    assert_true(profile_is(cluster, "contact-a", "known", "true"));
    assert_true(profile_is(cluster, "contact-a", "accountNumber", ""));
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_written_total") >= 3);
    assert_int_equal(written_count(cluster, "POST", PROFILES, "", "top-secret"), 3);
    cluster_finish(cluster);
}

/* What waits is coalesced: of each only the newest is written once the platform is back. */
static void an_outage_of_the_platform_loses_nothing(void **state)
{
    struct cluster *cluster = *state;
    char id[32];
    wait_ready(cluster);
    put(cluster, 0, "before", 1);
    WAIT_UNTIL(profile_is(cluster, "before", "quorateSeq", "1"));
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":503,\"match\":{\"method\":\"POST\","
                             "\"path\":\"" PROFILES "\",\"count\":-1}}");
    for (int seq = 1; seq <= 3; seq++)
        for (int i = 0; i < COUNT; i++) {
            (void)snprintf(id, sizeof(id), "out-%d", i);
            put(cluster, (size_t)i % cluster->node_count, id, seq);
        }
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_failed_total") >= 2);
    assert_true(sum_of(cluster, "quorate_contexts_through_paused") >= 1);
    struct client_reply reply;
    ask_send(cluster, 1, "GET", "/v1/contexts/out-3", AS_READER, NULL, &reply);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.body, "\"seq\":3"));
    client_reply_free(&reply);
    cJSON_Delete(client_json(cluster->sim.port, "DELETE", "/sim/faults", NULL, 200));
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(id, sizeof(id), "out-%d", i);
        WAIT_UNTIL_MS(profile_is(cluster, id, "quorateSeq", "3"), 60000);
    }
    assert_int_equal(written_count(cluster, "POST", PROFILES "out-", "step-3", "top-secret"),
                     COUNT);
    assert_int_equal(written_count(cluster, "POST", PROFILES "out-", "step-1", "top-secret"), 0);
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_pending") == 0);
    cluster_finish(cluster);
}

static void a_new_leader_goes_on_with_what_waits(void **state)
{
    struct cluster *cluster = *state;
    char id[32];
    wait_ready(cluster);
    size_t leader = ask_wait_leader(cluster);
    sim_fault(&cluster->sim, "{\"fault\":\"latency\",\"ms\":150,\"match\":{\"method\":\"POST\","
                             "\"path\":\"" PROFILES "\",\"count\":-1}}");
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(id, sizeof(id), "led-%d", i);
        put(cluster, leader, id, 1);
    }
    WAIT_UNTIL(failover_metric(cluster, leader, "quorate_contexts_through_written_total") >= 14);
    node_kill(cluster, leader);
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(id, sizeof(id), "led-%d", i);
        WAIT_UNTIL_MS(profile_is(cluster, id, "quorateSeq", "1"), 60000);
    }
    /* The marks of the old leader were told: what it had read back is not written again. */
    assert_true(written_count(cluster, "POST", PROFILES "led-", "step-1", "top-secret") <=
                COUNT + THROUGH_REPEATS_MAX);
    cluster_finish(cluster);
}

static void a_limit_of_the_platform_is_obeyed(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    sim_fault(&cluster->sim,
              "{\"fault\":\"rate-limit\",\"retry_after\":3,\"match\":{\"method\":\"POST\","
              "\"path\":\"" PROFILES "\",\"count\":1}}");
    time_ms begun_ms = clock_boot_ms();
    put(cluster, 0, "limited", 1);
    WAIT_UNTIL(profile_is(cluster, "limited", "quorateSeq", "1"));
    assert_true(clock_boot_ms() - begun_ms >= 3000);
    cluster_finish(cluster);
}

static void what_the_platform_will_not_take_is_counted_and_holds_nothing_up(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    sim_fault(&cluster->sim, "{\"fault\":\"status\",\"status\":400,\"match\":{\"method\":\"POST\","
                             "\"path\":\"" PROFILES "bad/profile\",\"count\":-1}}");
    put(cluster, 0, "bad", 1);
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_refused_total") >= 1);
    put(cluster, 0, "good", 1);
    WAIT_UNTIL(profile_is(cluster, "good", "quorateSeq", "1"));
    cJSON *page = ask_get(cluster, ask_wait_leader(cluster), "/v1/status");
    const cJSON *through =
        cJSON_GetObjectItem(cJSON_GetObjectItem(page, "contexts"), "write_through");
    assert_non_null(strstr(client_text(through, "last_error"), "400"));
    cJSON_Delete(page);
    cluster_finish(cluster);
}

static bool attribute_is(const struct cluster *cluster, const char *name, const char *value)
{
    cJSON *page = client_json(cluster->sim.port, "GET",
                              "/sim/documents/conversation/conversation-1", NULL, 200);
    char *text = cJSON_PrintUnformatted(page);
    char wanted[96];
    (void)snprintf(wanted, sizeof(wanted), "\"%s\":\"%s\"", name, value);
    bool is = strstr(text, wanted) != NULL;
    cJSON_free(text);
    cJSON_Delete(page);
    return is;
}

static void participants_get_attributes_and_long_values_are_refused_early(void **state)
{
    struct cluster *cluster = *state;
    char body[BODY_SIZE];
    char value[258];
    wait_ready(cluster);
    put(cluster, 0, "p-1", 5);
    WAIT_UNTIL(attribute_is(cluster, "currentStep", "step-5"));
    assert_true(attribute_is(cluster, "quorateSeq", "5"));
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_written_total") >= 1);
    put_body(cluster, 0, "p-2", "{\"seq\":1,\"fields\":{\"a\":\"b\"}}", 200);
    WAIT_UNTIL(failover_metric(cluster, 0, "quorate_contexts_through_unnamed_total") >= 1);
    memset(value, 'x', 257);
    value[257] = '\0';
    (void)snprintf(body, sizeof(body), "{\"seq\":2,\"fields\":{\"note\":\"%s\"}}", value);
    struct client_reply reply;
    ask_send(cluster, 0, "PUT", "/v1/contexts/p-3", AS_WRITER, body, &reply);
    assert_true(reply.status == 400 || reply.status == 413);
    assert_non_null(strstr(reply.body, "note"));
    client_reply_free(&reply);
    cluster_finish(cluster);
}

static void external_contacts_get_custom_fields(void **state)
{
    struct cluster *cluster = *state;
    wait_ready(cluster);
    put(cluster, 0, "contact-1", 4);
    WAIT_UNTIL(sum_of(cluster, "quorate_contexts_through_written_total") +
                   sum_of(cluster, "quorate_contexts_through_refused_total") >=
               1);
    cJSON *page =
        client_json(cluster->sim.port, "GET", "/sim/documents/contact/contact-1", NULL, 200);
    char *text = cJSON_PrintUnformatted(page);
    assert_non_null(strstr(text, "\"currentStep_text\":\"step-4\""));
    assert_non_null(strstr(text, "\"quorateSeq_text\":\"4\""));
    assert_null(strstr(text, "top-secret"));
    cJSON_free(text);
    cJSON_Delete(page);
    cluster_finish(cluster);
}

#define WITH(name, settings)                                                                \
    cmocka_unit_test_prestate_setup_teardown(name, cluster_setup_started, cluster_teardown, \
                                             (void *)(uintptr_t) & (settings))

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(the_newest_is_written_and_read_back_and_no_secret_leaves, to_profile),
        WITH(an_outage_of_the_platform_loses_nothing, to_profile),
        WITH(a_new_leader_goes_on_with_what_waits, to_profile),
        WITH(a_limit_of_the_platform_is_obeyed, to_profile),
        WITH(what_the_platform_will_not_take_is_counted_and_holds_nothing_up, to_profile),
        WITH(participants_get_attributes_and_long_values_are_refused_early, to_participant),
        WITH(external_contacts_get_custom_fields, to_contact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
