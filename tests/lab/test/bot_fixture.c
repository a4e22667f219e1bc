#include "tests/lab/test/bot_fixture.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>

void bot_start(struct bot_process *bot)
{
    bot_start_at(bot, "127.0.0.1");
}

void bot_start_at(struct bot_process *bot, const char *host)
{
    char port[16] = "";
    char control_port[16] = "";
    const char *argv[] = {LAB_DIR "/bot", "--host",         host,         "--port",
                          port,           "--control-port", control_port, NULL};

    bot->port = process_port_find();
    do
        bot->control_port = process_port_find();
    while (bot->control_port == bot->port);
    (void)snprintf(port, sizeof(port), "%u", (unsigned)bot->port);
    (void)snprintf(control_port, sizeof(control_port), "%u", (unsigned)bot->control_port);
    process_start(&bot->process, argv);
}

void bot_stop(struct bot_process *bot)
{
    assert_int_equal(process_stop(&bot->process, NULL), 0);
}

void bot_mode(const struct bot_process *bot, const char *json)
{
    cJSON_Delete(client_json(bot->control_port, "POST", "/mode", json, 200));
}

cJSON *bot_state(const struct bot_process *bot)
{
    return client_json(bot->control_port, "GET", "/state", NULL, 200);
}

void canary_get(uint16_t port, const char *header, time_ms timeout_ms,
                struct client_reply *ret_reply)
{
    struct client_request request = {
        .port = port, .path = "/canary", .headers = {header}, .timeout_ms = timeout_ms};

    client_send(&request, ret_reply);
}

CURLcode canary_code(uint16_t port, time_ms timeout_ms)
{
    struct client_reply reply = {0};
    CURLcode code;

    canary_get(port, NULL, timeout_ms, &reply);
    code = reply.code;
    client_reply_free(&reply);
    return code;
}
