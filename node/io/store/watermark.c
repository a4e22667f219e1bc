#include "node/io/store/watermark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"

static const char new_name[] = WATERMARK_FILE ".new";
enum { WATERMARK_MODE = 0600 };

static int fail(const struct folder *folder, const char *what, struct text *why)
{
    int error = folder_error_of(errno);
    text_set(why, "%s/%s: cannot %s: %s", folder->path, WATERMARK_FILE, what, strerror(errno));
    return error;
}

/* Like pwrite, but for a regular file, where a short write means that the disk is full. */
static int write_at(int fd, const uint8_t *bytes, size_t length, off_t offset)
{
    ssize_t written = pwrite(fd, bytes, length, offset);
    if (written < 0)
        return folder_error_of(errno);
    return (size_t)written == length ? 0 : ERR_FULL;
}

static int write_slot(int fd, int slot, const struct mark *mark)
{
    uint8_t bytes[MARK_BYTES];
    mark_encode(mark, bytes);
    int error = write_at(fd, bytes, sizeof bytes, (off_t)slot * WATERMARK_SLOT_BYTES);
    if (error == 0 && fdatasync(fd) != 0)
        error = folder_error_of(errno);
    return error;
}

/* Returns 0, ERR_MALFORMED, ERR_VERSION or ERR_IO. A file that is too short is a slot that does not
 * hold. */
static int read_slot(int fd, int slot, struct mark *ret_mark)
{
    uint8_t bytes[MARK_BYTES];
    ssize_t length = pread(fd, bytes, sizeof bytes, (off_t)slot * WATERMARK_SLOT_BYTES);
    return length < 0 ? ERR_IO : mark_decode(bytes, (size_t)length, ret_mark);
}

static int read_newest(struct watermark *watermark, struct mark *ret_newest)
{
    int found = ERR_DAMAGED;
    for (int slot = 0; slot < WATERMARK_SLOT_N; slot++) {
        struct mark mark = {0};
        int error = read_slot(watermark->fd, slot, &mark);
        if (error == ERR_MALFORMED) {
            watermark->lost_slot = slot;
            continue;
        }
        if (error != 0)
            return error;
        if (found == 0 && mark.sequence <= ret_newest->sequence)
            continue;
        *ret_newest = mark;
        found = 0;
    }
    return found;
}

int watermark_load(const struct folder *folder, struct watermark *ret_watermark,
                   struct mark *ret_newest, struct text *why)
{
    struct watermark watermark = {.fd = -1, .lost_slot = -1};
    watermark.fd = openat(folder->fd, WATERMARK_FILE, O_RDWR | O_CLOEXEC);
    if (watermark.fd < 0 && errno == ENOENT)
        return ERR_NOT_FOUND;
    if (watermark.fd < 0)
        return fail(folder, "open", why);
    struct mark newest = {0};
    int error = read_newest(&watermark, &newest);
    if (error == ERR_IO)
        fail(folder, "read", why);
    else if (error == ERR_VERSION)
        text_set(why, "%s/%s was written by another version", folder->path, WATERMARK_FILE);
    else if (error == ERR_DAMAGED)
        text_set(why, "%s/%s: neither slot holds", folder->path, WATERMARK_FILE);
    if (error != 0) {
        watermark_close(&watermark);
        return error;
    }
    *ret_watermark = watermark;
    *ret_newest = newest;
    return 0;
}

static int fill_new(int fd, const struct mark *mark)
{
    static const uint8_t zeros[WATERMARK_SLOT_N * WATERMARK_SLOT_BYTES];
    int error = write_at(fd, zeros, sizeof zeros, 0);
    for (int slot = 0; error == 0 && slot < WATERMARK_SLOT_N; slot++)
        error = write_slot(fd, slot, mark);
    if (error == 0 && fsync(fd) != 0)
        error = folder_error_of(errno);
    return error;
}

int watermark_create(const struct folder *folder, const struct mark *mark,
                     struct watermark *ret_watermark, struct text *why)
{
    int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC;
    CLEANUP(cleanup_close) int fd = openat(folder->fd, new_name, flags, WATERMARK_MODE);
    if (fd < 0)
        return fail(folder, "make", why);
    int error = fill_new(fd, mark);
    if (error != 0) {
        fail(folder, "write", why);
        return error;
    }
    if (renameat(folder->fd, new_name, folder->fd, WATERMARK_FILE) != 0)
        return fail(folder, "rename", why);
    if (folder_sync(folder) != 0)
        return fail(folder, "write to disk", why);
    *ret_watermark = (struct watermark){.fd = fd, .lost_slot = -1};
    fd = -1;
    return 0;
}

int watermark_write(struct watermark *watermark, const struct mark *mark)
{
    return write_slot(watermark->fd, (int)(mark->sequence % WATERMARK_SLOT_N), mark);
}

int watermark_repair(struct watermark *watermark, const struct mark *mark)
{
    if (watermark->lost_slot < 0)
        return 0;
    int error = write_slot(watermark->fd, watermark->lost_slot, mark);
    if (error == 0)
        watermark->lost_slot = -1;
    return error;
}

void watermark_close(struct watermark *watermark)
{
    cleanup_close(&watermark->fd);
}
