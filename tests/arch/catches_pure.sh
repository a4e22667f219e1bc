#!/bin/bash
# pure.sh passes a core that needs only the short list and names what else one needs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/fixture.sh"

good_tree() {
    fresh
    put common/hash.c <<'C'
int hash(int value) { return value * 31; }
C
    put proto/types.c <<'C'
void *memcpy(void *, const void *, unsigned long);
void types_copy(char *to, const char *from) { memcpy(to, from, 8); }
C
    put proto/wire.c <<'C'
int puts(const char *);
int wire_print(void) { return puts("impure, but not needed"); }
C
    put node/core/core.c <<'C'
int hash(int);
void types_copy(char *, const char *);
void check_failed(void);
int core_step(char *to, const char *from)
{
    types_copy(to, from);
    if (to[0] != from[0])
        check_failed();
    return hash(to[0]);
}
C
    compile common/hash.c
    compile proto/types.c
    compile proto/wire.c
    compile node/core/core.c
}

good_tree
passes pure

good_tree
put node/core/clock.c <<<'long time(long *); long core_now(void) { return time(0); }'
compile node/core/clock.c
catches pure "node/core/clock.c: needs 'time' from outside"

good_tree
put node/core/buffer.c <<<'void *malloc(unsigned long); void *core_grow(void) { return malloc(8); }'
compile node/core/buffer.c
catches pure "node/core/buffer.c: needs 'malloc' from outside"

good_tree
put node/core/send.c <<<'int wire_print(void); int core_send(void) { return wire_print(); }'
compile node/core/send.c
catches pure "proto/wire.c: needs 'puts' from outside"

fresh
catches pure "no object of node/core"

finish_catches
