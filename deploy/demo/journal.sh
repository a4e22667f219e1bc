# The routing API's journal: every request as the API saw it, one object each.

declare -Ar plan_of=([support-line]=plan-1 [callback-line]=plan-2)

# journal_since MARK: the requests after the mark, as an array.
journal_since() {
    curl --silent --show-error --fail --max-time 5 "http://$(address sim)/sim/journal?after=$1"
}

# The number of the newest request: what comes later belongs to what is done now.
journal_mark() {
    journal_since 0 | jq 'map(.seq) | max // 0'
}

# journal_writes SERVICE MARK FILTER: the service's PATCHes since the mark, each through the filter.
journal_writes() {
    journal_since "$2" | jq --raw-output --arg path "/api/v2/routing/plans/${plan_of[$1]}" \
        ".[] | select(.method == \"PATCH\" and .path == \$path) | $3"
}

# journal_count MARK [FILTER]: how many PATCHes of any plan came since the mark.
journal_count() {
    journal_since "$1" | jq "map(select(.method == \"PATCH\") | ${2:-.}) | length"
}

# journal_moved SERVICE MARK STATE: how many applied PATCHes changed the plan to the state.
journal_moved() {
    journal_writes "$1" "$2" 'select(.applied and .state_after != .state_before) | .state_after' |
        grep -cx "$3" || true
}

journal_print() {
    local lines
    lines=$(journal_writes "$1" "$2" '
        "\(.method) \(.path) -> \(.status)   \(.state_before) -> \(.state_after)",
        "  Idempotency-Key: \(.key)   X-Quorate-Term: \(.term)",
        "  version sent \(.version_sent), now \(.version_after)",
        "  \(.body | tojson)"')
    say "the API's journal for $1:"
    indent <<<"${lines:-no PATCH}"
}
