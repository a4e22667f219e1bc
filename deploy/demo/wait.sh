# Waiting: a condition is asked again and again until it holds or its deadline is over.

readonly poll_every_s=0.05

# poll SECONDS COMMAND...: 0 once the command succeeds, 1 where it does not in time.
poll() {
    local deadline_ms
    wall_ms
    deadline_ms=$((REPLY + $1 * 1000))
    shift
    until "$@"; do
        wall_ms
        ((REPLY < deadline_ms)) || return 1
        sleep "$poll_every_s"
    done
}

# await SECONDS WHAT COMMAND...: in an act. What does not happen is said, and the results show it.
await() {
    local seconds=$1 what=$2
    shift 2
    poll "$seconds" "$@" || warn "not within $seconds s: $what"
}
