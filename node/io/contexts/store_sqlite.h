/* The embedded store: contexts.db in the data folder (SQLite, WAL, synchronous=FULL), a batch a
 * transaction. Its memory is SQLite's page cache, whatever it holds.
 * Never shares a connection with another thread.
 * Opened by contexts.c; used through context_store.h. */
#ifndef QUORATE_IO_CONTEXTS_STORE_SQLITE_H
#define QUORATE_IO_CONTEXTS_STORE_SQLITE_H

#include "node/io/contexts/context_store.h"

#define CONTEXTS_FILE "contexts.db"

/* Opens or makes the file in the folder, which must exist. A file that is no sound database is
 * moved to contexts.db.damaged (replacing an older one) and begun anew: the store is new then, and
 * learns from the other nodes before it counts. Time goes on from where it stood by the difference
 * of the wall clock, never backwards. `anew` moves away what is there in any case. Returns 0,
 * ERR_IO, ERR_FULL, ERR_BUSY, ERR_TOO_LARGE or ERR_NO_MEMORY with `why` naming the file. */
int store_sqlite_open(const char *folder, const struct context_limits *limits, time_ms now_ms,
                      bool anew, struct context_store **ret_store, struct text *why);

#endif
