/* /metrics: the text is well-formed, says what the view says, and shows no secret. */
#include "tests/unit/api/api_world.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 64, NAME_BYTES = 96 };

/* What was announced by HELP and TYPE so far. */
struct parsed {
    char names[NAMES_MAX][NAME_BYTES];
    size_t name_count;
    size_t sample_count;
};

static size_t name_length(const char *text)
{
    size_t length = 0;
    while (islower((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

static bool is_announced(const struct parsed *parsed, const char *name, size_t length)
{
    return parsed->name_count > 0 && strlen(parsed->names[parsed->name_count - 1]) == length &&
           strncmp(parsed->names[parsed->name_count - 1], name, length) == 0;
}

/* {name="value",...}: gives what follows; NULL where it is none. */
static const char *skip_labels(const char *text)
{
    if (*text != '{')
        return text;
    do {
        size_t length = name_length(++text);
        if (length == 0 || strncmp(text + length, "=\"", 2) != 0)
            return NULL;
        text += length + 2;
        text += strcspn(text, "\"\\\n");
        if (*text++ != '"')
            return NULL;
    } while (*text == ',');
    return *text == '}' ? text + 1 : NULL;
}

static void parse_comment(struct parsed *parsed, const char *line)
{
    char kind[8];
    char name[NAME_BYTES];
    char rest[256];
    assert_int_equal(sscanf(line, "# %7s %95s %255[^\n]", kind, name, rest), 3);
    if (strcmp(kind, "HELP") == 0) {
        for (size_t i = 0; i < parsed->name_count; i++)
            assert_string_not_equal(parsed->names[i], name); /* one block a metric */
        assert_true(parsed->name_count < NAMES_MAX);
        (void)snprintf(parsed->names[parsed->name_count++], NAME_BYTES, "%s", name);
        return;
    }
    assert_string_equal(kind, "TYPE");
    assert_true(is_announced(parsed, name, strlen(name)));
    bool counter = strcmp(rest, "counter") == 0;
    assert_true(counter || strcmp(rest, "gauge") == 0);
    size_t length = strlen(name);
    assert_int_equal(counter, length > 6 && strcmp(name + length - 6, "_total") == 0);
}

static void parse_sample(struct parsed *parsed, const char *line)
{
    char *end = NULL;
    size_t length = name_length(line);
    if (strncmp(line, "quorate_", 8) != 0 || !is_announced(parsed, line, length))
        fail_msg("not announced: %.60s", line);
    const char *value = skip_labels(line + length);
    if (value == NULL || *value != ' ')
        fail_msg("labels: %.80s", line);
    (void)strtoull(value + 1, &end, 10);
    assert_true(end != value + 1 && *end == '\n');
    parsed->sample_count++;
}

static struct parsed parse(const char *text)
{
    struct parsed parsed = {.name_count = 0};
    while (*text != '\0') {
        const char *next = strchr(text, '\n');
        assert_non_null(next);
        if (*text == '#')
            parse_comment(&parsed, text);
        else
            parse_sample(&parsed, text);
        text = next + 1;
    }
    return parsed;
}

static void add_counts(struct world *world, void *data)
{
    static struct view_counts counts;
    struct node_view *view = world_view(world);
    (void)data;
    counts.votes_heard = 17;
    counts.moves[0][MOVE_DONE] = 2;
    counts.ballots[0][BALLOT_FAIL] = 3;
    view->counts = &counts;
    view->troubles[0] = (struct trouble_counts){1, 2, 3, 4, 5};
    view->loop_late_count = 6;
    view->heartbeat_late_count = 7;
    view->loop_late_max_ms = 123;
}

static void assert_has(const struct reply *reply, const char *line)
{
    if (strstr(reply->body, line) == NULL)
        fail_msg("no line %s", line);
}

static void the_text_is_well_formed_and_says_what_is_so(void **state)
{
    (void)state;
    static const struct world_options options = {.read_token = false};
    struct world *world = world_new(&options);
    world_do(world, add_counts, NULL);
    struct reply reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.head, "Content-Type: text/plain; version=0.0.4"));
    struct parsed parsed = parse(reply.body);
    assert_true(parsed.name_count >= 18);
    assert_true(parsed.sample_count > parsed.name_count);
    assert_has(&reply, "\nquorate_leader 0\n");
    assert_has(&reply, "\nquorate_loop_late_total 6\n");
    assert_has(&reply, "\nquorate_heartbeat_late_total 7\n");
    assert_has(&reply, "\nquorate_loop_late_max_milliseconds 123\n");
    assert_has(&reply, "\nquorate_votes_heard_total 17\n");
    assert_has(&reply, "\nquorate_frames_dropped_total{reason=\"replayed\"} 3\n");
    assert_has(&reply, "\nquorate_serving{service=\"line\",side=\"primary\"} 1\n");
    assert_has(&reply, "\nquorate_serving{service=\"line\",side=\"standby\"} 0\n");
    assert_has(&reply, "\nquorate_moves_total{service=\"line\",state=\"DONE\"} 2\n");
    assert_has(&reply, "\nquorate_ballots_total{service=\"line\",result=\"FAIL\"} 3\n");
    reply_clear(&reply);
    world_free(&world);
}

static void each_trouble_has_a_counter_of_its_own(void **state)
{
    (void)state;
    static const struct world_options options = {.read_token = false};
    static const char *const names[] = {"token_expired", "auth_refused", "auth_unreachable",
                                        "api_unreachable", "api_error"};
    struct world *world = world_new(&options);
    world_do(world, add_counts, NULL);
    struct reply reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char line[128];
        (void)snprintf(line, sizeof line, "\nquorate_%s_total{platform=\"", names[i]);
        const char *found = strstr(reply.body, line);
        assert_non_null(found);
        assert_int_equal(strtoull(strchr(found + 1, '}') + 1, NULL, 10), i + 1);
    }
    assert_has(&reply, "# TYPE quorate_api_error_total counter\n");
    reply_clear(&reply);
    world_free(&world);
}

/* The primary's certificate has five days, the standby's has ended; fourteen are wanted of both. */
static void add_certificates(struct world *world, void *data)
{
    static struct view_certificates certificates;
    struct node_view *view = world_view(world);
    const int64_t now_s = INT64_C(1760000000);
    const int64_t day_s = 24 * 3600;
    (void)data;
    for (int side = 0; side < SIDE_N; side++)
        ((struct service_config *)view->config->services)->side[side].probe.cert_warn_ms =
            14 * day_s * 1000;
    certificates.end_s[0][SIDE_PRIMARY] = now_s + 5 * day_s;
    certificates.end_s[0][SIDE_STANDBY] = now_s - 60;
    view->certificates = &certificates;
    view->wall_ms = now_s * 1000;
}

static void certificates_that_end_soon_are_shown(void **state)
{
    (void)state;
    static const struct world_options options = {.read_token = false};
    struct world *world = world_new(&options);
    world_do(world, add_certificates, NULL);
    struct reply reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    parse(reply.body);
    assert_has(&reply, "\nquorate_certificate_expiry_seconds{service=\"line\",side=\"primary\"} "
                       "432000\n");
    assert_has(&reply,
               "\nquorate_certificate_expiry_seconds{service=\"line\",side=\"standby\"} 0\n");
    reply_clear(&reply);
    reply = world_ask(world, "GET", "/v1/status", NULL, NULL);
    assert_has(&reply, "\"code\":\"certificate-ends\",\"service\":\"line\",\"side\":\"primary\","
                       "\"left_ms\":432000000,\"text\":\"the certificate of ");
    assert_has(&reply, ", which the primary's probe sees, ends in 5d\"");
    assert_has(&reply, "which the standby's probe saw, has ended\"");
    reply_clear(&reply);
    world_free(&world);
}

static void it_takes_the_read_token_as_other_reads_do(void **state)
{
    (void)state;
    static const struct world_options options = {.read_token = true};
    struct world *world = world_new(&options);
    struct reply none = world_ask(world, "GET", "/metrics", NULL, NULL);
    struct reply read = world_ask(world, "GET", "/metrics", WORLD_READ, NULL);
    assert_int_equal(none.status, 401);
    assert_int_equal(read.status, 200);
    assert_null(strstr(read.body, WORLD_READ));
    assert_null(strstr(read.body, WORLD_WRITE));
    reply_clear(&none);
    reply_clear(&read);
    world_free(&world);
}

static void lock_out(struct world *world, void *data)
{
    struct command intent = {.kind = COMMAND_TOKEN_INTENT, .service = SERVICE_SLOT_NONE};
    struct command locked_out = {.kind = COMMAND_TOKEN_LOCKED_OUT, .service = SERVICE_SLOT_NONE};
    (void)data;
    assert_int_equal(name_set(&intent.as.token_intent.platform, "lab"), 0);
    intent.as.token_intent.generation = 1;
    locked_out.as.token_locked_out.platform = intent.as.token_intent.platform;
    locked_out.as.token_locked_out.generation = 1;
    world_apply(world, intent);
    world_apply(world, locked_out);
}

static void a_lock_out_shows_in_metrics_and_status(void **state)
{
    (void)state;
    static const struct world_options options = {.read_token = false};
    struct world *world = world_new(&options);
    world_do(world, lock_out, NULL);
    struct reply metrics = world_ask(world, "GET", "/metrics", NULL, NULL);
    struct reply status = world_ask(world, "GET", "/v1/status", NULL, NULL);
    (void)parse(metrics.body);
    assert_has(&metrics, "\nquorate_token_locked_out{platform=\"lab\"} 1\n");
    const cJSON *row = cJSON_GetArrayItem(cJSON_GetObjectItem(status.json, "tokens"), 0);
    assert_non_null(row);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(row, "locked_out")));
    assert_non_null(
        strstr(cJSON_GetStringValue(cJSON_GetObjectItem(row, "what")), "put it into the"));
    reply_clear(&metrics);
    reply_clear(&status);
    world_free(&world);
}

static void a_node_before_its_init_answers_too(void **state)
{
    (void)state;
    static const struct world_options options = {.uninitialised = true};
    struct world *world = world_new(&options);
    struct reply reply = world_ask(world, "GET", "/metrics", NULL, NULL);
    assert_int_equal(reply.status, 200);
    (void)parse(reply.body);
    assert_null(strstr(reply.body, "quorate_leader"));
    reply_clear(&reply);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_is_well_formed_and_says_what_is_so),
        cmocka_unit_test(each_trouble_has_a_counter_of_its_own),
        cmocka_unit_test(a_lock_out_shows_in_metrics_and_status),
        cmocka_unit_test(certificates_that_end_soon_are_shown),
        cmocka_unit_test(it_takes_the_read_token_as_other_reads_do),
        cmocka_unit_test(a_node_before_its_init_answers_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
