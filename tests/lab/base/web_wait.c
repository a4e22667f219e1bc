#include "tests/lab/base/web.h"

#include "tests/lab/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

/* The client's descriptor is only watched for its end: it may send more without being read. */
static bool wait_on(struct pollfd *entries, nfds_t count, time_ms wait_ms)
{
    time_ms until_ms = clock_boot_ms() + wait_ms;

    for (;;) {
        time_ms left_ms = wait_ms < 0 ? INT_MAX : until_ms - clock_boot_ms();
        int ready;

        if (left_ms <= 0)
            return true;
        ready = poll(entries, count, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            return false;
    }
}

bool web_request_wait(const struct web_request *request, time_ms wait_ms)
{
    struct pollfd entry = {.fd = request->closing_fd, .events = POLLIN};

    return wait_on(&entry, 1, wait_ms);
}

bool web_request_wait_client(const struct web_request *request, time_ms wait_ms)
{
    struct pollfd entries[] = {
        {.fd = request->closing_fd, .events = POLLIN},
        {.fd = request->connection_fd, .events = POLLRDHUP},
    };

    return wait_on(entries, 2, wait_ms);
}
