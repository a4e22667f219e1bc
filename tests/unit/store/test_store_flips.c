/* One spoiled bit, or a file cut short, anywhere in database, WAL or watermark: the store gives
 * back everything that it acknowledged, or says ERR_DAMAGED. It never opens with less. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/errors.h"
#include "node/io/store/mark.h"
#include "node/io/store/watermark.h"
#include "store_rig.h"

enum { PAGE = 4096, FILE_N = 3, DB = 0, WAL = 1, MARK = 2 };
static const char *const names[FILE_N] = {"ledger.db", "ledger.db-wal", "watermark"};

/* A folder's files at one moment. */
struct image {
    uint8_t *bytes[FILE_N]; /* NULL: not there */
    size_t length[FILE_N];
};

struct bench {
    struct rig rig;
    struct image closed;          /* everything moved into the database */
    struct image live;            /* everything acknowledged, hardly anything moved */
    struct image mixed;           /* a part in the database, the rest in the WAL */
    struct store_loaded expected; /* what closed and live hold */
    struct store_loaded expected_mixed;
    size_t sound; /* opened with everything */
    size_t damaged;
};

static void image_take(const struct rig *rig, struct image *image)
{
    char path[RIG_PATH_SIZE];
    for (int i = 0; i < FILE_N; i++)
        image->bytes[i] = rig_read(rig_path(rig, names[i], path), &image->length[i]);
}

static void image_put(const struct rig *rig, const struct image *image)
{
    char path[RIG_PATH_SIZE];
    rig_remove_files(rig->folder);
    for (int i = 0; i < FILE_N; i++) {
        if (image->bytes[i] != NULL)
            rig_write_file(rig_path(rig, names[i], path), image->bytes[i], image->length[i]);
    }
}

static void image_free(struct image *image)
{
    for (int i = 0; i < FILE_N; i++)
        free(image->bytes[i]);
}

static void take_loaded(struct rig *rig, struct store_loaded *ret_loaded)
{
    assert_int_equal(rig_open(rig), 0);
    *ret_loaded = rig->loaded;
    rig->loaded = (struct store_loaded){0};
    rig_close(rig);
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct rig *rig = &bench->rig;
    rig_init(rig);
    assert_int_equal(rig_open(rig), 0);
    rig_work(rig);
    image_take(rig, &bench->live);
    rig_close(rig);
    image_take(rig, &bench->closed);
    take_loaded(rig, &bench->expected);
    assert_int_equal(rig_open(rig), 0);
    assert_int_equal(rig_append(rig, 47, 60, 6), 0);
    assert_int_equal(
        rig_write(rig, (struct store_job){.has_vote = true, .term = 8, .voted_for = 2}), 0);
    image_take(rig, &bench->mixed);
    rig_close(rig);
    take_loaded(rig, &bench->expected_mixed);
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    rig_fini(&bench->rig);
    image_free(&bench->closed);
    image_free(&bench->live);
    image_free(&bench->mixed);
    store_loaded_fini(&bench->expected);
    store_loaded_fini(&bench->expected_mixed);
    free(bench);
    return 0;
}

static const struct store_loaded *expected_of(const struct bench *bench, const struct image *image)
{
    return image == &bench->mixed ? &bench->expected_mixed : &bench->expected;
}

/* A folder that opened must also take a write and still hold everything afterwards, or say that it
 * is damaged. */
static bool holds_after_a_write(struct rig *rig, const struct store_loaded *expected)
{
    log_index next = expected->entries[expected->entry_count - 1].index + 1;
    int error = rig_append(rig, next, next, 9);
    rig_close(rig);
    if (error == ERR_DAMAGED)
        return true;
    if (error != 0 || (error = rig_open(rig)) != 0)
        return error == ERR_DAMAGED;
    bool longer = rig->loaded.entry_count == expected->entry_count + 1;
    if (longer)
        rig->loaded.entry_count--;
    bool equal = longer && rig_loaded_equal(&rig->loaded, expected);
    rig_close(rig);
    return equal;
}

/* Opens what lies in the folder; 0 or ERR_DAMAGED, anything else fails the test. */
static int judge(struct bench *bench, const struct store_loaded *expected, bool write,
                 const char *what, size_t at)
{
    struct rig *rig = &bench->rig;
    int error = rig_open(rig);
    bool fine = error == ERR_DAMAGED || (error == 0 && rig_loaded_equal(&rig->loaded, expected));
    if (error == ERR_DAMAGED)
        fine = strstr(rig->why.bytes, "To rejoin:") != NULL || rig->why.cut;
    if (fine && error == 0 && write)
        fine = holds_after_a_write(rig, expected);
    rig_close(rig);
    if (!fine)
        print_error("%s at %zu: open gave %d (%s), and not what was acknowledged\n", what, at,
                    error, rig->why.bytes);
    assert_true(fine);
    if (error == 0)
        bench->sound++;
    else
        bench->damaged++;
    return error;
}

static int flip(struct bench *bench, struct image *image, int file, size_t at, unsigned bit,
                bool write)
{
    image->bytes[file][at] ^= (uint8_t)(1u << bit);
    image_put(&bench->rig, image);
    image->bytes[file][at] ^= (uint8_t)(1u << bit);
    return judge(bench, expected_of(bench, image), write, names[file], at);
}

static void report(struct bench *bench, const char *what)
{
    print_message("             %s: %zu flips, %zu opened with everything, %zu said damaged\n",
                  what, bench->sound + bench->damaged, bench->sound, bench->damaged);
    bench->sound = 0;
    bench->damaged = 0;
}

static void no_flip_in_one_watermark_slot_matters(void **state)
{
    struct bench *bench = *state;
    for (size_t slot = 0; slot < WATERMARK_SLOT_N; slot++) {
        for (size_t byte = 0; byte < MARK_BYTES; byte++) {
            size_t at = slot * WATERMARK_SLOT_BYTES + byte;
            assert_int_equal(flip(bench, &bench->live, MARK, at, (unsigned)(byte * 5 % 8), false),
                             0);
            assert_int_equal(flip(bench, &bench->closed, MARK, at, (unsigned)(byte % 8), false), 0);
        }
    }
    report(bench, "watermark");
}

static void flips_in_both_watermark_slots_are_damage(void **state)
{
    struct bench *bench = *state;
    uint8_t *bytes = bench->closed.bytes[MARK];
    for (size_t byte = 0; byte < MARK_BYTES; byte += 9) {
        bytes[byte] ^= 4;
        assert_int_equal(flip(bench, &bench->closed, MARK,
                              WATERMARK_SLOT_BYTES + byte * 7 % MARK_BYTES, 1, false),
                         ERR_DAMAGED);
        bytes[byte] ^= 4;
    }
    report(bench, "both slots");
}

static size_t step_within(size_t at, size_t step, size_t boundary)
{
    return at + step < boundary ? at + step : boundary;
}

/* SQLite's header and each page's own header byte by byte, the rest in strides that are no multiple
 * of anything. */
static size_t next_in_database(size_t at)
{
    bool header = at < 100 || at % PAGE < 16;
    return step_within(at, header ? 1 : 23, (at / PAGE + 1) * PAGE);
}

static void no_flip_in_the_database_loses_anything_silently(void **state)
{
    struct bench *bench = *state;
    struct image *image = &bench->closed;
    for (size_t at = 0; at < image->length[DB]; at = next_in_database(at))
        flip(bench, image, DB, at, (unsigned)(at * 3 % 8), true);
    assert_true(bench->damaged > 100);
    report(bench, "database");
}

static size_t find(const struct image *image, int file, const void *what, size_t length)
{
    const uint8_t *found = memmem(image->bytes[file], image->length[file], what, length);
    assert_non_null(found);
    return (size_t)(found - image->bytes[file]);
}

static void every_flip_in_term_vote_and_rows_is_damage(void **state)
{
    struct bench *bench = *state;
    struct image *image = &bench->closed;
    size_t mark = find(image, DB, "QMARK01", 8);
    for (size_t byte = 0; byte < MARK_BYTES; byte++)
        assert_int_equal(flip(bench, image, DB, mark + byte, (unsigned)(byte % 8), false),
                         ERR_DAMAGED);
    struct store_entry entry = rig_entry(&bench->rig, 46, 6);
    size_t row = find(image, DB, entry.bytes, entry.length);
    enum { CRC_AND_KIND = 5, SNAPSHOT_PIECE = 400 };
    for (size_t at = row - CRC_AND_KIND; at < row + entry.length; at++)
        assert_int_equal(flip(bench, image, DB, at, (unsigned)(at % 8), false), ERR_DAMAGED);
    size_t snapshot = find(image, DB, bench->rig.pattern, SNAPSHOT_PIECE);
    for (size_t at = snapshot; at < snapshot + SNAPSHOT_PIECE; at += 3)
        assert_int_equal(flip(bench, image, DB, at, (unsigned)(at % 8), false), ERR_DAMAGED);
    report(bench, "rows and mark");
}

enum { WAL_HEADER = 32, FRAME_HEADER = 24, FRAME = FRAME_HEADER + PAGE };

/* The WAL's header and each frame's header (page number, size, salts, checksum) byte by byte, pages
 * in strides. */
static size_t next_in_wal(size_t at)
{
    if (at < WAL_HEADER)
        return at + 1;
    size_t frame = (at - WAL_HEADER) / FRAME;
    bool header = (at - WAL_HEADER) % FRAME < FRAME_HEADER;
    return step_within(at, header ? 1 : 401, WAL_HEADER + (frame + 1) * FRAME);
}

static void no_flip_in_the_wal_loses_anything_silently(void **state)
{
    struct bench *bench = *state;
    assert_true(bench->live.length[WAL] > 20 * PAGE);
    for (size_t at = 0; at < bench->live.length[WAL]; at = next_in_wal(at))
        flip(bench, &bench->live, WAL, at, (unsigned)(at * 3 % 8), false);
    assert_true(bench->damaged > 100);
    report(bench, "wal");
    for (size_t at = 0; at < bench->mixed.length[WAL]; at = next_in_wal(at))
        flip(bench, &bench->mixed, WAL, at, (unsigned)(at * 5 % 8), false);
    assert_true(bench->damaged > 50);
    report(bench, "wal over a database");
}

static void cut(struct bench *bench, struct image *image, int file, size_t length)
{
    size_t whole = image->length[file];
    image->length[file] = length;
    image_put(&bench->rig, image);
    image->length[file] = whole;
    judge(bench, expected_of(bench, image), true, names[file], length);
}

static void no_file_that_was_cut_short_loses_anything_silently(void **state)
{
    struct bench *bench = *state;
    struct image *images[] = {&bench->live, &bench->closed, &bench->mixed};
    for (size_t i = 0; i < 3; i++) {
        for (int file = 0; file < FILE_N; file++) {
            size_t length = images[i]->length[file];
            for (size_t at = 0; images[i]->bytes[file] != NULL && at < length;
                 at += length / 31 + 1)
                cut(bench, images[i], file, at);
        }
    }
    report(bench, "cuts");
}

static void no_file_that_is_gone_loses_anything_silently(void **state)
{
    struct bench *bench = *state;
    struct image *images[] = {&bench->live, &bench->closed, &bench->mixed};
    for (size_t i = 0; i < 3; i++) {
        for (int file = 0; file < FILE_N; file++) {
            uint8_t *bytes = images[i]->bytes[file];
            images[i]->bytes[file] = NULL;
            image_put(&bench->rig, images[i]);
            images[i]->bytes[file] = bytes;
            int error = judge(bench, expected_of(bench, images[i]), true, names[file], 0);
            assert_int_equal(error, bytes == NULL ? 0 : ERR_DAMAGED);
        }
    }
    report(bench, "missing files");
}

/* What older copies of single files do: a backup put back by hand, a disk that lost a write. */
static void an_older_file_among_newer_ones_is_damage(void **state)
{
    struct bench *bench = *state;
    struct image image = bench->mixed;
    image.bytes[DB] = bench->closed.bytes[DB];
    image.length[DB] = bench->closed.length[DB];
    image.bytes[WAL] = NULL;
    image_put(&bench->rig, &image);
    assert_int_equal(judge(bench, &bench->expected_mixed, false, "old database", 0), ERR_DAMAGED);
    image = bench->mixed;
    image.bytes[MARK] = bench->closed.bytes[MARK];
    image_put(&bench->rig, &image);
    assert_int_equal(judge(bench, &bench->expected_mixed, false, "old watermark", 0), ERR_DAMAGED);
}

static void what_is_damaged_stays_as_it_was_found(void **state)
{
    struct bench *bench = *state;
    struct image *image = &bench->live, after = {0};
    image->bytes[WAL][image->length[WAL] / 2] ^= 1;
    image_put(&bench->rig, image);
    assert_int_equal(judge(bench, &bench->expected, false, "wal", 0), ERR_DAMAGED);
    assert_int_equal(judge(bench, &bench->expected, false, "wal", 0), ERR_DAMAGED);
    image_take(&bench->rig, &after);
    for (int i = 0; i < FILE_N; i++) {
        assert_int_equal(after.length[i], image->length[i]);
        assert_memory_equal(after.bytes[i], image->bytes[i], image->length[i]);
    }
    image->bytes[WAL][image->length[WAL] / 2] ^= 1;
    image_free(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_flip_in_one_watermark_slot_matters),
        cmocka_unit_test(flips_in_both_watermark_slots_are_damage),
        cmocka_unit_test(no_flip_in_the_database_loses_anything_silently),
        cmocka_unit_test(every_flip_in_term_vote_and_rows_is_damage),
        cmocka_unit_test(no_flip_in_the_wal_loses_anything_silently),
        cmocka_unit_test(no_file_that_was_cut_short_loses_anything_silently),
        cmocka_unit_test(no_file_that_is_gone_loses_anything_silently),
        cmocka_unit_test(an_older_file_among_newer_ones_is_damage),
        cmocka_unit_test(what_is_damaged_stays_as_it_was_found),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
