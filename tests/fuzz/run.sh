#!/bin/bash
# Fuzzes the decoders for a while: builds the preset `fuzz` (clang, libFuzzer, AddressSanitizer,
# UndefinedBehaviorSanitizer), runs each target, prints a table. Exits 1 where an input ended a target.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/fuzz/run.sh [TARGET...] [OPTION...]

  --seconds N   for each target (default: 60)
  --keep        afterwards adds to tests/fuzz/corpus what reaches code that no kept file reaches
  --list        print the targets
  -h, --help    show this

Without a TARGET all of them run, as many at a time as there are processors. New inputs stay in
build/fuzz/corpus, where the next run goes on from them.
TEXT
}

die() {
    echo "fuzz/run.sh: $*" >&2
    exit 2
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
readonly build=build/fuzz kept=tests/fuzz/corpus
readonly runs=$build/runs grown=$build/corpus crashes=$build/crashes
readonly input_seconds_max=10 memory_mb_max=1024

list_targets() {
    local source
    for source in tests/fuzz/fuzz_*.c; do
        basename "$source" .c | cut -c6-
    done
}

seconds=60
keep=false
targets=()
while (($# > 0)); do
    case $1 in
    --seconds)
        [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "--seconds needs a number"
        seconds=$2
        shift
        ;;
    --keep) keep=true ;;
    --list)
        list_targets
        exit 0
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    -*) die "unknown option '$1'; see tests/fuzz/run.sh --help" ;;
    *)
        [[ -f tests/fuzz/fuzz_$1.c ]] || die "no target '$1'; there are: $(list_targets | xargs)"
        targets+=("$1")
        ;;
    esac
    shift
done
((${#targets[@]} > 0)) || mapfile -t targets < <(list_targets)

program() {
    echo "$build/tests/fuzz/fuzz_$1"
}

# Its exit code is what libFuzzer's was.
fuzz() {
    local target=$1 code=0
    mkdir -p "$grown/$target"
    "$(program "$target")" -max_total_time="$seconds" -timeout="$input_seconds_max" \
        -rss_limit_mb="$memory_mb_max" -artifact_prefix="$crashes/$target-" -print_final_stats=1 \
        "$grown/$target" "$kept/$target" >"$runs/$target.log" 2>&1 </dev/null || code=$?
    echo "$code" >"$runs/$target.code"
}

fuzz_all() {
    local target running=0 most
    most=$(nproc)
    for target in "${targets[@]}"; do
        if ((running == most)); then
            wait -n
            running=$((running - 1))
        fi
        fuzz "$target" &
        running=$((running + 1))
    done
    wait
}

statistic() {
    sed -n "s/^stat::$2: *//p" "$runs/$1.log" | tail -1
}

# The last "cov: 12", "ft: 34" or "corp: 5/6b" that libFuzzer printed.
figure() {
    grep -o " $2: [^ ]*" "$runs/$1.log" | tail -1 | cut -d: -f2 | tr -d ' '
}

row() {
    printf '%-10s %12s %8s %8s %9s %14s %7s  %s\n' "$@"
}

report() {
    local target code result
    row target executions exec/s coverage features corpus kept result
    for target in "${targets[@]}"; do
        code=$(<"$runs/$target.code")
        result=ok
        [[ $code == 0 ]] || result="FAILED ($code)"
        row "$target" "$(statistic "$target" number_of_executed_units)" \
            "$(statistic "$target" average_exec_per_sec)" "$(figure "$target" cov)" \
            "$(figure "$target" ft)" "$(figure "$target" corp)" \
            "$(find "$kept/$target" -type f | wc -l)" "$result"
    done
}

explain_failures() {
    local target failed=0 input
    for target in "${targets[@]}"; do
        [[ $(<"$runs/$target.code") != 0 ]] || continue
        failed=1
        echo
        echo "$target failed; the whole output: $runs/$target.log"
        grep -E 'check failed|ERROR:|runtime error:|SUMMARY:' "$runs/$target.log" | head -5 || true
        for input in "$crashes/$target-"*; do
            [[ -f $input ]] || continue
            echo "  the input:    $input"
            echo "  see it again: $(program "$target") $input"
        done
        echo "  Copy the input to $kept/$target/ under a name that says what is wrong with it: ctest -L fuzz"
        echo "  replays it from then on. Mend the code in the same commit."
    done
    return "$failed"
}

# What adds coverage, smallest inputs first, beside all that is kept already.
keep_new() {
    local target fresh file
    for target in "${targets[@]}"; do
        fresh=$build/fresh/$target
        rm -rf "$fresh"
        mkdir -p "$fresh"
        cp "$kept/$target"/* "$fresh/"
        "$(program "$target")" -merge=1 -use_counters=0 "$fresh" "$grown/$target" \
            >"$runs/$target.merge.log" 2>&1
        for file in "$fresh"/*; do
            [[ -e $kept/$target/${file##*/} ]] || cp "$file" "$kept/$target/"
        done
    done
}

bash deploy/packages.sh tests
mkdir -p "$runs" "$grown" "$crashes"
echo "Building $build"
if ! { cmake --preset fuzz -DQUORATE_TESTS=ON && cmake --build --preset fuzz; } >"$runs/build.log" 2>&1; then
    cat "$runs/build.log" >&2
    die "the build failed"
fi
echo "Fuzzing ${#targets[@]} targets, $seconds s each"
fuzz_all
report
explain_failures
[[ $keep == false ]] || keep_new
