/* When a certificate ends, from what libcurl tells of it as text.
 * Never looks at a clock; pure.
 * Called by one prober thread, after a handshake. */
#ifndef QUORATE_IO_PROBE_CERTIFICATE_H
#define QUORATE_IO_PROBE_CERTIFICATE_H

#include <stdint.h>

/* "Nov  6 02:29:33 2027 GMT", as OpenSSL prints it, or "2027-11-06 02:29:33 GMT"; seconds since
 * 1970. Returns 0 or ERR_MALFORMED. */
int certificate_parse_time(const char *text, int64_t *ret_wall_s);

#endif
