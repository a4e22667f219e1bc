#include "tests/unit/act/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"
#include "node/io/config/seal_key.h"

enum { AWAIT_S = 10, LOG_BYTES_MAX = 65536 };

time_ms fixture_now_ms(void)
{
    struct timespec now;
    CHECK(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
    return (time_ms)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct config *fixture_make_config(uint16_t port)
{
    struct config *config = calloc(1, sizeof *config);
    CHECK(config != NULL);
    config->services = calloc(1, sizeof *config->services);
    CHECK(config->services != NULL);
    config->service_count = 1;
    struct service_config *service = config->services;
    CHECK(name_set(&service->name, "support") == 0);
    (void)text_copy(service->side[SIDE_PRIMARY].id, NAME_SIZE, "flow-p");
    (void)text_copy(service->side[SIDE_STANDBY].id, NAME_SIZE, "flow-s");
    (void)snprintf(service->side[SIDE_PRIMARY].probe.url, URL_SIZE,
                   "http://127.0.0.1:%u/canary?deep=1#top", port);
    service->route_count = 1;
    CHECK(name_set(&service->routes[0].name, "route") == 0);
    (void)text_copy(service->routes[0].backend, NAME_SIZE, "routing-plan");
    (void)text_copy(service->routes[0].plan, NAME_SIZE, "plan-1");
    (void)text_copy(service->routes[0].via, NAME_SIZE, "genesys");
    config->platform_count = 1;
    struct platform_config *platform = config->platforms;
    CHECK(name_set(&platform->name, "genesys") == 0);
    (void)snprintf(platform->api_url, URL_SIZE, "http://127.0.0.1:%u/", port);
    (void)snprintf(platform->login_url, URL_SIZE, "http://127.0.0.1:%u", port);
    (void)text_copy(platform->client_id, SECRET_SIZE, "demo-client");
    (void)text_copy(platform->client_secret, SECRET_SIZE, "demo-secret");
    config->timing.actuator_deadline_ms = FIXTURE_DEADLINE_MS;
    config->timing.token_fresh_ms = 60000;
    config->timing.actuator_proof_ms = 60000;
    return config;
}

void fixture_free_config(struct config **config)
{
    if (*config == NULL)
        return;
    free((*config)->services);
    free(*config);
    *config = NULL;
}

static void on_done(const struct actuator_result *result, void *data)
{
    struct fixture *fixture = data;
    (void)pthread_mutex_lock(&fixture->mutex);
    CHECK(fixture->result_count < FIXTURE_RESULT_COUNT_MAX);
    fixture->results[fixture->result_count++] = *result;
    (void)pthread_cond_broadcast(&fixture->changed);
    (void)pthread_mutex_unlock(&fixture->mutex);
}

static struct fixture *fixture_new(void)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    CHECK(fixture != NULL);
    CHECK(pthread_mutex_init(&fixture->mutex, NULL) == 0);
    CHECK(pthread_cond_init(&fixture->changed, NULL) == 0);
    fixture->server = server_start();
    fixture->config = fixture_make_config(server_port(fixture->server));
    fixture_script(fixture, CHANNEL_TOKEN, 200, TOKEN_BODY("token-1"));
    fixture_script(fixture, CHANNEL_READ, 200, PLAN_NORMAL("7"));
    fixture_script(fixture, CHANNEL_WRITE, 200, PLAN_STANDBY("8"));
    return fixture;
}

static int start(struct fixture *fixture, void **state)
{
    struct text why = {0};
    CHECK(actuator_new(fixture->config, on_done, fixture, &fixture->actuator, &why) == 0);
    *state = fixture;
    return 0;
}

int fixture_setup(void **state)
{
    return start(fixture_new(), state);
}

int fixture_setup_unit(void **state)
{
    struct fixture *fixture = fixture_new();
    struct service_config *service = fixture->config->services;
    service->routes[1] = service->routes[0];
    service->route_count = 2;
    CHECK(name_set(&service->routes[0].name, "voice") == 0);
    CHECK(name_set(&service->routes[1].name, "chat") == 0);
    (void)text_copy(service->routes[1].plan, NAME_SIZE, "plan-2");
    return start(fixture, state);
}

int fixture_setup_refresh(void **state)
{
    bool fallback = *state != NULL;
    struct fixture *fixture = fixture_new();
    struct platform_config *platform = fixture->config->platforms;
    platform->grant = GRANT_REFRESH_TOKEN;
    seal_key_make(fixture->config->seal);
    (void)text_copy(platform->refresh_token, SECRET_SIZE, "seed-1");
    if (fallback) {
        (void)text_copy(platform->fallback_id, SECRET_SIZE, "fallback");
        (void)text_copy(platform->fallback_secret, SECRET_SIZE, "fallback-secret");
    }
    return start(fixture, state);
}

int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    actuator_free(&fixture->actuator);
    server_stop(&fixture->server);
    fixture_free_config(&fixture->config);
    (void)pthread_cond_destroy(&fixture->changed);
    (void)pthread_mutex_destroy(&fixture->mutex);
    free(fixture);
    return 0;
}

void fixture_script(struct fixture *fixture, enum channel channel, int status, const char *body)
{
    const struct reply reply = {.status = status, .body = body};
    server_script(fixture->server, channel, &reply, 1);
}

struct actuator_job fixture_job(enum actuator_job_kind kind)
{
    struct actuator_job job = {
        .kind = kind,
        .deadline_ms = FIXTURE_DEADLINE_MS,
        .start_before_ms = fixture_now_ms() + FIXTURE_DEADLINE_MS,
        .term = 42,
    };
    (void)text_copy(job.idempotency_key, sizeof job.idempotency_key, "support/17.2.1");
    return job;
}

struct actuator_job fixture_switch(const struct route_view *view)
{
    struct actuator_job job = fixture_job(ACTUATOR_WRITE);
    job.step = ROUTE_SWITCH;
    job.to = SIDE_STANDBY;
    job.base.version = view->version;
    job.base.body_hash = view->body_hash[ROUTE_SWITCH][SIDE_STANDBY];
    return job;
}

uint64_t fixture_submit(struct fixture *fixture, struct actuator_job job)
{
    job.ticket = ++fixture->next_ticket;
    CHECK(actuator_submit(fixture->actuator, &job) == 0);
    return job.ticket;
}

static const struct actuator_result *find(const struct fixture *fixture, uint64_t ticket)
{
    const struct actuator_result *found = NULL;
    for (size_t i = 0; i < fixture->result_count; i++) {
        if (fixture->results[i].job.ticket != ticket)
            continue;
        CHECK(found == NULL); /* one answer a job */
        found = &fixture->results[i];
    }
    return found;
}

struct actuator_result fixture_await(struct fixture *fixture, uint64_t ticket)
{
    struct timespec until;
    CHECK(clock_gettime(CLOCK_REALTIME, &until) == 0);
    until.tv_sec += AWAIT_S;
    (void)pthread_mutex_lock(&fixture->mutex);
    const struct actuator_result *found = NULL;
    while ((found = find(fixture, ticket)) == NULL)
        CHECK(pthread_cond_timedwait(&fixture->changed, &fixture->mutex, &until) == 0);
    struct actuator_result result = *found;
    (void)pthread_mutex_unlock(&fixture->mutex);
    return result;
}

struct actuator_result fixture_run(struct fixture *fixture, struct actuator_job job)
{
    return fixture_await(fixture, fixture_submit(fixture, job));
}

struct route_view fixture_read(struct fixture *fixture)
{
    struct actuator_result result = fixture_run(fixture, fixture_job(ACTUATOR_READ));
    CHECK(result.result == ROUTE_RESULT_OK);
    return result.view;
}

/* Standard error goes to an unlinked file; the returned descriptor is the saved one. */
int fixture_capture_log(void)
{
    FILE *file = tmpfile();
    CHECK(file != NULL);
    int saved = dup(STDERR_FILENO);
    CHECK(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    (void)fclose(file);
    return saved;
}

char *fixture_captured_log(int captured)
{
    char *text = calloc(1, LOG_BYTES_MAX);
    CHECK(text != NULL);
    CHECK(pread(STDERR_FILENO, text, LOG_BYTES_MAX - 1, 0) >= 0);
    CHECK(dup2(captured, STDERR_FILENO) >= 0);
    (void)close(captured);
    return text;
}
