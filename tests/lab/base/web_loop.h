/* Runs a WEB_LOOP server on a libuv loop.
 * Never starts a thread.
 * Called by the chaos proxy, whose control interface and links share one loop. */
#ifndef QUORATE_LAB_WEB_LOOP_H
#define QUORATE_LAB_WEB_LOOP_H

#include "tests/lab/base/web.h"

#include <uv.h>

/* The caller's storage; it stays until the loop has run once after web_loop_stop. */
struct web_loop {
    struct web *web;
    uv_poll_t poll;
    uv_prepare_t prepare;
    uv_timer_t timer;
};

/* Errors: ERR_INTERNAL. The server must outlive web_loop_stop. */
int web_loop_start(struct web_loop *loop, uv_loop_t *uv, struct web *web);
void web_loop_stop(struct web_loop *loop);

#endif
