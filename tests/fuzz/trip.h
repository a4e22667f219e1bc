/* Round trips: what decodes must encode, and must come back.
 * Never knows a format; the examples' table (tests/vectors) names decoder and encoder.
 * Called by the fuzz targets of everything that has an encoder. */
#ifndef QUORATE_TESTS_FUZZ_TRIP_H
#define QUORATE_TESTS_FUZZ_TRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes by the decoder of an example, encodes what came out, and does both again. The second
 * encoding equals the first, and the first equals the input where both are of one version; after an
 * error the output is zeros. Returns whether the bytes decoded. */
bool trip_run(const char *example, const uint8_t *bytes, size_t length);

#endif
