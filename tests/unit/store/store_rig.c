#include "store_rig.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/errors.h"

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    char place[RIG_PATH_SIZE];
    snprintf(place, sizeof place, "%s/quorate-store-XXXXXX", base);
    assert_non_null(mkdtemp(place));
    snprintf(rig->folder, sizeof rig->folder, "%.200s/data", place);
    for (size_t i = 0; i < sizeof rig->pattern; i++)
        rig->pattern[i] = (uint8_t)(i * 7 + i / 251);
    pthread_mutex_init(&rig->mutex, NULL);
    pthread_cond_init(&rig->answered, NULL);
}

void rig_remove_files(const char *folder)
{
    DIR *list = opendir(folder);
    if (list == NULL)
        return;
    struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(list), entry->d_name, 0);
    }
    closedir(list);
}

void rig_fini(struct rig *rig)
{
    rig_close(rig);
    rig_remove_files(rig->folder);
    rmdir(rig->folder);
    *strrchr(rig->folder, '/') = '\0';
    rmdir(rig->folder);
    pthread_cond_destroy(&rig->answered);
    pthread_mutex_destroy(&rig->mutex);
}

static void on_done(uint64_t ticket, int error, const struct text *why, void *data)
{
    struct rig *rig = data;
    pthread_mutex_lock(&rig->mutex);
    rig->out_of_order = rig->out_of_order || ticket != rig->done + 1;
    rig->done = ticket;
    rig->error = error;
    if (error != 0)
        rig->why = *why;
    pthread_cond_broadcast(&rig->answered);
    pthread_mutex_unlock(&rig->mutex);
}

int rig_open(struct rig *rig)
{
    rig->submitted = 0;
    rig->done = 0;
    rig->error = 0;
    rig->out_of_order = false;
    text_clear(&rig->why);
    return store_open(rig->folder, RIG_SELF, on_done, rig, &rig->store, &rig->loaded, &rig->why);
}

void rig_close(struct rig *rig)
{
    store_free(&rig->store);
    store_loaded_fini(&rig->loaded);
}

int rig_submit(struct rig *rig, struct store_job job)
{
    job.ticket = rig->submitted + 1;
    int error = store_submit(rig->store, &job);
    if (error == 0)
        rig->submitted++;
    return error;
}

int rig_wait(struct rig *rig)
{
    pthread_mutex_lock(&rig->mutex);
    while (rig->done < rig->submitted)
        pthread_cond_wait(&rig->answered, &rig->mutex);
    int error = rig->error;
    assert_false(rig->out_of_order);
    pthread_mutex_unlock(&rig->mutex);
    return error;
}

int rig_write(struct rig *rig, struct store_job job)
{
    assert_int_equal(rig_submit(rig, job), 0);
    return rig_wait(rig);
}

struct store_entry rig_entry(const struct rig *rig, log_index index, term_id term)
{
    size_t length = index % 20 == 7 ? RIG_ENTRY_BYTES_MAX : (size_t)(index * 37 % 300);
    return (struct store_entry){
        .index = index,
        .term = term,
        .kind = (uint8_t)(index % 5),
        .bytes = rig->pattern + (index * 3 + term) % 256,
        .length = index % 11 == 0 ? 0 : length,
    };
}

int rig_append(struct rig *rig, log_index first, log_index last, term_id term)
{
    struct store_entry entries[128];
    size_t count = 0;
    for (log_index index = first; index <= last; index++)
        entries[count++] = rig_entry(rig, index, term);
    return rig_write(rig, (struct store_job){.entries = entries, .entry_count = count});
}

void rig_work(struct rig *rig)
{
    struct store_job job = {.has_cluster_id = true, .has_vote = true, .term = 1, .voted_for = 3};
    memset(job.cluster_id, 0x5a, sizeof job.cluster_id);
    assert_int_equal(rig_write(rig, job), 0);
    for (log_index index = 1; index <= 24; index += 3)
        assert_int_equal(rig_append(rig, index, index + 2, 1), 0);
    job = (struct store_job){.has_vote = true, .term = 4, .voted_for = 1, .truncate_from = 20};
    assert_int_equal(rig_write(rig, job), 0);
    for (log_index index = 20; index <= 40; index++)
        assert_int_equal(rig_append(rig, index, index, 4), 0);
    job = (struct store_job){.has_snapshot = true, .compact_to = 10};
    job.snapshot =
        (struct store_snapshot){.index = 12, .term = 1, .bytes = rig->pattern, .length = 5000};
    assert_int_equal(rig_write(rig, job), 0);
    job = (struct store_job){.has_vote = true, .term = 6, .voted_for = 0};
    assert_int_equal(rig_write(rig, job), 0);
    assert_int_equal(rig_append(rig, 41, 46, 6), 0);
}

static bool entry_equal(const struct store_entry *a, const struct store_entry *b)
{
    return a->index == b->index && a->term == b->term && a->kind == b->kind &&
           a->length == b->length && (a->length == 0 || memcmp(a->bytes, b->bytes, a->length) == 0);
}

bool rig_loaded_equal(const struct store_loaded *a, const struct store_loaded *b)
{
    if (a->term != b->term || a->voted_for != b->voted_for || a->incarnation != b->incarnation ||
        memcmp(a->cluster_id, b->cluster_id, sizeof a->cluster_id) != 0 ||
        a->entry_count != b->entry_count || a->snapshot.index != b->snapshot.index ||
        a->snapshot.term != b->snapshot.term || a->snapshot.length != b->snapshot.length ||
        (a->snapshot.length > 0 &&
         memcmp(a->snapshot.bytes, b->snapshot.bytes, a->snapshot.length) != 0))
        return false;
    for (size_t i = 0; i < a->entry_count; i++) {
        if (!entry_equal(&a->entries[i], &b->entries[i]))
            return false;
    }
    return true;
}

const char *rig_path(const struct rig *rig, const char *name, char buffer[RIG_PATH_SIZE])
{
    snprintf(buffer, RIG_PATH_SIZE, "%.200s/%.40s", rig->folder, name);
    return buffer;
}

off_t rig_file_bytes(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 ? status.st_size : -1;
}

uint8_t *rig_read(const char *path, size_t *ret_length)
{
    off_t size = rig_file_bytes(path);
    if (size < 0)
        return NULL;
    uint8_t *bytes = malloc((size_t)size + 1);
    assert_non_null(bytes);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(read(fd, bytes, (size_t)size), size);
    close(fd);
    *ret_length = (size_t)size;
    return bytes;
}

void rig_write_file(const char *path, const uint8_t *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, length), length);
    close(fd);
}
