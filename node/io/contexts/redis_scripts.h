/* The programs that Redis runs for the store, each as one step that nothing comes between.
 * Never holds a connection.
 * Called by redis_link.c, which loads them, and redis_command.c, which has the arguments.
 *
 * Keys, all with the hash tag of the cluster, so that they lie on one server:
 *   quorate:{CLUSTER}:e:ID      hash s seq, d deleted, t stamp, h content hash, f follows,
 *                               m written at, a sealed, b secret; expires by itself
 *   quorate:{CLUSTER}:due       sorted set ID by its expiry (ms): how many there are
 *   quorate:{CLUSTER}:sizes     hash ID -> bytes
 *   quorate:{CLUSTER}:total     bytes of all
 *   quorate:{CLUSTER}:pending   sorted set ID, all at 0: newest seq not written through */
#ifndef QUORATE_IO_REDIS_SCRIPTS_H
#define QUORATE_IO_REDIS_SCRIPTS_H

enum redis_script {
    /* KEYS entry, due, sizes, total, pending; ARGV id, seq, deleted, stamp, hash, follows, sealed,
     * secret, ttl ms left, age ms, count_max, bytes_max (0 and 0: no cap). Gives the word of an
     * outcome, then seq, deleted, stamp and hash of what is held, count, bytes. */
    REDIS_PUT,
    /* KEYS entry; gives seq, deleted, stamp, hash, follows, age ms, sealed, secret, or nothing. */
    REDIS_GET,
    /* KEYS entry, pending; ARGV id, seq. */
    REDIS_WRITTEN,
    /* KEYS due, sizes, total, pending; ARGV limit. Gives removed, count, bytes. */
    REDIS_EXPIRE,
    REDIS_SCRIPT_N
};

const char *redis_script_text(enum redis_script script);

#endif
