#include "tests/lab/base/web_loop.h"

#include "common/errors.h"

#include <microhttpd.h>

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct web_loop *loop = poll->data;

    (void)status;
    (void)events;
    (void)MHD_run(web_daemon(loop->web));
}

static void on_timer(uv_timer_t *timer)
{
    struct web_loop *loop = timer->data;

    (void)MHD_run(web_daemon(loop->web));
}

/* Before the loop sleeps: as long as the server allows. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct web_loop *loop = prepare->data;
    MHD_UNSIGNED_LONG_LONG left_ms = 0;

    if (MHD_get_timeout(web_daemon(loop->web), &left_ms) == MHD_YES)
        (void)uv_timer_start(&loop->timer, on_timer, left_ms, 0);
    else
        (void)uv_timer_stop(&loop->timer);
}

int web_loop_start(struct web_loop *loop, uv_loop_t *uv, struct web *web)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(web_daemon(web), MHD_DAEMON_INFO_EPOLL_FD);

    loop->web = web;
    loop->poll.data = loop;
    loop->prepare.data = loop;
    loop->timer.data = loop;
    if (info == NULL || uv_poll_init(uv, &loop->poll, info->epoll_fd) != 0)
        return ERR_INTERNAL;
    (void)uv_prepare_init(uv, &loop->prepare);
    (void)uv_timer_init(uv, &loop->timer);
    (void)uv_prepare_start(&loop->prepare, on_prepare);
    (void)uv_poll_start(&loop->poll, UV_READABLE, on_readable);
    return 0;
}

void web_loop_stop(struct web_loop *loop)
{
    uv_close((uv_handle_t *)&loop->poll, NULL);
    uv_close((uv_handle_t *)&loop->prepare, NULL);
    uv_close((uv_handle_t *)&loop->timer, NULL);
}
