#include "node/io/bus/zap.h"

#include <string.h>
#include <zmq.h>

#include "common/errors.h"

enum {
    ZAP_PART_COUNT = 7, /* of a CURVE request: the parts below */
    ZAP_PART_BYTES = 256,
    ZAP_LINGER_MS = 0,
};

enum zap_part {
    ZAP_VERSION,
    ZAP_REQUEST_ID,
    ZAP_PART_DOMAIN,
    ZAP_ADDRESS,
    ZAP_IDENTITY,
    ZAP_MECHANISM,
    ZAP_CREDENTIALS,
};

struct zap_request {
    uint8_t bytes[ZAP_PART_COUNT][ZAP_PART_BYTES];
    size_t lengths[ZAP_PART_COUNT];
    size_t part_count; /* counts on past the maximum */
    bool cut;          /* a part was longer than there is room for */
};

int zap_init(struct zap *zap, void *zmq_context, const struct bus_pins *pins)
{
    const int linger_ms = ZAP_LINGER_MS;
    *zap = (struct zap){.pins = pins, .socket = zmq_socket(zmq_context, ZMQ_REP)};
    if (zap->socket == NULL) {
        return ERR_NETWORK;
    }
    if (zmq_setsockopt(zap->socket, ZMQ_LINGER, &linger_ms, sizeof linger_ms) != 0 ||
        zmq_bind(zap->socket, "inproc://zeromq.zap.01") != 0) {
        zap_fini(zap);
        return ERR_NETWORK;
    }
    return 0;
}

void zap_fini(struct zap *zap)
{
    if (zap->socket != NULL) {
        (void)zmq_close(zap->socket);
        zap->socket = NULL;
    }
}

/* Returns false where no request waits. */
static bool receive(void *socket, struct zap_request *ret_request)
{
    int more = 1;
    *ret_request = (struct zap_request){0};
    while (more) {
        uint8_t rest[ZAP_PART_BYTES];
        size_t part = ret_request->part_count;
        uint8_t *room = part < ZAP_PART_COUNT ? ret_request->bytes[part] : rest;
        int length = zmq_recv(socket, room, ZAP_PART_BYTES, ZMQ_DONTWAIT);
        if (length < 0) {
            return false;
        }
        if (part < ZAP_PART_COUNT) {
            ret_request->lengths[part] = (size_t)length;
        }
        ret_request->cut = ret_request->cut || length > ZAP_PART_BYTES;
        ret_request->part_count += 1;
        size_t size = sizeof more;
        if (zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size) != 0) {
            return false;
        }
    }
    return true;
}

static bool part_equals(const struct zap_request *request, enum zap_part part, const char *text)
{
    size_t length = strlen(text);
    return request->lengths[part] == length && memcmp(request->bytes[part], text, length) == 0;
}

static bool is_curve(const struct zap_request *request)
{
    return request->part_count == ZAP_PART_COUNT && !request->cut &&
           part_equals(request, ZAP_VERSION, "1.0") &&
           part_equals(request, ZAP_PART_DOMAIN, ZAP_DOMAIN) &&
           part_equals(request, ZAP_MECHANISM, "CURVE") &&
           request->lengths[ZAP_CREDENTIALS] == CURVE_KEY_BYTES;
}

static void send_part(void *socket, const void *bytes, size_t length, int flags)
{
    (void)zmq_send(socket, bytes, length, flags | ZMQ_DONTWAIT);
}

bool zap_answer(struct zap *zap)
{
    struct zap_request request;
    if (!receive(zap->socket, &request)) {
        return false;
    }
    const char *user_id =
        is_curve(&request) ? bus_pins_user_id(zap->pins, request.bytes[ZAP_CREDENTIALS]) : NULL;
    /* 300 asks to try again later. A client that was refused with 400 or 500 never comes back by
     * itself, though its key may be pinned by the next reload. */
    const char *status = user_id != NULL ? "200" : "300";
    const char *user = user_id != NULL ? user_id : "";
    size_t id_length = request.part_count > ZAP_REQUEST_ID ? request.lengths[ZAP_REQUEST_ID] : 0;
    id_length = id_length < ZAP_PART_BYTES ? id_length : ZAP_PART_BYTES;
    send_part(zap->socket, "1.0", 3, ZMQ_SNDMORE);
    send_part(zap->socket, request.bytes[ZAP_REQUEST_ID], id_length, ZMQ_SNDMORE);
    send_part(zap->socket, status, 3, ZMQ_SNDMORE);
    send_part(zap->socket, "", 0, ZMQ_SNDMORE);
    send_part(zap->socket, user, strlen(user), ZMQ_SNDMORE);
    send_part(zap->socket, "", 0, 0);
    zap->accepted += user_id != NULL;
    zap->refused += user_id == NULL;
    return true;
}
