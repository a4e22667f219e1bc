#include "tests/unit/api/api_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/contexts/context_content.h"

#define PATH "/v1/contexts/anna"

enum { WORD_SIZE = 128 };

/* The last request that came to the store. */
static struct {
    enum context_verb verb;
    char id[WORD_SIZE];
    char seq[WORD_SIZE];
    size_t body_length;
    bool secrets;
} seen;

/* Answers each at once. */
static int answer_full(void *data, const struct context_request *request)
{
    struct context_answer answer = {
        .request_id = request->request_id, .status = 503, .retry_after_s = 30};
    answer.json = strdup("{\"code\":\"full\",\"why\":\"as asked\"}");
    assert_non_null(answer.json);
    answer.length = strlen(answer.json);
    seen.verb = request->verb;
    seen.body_length = request->body_length;
    seen.secrets = request->secrets;
    (void)snprintf(seen.id, sizeof seen.id, "%s", request->id);
    (void)snprintf(seen.seq, sizeof seen.seq, "%s", request->seq != NULL ? request->seq : "");
    api_context_answered(world_api(data), &answer);
    return 0;
}

static int refuse_busy(void *data, const struct context_request *request)
{
    (void)data, (void)request;
    return ERR_FULL;
}

static struct world *begin(bool tokens)
{
    return world_new(&(struct world_options){
        .read_token = true, .on_context = answer_full, .context_tokens = tokens});
}

static void without_a_store_there_are_no_contexts(void **state)
{
    struct world *world = world_new(&(struct world_options){.read_token = false});
    (void)state;
    world_expect(world, "GET", PATH, NULL, NULL, 404, "off");
    world_expect(world, "PUT", PATH, NULL, "{\"seq\":1}", 404, "off");
    world_free(&world);
}

struct row {
    const char *method;
    const char *token;
    long status; /* 503: it came to the store */
    bool secrets;
};

static void expect_rows(struct world *world, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *body = strcmp(rows[i].method, "PUT") == 0 ? "{\"seq\":1}" : NULL;
        struct reply reply = world_ask(world, rows[i].method, PATH, rows[i].token, body);
        if (reply.status != rows[i].status)
            fail_msg("%s with %s: %ld", rows[i].method, rows[i].token, reply.status);
        if (reply.status == 503)
            assert_int_equal(seen.secrets, rows[i].secrets);
        reply_clear(&reply);
    }
}

static void each_token_opens_what_it_is_for(void **state)
{
    static const struct row rows[] = {
        {"GET", WORLD_CONTEXT_READ, 503, true},
        {"GET", WORLD_CONTEXT_WRITE, 503, false},
        {"GET", NULL, 401, false},
        {"GET", WORLD_READ, 401, false},
        {"GET", WORLD_WRITE, 401, false},
        {"PUT", WORLD_CONTEXT_WRITE, 503, false},
        {"PUT", WORLD_CONTEXT_READ, 403, false},
        {"PUT", NULL, 401, false},
        {"PUT", WORLD_WRITE, 401, false},
        {"DELETE", WORLD_CONTEXT_WRITE, 503, false},
        {"DELETE", WORLD_CONTEXT_READ, 403, false},
    };
    struct world *world = begin(true);
    (void)state;
    expect_rows(world, rows, ARRAY_COUNT(rows));
    /* and opens nothing else */
    world_expect(world, "GET", "/v1/status", WORLD_CONTEXT_READ, NULL, 401, "unauthorized");
    world_expect(world, "POST", "/v1/hold", WORLD_CONTEXT_WRITE, "{}", 401, "unauthorized");
    world_free(&world);
}

static void on_loopback_without_tokens_secrets_stay_hidden(void **state)
{
    static const struct row rows[] = {
        {"GET", NULL, 503, false}, {"GET", WORLD_READ, 503, false}, {"PUT", NULL, 503, false}};
    struct world *world = begin(false);
    (void)state;
    expect_rows(world, rows, ARRAY_COUNT(rows));
    world_free(&world);
}

static void a_request_is_handed_over_as_it_came(void **state)
{
    struct world *world = begin(false);
    (void)state;
    struct reply reply =
        world_ask_with(world, "POST", "/v1/contexts/+49%2069", NULL, "{}", "X-Quorate-Seq: 12");
    assert_int_equal(reply.status, 503);
    assert_string_equal(reply_word(&reply, "code"), "full");
    assert_non_null(strstr(reply.head, "Retry-After: 30"));
    reply_clear(&reply);
    assert_int_equal(seen.verb, CONTEXT_VERB_PUT);
    assert_string_equal(seen.id, "+49 69"); /* which the store refuses */
    assert_string_equal(seen.seq, "12");
    assert_int_equal(seen.body_length, 2);
    world_free(&world);
}

static void one_too_many_is_told_to_come_again(void **state)
{
    struct world *world = world_new(&(struct world_options){.on_context = refuse_busy});
    (void)state;
    world_expect(world, "PUT", PATH, NULL, "{\"seq\":1}", 503, "busy");
    world_free(&world);
}

static void a_body_may_have_64_kib_and_no_more(void **state)
{
    struct world *world = begin(false);
    char *body = malloc(CONTEXT_BODY_BYTES_MAX + 2);
    (void)state;
    assert_non_null(body);
    memset(body, ' ', CONTEXT_BODY_BYTES_MAX + 1);
    body[CONTEXT_BODY_BYTES_MAX] = '\0';
    struct reply reply = world_ask(world, "PUT", PATH, NULL, body);
    assert_int_equal(reply.status, 503);
    assert_int_equal(seen.body_length, CONTEXT_BODY_BYTES_MAX);
    reply_clear(&reply);
    body[CONTEXT_BODY_BYTES_MAX] = ' ';
    body[CONTEXT_BODY_BYTES_MAX + 1] = '\0';
    world_expect(world, "PUT", PATH, NULL, body, 413, "too-large");
    free(body);
    reply = world_ask(world, "PATCH", PATH, NULL, "{}");
    assert_int_equal(reply.status, 405);
    assert_non_null(strstr(reply.head, "Allow: GET, HEAD, PUT, POST, DELETE"));
    reply_clear(&reply);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_store_there_are_no_contexts),
        cmocka_unit_test(each_token_opens_what_it_is_for),
        cmocka_unit_test(on_loopback_without_tokens_secrets_stay_hidden),
        cmocka_unit_test(a_request_is_handed_over_as_it_came),
        cmocka_unit_test(one_too_many_is_told_to_come_again),
        cmocka_unit_test(a_body_may_have_64_kib_and_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
