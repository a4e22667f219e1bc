#include "tests/lab/test/redis_fixture.h"

#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENT_COUNT_MAX = 24, ANSWER_LIMIT_MS = 10000 };

/* A connection, or -1. */
static int dial(const struct redis_process *redis)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(redis->port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

static bool try_ask(const struct redis_process *redis, const char *command, char *ret_line,
                    size_t size)
{
    char request[512];
    ssize_t got = 0;
    int fd = dial(redis);
    if (fd < 0)
        return false;
    int length = snprintf(request, sizeof(request), "%s\r\n", command);
    if (write(fd, request, (size_t)length) == length)
        got = read(fd, ret_line, size - 1);
    (void)close(fd);
    if (got <= 0)
        return false;
    ret_line[got] = '\0';
    ret_line[strcspn(ret_line, "\r\n")] = '\0';
    return true;
}

void redis_ask(const struct redis_process *redis, const char *command, char *ret_line, size_t size)
{
    if (!try_ask(redis, command, ret_line, size))
        fail_msg("redis does not answer to %s", command);
}

static void wait_until_it_answers(struct redis_process *redis)
{
    time_ms until_ms = clock_boot_ms() + ANSWER_LIMIT_MS;
    char line[256] = "";
    while (!try_ask(redis, "PING", line, sizeof(line)) || strncmp(line, "-LOADING", 8) == 0) {
        if (clock_boot_ms() > until_ms)
            fail_msg("redis does not answer: %s", line);
        (void)poll(NULL, 0, 20);
    }
}

void redis_restart(struct redis_process *redis)
{
    char port[8];
    const char *argv[ARGUMENT_COUNT_MAX] = {"/usr/bin/redis-server",
                                            "--port",
                                            port,
                                            "--bind",
                                            "127.0.0.1",
                                            "--dir",
                                            redis->folder,
                                            "--save",
                                            "",
                                            "--appendonly",
                                            "yes",
                                            "--appendfsync",
                                            "always",
                                            "--loglevel",
                                            "warning"};
    size_t count = 15;
    (void)snprintf(port, sizeof(port), "%u", (unsigned)redis->port);
    for (size_t i = 0; redis->options[i] != NULL; i++)
        argv[count++] = redis->options[i];
    process_spawn(&redis->process, argv);
    wait_until_it_answers(redis);
}

void redis_start(struct redis_process *redis)
{
    (void)snprintf(redis->folder, sizeof(redis->folder), "/tmp/quorate-redis-XXXXXX");
    assert_non_null(mkdtemp(redis->folder));
    redis->port = process_port_find();
    redis_restart(redis);
}

void redis_kill(struct redis_process *redis)
{
    assert_int_equal(kill(redis->process.pid, SIGKILL), 0);
    assert_int_equal(process_wait(&redis->process), -SIGKILL);
    redis->process.pid = 0;
}

static void remove_files(const char *folder)
{
    char inner[REDIS_FOLDER_SIZE + 32];
    DIR *list = opendir(folder);
    if (list == NULL)
        return;
    for (struct dirent *entry = readdir(list); entry != NULL; entry = readdir(list)) {
        if (entry->d_name[0] == '.' || unlinkat(dirfd(list), entry->d_name, 0) == 0)
            continue;
        (void)snprintf(inner, sizeof(inner), "%s/%.24s", folder, entry->d_name);
        remove_files(inner);
    }
    (void)closedir(list);
    (void)rmdir(folder);
}

void redis_finish(struct redis_process *redis)
{
    if (redis->process.pid != 0)
        redis_kill(redis);
    remove_files(redis->folder);
}
