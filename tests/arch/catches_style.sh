#!/bin/bash
# style.sh passes a good tree and names each kind of breach.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/fixture.sh"

good_tree() {
    fresh
    put README.md <<<'# Quorate'
    put .gitignore <<<'/build/'
    put common/good.h <<'C'
/* Says what it is for. */
#ifndef QUORATE_COMMON_GOOD_H
#define QUORATE_COMMON_GOOD_H

#include <stddef.h>

#endif
C
    put common/good.c <<'C'
/* strcpy(a, b) in a comment is only spoken of */
static const char *const words[] = {
    "sprintf(x)",
};

static int my_atoi_like(const char *word)
{
    return word[0] == words[0][0];
}
C
}

repeat() {
    local i
    for ((i = 0; i < $2; i++)); do echo "$1"; done
}

good_tree
passes style

good_tree
repeat 'int x;' 501 | put proto/long.c
catches style "proto/long.c: over 500 lines"

good_tree
repeat 'true' 501 | put deploy/long.sh
catches style "deploy/long.sh: over 500 lines"

good_tree
{ echo 'static int widen(void)' && echo '{' && repeat '    work();' 61 && echo '}'; } | put node/core/wide.c
catches style "node/core/wide.c:2: widen has over 60 lines"

good_tree
printf 'int %0101d;\n' 0 | put proto/wide.c
catches style "proto/wide.c:1: over 100 columns"

for name in strcpy strcat sprintf strtok atoi gets alloca; do
    good_tree
    put node/io/bus/bad.c <<<"    /* a comment */ $name (\"text\", word);"
    catches style "node/io/bus/bad.c:1: $name is banned"
done

good_tree
put proto/bare.h <<<'/* Says what it is for. */'
catches style "proto/bare.h: has no header guard"

good_tree
sed 's/#define QUORATE_COMMON/#define QUORATE_PROTO/' "$fixture/tree/common/good.h" | put proto/odd.h
catches style "proto/odd.h: has no header guard"

good_tree
put proto/same.h <"$fixture/tree/common/good.h"
catches style "proto/same.h: has the header guard of common/good.h"

good_tree
tail -n +2 "$fixture/tree/common/good.h" | sed 's/COMMON_GOOD/PROTO_MUTE/' | put proto/mute.h
catches style "proto/mute.h: does not open by saying what it is for"

good_tree
put cmake/helpers.cmake </dev/null
catches style "cmake: does not belong on the top level"

good_tree
printf 'see /%s/notes\n' work | put deploy/guide.md
catches style "deploy/guide.md:1:"

good_tree
printf 'cd /%s\n' work | put deploy/start.sh
catches style "deploy/start.sh:1:"

good_tree
printf '/* %s: later */\n' TO''DO | put proto/later.c
catches style "proto/later.c:1:"

finish_catches
