# Act 3: one node is cut from the primary alone. It says DOWN, an inquiry opens, the others acquit.

inquiry_was_opened() {
    (($(inquiry_newest "$1") > $2))
}

# Keeps the page that told it, so that all that is shown is of one moment.
path_fault_is_shown() {
    local leading
    leading=$(leader)
    explain_seen=$(node_page "${leading:-$1}" /v1/services/support-line/explain) || return 1
    jq --exit-status --arg node "$1" '(.inquiry_open | not) and
        any(.votes[]; .node == $node and .primary.path_fault)' <<<"$explain_seen" >/dev/null 2>&1
}

path_faults() {
    jq --raw-output '[.votes[]? | select(.primary.path_fault) | .node] | join(", ")' \
        <<<"$explain_seen"
}

act_cut() {
    local node mark newest wanted explain_seen='{}' opened=never
    node=$(follower first)
    wanted=$(votes_expected UP "$node" DOWN)
    title "Act 3  Cut: $node alone cannot reach the primary; the rest of its network is well"
    mark=$(journal_mark)
    newest=$(inquiry_newest support-line)
    uplink_set "$node" "{\"listen\": ${fact[$node.to.support-primary]}, \"cut\": \"both\"}"
    await 10 "$node's complaint opens an inquiry" inquiry_was_opened support-line "$newest"
    explain_print support-line
    await 15 "the inquiry ends and the path fault is shown" path_fault_is_shown "$node"
    await 10 "one DOWN of three" votes_are support-line primary "$wanted"
    votes_print support-line
    say "quorate explain support-line, after the inquiry"
    jq --raw-output '.sentences[]?' <<<"$explain_seen" | indent
    journal_print support-line "$mark"
    if inquiry_was_opened support-line "$newest"; then opened=opened; fi
    expect 3 "votes on the primary" "$wanted" "$votes_seen"
    expect 3 "the inquiry" "opened, acquitted" \
        "$opened, $(jq --raw-output '.findings.primary.verdict' <<<"$explain_seen")"
    expect 3 "path fault shown at" "$node" "$(path_faults)"
    expect 3 "PATCHes at the API" 0 "$(journal_count "$mark")"
    uplink_set "$node" "{\"listen\": ${fact[$node.to.support-primary]}, \"cut\": \"no\"}"
    await 15 "all well again" cluster_is_steady
}
