/* A running bot and the calls that its tests make.
 * Never shared between tests.
 * Called by the tests of the bot, the chaos proxy and the checker. */
#ifndef QUORATE_LAB_TEST_BOT_FIXTURE_H
#define QUORATE_LAB_TEST_BOT_FIXTURE_H

#include "tests/lab/test/client.h"
#include "tests/lab/test/process.h"

struct bot_process {
    struct process process;
    uint16_t port;
    uint16_t control_port;
};

void bot_start(struct bot_process *bot);
/* Listens at an address; the calls below go to 127.0.0.1 all the same. */
void bot_start_at(struct bot_process *bot, const char *host);
void bot_stop(struct bot_process *bot);
/* `json` as POST /mode takes it. */
void bot_mode(const struct bot_process *bot, const char *json);
/* The caller deletes it. */
cJSON *bot_state(const struct bot_process *bot);

/* GET /canary at any port with one header more (or NULL); the caller frees the reply. */
void canary_get(uint16_t port, const char *header, time_ms timeout_ms,
                struct client_reply *ret_reply);
/* GET /canary: how curl ended. */
CURLcode canary_code(uint16_t port, time_ms timeout_ms);

#endif
