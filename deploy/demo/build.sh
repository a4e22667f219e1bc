# The programs: Debian's packages, then a release build without the tests in a folder of its own.

readonly build=build/demo
readonly quorate=$build/node/cmd/quorate lab_programs=$build/tests/lab

# build_step TITLE COMMAND...: shows the output only where the step fails.
build_step() {
    local title=$1 log=$build/demo.log
    shift
    echo "$title"
    # In the background, so that Ctrl-C and TERM are heard while it runs.
    "$@" </dev/null >"$log" 2>&1 &
    wait $! || die "failed: $*" "$log"
}

build_programs() {
    bash deploy/packages.sh || die "the packages could not be installed"
    mkdir -p "$build"
    build_step "Configuring $build" cmake --preset release -B "$build" -DQUORATE_TESTS=OFF
    build_step "Building $build" \
        ninja -C "$build" quorate genesys-sim bot chaos plain-checker
}
