/* A network for a cluster: a namespace for the lab, one a node, joined by a bridge in another.
 * Never leaves anything behind: the namespaces have no names and end with the last process in them.
 * Called by the cluster harness and the tests of partitions. */
#ifndef QUORATE_CLUSTER_NETWORK_H
#define QUORATE_CLUSTER_NETWORK_H

#include <stdbool.h>
#include <stddef.h>

enum {
    NETWORK_NODE_COUNT_MAX = 5,
    NETWORK_LAB = NETWORK_NODE_COUNT_MAX, /* the lab's place, beside the nodes' */
    NETWORK_PLACE_N,
    NETWORK_ADDRESS_SIZE = 16,
};

/* The lab's addresses, so that the path to one thing can be cut alone. */
#define NETWORK_API "10.77.0.2"
#define NETWORK_PRIMARY "10.77.0.3"
#define NETWORK_STANDBY "10.77.0.4"
#define NETWORK_REFERENCES "10.77.0.5"

/* Namespaces by descriptors; from open to close the calling thread lives in the lab's. */
struct network {
    bool is_open;
    size_t node_count;
    int home_fd;
    int switch_fd;
    int place_fd[NETWORK_PLACE_N];
};

/* Whether this process may make namespaces (it is root, and they are permitted). */
bool network_is_permitted(void);
/* Fails the test where a command fails. */
void network_open(struct network *network, size_t node_count);
/* Back home; what is not open is accepted. */
void network_close(struct network *network);

/* The node's address. */
void network_address(size_t place, char ret_address[NETWORK_ADDRESS_SIZE]);

/* Everything that the thread opens or starts from here on is the place's, until network_leave. No
 * part where the network is not open. */
void network_enter(const struct network *network, size_t place);
void network_leave(const struct network *network);

/* What comes from one place is dropped on arrival at the other; places are nodes or the lab. */
void network_cut(const struct network *network, size_t from, size_t to);
void network_cut_both(const struct network *network, size_t one, size_t other);
/* The same, for what comes from one of the lab's addresses. */
void network_cut_address(const struct network *network, const char *address, size_t to);
/* So many of a hundred packets that arrive at the place are lost: all, or (not NETWORK_PLACE_N)
 * those from one place. */
void network_lose(const struct network *network, size_t from, size_t to, unsigned percent);
/* Cuts each node of the mask from each node outside of it, both ways. The lab is reached by all. */
void network_partition(const struct network *network, unsigned mask);
void network_heal(const struct network *network);

#endif
