#!/bin/bash
# Installs what the tests need, builds, and runs everything under ctest, whose exit code it returns.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: tests/run.sh [OPTION...]

  --preset NAME   build and test this preset of CMakePresets.json (default: release)
  --target NAME   build no more than this target
  --build-only    stop after the build
  -R REGEX        run only the tests whose name matches
  -L REGEX        run only the tests whose label matches
  -h, --help      show this

Examples:
  tests/run.sh
  tests/run.sh --preset asan -L unit
  tests/run.sh --preset tsan --target thread_tests -L thread
  tests/run.sh -R cluster
TEXT
}

die() {
    echo "run.sh: $*" >&2
    exit 2
}

preset=release
build_only=false
target=all
select=()
while (($# > 0)); do
    case $1 in
    --preset | -R | -L)
        (($# >= 2)) || die "$1 needs a value"
        if [[ $1 == --preset ]]; then preset=$2; else select+=("$1" "$2"); fi
        shift 2
        ;;
    --target)
        (($# >= 2)) || die "$1 needs a value"
        target=$2
        shift 2
        ;;
    --build-only)
        build_only=true
        shift
        ;;
    -h | --help)
        usage
        exit 0
        ;;
    *) die "unknown option '$1'; see tests/run.sh --help" ;;
    esac
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=build/$preset

# Shows the output of a step only where the step fails.
quietly() {
    local title=$1 log=$build/run.log
    shift
    echo "$title"
    mkdir -p "$build"
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        echo "run.sh: failed: $*" >&2
        exit 1
    fi
}

bash deploy/packages.sh tests
quietly "Configuring $preset" cmake --preset "$preset" -DQUORATE_TESTS=ON
quietly "Building $preset" cmake --build "$build" --target "$target" --parallel "$(nproc)"
if [[ $build_only == true ]]; then
    exit 0
fi
exec ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel 3 --timeout 300 \
    "${select[@]}"
