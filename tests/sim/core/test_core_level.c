/* The ledger's wire level: raised once all voters announce it, and not before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "proto/level.h"
#include "tests/sim/core/stage.h"

static const struct ledger *ledger_of(const struct stage *stage, node_id node)
{
    return &stage->actors[node].core->ledger;
}

static void the_level_waits_for_the_last_voter(void **state)
{
    struct service_settings settings = stage_settings();
    struct stage *stage = stage_new("level", 3, &settings);
    (void)state;
    stage_crash(stage, 3);
    stage_to(stage, 20000);
    assert_int_not_equal(stage_leader(stage), 0);
    assert_int_equal(ledger_of(stage, stage_leader(stage))->level, PROTO_LEVEL_FIRST);
    stage_restart(stage, 3);
    stage_to(stage, 30000);
    for (node_id node = 1; node <= 3; node++) {
        assert_int_equal(ledger_of(stage, node)->level, PROTO_LEVEL_NEWEST);
        assert_int_equal(ledger_of(stage, node)->services[0].settings_level, PROTO_LEVEL_NEWEST);
    }
    stage_judge(stage);
    stage_free(&stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_waits_for_the_last_voter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
