/* A client of one node's API: which node, with which token, and one request at a time.
 * Never follows redirects, never reads proxies from the environment, never prints a token.
 * Called by the commands that ask a node. */
#ifndef QUORATE_CMD_CLIENT_H
#define QUORATE_CMD_CLIENT_H

#include <cjson/cJSON.h>

#include "node/cmd/arguments.h"
#include "node/cmd/exit_codes.h"

struct client;

struct client_answer {
    long status;
    char *text;  /* NUL-terminated */
    cJSON *json; /* NULL where the text is none */
};

/* Finds the node (--api, $QUORATE_API, or local.api of the configuration) and the token
 * (--token-file, $QUORATE_TOKEN, or the configuration's). Returns EXIT_OK, or prints why not and
 * returns the code. */
enum exit_code client_open(const struct arguments *arguments, bool writes,
                           struct client **ret_client);
void client_close(struct client **client);

/* One request; `body` NULL is a GET. Returns 0 with an answer of whatever status, which the caller
 * clears; or ERR_NETWORK, ERR_TIMEOUT (sent, unanswered), ERR_AUTH (the node's certificate),
 * ERR_TOO_LARGE with `why`. */
int client_request(struct client *client, const char *path, const cJSON *body,
                   struct client_answer *ret_answer, struct text *why);
void client_answer_clear(struct client_answer *answer);

/* A GET whose answer is printed as it is with --json; else it must be a JSON object of status 200,
 * or the reason is printed. Returns EXIT_OK with ret_answer, which the caller clears, or the exit
 * code. `*ret_shown`: nothing is left to print. */
enum exit_code client_get(const struct arguments *arguments, const char *path,
                          struct client_answer *ret_answer, bool *ret_shown);
/* Prints an answer: raw with --json, else its reason on standard error where the status is no 2xx.
 */
enum exit_code client_report(const struct arguments *arguments, const struct client_answer *answer);

/* Members of the answers, forgiving: "" or 0 where one is absent. */
const char *member_string(const cJSON *object, const char *key);
double member_number(const cJSON *object, const char *key);
bool member_true(const cJSON *object, const char *key);

#endif
