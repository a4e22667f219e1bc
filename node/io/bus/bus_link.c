#include "node/io/bus/bus_link.h"

#include <errno.h>
#include <string.h>
#include <zmq.h>

#include "common/errors.h"

int bus_links_init(struct bus_links *ret_links, void *zmq_context, const struct bus_curve *own,
                   const struct config *config, struct text *why)
{
    *ret_links = (struct bus_links){
        .zmq_context = zmq_context, .own = own, .peer_count = config->node_count};
    for (size_t place = 0; place < config->node_count; place++) {
        const struct node_config *node = &config->nodes[place];
        if (bus_socket_url(config, node->host, node->vote_port, ret_links->peers[place].vote_url) <
                0 ||
            bus_socket_url(config, node->host, node->raft_port, ret_links->peers[place].raft_url) <
                0) {
            text_set(why, "the address of node %s is too long", node->name.text);
            return ERR_INVALID;
        }
    }
    return 0;
}

void bus_links_fini(struct bus_links *links)
{
    for (size_t place = 0; place < links->peer_count; place++) {
        for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
            if (links->peers[place].links[i].dealer != NULL) {
                (void)zmq_close(links->peers[place].links[i].dealer);
                links->peers[place].links[i].dealer = NULL;
            }
        }
    }
    for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
        if (links->pub[i] != NULL) {
            (void)zmq_close(links->pub[i]);
            links->pub[i] = NULL;
        }
    }
}

static void link_close(struct bus_links *links, size_t place, size_t key_place)
{
    struct bus_link *link = &links->peers[place].links[key_place];
    if (link->dealer == NULL) {
        return;
    }
    (void)zmq_disconnect(links->pub[key_place], links->peers[place].vote_url);
    (void)zmq_close(link->dealer);
    link->dealer = NULL;
}

static int link_open(struct bus_links *links, size_t place, size_t key_place,
                     const uint8_t server_key[CURVE_KEY_BYTES])
{
    void **pub = &links->pub[key_place];
    void *dealer = NULL;
    if (*pub == NULL && bus_socket_client(links->zmq_context, ZMQ_PUB, links->own, pub) < 0) {
        return ERR_NETWORK;
    }
    if (bus_socket_client(links->zmq_context, ZMQ_DEALER, links->own, &dealer) < 0) {
        return ERR_NETWORK;
    }
    if (bus_socket_connect(dealer, links->peers[place].raft_url, server_key) < 0 ||
        bus_socket_connect(*pub, links->peers[place].vote_url, server_key) < 0) {
        (void)zmq_close(dealer);
        return ERR_NETWORK;
    }
    links->peers[place].links[key_place].dealer = dealer;
    memcpy(links->peers[place].links[key_place].server_key, server_key, CURVE_KEY_BYTES);
    return 0;
}

static int link_set(struct bus_links *links, const struct bus_pins *pins, size_t place,
                    size_t key_place)
{
    const struct bus_link *link = &links->peers[place].links[key_place];
    bool wanted = key_place < pins->nodes[place].count;
    const uint8_t *key = pins->nodes[place].pins[key_place].curve;
    if (wanted && link->dealer != NULL && memcmp(link->server_key, key, CURVE_KEY_BYTES) == 0) {
        return 0;
    }
    link_close(links, place, key_place);
    return wanted ? link_open(links, place, key_place, key) : 0;
}

int bus_links_set(struct bus_links *links, const struct bus_pins *pins)
{
    for (size_t place = 0; place < links->peer_count; place++) {
        for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
            int rc = link_set(links, pins, place, i);
            if (rc < 0) {
                return rc;
            }
        }
    }
    return 0;
}

void bus_links_publish(struct bus_links *links, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
        if (links->pub[i] != NULL) {
            /* A PUB never refuses; a peer whose queue is full misses the message. */
            (void)zmq_send(links->pub[i], bytes, length, ZMQ_DONTWAIT);
        }
    }
}

int bus_links_send(struct bus_links *links, node_id to, const uint8_t *bytes, size_t length)
{
    if (to == 0 || to > links->peer_count) {
        return ERR_NOT_FOUND;
    }
    int rc = ERR_NOT_FOUND;
    for (size_t i = 0; i < PEER_KEY_COUNT; i++) {
        void *dealer = links->peers[to - 1].links[i].dealer;
        if (dealer == NULL) {
            continue;
        }
        if (zmq_send(dealer, bytes, length, ZMQ_DONTWAIT) >= 0) {
            return 0;
        }
        rc = errno == EAGAIN ? ERR_FULL : ERR_NETWORK;
    }
    return rc;
}
