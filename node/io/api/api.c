#include "node/io/api/api.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/api/parts.h"

time_ms api_now(struct api *api)
{
    uv_update_time(api->prepare.loop);
    return (time_ms)uv_now(api->prepare.loop);
}

/* Each request for a context holds a connection until a majority has answered. */
static unsigned connection_count_max(const struct config *config)
{
    bool contexts = config->contexts.store != CONTEXT_STORE_OFF;
    return API_CONNECTION_COUNT_MAX + (contexts ? config->contexts.in_flight : 0);
}

static bool is_full(const struct api *api)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info != NULL && info->num_connections >= connection_count_max(api->config);
}

/* libmicrohttpd stops listening at its connection limit, and listens again only in the run after
 * the one in which connections ended; nothing else would wake us for it. api_operated may come
 * while libmicrohttpd calls us: then the call that runs goes round once more.
 */
void api_run(struct api *api)
{
    api->again = true;
    if (api->running)
        return;
    api->running = true;
    while (api->again) {
        bool was_full = is_full(api);
        api->again = false;
        if (MHD_run(api->daemon) != MHD_YES)
            log_error("api_failed", "why=\"%s\"", "the HTTP server could not go on");
        api->again |= was_full && !is_full(api);
    }
    api->running = false;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    (void)status, (void)events;
    api_run(poll->data);
}

static void on_timer(uv_timer_t *timer)
{
    struct api *api = timer->data;
    waiting_expire(api, api_now(api), false);
    api_run(api);
}

/* Before the loop sleeps it learns when libmicrohttpd, or somebody's patience, wants to be woken.
 */
static void on_prepare(uv_prepare_t *prepare)
{
    struct api *api = prepare->data;
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    bool wanted = MHD_get_timeout(api->daemon, &timeout_ms) == MHD_YES;
    if (api->waiting != NULL) {
        time_ms left_ms = waiting_until(api) - (time_ms)uv_now(prepare->loop);
        uint64_t patience_ms = left_ms > 0 ? (uint64_t)left_ms : 0;
        timeout_ms = wanted && timeout_ms < patience_ms ? timeout_ms : patience_ms;
        wanted = true;
    }
    if (wanted)
        uv_timer_start(&api->timer, on_timer, timeout_ms, 0);
    else
        uv_timer_stop(&api->timer);
}

static int read_tls(struct api *api, const struct local_config *local, struct text *why)
{
    if (local->tls_cert_file[0] == '\0')
        return 0;
    int result = listener_read_pem(local->tls_cert_file, &api->tls_cert, why);
    if (result != 0)
        return result;
    return listener_read_pem(local->tls_key_file, &api->tls_key, why);
}

/* The daemon takes the socket over. */
static int start_daemon(struct api *api, int fd, struct text *why)
{
    const struct local_config *local = &api->config->local;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, api->tls_cert},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, api->tls_key},
        {MHD_OPTION_END, 0, NULL},
    };
    if (api->tls_cert != NULL)
        flags |= MHD_USE_TLS;
    else
        tls[0].option = MHD_OPTION_END;
    api->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, request_on_call, api, MHD_OPTION_LISTEN_SOCKET, fd,
        MHD_OPTION_CONNECTION_LIMIT, connection_count_max(api->config),
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)API_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)API_CONNECTION_BYTES_MAX, MHD_OPTION_NOTIFY_COMPLETED, request_on_completed, api,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (api->daemon != NULL)
        return 0;
    if (api->tls_cert != NULL) {
        text_set(why, "TLS does not start with %s and %s: do certificate and key belong together?",
                 local->tls_cert_file, local->tls_key_file);
        return ERR_AUTH;
    }
    text_set(why, "the HTTP server on %s:%u does not start", local->api_host,
             (unsigned)local->api_port);
    return ERR_INTERNAL;
}

static int attach(struct api *api, uv_loop_t *loop, struct text *why)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(api->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    CHECK(info != NULL);
    if (uv_poll_init(loop, &api->poll, info->epoll_fd) != 0) {
        text_set(why, "the loop does not take the HTTP server's epoll descriptor");
        return ERR_INTERNAL;
    }
    uv_prepare_init(loop, &api->prepare);
    uv_timer_init(loop, &api->timer);
    api->poll.data = api;
    api->prepare.data = api;
    api->timer.data = api;
    api->handles_open = 3;
    uv_poll_start(&api->poll, UV_READABLE, on_readable);
    uv_prepare_start(&api->prepare, on_prepare);
    return 0;
}

static void free_api(struct api *api)
{
    if (api->tls_key != NULL)
        sodium_memzero(api->tls_key, strlen(api->tls_key));
    free(api->tls_key);
    free(api->tls_cert);
    free(api);
}

int api_new(const struct config *config, uv_loop_t *loop, const struct api_hooks *hooks,
            struct api **ret_api, struct text *why)
{
    int fd = -1;
    struct api *api = calloc(1, sizeof *api);
    if (api == NULL)
        return ERR_NO_MEMORY;
    api->config = config;
    api->hooks = *hooks;
    int result = read_tls(api, &config->local, why);
    if (result != 0)
        goto fail_api;
    result = listener_open(&config->local, &fd, why);
    if (result != 0)
        goto fail_api;
    result = start_daemon(api, fd, why);
    if (result != 0)
        goto fail_listener;
    result = attach(api, loop, why);
    if (result != 0)
        goto fail_daemon;
    *ret_api = api;
    return 0;

fail_daemon:
    MHD_stop_daemon(api->daemon); /* closes the listener */
    goto fail_api;
fail_listener:
    close(fd);
fail_api:
    free_api(api);
    return result;
}

static void on_closed(uv_handle_t *handle)
{
    struct api *api = handle->data;
    if (--api->handles_open > 0)
        return;
    void (*closed)(void *data) = api->closed;
    void *closed_data = api->closed_data;
    free_api(api);
    closed(closed_data);
}

void api_close(struct api *api, void (*closed)(void *data), void *data)
{
    CHECK(!api->running);
    api->closed = closed;
    api->closed_data = data;
    uv_poll_stop(&api->poll);
    waiting_expire(api, 0, true);
    api_run(api);
    MHD_stop_daemon(api->daemon);
    api->daemon = NULL;
    uv_close((uv_handle_t *)&api->poll, on_closed);
    uv_close((uv_handle_t *)&api->prepare, on_closed);
    uv_close((uv_handle_t *)&api->timer, on_closed);
}
