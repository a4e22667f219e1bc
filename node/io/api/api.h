/* The HTTP API of a node: libmicrohttpd on the control loop's epoll, no thread of its own.
 * Never decides: it shows the view, checks tokens, and hands operators' requests to its hooks.
 * Called by the control loop alone, on its thread. */
#ifndef QUORATE_IO_API_H
#define QUORATE_IO_API_H

#include <uv.h>

#include "node/io/api/view.h"
#include "node/io/contexts/contexts.h"
#include "proto/frame.h"

struct api;

struct api_hooks {
    void *data;
    /* Fills the view; the pointers in it are valid until the hook's caller returns. */
    void (*view)(void *data, struct node_view *ret_view);
    /* Takes an operator's request (request_id set by the API, never 0). Answered later, or before
     * it returns, by api_operated with the same request_id. */
    void (*operate)(void *data, const struct operation *operation);
    /* Starts `quorate init` from this node. Answered by api_initialised. Returns 0, ERR_STATE or
     * ERR_BUSY. */
    int (*init)(void *data, struct text *why);
    /* Hands a context's request over; NULL where contexts are off. Answered by api_context_answered
     * where it returns 0; else as contexts_submit. */
    int (*context)(void *data, const struct context_request *request);
};

/* Listens on local.api. Returns 0, or ERR_BUSY (port taken), ERR_INVALID, ERR_AUTH (TLS files) with
 * `why` naming it. */
int api_new(const struct config *config, uv_loop_t *loop, const struct api_hooks *hooks,
            struct api **ret_api, struct text *why);

/* An answer to operate(); unknown request ids are ignored (the client went away). */
void api_operated(struct api *api, const struct operated *operated);
void api_initialised(struct api *api, int code, const struct text *why);

/* Takes the answer's text over; unknown request ids are ignored. */
void api_context_answered(struct api *api, struct context_answer *answer);

/* Ends open connections and frees the API once the loop has let go of its handles. */
void api_close(struct api *api, void (*closed)(void *data), void *data);

#endif
