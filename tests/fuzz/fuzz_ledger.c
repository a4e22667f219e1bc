#include "tests/fuzz/fuzz.h"

#include "common/check.h"
#include "node/core/ledger.h"
#include "tests/fuzz/trip.h"

/* A snapshot that decodes must also take the next entry. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct ledger ledger;
    const struct command tick = {
        .kind = COMMAND_TICK, .service = SERVICE_SLOT_NONE, .elapsed_ms = LEDGER_TICK_MS};
    if (!trip_run("ledger", bytes, length))
        return 0;
    CHECK(ledger_decode(bytes, length, &ledger) == 0);
    struct applied applied = ledger_apply(&ledger, ledger.index + 1, ledger.term, &tick);
    CHECK(applied.index == ledger.index);
    (void)ledger_tick_every_ms(&ledger);
    return 0;
}
