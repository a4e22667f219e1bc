#include "common/thread.h"

#include <signal.h>

#include "common/errors.h"

int thread_start(pthread_t *ret_thread, const char *name, void *(*run)(void *), void *data)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(ret_thread, NULL, run, data);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (code != 0)
        return ERR_NO_MEMORY;
    (void)pthread_setname_np(*ret_thread, name);
    return 0;
}
