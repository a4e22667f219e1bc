#include "tests/unit/common/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void run_child(int fd, void (*run)(void *data), void *data)
{
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(fd, STDERR_FILENO);
    run(data);
    _exit(0);
}

int capture_stderr(void (*run)(void *data), void *data, char *ret_bytes, size_t size)
{
    int fds[2] = {-1, -1};
    int status = -1;
    size_t length = 0;
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        run_child(fds[1], run, data);
    close(fds[1]);
    for (;;) {
        ssize_t count = read(fds[0], ret_bytes + length, size - 1 - length);
        if (count <= 0)
            break;
        length += (size_t)count;
    }
    ret_bytes[length] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}
