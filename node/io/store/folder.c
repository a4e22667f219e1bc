#include "node/io/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/errors.h"

enum { FOLDER_MODE = 0700, LOCK_MODE = 0600 };

int folder_error_of(int errno_value)
{
    bool full = errno_value == ENOSPC || errno_value == EDQUOT || errno_value == EFBIG;
    return full ? ERR_FULL : ERR_IO;
}

static int fail(struct text *why, const char *what, const char *path)
{
    int error = folder_error_of(errno);
    text_set(why, "%s %s: %s", what, path, strerror(errno));
    return error;
}

/* The new name must be on disk in the parent, too, or a power cut takes the whole folder. */
static int sync_parent(int fd)
{
    CLEANUP(cleanup_close) int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return parent < 0 || fsync(parent) != 0 ? ERR_IO : 0;
}

static int take_lock(struct folder *folder, struct text *why)
{
    folder->lock_fd = openat(folder->fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, LOCK_MODE);
    if (folder->lock_fd < 0)
        return fail(why, "cannot open the lock file in", folder->path);
    if (flock(folder->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return fail(why, "cannot lock", folder->path);
    text_set(why, "%s: the folder is in use by another process", folder->path);
    return ERR_BUSY;
}

int folder_open(const char *path, struct folder *ret_folder, struct text *why)
{
    struct folder folder = {.fd = -1, .lock_fd = -1};
    if (text_copy(folder.path, sizeof folder.path, path) != 0) {
        text_set(why, "the data folder's name is longer than %d bytes", FOLDER_PATH_SIZE - 1);
        return ERR_TOO_LARGE;
    }
    bool made = mkdir(path, FOLDER_MODE) == 0;
    if (!made && errno != EEXIST)
        return fail(why, "cannot make the data folder", path);
    folder.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder.fd < 0)
        return fail(why, "cannot open the data folder", path);
    int error = 0;
    if (made && sync_parent(folder.fd) != 0)
        error = fail(why, "cannot write to disk the parent of", path);
    if (error == 0)
        error = take_lock(&folder, why);
    if (error == 0)
        *ret_folder = folder;
    else
        folder_close(&folder);
    return error;
}

void folder_close(struct folder *folder)
{
    cleanup_close(&folder->lock_fd);
    cleanup_close(&folder->fd);
}

int folder_path(const char *folder, const char *name, char *ret_path)
{
    int length = snprintf(ret_path, FOLDER_PATH_SIZE, "%s/%s", folder, name);
    return length < 0 || length >= FOLDER_PATH_SIZE ? ERR_TOO_LARGE : 0;
}

long long folder_file_bytes(const struct folder *folder, const char *name)
{
    struct stat status;
    return fstatat(folder->fd, name, &status, 0) == 0 ? (long long)status.st_size : -1;
}

int folder_sync(const struct folder *folder)
{
    return fsync(folder->fd) == 0 ? 0 : ERR_IO;
}

void folder_explain_rejoin(const struct folder *folder, struct text *why)
{
    text_add(why,
             "; this node must not vote with it. To rejoin: move %s away and start the node again; "
             "it is "
             "readmitted by itself, as long as the other nodes have a leader",
             folder->path);
}
