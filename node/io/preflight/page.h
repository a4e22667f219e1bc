/* One answer of a platform to one question of the preflight.
 * Never interprets it.
 * Filled through a port, read by the checks. */
#ifndef QUORATE_IO_PREFLIGHT_PAGE_H
#define QUORATE_IO_PREFLIGHT_PAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "common/text.h"
#include "node/io/config/config.h"
#include "proto/route.h"

struct preflight_page {
    bool asked;
    enum route_result result;
    int status; /* HTTP; 0 where there was no answer */
    char *text; /* its bytes, NUL-terminated; owned; NULL unless OK */
    size_t length;
    cJSON *json;     /* ... and what they say; owned; NULL unless OK and JSON */
    struct text why; /* for people; empty with OK */
};

/* Takes a good answer's bytes; one that is no JSON becomes UNKNOWN with `why`. Returns 0 or
 * ERR_NO_MEMORY. */
int preflight_page_take(struct preflight_page *page, const char *text, size_t length);
void preflight_page_fini(struct preflight_page *page);

/* One GET, with the platform's token. */
struct preflight_question {
    size_t platform; /* place in config->platforms; PLATFORM_COUNT_MAX: a route without one */
    const char *url;
    const struct header_list *headers; /* the route's own, or NULL */
};

/* How the runner asks. Always fills the page. The daemon and the command ask the real platform
 * (asker.h); tests answer themselves. */
struct preflight_port {
    void *data;
    void (*ask)(void *data, const struct preflight_question *question,
                struct preflight_page *ret_page);
};

#endif
