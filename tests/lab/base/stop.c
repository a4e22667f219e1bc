#include "tests/lab/base/stop.h"

#include "common/errors.h"
#include "tests/lab/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

int stop_open(int *ret_fd)
{
    sigset_t set;
    int fd;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return ERR_IO;
    fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return ERR_IO;
    *ret_fd = fd;
    return 0;
}

bool stop_wait(int fd, time_ms wait_ms)
{
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    time_ms until_ms = clock_boot_ms() + wait_ms;

    for (;;) {
        time_ms left_ms = wait_ms < 0 ? -1 : until_ms - clock_boot_ms();
        int ready;

        if (wait_ms >= 0 && left_ms < 0)
            left_ms = 0;
        ready = poll(&entry, 1, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return true;
        if (ready == 0 && left_ms == 0)
            return false;
    }
}
