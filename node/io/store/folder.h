/* A node's data folder: made with 0700, locked against a second process, synchronised to disk.
 * Never looks into the files of others.
 * Called by the ledger store. */
#ifndef QUORATE_IO_STORE_FOLDER_H
#define QUORATE_IO_STORE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/text.h"

enum { FOLDER_PATH_SIZE = 1024 };

struct folder {
    char path[FOLDER_PATH_SIZE];
    int fd;
    int lock_fd;
};

/* Makes the folder where it is missing (its parent must exist) and takes its lock, which ends with
 * the process or with folder_close. Errors: ERR_BUSY (locked by another), ERR_TOO_LARGE, ERR_IO,
 * ERR_FULL; `why` names the path. */
int folder_open(const char *path, struct folder *ret_folder, struct text *why);
void folder_close(struct folder *folder);

/* Writes "FOLDER/name" into a buffer of FOLDER_PATH_SIZE. Returns 0 or ERR_TOO_LARGE. */
int folder_path(const char *folder, const char *name, char *ret_path);

/* The size of a file in the folder; -1 where there is none. */
long long folder_file_bytes(const struct folder *folder, const char *name);

/* fsync of the folder itself, so that new names in it survive a power cut. Returns 0 or ERR_IO. */
int folder_sync(const struct folder *folder);

/* ERR_FULL for a full disk, quota or file size limit, else ERR_IO. */
int folder_error_of(int errno_value);

/* Adds what a person has to do about a damaged folder. */
void folder_explain_rejoin(const struct folder *folder, struct text *why);

#endif
