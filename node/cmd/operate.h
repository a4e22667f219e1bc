/* What the operators' commands share: one POST about a service, and its answer.
 * Never decides; the cluster does.
 * Called by failover, failback, hold, release, arm, disarm and ack. */
#ifndef QUORATE_CMD_OPERATE_H
#define QUORATE_CMD_OPERATE_H

#include "node/cmd/client.h"
#include "proto/types.h"

enum { OPERATE_PATH_SIZE = NAME_SIZE + 64 };

/* "/v1/services/NAME/VERB" ("/v1/services/NAME" where verb is NULL; "/v1/VERB", about all services,
 * where service is). Returns EXIT_OK, or prints
 * that the name cannot be one. */
enum exit_code operate_path(const char *service, const char *verb,
                            char ret_path[OPERATE_PATH_SIZE]);

/* Sends the request with --reason, --for, --expect and --force where they were given, and a request
 * id, so that it cannot be done twice. Prints why it was refused, or the raw answer with --json.
 * The caller clears the answer. */
enum exit_code operate_send(const struct arguments *arguments, const char *verb,
                            struct client_answer *ret_answer);

/* A whole command: sends, and prints "SERVICE: `done`". */
enum exit_code operate_run(const struct arguments *arguments, const char *verb, const char *done);

#define OPTIONS_OPERATE (OPTIONS_CLIENT | OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_ACTOR))

#endif
