#include "node/io/bus/bus_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "common/check.h"
#include "common/errors.h"
#include "common/log.h"
#include "node/io/bus/zap.h"

enum {
    HIGH_WATER_COUNT = 1000, /* messages a peer; 64 gave stalls of 200 ms */
    HEARTBEAT_EVERY_MS = 200,
    HEARTBEAT_TIMEOUT_MS = 600, /* without it a stopped peer swallows messages for ever */
    RECONNECT_MS = 50,
    RECONNECT_MS_MAX = 250,
    CONNECT_TIMEOUT_MS =
        500, /* a lost SYN would be repeated after 1, 3, 7 seconds: too late after a heal */
    HANDSHAKE_MS = 1000,
    /* RFC 26 (CurveZMQ): a frame travels as "\x07MESSAGE", a nonce of 8, an authenticator of 16, a
       byte of flags. */
    CURVE_OVERHEAD_BYTES = 33,
};

struct socket_option {
    int name;
    int value;
};

/* IMMEDIATE: nothing is queued for a peer that is not connected, so no stale burst comes after an
 * outage. */
static const struct socket_option common_options[] = {
    {ZMQ_LINGER, 0},
    {ZMQ_IMMEDIATE, 1},
    {ZMQ_SNDHWM, HIGH_WATER_COUNT},
    {ZMQ_RCVHWM, HIGH_WATER_COUNT},
    {ZMQ_HEARTBEAT_IVL, HEARTBEAT_EVERY_MS},
    {ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS},
    {ZMQ_HEARTBEAT_TTL, HEARTBEAT_TIMEOUT_MS},
    {ZMQ_RECONNECT_IVL, RECONNECT_MS},
    {ZMQ_RECONNECT_IVL_MAX, RECONNECT_MS_MAX},
    {ZMQ_CONNECT_TIMEOUT, CONNECT_TIMEOUT_MS},
    {ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS},
};

static int set_int(void *socket, int name, int value)
{
    return zmq_setsockopt(socket, name, &value, sizeof value) == 0 ? 0 : ERR_NETWORK;
}

static int set_key(void *socket, int name, const uint8_t key[CURVE_KEY_BYTES])
{
    return zmq_setsockopt(socket, name, key, CURVE_KEY_BYTES) == 0 ? 0 : ERR_NETWORK;
}

static int set_common(void *socket)
{
    /* Up to twice a frame is taken in to be counted; what is larger ends its connection. */
    const int64_t message_bytes_max = 2 * FRAME_BYTES_MAX + CURVE_OVERHEAD_BYTES;
    for (size_t i = 0; i < ARRAY_COUNT(common_options); i++) {
        if (set_int(socket, common_options[i].name, common_options[i].value) < 0) {
            return ERR_NETWORK;
        }
    }
    return zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &message_bytes_max, sizeof message_bytes_max) == 0
               ? 0
               : ERR_NETWORK;
}

static int set_server(void *socket, int type, const struct bus_curve *own)
{
    if (set_common(socket) < 0 || set_int(socket, ZMQ_CURVE_SERVER, 1) < 0 ||
        set_key(socket, ZMQ_CURVE_SECRETKEY, own->secret_key) < 0 ||
        zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) != 0) {
        return ERR_NETWORK;
    }
    if (type == ZMQ_SUB && zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0) != 0) {
        return ERR_NETWORK;
    }
    return 0;
}

static bool is_numeric(const char *host)
{
    uint8_t address[sizeof(struct in6_addr)];
    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static void host_port(const char *host, uint16_t port, struct text *ret_text)
{
    const bool version_6 = strchr(host, ':') != NULL;
    text_set(ret_text, version_6 ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}

static int bind_to(void *socket, const char *host, uint16_t port)
{
    struct text address = {0};
    char url[BUS_URL_SIZE];
    host_port(host, port, &address);
    (void)snprintf(url, sizeof url, "tcp://%s", address.bytes);
    (void)set_int(socket, ZMQ_IPV6, strchr(host, ':') != NULL);
    return zmq_bind(socket, url) == 0 ? 0 : errno;
}

/* Behind an address translation, or with a name, the configured host is what others dial, not what
 * can be bound. */
static int bind_own_or_all(void *socket, const char *host, uint16_t port, const char *purpose)
{
    int code = is_numeric(host) ? bind_to(socket, host, port) : ENODEV;
    if (code == EADDRNOTAVAIL || code == ENODEV) {
        log_info("bus_binds_all", "port=%u for=%s host=%s", (unsigned)port, purpose, host);
        code = bind_to(socket, "*", port);
    }
    return code;
}

int bus_socket_bind(void *zmq_context, int type, const struct bus_curve *own, const char *host,
                    uint16_t port, const char *purpose, void **ret_socket, struct text *why)
{
    struct text address = {0};
    host_port(host, port, &address);
    void *socket = zmq_socket(zmq_context, type);
    if (socket == NULL || set_server(socket, type, own) < 0) {
        text_set(why, "no %s socket for %s: %s", purpose, address.bytes, zmq_strerror(errno));
        goto fail;
    }
    int code = bind_own_or_all(socket, host, port, purpose);
    if (code == EADDRINUSE) {
        text_set(why, "%s port %s is taken by another process", purpose, address.bytes);
        (void)zmq_close(socket);
        return ERR_BUSY;
    }
    if (code != 0) {
        text_set(why, "%s port %s cannot be bound: %s", purpose, address.bytes, zmq_strerror(code));
        goto fail;
    }
    *ret_socket = socket;
    return 0;

fail:
    if (socket != NULL) {
        (void)zmq_close(socket);
    }
    return ERR_NETWORK;
}

int bus_socket_client(void *zmq_context, int type, const struct bus_curve *own, void **ret_socket)
{
    void *socket = zmq_socket(zmq_context, type);
    if (socket == NULL) {
        return ERR_NETWORK;
    }
    if (set_common(socket) < 0 || set_key(socket, ZMQ_CURVE_PUBLICKEY, own->public_key) < 0 ||
        set_key(socket, ZMQ_CURVE_SECRETKEY, own->secret_key) < 0) {
        (void)zmq_close(socket);
        return ERR_NETWORK;
    }
    *ret_socket = socket;
    return 0;
}

int bus_socket_connect(void *socket, const char *url, const uint8_t server_key[CURVE_KEY_BYTES])
{
    if (set_int(socket, ZMQ_IPV6, strchr(url, '[') != NULL) < 0 ||
        set_key(socket, ZMQ_CURVE_SERVERKEY, server_key) < 0) {
        return ERR_NETWORK;
    }
    return zmq_connect(socket, url) == 0 ? 0 : ERR_NETWORK;
}

int bus_socket_url(const struct config *config, const char *host, uint16_t port,
                   char ret_url[BUS_URL_SIZE])
{
    struct text address = {0};
    host_port(host, port, &address);
    int length =
        snprintf(ret_url, BUS_URL_SIZE, "tcp://%s", config_connect_to(config, address.bytes));
    return length > 0 && length < BUS_URL_SIZE ? 0 : ERR_TOO_LARGE;
}
