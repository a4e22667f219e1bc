/* Starting a thread that takes no signals: those are for the thread that waits for them, and
 * OpenSSL's writes would raise SIGPIPE elsewhere. Called by every adapter that has a thread of its
 * own. */
#ifndef QUORATE_COMMON_THREAD_H
#define QUORATE_COMMON_THREAD_H

#include <pthread.h>

/* `name` shows in process lists, at most 15 bytes of it. Returns 0 or ERR_NO_MEMORY. */
int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *data);

#endif
