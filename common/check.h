/* Assertions about our own mistakes; they stay on in release builds and end the process.
 * Never used about bytes, peers, users, disks or clocks: those get an error code.
 * Called by every layer; pure layers see only the one undefined symbol check_failed. */
#ifndef QUORATE_COMMON_CHECK_H
#define QUORATE_COMMON_CHECK_H

_Noreturn void check_failed(const char *expression, const char *file, int line);

#define CHECK(expression) ((expression) ? (void)0 : check_failed(#expression, __FILE__, __LINE__))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
