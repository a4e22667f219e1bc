/* What the store promises when something else goes wrong: a crash, a full or read-only disk, a
 * second process, a folder of another node. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "common/errors.h"
#include "store_rig.h"

static int set_up(void **state)
{
    struct rig *rig = malloc(sizeof *rig);
    rig_init(rig);
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    rig_fini(*state);
    free(*state);
    return 0;
}

static void sleep_us(long us)
{
    struct timespec pause = {.tv_nsec = us * 1000};
    nanosleep(&pause, NULL);
}

/* Shared with the child that is killed: how far the store has answered. */
struct shared {
    _Atomic uint64_t acknowledged;
    _Atomic uint64_t term;
};

struct writer {
    struct shared *shared;
    _Atomic uint64_t answered;
};

static void on_written(uint64_t ticket, int error, const struct text *why, void *data)
{
    struct writer *writer = data;
    (void)why;
    if (error == 0) {
        atomic_store(&writer->shared->acknowledged, ticket);
        atomic_store(&writer->shared->term, ticket / 10 + 1);
    }
    atomic_store(&writer->answered, ticket);
}

/* The child: writes row after row, a new term with each tenth, compacts with each hundredth, until
 * it is killed. */
_Noreturn static void write_until_killed(const struct rig *rig, struct shared *shared)
{
    struct writer writer = {.shared = shared};
    struct store *store = NULL;
    struct store_loaded loaded;
    struct text why = {0};
    if (store_open(rig->folder, RIG_SELF, on_written, &writer, &store, &loaded, &why) != 0)
        _exit(1);
    uint64_t index = loaded.snapshot.index + 1;
    if (loaded.entry_count > 0)
        index = loaded.entries[loaded.entry_count - 1].index + 1;
    for (;; index++) {
        struct store_entry entry = rig_entry(rig, index, index / 10 + 1);
        struct store_job job = {.ticket = index, .entries = &entry, .entry_count = 1};
        job.has_vote = true;
        job.term = index / 10 + 1;
        job.has_snapshot = index % 100 == 0;
        job.snapshot = (struct store_snapshot){
            .index = index - 1, .term = (index - 1) / 10 + 1, .bytes = rig->pattern, .length = 900};
        job.compact_to = job.has_snapshot ? index - 20 : 0;
        int error;
        while ((error = store_submit(store, &job)) == ERR_FULL)
            sleep_us(50);
        if (error != 0)
            _exit(2);
    }
}

static void check_acknowledged(struct rig *rig, const struct shared *shared)
{
    uint64_t acknowledged = atomic_load(&shared->acknowledged);
    int error = rig_open(rig);
    if (error != 0)
        print_error("%s\n", rig->why.bytes);
    assert_int_equal(error, 0);
    uint64_t last = rig->loaded.snapshot.index;
    for (size_t i = 0; i < rig->loaded.entry_count; i++) {
        const struct store_entry *have = &rig->loaded.entries[i];
        struct store_entry expected = rig_entry(rig, have->index, have->index / 10 + 1);
        assert_int_equal(have->term, expected.term);
        assert_int_equal(have->length, expected.length);
        assert_memory_equal(have->bytes, expected.bytes, expected.length);
        last = have->index;
    }
    assert_true(last >= acknowledged);
    assert_true(rig->loaded.term >= atomic_load(&shared->term));
    rig_close(rig);
}

static void a_killed_process_loses_nothing_that_it_acknowledged(void **state)
{
    struct rig *rig = *state;
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    for (int round = 0; round < 25; round++) {
        uint64_t before = atomic_load(&shared->acknowledged);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            write_until_killed(rig, shared);
        while (atomic_load(&shared->acknowledged) == before && waitpid(child, NULL, WNOHANG) == 0)
            sleep_us(100);
        sleep_us(round * 700 % 9000);
        assert_int_equal(kill(child, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        check_acknowledged(rig, shared);
    }
    assert_true(atomic_load(&shared->acknowledged) > 50);
    munmap(shared, sizeof *shared);
}

/* A crash between the commit and the watermark, played by putting an older watermark back. */
static void a_watermark_one_transaction_late_is_mended(void **state)
{
    struct rig *rig = *state;
    char path[RIG_PATH_SIZE];
    rig_path(rig, "watermark", path);
    size_t length = 0;
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 30, 1), 0);
    uint8_t *older = rig_read(path, &length);
    assert_int_equal(rig_write(rig, (struct store_job){.truncate_from = 10}), 0);
    rig_close(rig);
    rig_write_file(path, older, length);
    free(older);
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig->loaded.entry_count, 9);
    assert_int_equal(rig_append(rig, 10, 12, 2), 0);
    rig_close(rig);
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig->loaded.entry_count, 12);
}

static void a_creation_that_was_cut_off_is_finished(void **state)
{
    struct rig *rig = *state;
    char path[RIG_PATH_SIZE];
    assert_int_equal(rig_open(rig), 0);
    uint64_t incarnation = rig->loaded.incarnation;
    rig_close(rig);
    assert_int_equal(unlink(rig_path(rig, "watermark", path)), 0);
    assert_int_equal(rig_open(rig), 0);
    assert_true(rig->loaded.incarnation == incarnation);
    rig_close(rig);
    rig_remove_files(rig->folder);
    rig_write_file(rig_path(rig, "ledger.db", path), (const uint8_t *)"", 0);
    assert_int_equal(rig_open(rig), 0);
    assert_true(rig->loaded.incarnation != incarnation);
}

static void a_folder_in_use_is_busy(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    struct rig other = *rig;
    assert_int_equal(rig_open(&other), ERR_BUSY);
    assert_non_null(strstr(other.why.bytes, rig->folder));
    assert_int_equal(rig_append(rig, 1, 3, 1), 0);
    rig_close(rig);
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig->loaded.entry_count, 3);
}

static void on_nothing(uint64_t ticket, int error, const struct text *why, void *data)
{
    (void)ticket;
    (void)error;
    (void)why;
    (void)data;
}

static void a_folder_of_another_node_is_refused(void **state)
{
    struct rig *rig = *state;
    assert_int_equal(rig_open(rig), 0);
    rig_close(rig);
    struct store *store = NULL;
    struct store_loaded loaded;
    struct text why = {0};
    int error = store_open(rig->folder, RIG_SELF + 1, on_nothing, NULL, &store, &loaded, &why);
    assert_int_equal(error, ERR_CONFLICT);
    assert_null(store);
    assert_non_null(strstr(why.bytes, "node number 2"));
}

static void a_folder_that_cannot_be_made_is_named(void **state)
{
    (void)state;
    struct store *store = NULL;
    struct store_loaded loaded;
    struct text why = {0};
    int error = store_open("/proc/quorate/data", RIG_SELF, on_nothing, NULL, &store, &loaded, &why);
    assert_int_equal(error, ERR_IO);
    assert_non_null(strstr(why.bytes, "/proc/quorate/data"));
    char path[2048];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    error = store_open(path, RIG_SELF, on_nothing, NULL, &store, &loaded, &why);
    assert_int_equal(error, ERR_TOO_LARGE);
}

/* A small file system of our own under the folder; skipped where we may not mount. */
static void mount_small(struct rig *rig, const char *options)
{
    assert_int_equal(rig_open(rig), 0);
    rig_close(rig);
    rig_remove_files(rig->folder);
    if (mount("quorate-test", rig->folder, "tmpfs", 0, options) != 0)
        skip();
}

static void a_full_disk_is_final_and_loses_nothing(void **state)
{
    struct rig *rig = *state;
    mount_small(rig, "size=512k,mode=0700");
    assert_int_equal(rig_open(rig), 0);
    log_index index = 0;
    do
        index++;
    while (index < 1000 && rig_append(rig, index * 2 - 1, index * 2, 1) == 0);
    int first = rig->error;
    bool named = strstr(rig->why.bytes, rig->folder) != NULL;
    int later = rig_write(rig, (struct store_job){.has_vote = true, .term = 9});
    rig_close(rig);
    int reopened = rig_open(rig);
    size_t count = rig->loaded.entry_count;
    term_id term = rig->loaded.term;
    rig_close(rig);
    assert_int_equal(umount(rig->folder), 0);
    assert_int_equal(first, ERR_FULL);
    assert_true(named);
    assert_int_equal(later, ERR_FULL);
    assert_int_equal(reopened, 0);
    assert_true(count == (index - 1) * 2);
    assert_int_equal(term, 0);
}

static void a_read_only_folder_is_an_error_that_names_it(void **state)
{
    struct rig *rig = *state;
    mount_small(rig, "size=1m,mode=0700");
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 3, 1), 0);
    rig_close(rig);
    int mounted = mount("quorate-test", rig->folder, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL);
    int error = rig_open(rig);
    bool named = strstr(rig->why.bytes, rig->folder) != NULL;
    rig_close(rig);
    assert_int_equal(umount(rig->folder), 0);
    assert_int_equal(mounted, 0);
    assert_int_equal(error, ERR_IO);
    assert_true(named);
}

static void a_folder_without_permission_is_an_error_that_names_it(void **state)
{
    struct rig *rig = *state;
    if (geteuid() == 0)
        skip();
    assert_int_equal(mkdir(rig->folder, 0500), 0);
    assert_int_equal(rig_open(rig), ERR_IO);
    assert_non_null(strstr(rig->why.bytes, rig->folder));
}

/* Even when there is room again: what the failed job held is missing, and later jobs build on it.
 */
static void no_job_is_written_after_the_first_failure(void **state)
{
    struct rig *rig = *state;
    mount_small(rig, "size=256k,mode=0700");
    assert_int_equal(rig_open(rig), 0);
    char path[RIG_PATH_SIZE];
    rig_path(rig, "ballast", path);
    static const uint8_t ballast[64 * 1024];
    assert_int_equal(rig_append(rig, 1, 2, 1), 0);
    FILE *file = fopen(path, "w");
    while (file != NULL && fwrite(ballast, sizeof ballast, 1, file) == 1 && fflush(file) == 0)
        ;
    if (file != NULL)
        fclose(file);
    int first = rig_append(rig, 3, 40, 1);
    unlink(path);
    int later = rig_append(rig, 41, 41, 1);
    rig_close(rig);
    int reopened = rig_open(rig);
    size_t count = rig->loaded.entry_count;
    int again = rig_append(rig, 3, 3, 1);
    rig_close(rig);
    assert_int_equal(umount(rig->folder), 0);
    assert_int_equal(first, ERR_FULL);
    assert_int_equal(later, ERR_FULL);
    assert_int_equal(reopened, 0);
    assert_int_equal(count, 2);
    assert_int_equal(again, 0);
}

/* The child: appends under a file size limit until that bites; exits with 0 where everything after
 * it was refused, too, and says in `shared` how far it came. */
_Noreturn static void write_until_full(struct rig *rig, struct shared *shared)
{
    struct rlimit limit = {.rlim_cur = 64 * 1024, .rlim_max = 64 * 1024};
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || rig_open(rig) != 0)
        _exit(1);
    log_index index = 1;
    while (index < 1000 && rig_append(rig, index, index, 1) == 0)
        atomic_store(&shared->acknowledged, index++);
    bool final = rig->error == ERR_FULL && rig_append(rig, index + 1, index + 1, 1) == ERR_FULL;
    _exit(final ? 0 : 2);
}

static void a_file_size_limit_is_a_full_disk(void **state)
{
    struct rig *rig = *state;
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(shared, MAP_FAILED);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_until_full(rig, shared);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(rig_open(rig), 0);
    assert_true(atomic_load(&shared->acknowledged) > 2);
    assert_int_equal(rig->loaded.entry_count, atomic_load(&shared->acknowledged));
    munmap(shared, sizeof *shared);
}

/* A file named after the call in the folder makes that call fail, for files in this folder alone.
 */
static bool is_spoiled(int fd, const char *call)
{
    char link[64], path[RIG_PATH_SIZE];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) + strlen(call) + 2 > sizeof path)
        return false;
    memcpy(slash + 1, call, strlen(call) + 1);
    return access(path, F_OK) == 0;
}

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

/* Linked in the place of fdatasync in the store itself (not in SQLite). */
int __wrap_fdatasync(int fd)
{
    if (!is_spoiled(fd, "no-fdatasync"))
        return __real_fdatasync(fd);
    errno = EIO;
    return -1;
}

static ssize_t failing_pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    if (!is_spoiled(fd, "no-pwrite"))
        return pwrite(fd, bytes, length, offset);
    errno = EIO;
    return -1;
}

static void set_pwrite_of_sqlite(sqlite3_syscall_ptr call)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    assert_non_null(vfs);
    vfs->xSetSystemCall(vfs, "pwrite", call);
    vfs->xSetSystemCall(vfs, "pwrite64", call);
}

/* The failed job is answered ERR_IO, so is everything after it, even when the disk is well again;
 * what was acknowledged before is there at the next open. */
static void check_failure_is_final(struct rig *rig, const char *call)
{
    char path[RIG_PATH_SIZE];
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 1, 20, 1), 0);
    rig_write_file(rig_path(rig, call, path), (const uint8_t *)"", 0);
    assert_int_equal(rig_append(rig, 21, 21, 1), ERR_IO);
    assert_non_null(strstr(rig->why.bytes, rig->folder));
    unlink(path);
    assert_int_equal(rig_append(rig, 22, 22, 1), ERR_IO);
    rig_close(rig);
    assert_int_equal(rig_open(rig), 0);
    assert_in_range(rig->loaded.entry_count, 20, 21);
}

static void a_failed_sync_of_the_watermark_is_final(void **state)
{
    check_failure_is_final(*state, "no-fdatasync");
}

static void a_failed_write_of_the_database_is_final(void **state)
{
    set_pwrite_of_sqlite((sqlite3_syscall_ptr)failing_pwrite);
    check_failure_is_final(*state, "no-pwrite");
    rig_close(*state);
    set_pwrite_of_sqlite(NULL);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(a_killed_process_loses_nothing_that_it_acknowledged, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_watermark_one_transaction_late_is_mended, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_creation_that_was_cut_off_is_finished, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_folder_in_use_is_busy, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_folder_of_another_node_is_refused, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_folder_that_cannot_be_made_is_named, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_full_disk_is_final_and_loses_nothing, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_read_only_folder_is_an_error_that_names_it, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(a_folder_without_permission_is_an_error_that_names_it, set_up,
                                    tear_down),
    cmocka_unit_test_setup_teardown(no_job_is_written_after_the_first_failure, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_file_size_limit_is_a_full_disk, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_failed_sync_of_the_watermark_is_final, set_up, tear_down),
    cmocka_unit_test_setup_teardown(a_failed_write_of_the_database_is_final, set_up, tear_down),
};

int main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
