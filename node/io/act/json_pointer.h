/* JSON pointers (RFC 6901): one value in a document by its way there.
 * Never changes a document.
 * Called within node/io/act. */
#ifndef QUORATE_IO_ACT_JSON_POINTER_H
#define QUORATE_IO_ACT_JSON_POINTER_H

#include <cjson/cJSON.h>

/* "" is the whole document; "/a~1b/0" the first item of its member "a/b". NULL where nothing is
 * there, also where the pointer itself makes no sense. Belongs to the document. */
const cJSON *json_pointer_get(const cJSON *document, const char *pointer);

#endif
