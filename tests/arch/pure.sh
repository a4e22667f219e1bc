#!/bin/bash
# node/core is pure: with the objects of proto and common that it pulls in, it needs nothing from
# outside but the functions of this short list.
# Usage: pure.sh ROOT BUILD
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"
root=$1
build=$2

# Memory by the byte, the compiler's own guards, and the end of the process on our own mistakes.
allowed=" memcpy memmove memset memcmp bcmp __memcpy_chk __memmove_chk __memset_chk
 __stack_chk_fail _GLOBAL_OFFSET_TABLE_ check_failed "
allowed=${allowed//$'\n'/ }

declare -A object_of source_of seen
work=()

pull_in() {
    if [[ -z ${seen[$1]:-} ]]; then
        seen[$1]=1
        work+=("$1")
    fi
}

# Which object defines a symbol; the core's own objects are all looked at.
while read -r object source; do
    source_of[$object]=$source
    while IFS= read -r symbol; do
        object_of[$symbol]=$object
    done < <(nm --defined-only --extern-only --format=posix "$object" | cut -d' ' -f1)
    if [[ $source == node/core/* ]]; then
        pull_in "$object"
    fi
done < <(objects "$root" "$build" node/core proto common)

((${#work[@]} > 0)) || broken "no object of node/core below $build"

for ((i = 0; i < ${#work[@]}; i++)); do
    while IFS= read -r symbol; do
        if [[ $allowed == *" $symbol "* ]]; then
            continue
        elif [[ -n ${object_of[$symbol]:-} ]]; then
            pull_in "${object_of[$symbol]}"
        else
            broken "${source_of[${work[i]}]}: needs '$symbol' from outside of the pure layers"
        fi
    done < <(nm --undefined-only --format=posix "${work[i]}" | cut -d' ' -f1)
done
finish
