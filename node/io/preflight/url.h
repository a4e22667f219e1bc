/* Addresses of the platform's API, with ids escaped.
 * Never opens a connection.
 * Called within node/io/preflight. */
#ifndef QUORATE_IO_PREFLIGHT_URL_H
#define QUORATE_IO_PREFLIGHT_URL_H

#include <stdbool.h>

#include "node/io/config/config.h"

enum { PREFLIGHT_URL_SIZE = 4096 };

struct url {
    char bytes[PREFLIGHT_URL_SIZE];
    size_t length;
    bool cut; /* something did not fit: not to be asked */
};

void url_begin(struct url *url, const struct platform_config *platform);
void url_add(struct url *url, const char *path);
/* As one segment or value: all but letters, digits and -._~ is escaped. */
void url_add_escaped(struct url *url, const char *words);

#endif
