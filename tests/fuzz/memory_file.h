/* Bytes under a path, without a disk: for production code that reads a file.
 * Never kept after the input.
 * Called by the fuzz targets of configuration and key files. */
#ifndef QUORATE_TESTS_FUZZ_MEMORY_FILE_H
#define QUORATE_TESTS_FUZZ_MEMORY_FILE_H

#include <stddef.h>
#include <stdint.h>

struct memory_file {
    int fd;
    char path[32];
};

/* Readable by the owner alone, as key files must be. */
void memory_file_open(struct memory_file *ret_file, const uint8_t *bytes, size_t length);
void memory_file_close(struct memory_file *file);

#endif
