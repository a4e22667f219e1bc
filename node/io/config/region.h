/* The platform's regions: the names that people use for one, and the domain that its hosts are in.
 * Never resolves a name and never judges a domain that it does not know.
 * Called by the loader and by `check`. */
#ifndef QUORATE_IO_CONFIG_REGION_H
#define QUORATE_IO_CONFIG_REGION_H

#include <stddef.h>

struct region {
    const char *cloud;  /* "eu-central-1", as the cloud provider calls it */
    const char *code;   /* "euc1" */
    const char *domain; /* "mypurecloud.de": the API is at api.DOMAIN, tokens at login.DOMAIN */
};

/* By any of its three words, in any case and with '_' for '-'; NULL where none has it. */
const struct region *region_find(const char *word);
/* The word nearest to this one, or NULL. Static storage. */
const char *region_nearest(const char *word);
const struct region *region_at(size_t index); /* NULL behind the last */

#endif
