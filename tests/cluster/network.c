#include "tests/cluster/network.h"

#include "tests/lab/test/assert.h"

#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_SIZE = 640, FIRST_NODE_ADDRESS = 10 };

static int own_namespace(void)
{
    int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void move_to(int fd)
{
    assert_int_equal(setns(fd, CLONE_NEWNET), 0);
}

/* A new namespace; the thread is back in `home` afterwards. */
static int make_namespace(int home)
{
    assert_int_equal(unshare(CLONE_NEWNET), 0);
    int fd = own_namespace();
    move_to(home);
    return fd;
}

bool network_is_permitted(void)
{
    int home = own_namespace();
    bool permitted = geteuid() == 0 && unshare(CLONE_NEWNET) == 0;
    if (permitted)
        move_to(home);
    (void)close(home);
    return permitted;
}

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[COMMAND_SIZE];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_in_range(length, 1, sizeof command - 1);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

void network_address(size_t place, char ret_address[NETWORK_ADDRESS_SIZE])
{
    (void)snprintf(ret_address, NETWORK_ADDRESS_SIZE, "10.77.0.%zu", FIRST_NODE_ADDRESS + place);
}

/* Its ports forward at once; with the usual delay nodes would wait for seconds. */
static void open_switch(struct network *network)
{
    network->switch_fd = make_namespace(network->home_fd);
    move_to(network->switch_fd);
    run("ip link set lo up && ip link add switch type bridge forward_delay 0 stp_state 0 &&"
        " ip link set switch up");
    move_to(network->home_fd);
}

static void open_place(struct network *network, size_t place)
{
    char address[NETWORK_ADDRESS_SIZE];
    network_address(place, address);
    network->place_fd[place] = make_namespace(network->home_fd);
    move_to(network->switch_fd);
    run("ip link add port%zu type veth peer name eth0 netns /proc/%d/fd/%d &&"
        " ip link set port%zu master switch && ip link set port%zu up",
        place, (int)getpid(), network->place_fd[place], place, place);
    move_to(network->place_fd[place]);
    if (place == NETWORK_LAB)
        run("for last in 2 3 4 5; do ip address add 10.77.0.$last/24 dev eth0 || exit 1; done");
    else
        run("ip address add %s/24 dev eth0", address);
    run("ip link set lo up && ip link set eth0 up && nft 'add table inet cut;"
        " add chain inet cut input { type filter hook input priority -10; }'");
    move_to(network->home_fd);
}

void network_open(struct network *network, size_t node_count)
{
    assert_in_range(node_count, 1, NETWORK_NODE_COUNT_MAX);
    *network = (struct network){.is_open = true, .node_count = node_count};
    network->home_fd = own_namespace();
    open_switch(network);
    for (size_t i = 0; i < node_count; i++)
        open_place(network, i);
    open_place(network, NETWORK_LAB);
    move_to(network->place_fd[NETWORK_LAB]);
}

void network_close(struct network *network)
{
    if (!network->is_open)
        return;
    move_to(network->home_fd);
    for (size_t i = 0; i < network->node_count; i++)
        (void)close(network->place_fd[i]);
    (void)close(network->place_fd[NETWORK_LAB]);
    (void)close(network->switch_fd);
    (void)close(network->home_fd);
    network->is_open = false;
}

void network_enter(const struct network *network, size_t place)
{
    if (network->is_open)
        move_to(network->place_fd[place]);
}

void network_leave(const struct network *network)
{
    if (network->is_open)
        move_to(network->place_fd[NETWORK_LAB]);
}

/* `match` decides what is dropped on arrival at the place. */
static void add_rule(const struct network *network, size_t to, const char *match)
{
    network_enter(network, to);
    run("nft 'add rule inet cut input %s drop'", match);
    network_leave(network);
}

void network_cut_address(const struct network *network, const char *address, size_t to)
{
    char match[COMMAND_SIZE / 2];
    (void)snprintf(match, sizeof match, "ip saddr %s", address);
    add_rule(network, to, match);
}

void network_cut(const struct network *network, size_t from, size_t to)
{
    char address[NETWORK_ADDRESS_SIZE];
    network_address(from, address);
    network_cut_address(network,
                        from == NETWORK_LAB ? "{ " NETWORK_API ", " NETWORK_PRIMARY
                                              ", " NETWORK_STANDBY ", " NETWORK_REFERENCES " }"
                                            : address,
                        to);
}

void network_cut_both(const struct network *network, size_t one, size_t other)
{
    network_cut(network, one, other);
    network_cut(network, other, one);
}

void network_lose(const struct network *network, size_t from, size_t to, unsigned percent)
{
    char address[NETWORK_ADDRESS_SIZE];
    char match[COMMAND_SIZE / 2];
    network_address(from, address);
    if (from == NETWORK_PLACE_N)
        (void)snprintf(match, sizeof match, "iif eth0 numgen random mod 100 < %u", percent);
    else
        (void)snprintf(match, sizeof match, "ip saddr %s numgen random mod 100 < %u", address,
                       percent);
    add_rule(network, to, match);
}

void network_partition(const struct network *network, unsigned mask)
{
    for (size_t one = 0; one < network->node_count; one++)
        for (size_t other = 0; other < network->node_count; other++)
            if ((mask >> one & 1u) != (mask >> other & 1u))
                network_cut(network, one, other);
}

void network_heal(const struct network *network)
{
    for (size_t place = 0; place < NETWORK_PLACE_N; place++) {
        if (place >= network->node_count && place != NETWORK_LAB)
            continue;
        network_enter(network, place);
        run("nft flush chain inet cut input");
        network_leave(network);
    }
}
