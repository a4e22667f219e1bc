#include "tests/fuzz/memory_file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/check.h"

void memory_file_open(struct memory_file *ret_file, const uint8_t *bytes, size_t length)
{
    ret_file->fd = memfd_create("fuzz", MFD_CLOEXEC);
    CHECK(ret_file->fd >= 0 && fchmod(ret_file->fd, 0600) == 0);
    while (length > 0) {
        ssize_t written = write(ret_file->fd, bytes, length);
        CHECK(written > 0);
        bytes += written;
        length -= (size_t)written;
    }
    (void)snprintf(ret_file->path, sizeof ret_file->path, "/proc/self/fd/%d", ret_file->fd);
}

void memory_file_close(struct memory_file *file)
{
    CHECK(close(file->fd) == 0);
}
