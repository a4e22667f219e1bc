/* One request to a platform's token endpoint, by either grant.
 * Never keeps, prints or logs a token or a secret.
 * Called by the token store. */
#ifndef QUORATE_IO_ACT_GRANT_H
#define QUORATE_IO_ACT_GRANT_H

#include "node/io/act/grant_answer.h"

struct grant_request {
    const char *login_url;
    const char *client_id;
    const char *client_secret;
    const char *refresh_token; /* NULL: client credentials */
    time_ms deadline_ms;       /* boot-time clock */
    time_ms start_before_ms;   /* boot-time clock, or HTTP_NO_START_LIMIT */
};

/* Always fills the answer, by the deadline. An exchange has a connection of its own, so that it
 * cannot arrive late. */
void grant_ask(struct http_client *client, const struct grant_request *request,
               struct grant_answer *ret_answer);

#endif
