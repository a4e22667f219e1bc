/* Error codes: one list for the whole project, each with a plain word.
 * Never carries a message for a person about a particular thing; that is struct text's work.
 * Called by every layer. */
#ifndef QUORATE_COMMON_ERRORS_H
#define QUORATE_COMMON_ERRORS_H

/* Functions return 0 or one of these, always negative. Results come through ret_ parameters. */
enum error {
    ERR_INVALID = -1,    /* an argument, a key or a value that cannot be accepted */
    ERR_MALFORMED = -2,  /* bytes that do not decode */
    ERR_TOO_LARGE = -3,  /* over a named limit */
    ERR_NO_MEMORY = -4,  /* the allocator refused */
    ERR_FULL = -5,       /* a bounded queue, table or disk has no room */
    ERR_NOT_FOUND = -6,  /* the named thing does not exist */
    ERR_EXISTS = -7,     /* the named thing exists already */
    ERR_IO = -8,         /* the disk or a file failed */
    ERR_DAMAGED = -9,    /* stored data fails its own checksum or lies behind its watermark */
    ERR_NETWORK = -10,   /* no connection, or it broke */
    ERR_TIMEOUT = -11,   /* the deadline passed; the outcome is unknown */
    ERR_AUTH = -12,      /* a token, key or signature was refused */
    ERR_FORBIDDEN = -13, /* known, but not allowed to */
    ERR_CONFLICT = -14,  /* the thing changed since it was read */
    ERR_VERSION = -15,   /* a version that this build does not speak */
    ERR_STATE = -16,     /* not possible in the present state */
    ERR_BUSY = -17,      /* in use by somebody else: a port, a lock */
    ERR_CANCELED = -18,  /* ended by its owner before it was finished */
    ERR_INTERNAL = -19,  /* a library failed in a way that it does not document */
};

/* A short lower-case word for the code, e.g. "malformed"; "ok" for 0, "unknown" for others. Static
 * storage. */
const char *error_name(int code);

#endif
