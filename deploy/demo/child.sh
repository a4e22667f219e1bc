# The processes of the demo, by name: each with its log, and none of anybody else's is ever touched.

declare -A child_pid

child_log() {
    echo "$folder/$1.log"
}

# child_start NAME COMMAND...
child_start() {
    local name=$1
    shift
    "$@" </dev/null >>"$folder/$name.log" 2>&1 &
    child_pid[$name]=$!
}

child_lives() {
    [[ -n ${child_pid[$1]:-} ]] && kill -0 "${child_pid[$1]}" 2>/dev/null
}

child_said_ready() {
    child_lives "$1" || die "$1 ended at once" "$(child_log "$1")"
    grep -q '^ready' "$(child_log "$1")"
}

child_require_ready() {
    local name
    for name in "$@"; do
        poll 10 child_said_ready "$name" ||
            die "$name did not get ready within 10 s" "$(child_log "$name")"
    done
}

# As a power cut would: no goodbye.
child_kill() {
    local pid=${child_pid[$1]}
    unset "child_pid[$1]"
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
}

child_stop() {
    local pid=${child_pid[$1]}
    unset "child_pid[$1]"
    kill -TERM "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
}

children_are_gone() {
    [[ -z $(jobs -pr) ]]
}

children_stop() {
    local running
    mapfile -t running < <(jobs -pr)
    ((${#running[@]} > 0)) || return 0
    kill -TERM "${running[@]}" 2>/dev/null || true
    if ! poll 5 children_are_gone; then
        mapfile -t running < <(jobs -pr)
        kill -KILL "${running[@]}" 2>/dev/null || true
    fi
    wait 2>/dev/null || true
}
