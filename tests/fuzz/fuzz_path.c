#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "common/check.h"
#include "common/errors.h"
#include "node/io/api/routes.h"

enum { TEXT_SIZE = 512, ARGUMENT_SIZE = 16 };

/* METHOD PATH as one line. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char text[TEXT_SIZE];
    char argument[ARGUMENT_SIZE];
    const struct api_route *route = NULL;
    const char *allow = NULL;
    if (length >= sizeof text)
        return 0;
    memcpy(text, bytes, length);
    text[length] = '\0';
    char *path = strchr(text, ' ');
    if (path == NULL)
        return 0;
    *path++ = '\0';
    int error = routes_find(text, path, argument, sizeof argument, &route, &allow);
    CHECK(error == 0 || error == ERR_NOT_FOUND || (error == ERR_FORBIDDEN && allow != NULL));
    if (error == 0) {
        CHECK(route != NULL && memchr(argument, '\0', sizeof argument) != NULL);
        CHECK(strchr(argument, '/') == NULL);
    }
    return 0;
}
