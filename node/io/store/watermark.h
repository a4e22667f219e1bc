/* The watermark file: two slots, written in turn, each with the mark of a committed transaction.
 * It tells a log that lost its tail from a log that never had it. Never compares anything itself.
 * Called by the ledger store. */
#ifndef QUORATE_IO_STORE_WATERMARK_H
#define QUORATE_IO_STORE_WATERMARK_H

#include <stdbool.h>

#include "common/text.h"
#include "node/io/store/folder.h"
#include "node/io/store/mark.h"

#define WATERMARK_FILE "watermark"

/* Slots lie a block apart, so that one torn or flipped block spoils one slot only. */
enum { WATERMARK_SLOT_N = 2, WATERMARK_SLOT_BYTES = 4096 };

struct watermark {
    int fd;
    int lost_slot; /* the slot whose content did not hold when it was loaded; -1: none */
};

/* Opens the file and gives the newest valid slot.
 * Errors: ERR_NOT_FOUND (no file), ERR_DAMAGED (no valid slot), ERR_VERSION, ERR_IO. The caller
 * closes it. */
int watermark_load(const struct folder *folder, struct watermark *ret_watermark,
                   struct mark *ret_newest, struct text *why);

/* Makes the file with the mark in both slots, all or nothing, on disk with its name. Errors:
 * ERR_IO, ERR_FULL. */
int watermark_create(const struct folder *folder, const struct mark *mark,
                     struct watermark *ret_watermark, struct text *why);

/* Writes the mark over the older slot and waits for the disk. Errors: ERR_IO, ERR_FULL, then the
 * slot's content is unknown and the other slot untouched. */
int watermark_write(struct watermark *watermark, const struct mark *mark);

/* Writes the mark, which must be the newest, over the slot that was lost. No change where none was.
 * Errors as above. */
int watermark_repair(struct watermark *watermark, const struct mark *mark);

void watermark_close(struct watermark *watermark);

#endif
