# Sourced by the catches_*.sh: builds small trees with one fault each and expects a rule to name it.

arch=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fixture=$(mktemp -d)
trap 'rm -rf "$fixture"' EXIT
failed_count=0

# fresh: an empty tree with an empty build.
fresh() {
    rm -rf "$fixture/tree" "$fixture/build"
    mkdir -p "$fixture/tree" "$fixture/build"
}

# put FILE: standard input becomes the file of the tree.
put() {
    mkdir -p "$fixture/tree/$(dirname "$1")"
    cat >"$fixture/tree/$1"
}

# compile FILE: where CMake would put the object.
compile() {
    local folder=$fixture/build/$(dirname "$1")/CMakeFiles/fixture.dir
    mkdir -p "$folder"
    cc -O1 -fPIE -fno-builtin -I "$fixture/tree" -c "$fixture/tree/$1" -o "$folder/$(basename "$1").o"
}

run_rule() {
    bash "$arch/$1.sh" "$fixture/tree" "$fixture/build" 2>&1
}

# passes RULE: what is in the tree is right.
passes() {
    local output
    if ! output=$(run_rule "$1"); then
        echo "$1.sh refused a good tree: $output"
        failed_count=$((failed_count + 1))
    fi
}

# catches RULE TEXT: the rule fails and says TEXT.
catches() {
    local output
    if output=$(run_rule "$1"); then
        echo "$1.sh missed: $2"
        failed_count=$((failed_count + 1))
    elif [[ $output != *"$2"* ]]; then
        echo "$1.sh should say '$2' but said: $output"
        failed_count=$((failed_count + 1))
    fi
}

finish_catches() {
    exit $((failed_count > 0))
}
