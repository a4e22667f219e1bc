/* A ledger folder as one thing: lock, database and watermark, opened together and held against each
 * other. Never repairs lost rows; only a watermark that is one transaction late, or has one spoiled
 * slot, is written again. Called by the ledger store. */
#ifndef QUORATE_IO_STORE_LEDGER_FILES_H
#define QUORATE_IO_STORE_LEDGER_FILES_H

#include "common/text.h"
#include "node/io/store/folder.h"
#include "node/io/store/ledger_db.h"
#include "node/io/store/ledger_store.h"
#include "node/io/store/watermark.h"

struct ledger_files {
    struct folder folder;
    struct ledger_db ledger;
    struct watermark watermark;
};

/* Errors as of store_open. `files` must keep its address while it is open; it is closed again on
 * error. */
int ledger_files_open(const char *path, node_id self, struct ledger_files *files,
                      struct store_loaded *ret_loaded, struct text *why);

/* Commits the open transaction and then moves the watermark; both are on disk when it returns 0.
 * Errors: ERR_IO, ERR_FULL, ERR_DAMAGED, ERR_NO_MEMORY, with a text. */
int ledger_files_commit(struct ledger_files *files, struct text *why);

void ledger_files_close(struct ledger_files *files);

#endif
