/* Durations as people write them (500ms, 30s, 2m, 24h, 7d) and the clocks' type.
 * Never reads a clock.
 * Called by the configuration, the commands and everything that shows a time. */
#ifndef QUORATE_COMMON_DURATION_H
#define QUORATE_COMMON_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds on the boot-time clock (it counts suspension), or a difference of two such readings.
 */
typedef int64_t time_ms;

/* Parses one whole number with a unit of ms, s, m, h or d, or a chain in falling units ("1m30s").
 * Returns 0, ERR_INVALID (no unit, unknown unit, empty, sign, rest) or ERR_TOO_LARGE (over 10
 * years). */
int duration_parse(const char *word, time_ms *ret_duration);

/* Writes the shortest exact form ("90s" as "1m30s", 0 as "0s"). Buffer of DURATION_BYTES is always
 * enough. */
enum { DURATION_BYTES = 32 };
const char *duration_format(time_ms duration, char buffer[DURATION_BYTES]);

#endif
