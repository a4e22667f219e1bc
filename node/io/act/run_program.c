#include "node/io/act/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "node/io/act/clock.h"

static const char *const clean_environment[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG=C.UTF-8",
    NULL,
};

/* A group of its own, so that a kill reaches what the program itself started. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                      POSIX_SPAWN_SETSIGDEF);
    if (rc == 0)
        rc = posix_spawnattr_setpgroup(attributes, 0);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(attributes, &none);
    if (rc == 0)
        rc = posix_spawnattr_setsigdefault(attributes, &all);
    return rc;
}

static int set_files(posix_spawn_file_actions_t *files, int input_fd)
{
    int rc = posix_spawn_file_actions_adddup2(files, input_fd, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_addopen(files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1);
    return rc;
}

/* Returns an errno value. */
static int spawn(const char *const *arguments, int input_fd, pid_t *ret_pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    int rc = posix_spawnattr_init(&attributes);
    if (rc != 0)
        return rc;
    rc = posix_spawn_file_actions_init(&files);
    if (rc != 0)
        goto fail_files;
    rc = set_attributes(&attributes);
    if (rc == 0)
        rc = set_files(&files, input_fd);
    if (rc == 0)
        rc = posix_spawn(ret_pid, arguments[0], &files, &attributes, (char *const *)arguments,
                         (char *const *)clean_environment);
    (void)posix_spawn_file_actions_destroy(&files);
fail_files:
    (void)posix_spawnattr_destroy(&attributes);
    return rc;
}

static int start(const char *const *arguments, const char *input, size_t input_length,
                 pid_t *ret_pid, struct text *why)
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        text_set(why, "%s: no pipe: %s", arguments[0], strerror(errno));
        return ERR_IO;
    }
    CLEANUP(cleanup_close) int read_end = ends[0];
    CLEANUP(cleanup_close) int write_end = ends[1];
    /* Smaller than the pipe's buffer, so it does not block; a program need not read it. */
    if (write(write_end, input, input_length) != (ssize_t)input_length) {
        text_set(why, "%s: its input could not be written", arguments[0]);
        return ERR_IO;
    }
    int failure = spawn(arguments, read_end, ret_pid);
    if (failure != 0) {
        text_set(why, "%s: could not be started: %s", arguments[0], strerror(failure));
        return ERR_NOT_FOUND;
    }
    return 0;
}

/* Returns 0 when the program has ended, ERR_TIMEOUT, ERR_CANCELED or ERR_IO. */
static int await_end(pid_t pid, time_ms limit_ms, int stop_fd)
{
    CLEANUP(cleanup_close) int pid_fd = pidfd_open(pid, 0);
    time_ms until_ms = clock_now_ms() + limit_ms;
    if (pid_fd < 0)
        return ERR_IO;
    for (;;) {
        struct pollfd fds[] = {{.fd = pid_fd, .events = POLLIN}, {.fd = stop_fd, .events = POLLIN}};
        time_ms left_ms = until_ms - clock_now_ms();
        int count = poll(fds, ARRAY_COUNT(fds), left_ms > 0 ? (int)left_ms : 0);
        if (count < 0 && errno != EINTR)
            return ERR_IO;
        if (count > 0 && fds[0].revents != 0)
            return 0;
        if (count > 0 && fds[1].revents != 0)
            return ERR_CANCELED;
        if (left_ms <= 0)
            return ERR_TIMEOUT;
    }
}

static int judge(const char *path, int status, struct text *why)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        text_set(why, "%s: exit code %d", path, WEXITSTATUS(status));
    else
        text_set(why, "%s: ended by signal %d", path, WTERMSIG(status));
    return ERR_STATE;
}

int run_program(const char *const *arguments, const char *input, size_t input_length,
                time_ms limit_ms, int stop_fd, struct text *why)
{
    pid_t pid = -1;
    int status = 0;
    int rc = start(arguments, input, input_length, &pid, why);
    if (rc < 0)
        return rc;
    rc = await_end(pid, limit_ms, stop_fd);
    if (rc < 0)
        (void)kill(-pid, SIGKILL); /* its group; it is our child and not yet waited for */
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (rc == 0)
        return judge(arguments[0], status, why);
    text_set(why, "%s: ended after %d ms: %s", arguments[0], (int)limit_ms, error_name(rc));
    return rc;
}
