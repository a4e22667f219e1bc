#include "tests/lab/test/process.h"

#include "tests/lab/base/clock.h"
#include "tests/lab/test/assert.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

/* Which ports this process looks for; of all by default. */
static unsigned port_slice = 0;
static unsigned port_slices = 1;

enum { PORT_FIRST = 20000, PORT_COUNT = 12000, PORT_TRIES = 200 };

static int port_is_free(uint16_t port)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int is_free = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;

    if (fd >= 0)
        (void)close(fd);
    return is_free;
}

void process_port_slice(unsigned slice, unsigned count)
{
    port_slice = slice % count;
    port_slices = count;
}

uint16_t process_port_find(void)
{
    unsigned count = PORT_COUNT / port_slices;

    for (int i = 0; i < PORT_TRIES; i++) {
        uint16_t random = 0;

        assert_int_equal(getrandom(&random, sizeof(random), 0), sizeof(random));
        random = (uint16_t)(PORT_FIRST + port_slice * count + random % count);
        if (port_is_free(random))
            return random;
    }
    fail_msg("no free port from %d to %d", PORT_FIRST, PORT_FIRST + PORT_COUNT);
    return 0;
}

static _Noreturn void child_run(const char *const *argv, int output_fd)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(output_fd, STDOUT_FILENO);
    (void)dup2(output_fd, STDERR_FILENO);
    (void)execv(argv[0], (char *const *)(uintptr_t)argv);
    (void)fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

void process_spawn(struct process *process, const char *const *argv)
{
    int ends[2] = {-1, -1};

    memset(process, 0, sizeof(*process));
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    process->pid = fork();
    assert_true(process->pid >= 0);
    if (process->pid == 0)
        child_run(argv, ends[1]);
    (void)close(ends[1]);
    process->output_fd = ends[0];
}

/* Reads what there is within the time; false at its end or at the deadline. */
static int output_read(struct process *process, time_ms wait_ms)
{
    struct pollfd entry = {.fd = process->output_fd, .events = POLLIN};
    size_t length = strlen(process->output);
    ssize_t got;

    if (length + 1 >= sizeof(process->output) || poll(&entry, 1, (int)wait_ms) <= 0)
        return 0;
    got = read(process->output_fd, process->output + length, sizeof(process->output) - length - 1);
    return got > 0;
}

void process_start(struct process *process, const char *const *argv)
{
    time_ms until_ms = clock_boot_ms() + PROCESS_DEADLINE_MS;

    process_spawn(process, argv);
    while (strstr(process->output, "ready ") == NULL || strchr(process->output, '\n') == NULL) {
        time_ms left_ms = until_ms - clock_boot_ms();

        if (left_ms <= 0 || !output_read(process, left_ms))
            fail_msg("%s is not ready: %s", argv[0], process->output);
    }
}

int process_wait(struct process *process)
{
    struct pollfd entry = {.fd = pidfd_open(process->pid, 0), .events = POLLIN};
    int status = 0;

    assert_true(entry.fd >= 0);
    if (poll(&entry, 1, PROCESS_DEADLINE_MS) != 1) {
        (void)kill(process->pid, SIGKILL);
        fail_msg("process %d does not end", (int)process->pid);
    }
    (void)close(entry.fd);
    assert_int_equal(waitpid(process->pid, &status, 0), process->pid);
    while (output_read(process, 0))
        ;
    (void)close(process->output_fd);
    process->pid = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int process_stop(struct process *process, time_ms *ret_took_ms)
{
    time_ms start_ms = clock_boot_ms();
    int result;

    assert_int_equal(kill(process->pid, SIGTERM), 0);
    result = process_wait(process);
    if (ret_took_ms != NULL)
        *ret_took_ms = clock_boot_ms() - start_ms;
    return result;
}
