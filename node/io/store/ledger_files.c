#include "node/io/store/ledger_files.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "common/errors.h"
#include "common/log.h"

static int damaged(const struct folder *folder, const char *what, struct text *why)
{
    text_set(why, "%s: %s", folder->path, what);
    return ERR_DAMAGED;
}

static int watermark_failed(const struct ledger_files *files, int error, struct text *why)
{
    text_set(why, "%s/%s: cannot write: %s", files->folder.path, WATERMARK_FILE, strerror(errno));
    return error;
}

/* A crash in here leaves a database of at most one transaction without a watermark: open_unpinned
 * takes it from there. */
static int make(struct ledger_files *files, node_id self, struct text *why)
{
    struct mark mark = {.sequence = 1, .self = self, .span = {.first = 1}};
    if (sodium_init() < 0) {
        text_set(why, "%s: no random numbers for a new ledger", files->folder.path);
        return ERR_INTERNAL;
    }
    while (mark.incarnation == 0)
        randombytes_buf(&mark.incarnation, sizeof mark.incarnation);
    int error = ledger_db_create(&files->ledger, &mark, why);
    if (error == 0 && folder_sync(&files->folder) != 0) {
        text_set(why, "%s: cannot write to disk: %s", files->folder.path, strerror(errno));
        error = ERR_IO;
    }
    return error;
}

/* Behind the watermark, acknowledged transactions are gone. One ahead of it is a crash between the
 * commit and the watermark; nothing of that transaction was acknowledged, and keeping it is
 * allowed. */
static int compare(const struct folder *folder, const struct mark *have, const struct mark *pinned,
                   struct text *why)
{
    if (have->incarnation != pinned->incarnation)
        return damaged(folder, "the watermark belongs to another ledger.db", why);
    if (have->sequence > pinned->sequence + 1)
        return damaged(folder, "the watermark is older than it can be", why);
    if (have->sequence == pinned->sequence && !mark_equal(have, pinned))
        return damaged(folder, "ledger.db is not what the watermark saw written", why);
    if (have->sequence >= pinned->sequence)
        return 0;
    text_set(
        why,
        "%s: ledger.db lies behind its watermark: transaction %llu of %llu, index %llu of %llu",
        folder->path, (unsigned long long)have->sequence, (unsigned long long)pinned->sequence,
        (unsigned long long)have->span.last, (unsigned long long)pinned->span.last);
    return ERR_DAMAGED;
}

static int check_owner(const struct ledger_files *files, node_id self, struct text *why)
{
    if (files->ledger.mark.self == self)
        return 0;
    text_set(why, "%s belongs to node number %u, not to %u", files->folder.path,
             (unsigned)files->ledger.mark.self, (unsigned)self);
    return ERR_CONFLICT;
}

/* The spoiled slot first: the sound one must not be overwritten while it is the only one. */
static int mend_watermark(struct ledger_files *files, const struct mark *pinned, struct text *why)
{
    const struct mark *mark = &files->ledger.mark;
    if (files->watermark.lost_slot >= 0)
        log_warn("store_watermark_mended", "folder=%s slot=%d", files->folder.path,
                 files->watermark.lost_slot);
    int error = watermark_repair(&files->watermark, mark);
    if (error == 0 && mark->sequence != pinned->sequence)
        error = watermark_write(&files->watermark, mark);
    return error != 0 ? watermark_failed(files, error, why) : 0;
}

static int open_pinned(struct ledger_files *files, node_id self, const struct mark *pinned,
                       struct store_loaded *ret_loaded, struct text *why)
{
    int error = ledger_db_load_mark(&files->ledger, why);
    if (error == 0)
        error = check_owner(files, self, why);
    if (error == 0)
        error = compare(&files->folder, &files->ledger.mark, pinned, why);
    struct store_loaded loaded = {0};
    if (error == 0)
        error = ledger_db_load(&files->ledger, &loaded, why);
    if (error == 0)
        error = mend_watermark(files, pinned, why);
    if (error == 0)
        *ret_loaded = loaded;
    else
        store_loaded_fini(&loaded);
    return error;
}

/* No watermark: right for a database that is new or was being made, a loss for any other. */
static int open_unpinned(struct ledger_files *files, node_id self, bool empty,
                         struct store_loaded *ret_loaded, struct text *why)
{
    int error = empty ? make(files, self, why) : ledger_db_load_mark(&files->ledger, why);
    if (error == 0)
        error = check_owner(files, self, why);
    if (error == 0 && files->ledger.mark.sequence != 1)
        error = damaged(&files->folder, "the watermark file is missing", why);
    struct store_loaded loaded = {0};
    if (error == 0)
        error = ledger_db_load(&files->ledger, &loaded, why);
    if (error == 0)
        error = watermark_create(&files->folder, &files->ledger.mark, &files->watermark, why);
    if (error != 0) {
        store_loaded_fini(&loaded);
        return error;
    }
    *ret_loaded = loaded;
    return 0;
}

static int open_in_folder(struct ledger_files *files, node_id self, struct store_loaded *ret_loaded,
                          struct text *why)
{
    struct mark pinned = {0};
    int error = watermark_load(&files->folder, &files->watermark, &pinned, why);
    bool has_watermark = error == 0;
    if (error != 0 && error != ERR_NOT_FOUND)
        return error;
    /* SQLite would take an empty file as a new database and delete the WAL beside it. */
    if (has_watermark && folder_file_bytes(&files->folder, LEDGER_FILE) <= 0)
        return damaged(&files->folder, "ledger.db is missing or empty", why);
    bool empty = false;
    error = ledger_db_open(&files->folder, &files->ledger, &empty, why);
    if (error != 0)
        return error;
    if (!has_watermark)
        return open_unpinned(files, self, empty, ret_loaded, why);
    if (empty)
        return damaged(&files->folder, "ledger.db holds nothing", why);
    return open_pinned(files, self, &pinned, ret_loaded, why);
}

int ledger_files_open(const char *path, node_id self, struct ledger_files *files,
                      struct store_loaded *ret_loaded, struct text *why)
{
    *files = (struct ledger_files){.folder = {.fd = -1, .lock_fd = -1}, .watermark = {.fd = -1}};
    int error = folder_open(path, &files->folder, why);
    if (error != 0)
        return error;
    error = open_in_folder(files, self, ret_loaded, why);
    if (error == ERR_DAMAGED)
        folder_explain_rejoin(&files->folder, why);
    if (error != 0) {
        ledger_db_abort(&files->ledger);
        ledger_files_close(files);
    }
    return error;
}

int ledger_files_commit(struct ledger_files *files, struct text *why)
{
    int error = ledger_db_commit(&files->ledger);
    if (error != 0) {
        ledger_db_explain(&files->ledger, why);
        return error;
    }
    error = watermark_write(&files->watermark, &files->ledger.mark);
    return error != 0 ? watermark_failed(files, error, why) : 0;
}

void ledger_files_close(struct ledger_files *files)
{
    ledger_db_close(&files->ledger);
    watermark_close(&files->watermark);
    folder_close(&files->folder);
}
