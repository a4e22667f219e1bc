#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "node/core/ledger.h"

enum { LENGTH_BYTES = 2 };

/* Whatever was applied, the ledger can be written as a snapshot and read back. */
static void check_snapshot(const struct ledger *ledger)
{
    static uint8_t bytes[LEDGER_BYTES_MAX];
    struct ledger copy;
    size_t length = 0;
    CHECK(ledger_encode(ledger, bytes, sizeof bytes, &length) == 0);
    CHECK(ledger_decode(bytes, length, &copy) == 0);
}

/* Entries of a log one after the other, each behind its length: what decodes can be applied. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct ledger ledger;
    struct command command;
    const uint8_t *evidence = NULL;
    size_t evidence_length = 0;
    log_index index = 0;
    ledger_init(&ledger);
    while (length > LENGTH_BYTES) {
        size_t taken = (size_t)bytes[0] << 8 | bytes[1];
        bytes += LENGTH_BYTES;
        length -= LENGTH_BYTES;
        if (taken > length || command_decode(bytes, taken, &command, &evidence, &evidence_length))
            break;
        index++;
        (void)ledger_apply(&ledger, index, 1, &command);
        bytes += taken;
        length -= taken;
    }
    check_snapshot(&ledger);
    return 0;
}
