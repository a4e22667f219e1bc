/* Writes the examples of tests/vectors as seeds of the corpora, a file for each version of each.
 * Usage: fuzz_seed CORPUS_FOLDER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "tests/vectors/vectors.h"

enum { PATH_BYTES = 1024, VERSION_OFFSET = 1, LENGTH_BYTES = 2 };

struct target {
    const char *prefix; /* of the example's name; the first that fits decides */
    const char *folder;
};

static const struct target targets[] = {
    {"frame-votes", "votes"}, {"frame-call", "call"},    {"frame-raft", "raft"},
    {"frame-", "frame"},      {"evidence-", "evidence"}, {"command-", "command"},
    {"context-", "context"},  {"ledger", "ledger"},
};

static const char *folder_of(const char *example)
{
    for (size_t i = 0; i < ARRAY_COUNT(targets); i++)
        if (strncmp(example, targets[i].prefix, strlen(targets[i].prefix)) == 0)
            return targets[i].folder;
    return NULL;
}

static int write_seed(const char *corpus, const char *folder, const char *name, int version,
                      const uint8_t *bytes, size_t length)
{
    char path[PATH_BYTES];
    int taken = snprintf(path, sizeof path, "%s/%s/%s.%d", corpus, folder, name, version);
    CHECK(taken > 0 && (size_t)taken < sizeof path);
    CLEANUP(cleanup_fclose) FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(bytes, 1, length, file) != length || fflush(file) != 0) {
        perror(path);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* All commands as the entries of one log, each behind its length. */
static int write_log(const char *corpus)
{
    static uint8_t log[COMMAND_BYTES_MAX];
    size_t used = 0;
    for (size_t i = 0; i < vector_count; i++) {
        size_t length = 0;
        if (strncmp(vectors[i].name, "command-", 8) != 0)
            continue;
        CHECK(vectors[i].encode(log + used + LENGTH_BYTES, sizeof log - used - LENGTH_BYTES,
                                &length) == 0);
        log[used] = (uint8_t)(length >> 8);
        log[used + 1] = (uint8_t)length;
        used += length + LENGTH_BYTES;
    }
    return write_seed(corpus, "apply", "all-commands", log[LENGTH_BYTES + VERSION_OFFSET], log,
                      used);
}

int main(int argc, char **argv)
{
    static uint8_t bytes[VECTOR_BYTES_MAX];
    int result = argc == 2 ? write_log(argv[1]) : EXIT_FAILURE;
    for (size_t i = 0; result == EXIT_SUCCESS && i < vector_count; i++) {
        size_t length = 0;
        const char *folder = folder_of(vectors[i].name);
        if (folder == NULL)
            continue;
        CHECK(vectors[i].encode(bytes, sizeof bytes, &length) == 0);
        result = write_seed(argv[1], folder, vectors[i].name, bytes[VERSION_OFFSET], bytes, length);
    }
    return result;
}
