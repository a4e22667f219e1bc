#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/errors.h"
#include "node/io/api/error_json.h"

#define BEARER "Bearer "
#define WRITE_ROLE "write-token"
#define ACTOR_HEADER "X-Quorate-Actor"

/* The token of an Authorization header, NULL where there is none. */
static const char *bearer_of(const struct request *request)
{
    const char *header =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Authorization");
    if (header == NULL || strncasecmp(header, BEARER, sizeof BEARER - 1) != 0)
        return NULL;
    header += sizeof BEARER - 1;
    return header + strspn(header, " ");
}

static bool is_token(const char *shown, const char *token)
{
    return token[0] != '\0' && shown != NULL && text_equal_secret(shown, token);
}

static int refuse(struct request *request, const char *which)
{
    const struct local_config *local = &request->api->config->local;
    const char *shown = bearer_of(request);
    if (is_token(shown, local->read_token)) {
        answer_error(request, MHD_HTTP_FORBIDDEN, "forbidden",
                     "this is the read token; %s %s needs the write token (local.api.write_token)",
                     request->route->method, request->route->path);
        return ERR_FORBIDDEN;
    }
    answer_error(request, MHD_HTTP_UNAUTHORIZED, "unauthorized",
                 "%s: send \"Authorization: Bearer TOKEN\" with local.api.%s of this node",
                 shown == NULL ? "no token was shown" : "the shown token is not the right one",
                 which);
    return ERR_AUTH;
}

static int set_actor(struct request *request)
{
    const char *person =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, ACTOR_HEADER);
    char actor[2 * NAME_SIZE];
    if (person != NULL)
        snprintf(actor, sizeof actor, "%s.%s", WRITE_ROLE, person);
    else
        snprintf(actor, sizeof actor, "%s", WRITE_ROLE);
    if ((person == NULL || person[0] != '\0') && name_set(&request->actor, actor) == 0)
        return 0;
    answer_error(request, MHD_HTTP_BAD_REQUEST, "bad-request",
                 ACTOR_HEADER ": a name of 1 to %d characters of A-Z a-z 0-9 . _ - is wanted",
                 (int)(NAME_BYTES_MAX - sizeof WRITE_ROLE));
    return ERR_INVALID;
}

static int check_write(struct request *request)
{
    const struct local_config *local = &request->api->config->local;
    if (local->write_token[0] == '\0') {
        answer_error(request, MHD_HTTP_FORBIDDEN, "forbidden",
                     "this node takes no requests that change anything: set local.api.write_token "
                     "in its configuration");
        return ERR_FORBIDDEN;
    }
    if (!is_token(bearer_of(request), local->write_token))
        return refuse(request, "write_token");
    return set_actor(request);
}

static int refuse_context(struct request *request)
{
    bool shown = bearer_of(request) != NULL;
    answer_error(request, MHD_HTTP_UNAUTHORIZED, "unauthorized",
                 "%s: send \"Authorization: Bearer TOKEN\" with local.contexts.%s of this node",
                 shown ? "the shown token is not the right one" : "no token was shown",
                 request->route->access == ACCESS_CONTEXT_READ ? "read_token or write_token"
                                                               : "write_token");
    return ERR_AUTH;
}

/* The flows' own two tokens. Without them, which loopback alone may be, secret values stay hidden.
 */
static int check_context(struct request *request)
{
    const struct local_config *local = &request->api->config->local;
    const char *shown = bearer_of(request);
    bool reads = request->route->access == ACCESS_CONTEXT_READ;
    request->shows_secrets = reads && is_token(shown, local->context_read_token);
    if (request->shows_secrets || is_token(shown, local->context_write_token) ||
        (local->context_read_token[0] == '\0' && local->context_write_token[0] == '\0'))
        return 0;
    if (!reads && is_token(shown, local->context_read_token)) {
        answer_error(request, MHD_HTTP_FORBIDDEN, "forbidden",
                     "this is the contexts' read token; %s needs local.contexts.write_token",
                     request->route->method);
        return ERR_FORBIDDEN;
    }
    return refuse_context(request);
}

int access_check(struct request *request)
{
    const struct local_config *local = &request->api->config->local;
    switch (request->route->access) {
    case ACCESS_OPEN:
        return 0;
    case ACCESS_READ:
        if (local->read_token[0] == '\0' || is_token(bearer_of(request), local->read_token) ||
            is_token(bearer_of(request), local->write_token))
            return 0;
        return refuse(request, "read_token");
    case ACCESS_WRITE:
        return check_write(request);
    case ACCESS_CONTEXT_READ:
    case ACCESS_CONTEXT_WRITE:
        return check_context(request);
    case ACCESS_KIND_N:
        break;
    }
    return ERR_FORBIDDEN;
}
