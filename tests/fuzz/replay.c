/* A fuzz target without libFuzzer: all files of folders, then cut and with changed bytes.
 * Usage: replay_TARGET FILE_OR_FOLDER... */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"

enum {
    FILE_BYTES_MAX = 2 * 1024 * 1024,
    PATH_BYTES = 1024,
    CHANGE_COUNT_MAX = 512, /* of each kind and file, spread over its bytes */
};

struct replay {
    size_t file_count;
    size_t input_count;
};

/* A copy of exactly this length, so that a byte read behind it is seen. */
static void run(struct replay *replay, const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    CHECK(copy != NULL);
    memcpy(copy, bytes, length);
    (void)LLVMFuzzerTestOneInput(copy, length);
    free(copy);
    replay->input_count++;
}

static void run_cut(struct replay *replay, const uint8_t *bytes, size_t length)
{
    size_t stride = length / CHANGE_COUNT_MAX + 1;
    for (size_t cut = 0; cut < length; cut += stride)
        run(replay, bytes, cut);
}

static void run_flipped(struct replay *replay, uint8_t *bytes, size_t length)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    size_t stride = length / (CHANGE_COUNT_MAX / ARRAY_COUNT(masks)) + 1;
    for (size_t at = 0; at < length; at += stride) {
        for (size_t i = 0; i < ARRAY_COUNT(masks); i++) {
            bytes[at] ^= masks[i];
            run(replay, bytes, length);
            bytes[at] ^= masks[i];
        }
    }
}

/* Returns whether the file was read whole. */
static bool replay_file(struct replay *replay, const char *path)
{
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "re");
    CLEANUP(cleanup_free) uint8_t *bytes = malloc(FILE_BYTES_MAX);
    CHECK(bytes != NULL);
    size_t length = file != NULL ? fread(bytes, 1, FILE_BYTES_MAX, file) : FILE_BYTES_MAX;
    if (length == FILE_BYTES_MAX || ferror(file)) {
        (void)fprintf(stderr, "%s cannot be read\n", path);
        return false;
    }
    (void)fprintf(stderr, "%s\n", path); /* the last one before a crash is the one */
    run(replay, bytes, length);
    run_cut(replay, bytes, length);
    run_flipped(replay, bytes, length);
    replay->file_count++;
    return true;
}

static bool replay_folder(struct replay *replay, const char *path, DIR *folder)
{
    bool good = true;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char file[PATH_BYTES];
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        CHECK(length > 0 && (size_t)length < sizeof file);
        good = replay_file(replay, file) && good;
    }
    return good;
}

int main(int argc, char **argv)
{
    struct replay replay = {.file_count = 0};
    bool good = true;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        good = (folder != NULL ? replay_folder(&replay, argv[i], folder)
                               : replay_file(&replay, argv[i])) &&
               good;
        if (folder != NULL)
            (void)closedir(folder);
    }
    (void)printf("%zu files, %zu inputs\n", replay.file_count, replay.input_count);
    return good && replay.file_count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
