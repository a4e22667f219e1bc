#include "tests/lab/chaos/link.h"

#include "common/errors.h"

#include <stdlib.h>

static void on_closed(uv_handle_t *handle)
{
    const struct lane *lane = handle->data;
    struct link *link = lane->data;

    if (--link->open_handles == 0)
        free(link);
}

/* A reset is refused by libuv where a shutdown is under way; then it is a plain close. */
static void socket_close(uv_tcp_t *tcp, bool reset)
{
    if (!reset || uv_tcp_close_reset(tcp, on_closed) != 0)
        uv_close((uv_handle_t *)tcp, on_closed);
}

void link_close(struct link *link, bool reset)
{
    if (link->closing)
        return;
    link->closing = true;
    lane_stop(&link->up);
    lane_stop(&link->down);
    if (link->on_gone != NULL)
        link->on_gone(link, link->data);
    link->open_handles = link->has_server ? 4 : 3;
    socket_close(&link->client, reset);
    if (link->has_server)
        socket_close(&link->server, reset);
    uv_close((uv_handle_t *)&link->up.timer, on_closed);
    uv_close((uv_handle_t *)&link->down.timer, on_closed);
}

bool link_has_lost(const struct link *link)
{
    return link->up.lost || link->down.lost;
}

static void on_lane_end(struct lane *lane, enum lane_end end, void *data)
{
    struct link *link = data;
    uv_shutdown_t *shutdown = lane == &link->up ? &link->shutdown_up : &link->shutdown_down;

    if (link->closing)
        return;
    if (end == LANE_BROKEN || !link->has_server || (link->up.ended && link->down.ended))
        link_close(link, end == LANE_BROKEN);
    else if (!lane->lost && uv_shutdown(shutdown, lane->to, NULL) != 0)
        link_close(link, true);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct link *link = connect->data;

    if (link->closing)
        return;
    if (status != 0) {
        link_close(link, true);
        return;
    }
    (void)uv_tcp_nodelay(&link->server, 1);
    lane_start(&link->up);
    lane_start(&link->down);
}

void link_start(struct link *link, const struct endpoint *target)
{
    link->connect.data = link;
    if (!link->has_server)
        lane_start(&link->up);
    else if (uv_tcp_connect(&link->connect, &link->server,
                            (const struct sockaddr *)&target->address, on_connected) != 0)
        link_close(link, true);
}

int link_new(uv_stream_t *listener, const struct link_rules *rules, link_gone_fn *on_gone,
             void *data, struct link **ret_link)
{
    struct link *link = calloc(1, sizeof(*link));
    uv_loop_t *loop = listener->loop;
    uv_stream_t *server = NULL;

    if (link == NULL)
        return ERR_NO_MEMORY;
    link->has_server = !lane_is_cut(rules->up) && !lane_is_cut(rules->down);
    (void)uv_tcp_init(loop, &link->client);
    if (link->has_server) {
        (void)uv_tcp_init(loop, &link->server);
        server = (uv_stream_t *)&link->server;
    }
    lane_init(&link->up, loop, rules->up, (uv_stream_t *)&link->client, server, on_lane_end, link);
    lane_init(&link->down, loop, rules->down, server, (uv_stream_t *)&link->client, on_lane_end,
              link);
    if (uv_accept(listener, (uv_stream_t *)&link->client) != 0) {
        link_close(link, false);
        return ERR_NETWORK;
    }
    (void)uv_tcp_nodelay(&link->client, 1);
    link->on_gone = on_gone;
    link->data = data;
    *ret_link = link;
    return 0;
}
