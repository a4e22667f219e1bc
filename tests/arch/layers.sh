#!/bin/bash
# Dependencies point one way: each folder includes only from the folders that its row names, and
# no object but the log's sink and main's stop flag has mutable data.
# Usage: layers.sh ROOT BUILD
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"
root=$1
build=$2

pure="common proto node/core"
declare -A may_include=(
    [common]="common"
    [proto]="common proto"
    [node/core]="$pure"
    [node/io/config]="$pure node/io/config"
    [node/io/store]="$pure node/io/config node/io/store"
    [node/io/bus]="$pure node/io/config node/io/bus"
    [node/io/probe]="$pure node/io/config node/io/act node/io/probe" # JSON, and what a token is
    [node/io/act]="$pure node/io/config node/io/act"
)
may_include[node/io/preflight]="$pure node/io/config node/io/act node/io/preflight"
may_include[node/io/contexts]="$pure node/io/config node/io/store node/io/bus node/io/act node/io/contexts"
adapters="node/io/config node/io/store node/io/bus node/io/probe node/io/act node/io/contexts"
adapters+=" node/io/preflight"
may_include[node/io/api]="$pure $adapters node/io/api"
may_include[node/io/loop]="$pure $adapters node/io/api node/io/loop"
may_include[node/cmd]="$pure $adapters node/io/api node/io/loop node/cmd"
may_include[node]="common node/cmd node"

# "file:name" of data that may change: the two that the style guide excepts.
mutable_allowed="common/log.c:sink node/main.c:stop"

check_include() {
    local file=$1 header=$2 folder=$3 of
    of=$(dirname "$header")
    if [[ ! -f $root/$header ]]; then
        broken "$file: \"$header\" is no file; includes start at the repository's root"
    elif [[ " ${may_include[$folder]} " != *" $of "* ]]; then
        broken "$file: $folder must not include from $of ($header)"
    fi
}

check_includes() {
    local file folder header
    while IFS= read -r file; do
        folder=$(dirname "$file")
        if [[ -z ${may_include[$folder]:-} ]]; then
            broken "$file: the folder $folder is no layer that layers.sh knows"
            continue
        fi
        while IFS= read -r header; do
            check_include "$file" "$header" "$folder"
        done < <(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"]*)".*/\1/p' "$root/$file")
    done < <(cd "$root" && find common proto node -name '*.[ch]' 2>/dev/null | sort)
}

check_mutable_data() {
    local object source name
    while read -r object source; do
        while IFS= read -r name; do
            if [[ " $mutable_allowed " != *" $source:${name%%.*} "* ]]; then
                broken "$source: '$name' is mutable and outlives its function"
            fi
        done < <(objdump --syms "$object" |
            awk '/ [O ] ([*]COM[*]|[.]t?(data|bss)[^\t]*)\t/ && !/ [.]data[.]rel[.]ro/ { print $NF }')
    done < <(objects "$root" "$build" common proto node)
}

check_includes
check_mutable_data
finish
