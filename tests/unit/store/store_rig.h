/* What the store's tests share: a folder of their own, a store in it whose answers can be waited
 * for, a workload, and ways to spoil files. Never used outside the tests. */
#ifndef QUORATE_TESTS_STORE_RIG_H
#define QUORATE_TESTS_STORE_RIG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "node/io/store/ledger_store.h"

enum { RIG_PATH_SIZE = 256, RIG_SELF = 2, RIG_ENTRY_BYTES_MAX = 6000 };

struct rig {
    char folder[RIG_PATH_SIZE];
    struct store *store;
    struct store_loaded loaded;
    struct text why; /* of a failed open, or of the last failed job */
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    uint64_t submitted; /* tickets are 1, 2, 3, ... */
    uint64_t done;      /* how many were answered */
    int error;          /* the last answer */
    bool out_of_order;
    uint8_t pattern[RIG_ENTRY_BYTES_MAX + 256]; /* every entry's bytes are a piece of it */
};

/* A new empty place under the fastest file system at hand; the ledger's folder in it is not made
 * yet. */
void rig_init(struct rig *rig);
/* Closes what is open and removes the place. */
void rig_fini(struct rig *rig);

/* store_open; on success the content stands in rig->loaded until the next rig_close. */
int rig_open(struct rig *rig);
void rig_close(struct rig *rig);

/* Submits with the next ticket; the code of store_submit. */
int rig_submit(struct rig *rig, struct store_job job);
/* Waits for all answers; gives the last one's error. Fails the test where one came out of order. */
int rig_wait(struct rig *rig);
/* Both, expecting that it is accepted. */
int rig_write(struct rig *rig, struct store_job job);

/* An entry whose bytes follow from its index and term; lengths from 0 to 300, one in 20 of 6000. */
struct store_entry rig_entry(const struct rig *rig, log_index index, term_id term);
/* One job with the entries first..last of one term. */
int rig_append(struct rig *rig, log_index first, log_index last, term_id term);
/* Votes, entries, a truncation, a snapshot with compaction, more entries, a cluster id: all kinds
 * of rows. */
void rig_work(struct rig *rig);

bool rig_loaded_equal(const struct store_loaded *a, const struct store_loaded *b);

/* "FOLDER/name", in the caller's buffer. */
const char *rig_path(const struct rig *rig, const char *name, char buffer[RIG_PATH_SIZE]);
off_t rig_file_bytes(const char *path);
/* The whole file in malloc'ed storage. */
uint8_t *rig_read(const char *path, size_t *ret_length);
void rig_write_file(const char *path, const uint8_t *bytes, size_t length);
void rig_remove_files(const char *folder);

#endif
