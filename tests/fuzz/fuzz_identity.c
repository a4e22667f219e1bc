#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "node/io/bus/identity.h"
#include "tests/fuzz/memory_file.h"

/* A key file: one that loads must sign what its public half verifies. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct memory_file file;
    struct identity identity;
    struct text why = {.length = 0};
    uint8_t signature[SIGNATURE_BYTES];
    memory_file_open(&file, bytes, length);
    int error = identity_load(file.path, &identity, &why);
    memory_file_close(&file);
    CHECK(error == 0 || why.length > 0);
    if (error != 0)
        return 0;
    CHECK(identity_sign(&identity, "fuzz", bytes, length, signature) == 0);
    CHECK(identity_verify(identity.public_key, "fuzz", bytes, length, signature) == 0);
    identity_wipe(&identity);
    return 0;
}
