#!/bin/bash
# layers.sh passes a good tree and names each kind of breach.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/fixture.sh"

good_tree() {
    fresh
    put common/text.h </dev/null
    put proto/types.h <<<'#include "common/text.h"'
    put node/core/core.h <<<'#include "proto/types.h"'
    put node/io/config/config.h <<<'#include "node/core/core.h"'
    put node/io/bus/bus.h <<<'#include "node/io/config/config.h"'
    put node/io/api/api.h <<<'#include "node/io/bus/bus.h"'
    put node/io/loop/loop.h <<<'#include "node/io/api/api.h"'
    put node/cmd/run.h <<<'#include "node/io/loop/loop.h"'
    put node/main.c <<<'#include "node/cmd/run.h"'
}

good_tree
passes layers

good_tree
put common/text.h <<<'#include "proto/types.h"'
catches layers "common must not include from proto"

good_tree
put node/core/core.h <<<'  # include "node/io/bus/bus.h"'
catches layers "node/core must not include from node/io/bus"

good_tree
put node/io/bus/zap.c <<<'#include "node/io/api/api.h"'
catches layers "node/io/bus must not include from node/io/api"

good_tree
put node/io/store/store.c <<<'#include "node/io/bus/bus.h"'
catches layers "node/io/store must not include from node/io/bus"

good_tree
put node/io/api/status.c <<<'#include "node/io/loop/loop.h"'
catches layers "node/io/api must not include from node/io/loop"

good_tree
put tests/lab/lab.h </dev/null
put node/cmd/demo.c <<<'#include "tests/lab/lab.h"'
catches layers "node/cmd must not include from tests/lab"

good_tree
put proto/types.c <<<'#include "types.h"'
catches layers '"types.h" is no file'

good_tree
put node/extra/extra.c </dev/null
catches layers "node/extra is no layer"

good_tree
put common/names.c <<<'const char *const names[] = {"a", "b"}; const int numbers[] = {1, 2};
int names_count(void); int names_count(void) { return 2; }'
compile common/names.c
put common/log.c <<<'static int sink; int *log_sink(void); int *log_sink(void) { return &sink; }'
compile common/log.c
put node/main.c <<<'volatile int stop; int main(void) { return stop; }'
compile node/main.c
passes layers

good_tree
put proto/count.c <<<'int count(void); int count(void) { static int calls; return ++calls; }'
compile proto/count.c
catches layers "proto/count.c: 'calls"

good_tree
put node/core/core.c <<<'int *state(void); static int hidden = 3; int *state(void) { return &hidden; }'
compile node/core/core.c
catches layers "node/core/core.c: 'hidden' is mutable"

good_tree
put node/io/bus/bus.c <<<'__thread int error_count = 1;'
compile node/io/bus/bus.c
catches layers "node/io/bus/bus.c: 'error_count' is mutable"

good_tree
put node/core/gone.c <<<'int left_behind = 3;'
compile node/core/gone.c
rm "$fixture/tree/node/core/gone.c"
passes layers

finish_catches
