#include "tests/bench/bench.h"

#include "tests/lab/test/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t number_of(const char *line, const char *key)
{
    const char *found = strstr(line, key);
    return found == NULL ? 0 : strtoll(found + strlen(key), NULL, 10);
}

/* The log is written by one thread: what stands last before a line is what led to it. */
static bool take_line(const char *line, struct log_times *times)
{
    if (strstr(line, " vote_in ") != NULL) {
        times->vote_us = number_of(line, " at_us=");
    } else if (strstr(line, " proposed ") != NULL && strstr(line, "kind=ballot-close") != NULL) {
        times->proposed_us = number_of(line, " at_us=");
    } else if (strstr(line, " applied ") != NULL && strstr(line, "kind=ballot-close") != NULL) {
        times->applied_us = number_of(line, " at_us=");
    } else if (strstr(line, " move_state ") != NULL && strstr(line, "new=SWITCHING") != NULL) {
        times->move = number_of(line, " move=");
        return true;
    }
    return false;
}

size_t log_times_read(const char *path, struct log_times *ret_times, size_t count_max)
{
    struct log_times times = {0};
    int64_t completing_us = 0;
    char *line = NULL;
    size_t size = 0;
    size_t count = 0;
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (count < count_max && getline(&line, &size, file) > 0) {
        int64_t proposed_us = times.proposed_us;
        bool is_move = take_line(line, &times);
        if (times.proposed_us != proposed_us)
            completing_us = times.vote_us;
        if (!is_move)
            continue;
        ret_times[count] = times;
        ret_times[count++].vote_us = completing_us;
    }
    free(line);
    (void)fclose(file);
    return count;
}
