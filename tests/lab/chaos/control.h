/* The control interface of the chaos proxy: POST /set for all pairs or one, GET /state.
 * Never touches a connection itself.
 * Called by the web server on the proxy's loop, so a setting is in force when its answer leaves. */
#ifndef QUORATE_LAB_CHAOS_CONTROL_H
#define QUORATE_LAB_CHAOS_CONTROL_H

#include "tests/lab/base/web.h"
#include "tests/lab/chaos/pair.h"

struct control {
    struct pair *pairs;
    size_t pair_count;
};

/* `data` is a struct control. */
void chaos_control_handle(const struct web_request *request, struct web_answer *answer, void *data);

#endif
