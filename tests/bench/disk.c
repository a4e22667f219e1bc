#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_COUNT = 200, SYNC_BYTES = 4096 };

struct disk_sync disk_sync_measure(const struct cluster *cluster)
{
    static const char block[SYNC_BYTES];
    char path[CLUSTER_PATH_SIZE + 8];
    double values[SYNC_COUNT];
    (void)snprintf(path, sizeof path, "%s/sync", cluster->folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    for (size_t i = 0; i < SYNC_COUNT; i++) {
        struct timespec start;
        struct timespec end;
        (void)clock_gettime(CLOCK_BOOTTIME, &start);
        assert_int_equal(write(fd, block, sizeof block), sizeof block);
        assert_int_equal(fdatasync(fd), 0);
        (void)clock_gettime(CLOCK_BOOTTIME, &end);
        values[i] = (double)(end.tv_sec - start.tv_sec) * 1000 +
                    (double)(end.tv_nsec - start.tv_nsec) / 1e6;
    }
    (void)close(fd);
    return (struct disk_sync){.median_ms = figure_percentile(values, SYNC_COUNT, 50),
                              .p99_ms = figure_percentile(values, SYNC_COUNT, 99)};
}
