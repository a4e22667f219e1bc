# The routing API's journal: every request as the API saw it, one line of JSON each.

declare -Ar plan_of=([support-line]=plan-1 [callback-line]=plan-2)

# The number of the newest line: what comes later belongs to what is done now.
journal_mark() {
    jq --slurp 'map(.seq) | max // 0' "$folder/journal.jsonl"
}

# journal_writes SERVICE MARK [FILTER]: the service's PATCHes since the mark, one line each.
journal_writes() {
    jq --compact-output --argjson mark "$2" --arg path "/api/v2/routing/plans/${plan_of[$1]}" \
        "select(.method == \"PATCH\" and .path == \$path and .seq > \$mark) | ${3:-.}" \
        "$folder/journal.jsonl"
}

# journal_count MARK [FILTER]: how many PATCHes of any plan came since the mark.
journal_count() {
    jq --slurp --argjson mark "$1" \
        "map(select(.method == \"PATCH\" and .seq > \$mark) | ${2:-.}) | length" "$folder/journal.jsonl"
}

# journal_moved SERVICE MARK STATE: how many applied PATCHes changed the plan to the state.
journal_moved() {
    journal_writes "$1" "$2" 'select(.applied and .state_after != .state_before)' |
        jq --slurp --arg state "$3" 'map(select(.state_after == $state)) | length'
}

journal_print() {
    local lines
    lines=$(journal_writes "$1" "$2" '
        "\(.method) \(.path) -> \(.status)   \(.state_before) -> \(.state_after)",
        "  Idempotency-Key: \(.key)   X-Quorate-Term: \(.term)",
        "  version sent \(.version_sent), now \(.version_after)",
        "  \(.body | tojson)"' | jq --raw-output .)
    say "the API's journal for $1:"
    indent <<<"${lines:-no PATCH}"
}
