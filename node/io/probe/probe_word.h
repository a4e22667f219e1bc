/* What a target says of itself in a whole answer, and in which words: the part of a sample that is
 * no phase. Never performs anything; pure.
 * Made by the readers of answers, taken over into the sample by the prober's threads. */
#ifndef QUORATE_IO_PROBE_WORD_H
#define QUORATE_IO_PROBE_WORD_H

#include "proto/types.h"

struct probe_word {
    enum sample_result result;       /* SAMPLE_OK where it has nothing to complain about */
    char detail[SAMPLE_DETAIL_SIZE]; /* zero-padded printable ASCII, or "" */
};

/* Strangers' bytes in it become printable; what is too long is cut. */
void probe_word_set(struct probe_word *ret_word, enum sample_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
