#include "tests/fuzz/trip.h"

#include <stdlib.h>
#include <string.h>

#include "common/check.h"
#include "common/cleanup.h"
#include "common/errors.h"
#include "tests/vectors/vectors.h"

enum {
    GROWTH_BYTES = 4096, /* an older version may take fewer bytes for the same thing */
    VERSION_OFFSET = 1,  /* behind the outer array's head */
};

static const struct vector *find_example(const char *name)
{
    for (size_t i = 0; i < vector_count; i++)
        if (strcmp(vectors[i].name, name) == 0)
            return &vectors[i];
    CHECK(false);
    return NULL;
}

static bool is_refusal(int error)
{
    return error == ERR_MALFORMED || error == ERR_VERSION;
}

bool trip_run(const char *example, const uint8_t *bytes, size_t length)
{
    const struct vector *vector = find_example(example);
    size_t size = 2 * length + GROWTH_BYTES;
    CLEANUP(cleanup_free) uint8_t *first = malloc(size);
    CLEANUP(cleanup_free) uint8_t *second = malloc(size);
    size_t first_length = 0;
    size_t second_length = 0;
    bool dirty = false;
    CHECK(first != NULL && second != NULL);
    int error = vector->recode(bytes, length, first, size, &first_length, &dirty);
    CHECK(!dirty);
    if (is_refusal(error))
        return false;
    CHECK(error == 0);
    CHECK(vector->recode(first, first_length, second, size, &second_length, &dirty) == 0);
    CHECK(second_length == first_length && memcmp(second, first, first_length) == 0);
    if (first[VERSION_OFFSET] == bytes[VERSION_OFFSET])
        CHECK(first_length == length && memcmp(first, bytes, length) == 0);
    return true;
}
