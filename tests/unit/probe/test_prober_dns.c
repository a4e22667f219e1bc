#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/io/probe/probe_target.h"
#include "tests/unit/probe/probe_world.h"

/* Each scenario runs in a child with a network and an /etc/resolv.conf of its own. */
enum child_end { CHILD_OK, CHILD_FAILED, CHILD_NOT_POSSIBLE };

enum { LOOKUP_COUNT = 12, CONNECT_TIMEOUT_MS = 150, TOLERANCE_MS = 50, DNS_BYTES = 512 };

#define EXPECT(condition)                                                                 \
    do {                                                                                  \
        if (!(condition)) {                                                               \
            (void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            return CHILD_FAILED;                                                          \
        }                                                                                 \
    } while (0)

static int raise_loopback(void)
{
    struct ifreq request = {.ifr_name = "lo"};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int rc = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
    rc = rc == 0 ? ioctl(fd, SIOCSIFFLAGS, &request) : rc;
    (void)close(fd);
    return rc;
}

static int use_own_resolver(void)
{
    char path[] = "/tmp/quorate-resolv-XXXXXX";
    const char content[] = "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n";
    int fd = mkstemp(path);
    if (fd < 0 || write(fd, content, sizeof content - 1) < 0 || close(fd) != 0) {
        return -1;
    }
    int rc = mount(path, "/etc/resolv.conf", NULL, MS_BIND, NULL);
    (void)unlink(path);
    return rc;
}

/* A world of its own, whose name server is the returned UDP socket on 127.0.0.1:53; -1 where it
 * cannot be made. */
static int enter_own_network(void)
{
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || raise_loopback() != 0 ||
        use_own_resolver() != 0) {
        return -1;
    }
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return -1;
    }
    return fd;
}

static size_t thread_count(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/task");
    while (folder != NULL && readdir(folder) != NULL) {
        count += 1;
    }
    (void)closedir(folder);
    return count - 2;
}

static enum child_end black_holed(int name_server, struct probe_world *world)
{
    struct probe_config target = probe_world_target("http://bot.example.test/canary");
    target.connect_timeout_ms = CONNECT_TIMEOUT_MS;
    (void)name_server;
    EXPECT(probe_world_start(world) == 0);
    size_t threads_before = thread_count();
    for (size_t i = 0; i < LOOKUP_COUNT; i++) {
        uint64_t ticket = 0;
        struct sample sample = {0};
        EXPECT(probe_world_submit(world, &target, &ticket) == 0);
        EXPECT(probe_world_wait(world, ticket, &sample) == 0);
        int64_t took_ms = probe_world_took_ms(world, ticket);
        EXPECT(sample.result == SAMPLE_DNS);
        EXPECT(sample.dns_us == -1);
        EXPECT(took_ms <= CONNECT_TIMEOUT_MS + TOLERANCE_MS + sample.late_ms);
        /* The first ones wait for their deadline; then no more threads are left behind. */
        EXPECT(i < PROBE_LOOKUPS_LEFT_MAX ? took_ms >= CONNECT_TIMEOUT_MS : took_ms < TOLERANCE_MS);
    }
    EXPECT(thread_count() <= threads_before + PROBE_LOOKUPS_LEFT_MAX);
    int64_t freed_us = probe_world_now_us();
    prober_free(&world->prober);
    EXPECT(probe_world_now_us() - freed_us < 500000);
    return CHILD_OK;
}

/* The same black hole does not hold up a probe of an address. */
static enum child_end beside_black_hole(int name_server, struct probe_world *world)
{
    struct probe_config named = probe_world_target("http://bot.example.test/canary");
    struct probe_config numeric = probe_world_target("http://127.0.0.1:1/");
    uint64_t tickets[2] = {0};
    struct sample sample = {0};
    (void)name_server;
    EXPECT(probe_world_start(world) == 0);
    EXPECT(probe_world_submit(world, &named, &tickets[0]) == 0);
    EXPECT(probe_world_submit(world, &numeric, &tickets[1]) == 0);
    EXPECT(probe_world_wait(world, tickets[1], &sample) == 0);
    EXPECT(sample.result == SAMPLE_REFUSED);
    EXPECT(probe_world_took_ms(world, tickets[1]) < TOLERANCE_MS + sample.late_ms);
    prober_free(&world->prober);
    EXPECT(world->done_count[tickets[0]] == 1);
    return CHILD_OK;
}

/* Answers every question with NXDOMAIN until the process ends. */
static void *deny_names(void *data)
{
    const int *fd = data;
    uint8_t packet[DNS_BYTES];
    struct sockaddr_in from = {0};
    socklen_t size = sizeof from;
    ssize_t length = recvfrom(*fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
    while (length > 0) {
        packet[2] |= 0x80;
        packet[3] = 0x83;
        (void)sendto(*fd, packet, (size_t)length, 0, (struct sockaddr *)&from, size);
        length = recvfrom(*fd, packet, sizeof packet, 0, (struct sockaddr *)&from, &size);
    }
    return NULL;
}

static enum child_end denied(int name_server, struct probe_world *world)
{
    struct probe_config target = probe_world_target("http://bot.example.test/canary");
    pthread_t server;
    EXPECT(pthread_create(&server, NULL, deny_names, &name_server) == 0);
    EXPECT(probe_world_start(world) == 0);
    for (size_t i = 0; i < 2 * PROBE_LOOKUPS_LEFT_MAX; i++) {
        uint64_t ticket = 0;
        struct sample sample = {0};
        EXPECT(probe_world_submit(world, &target, &ticket) == 0);
        EXPECT(probe_world_wait(world, ticket, &sample) == 0);
        EXPECT(sample.result == SAMPLE_DNS);
        EXPECT(probe_world_took_ms(world, ticket) < 250 + sample.late_ms);
    }
    prober_free(&world->prober);
    return CHILD_OK;
}

typedef enum child_end scenario_fn(int name_server, struct probe_world *world);

static _Noreturn void live(scenario_fn *scenario)
{
    struct probe_world *world = calloc(1, sizeof *world);
    int name_server = world != NULL ? enter_own_network() : -1;
    if (name_server < 0) {
        _exit(CHILD_NOT_POSSIBLE);
    }
    probe_world_init(world);
    _exit((int)scenario(name_server, world));
}

static void run_in_own_network(scenario_fn *scenario)
{
    int status = -1;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        live(scenario);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == CHILD_NOT_POSSIBLE) {
        print_message("NOT TESTED: name look-ups; a network namespace of our own needs root\n");
        skip();
    }
    assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

static void a_silent_name_server_holds_no_probe_over_its_deadline(void **state)
{
    (void)state;
    run_in_own_network(black_holed);
}

static void a_silent_name_server_does_not_hold_up_other_targets(void **state)
{
    (void)state;
    run_in_own_network(beside_black_hole);
}

static void a_name_that_does_not_exist_is_told_at_once(void **state)
{
    (void)state;
    run_in_own_network(denied);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_silent_name_server_holds_no_probe_over_its_deadline),
        cmocka_unit_test(a_silent_name_server_does_not_hold_up_other_targets),
        cmocka_unit_test(a_name_that_does_not_exist_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
