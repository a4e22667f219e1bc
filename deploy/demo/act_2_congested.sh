# Act 2: one node's network is slow and lossy to everything. It says that it cannot tell; a plain
# checker beside it, on the same path, would have failed over.

checker_would_fail_over() {
    grep -qs '"would-fail-over"' "$folder/plain.jsonl"
}

checker_has_probed() {
    grep -qs "\"seq\":$1\\b" "$folder/plain.jsonl"
}

# What the node holds against itself: when all is slow, it is me.
references_of() {
    node_tells "$1" /v1/services/support-line/explain "$own_vote"' | .primary.references |
        "\(.failed + .inflated) of \(.asked) references failed or slow"'
}

act_congested() {
    local node mark wanted
    node=$(follower last)
    wanted=$(votes_expected UP "$node" CANNOT_TELL)
    title "Act 2  Congested: $node's network is slow and lossy to everything"
    mark=$(journal_mark)
    uplink_set "$node" '{"delay_ms": 150, "loss_percent": 20}'
    say "$node: 150 ms and 20 % loss in each direction, to bots, references, API and peers"
    child_start plain-checker "$lab_programs/plain-checker" \
        --url "http://$(address support-primary)/canary" \
        --connect-to "$(address "$node.to.support-primary")" --report "$folder/plain.jsonl" \
        --every 1s --timeout 800ms --latency 250ms --fail 3
    await 15 "six probes of the plain checker" checker_has_probed 6
    child_stop plain-checker
    await 10 "$node cannot tell, the others can" votes_are support-line primary "$wanted"
    votes_print support-line
    explain_print support-line
    say "a plain checker beside $node, on the same path:"
    jq --raw-output 'if .event == "probe" then "probe \(.seq): \(.why // "ok")" else .event end' \
        "$folder/plain.jsonl" | indent
    journal_print support-line "$mark"
    expect 2 "votes on the primary" "$wanted" "$votes_seen"
    expect 2 "why $node cannot tell" "3 of 3 references failed or slow" "$(references_of "$node")"
    expect 2 "a plain three-failures checker" "would fail over" \
        "$(if checker_would_fail_over; then echo would fail over; else echo stays; fi)"
    expect 2 "PATCHes at the API" 0 "$(journal_count "$mark")"
    uplink_set "$node" '{"delay_ms": 0, "loss_percent": 0}'
    await 20 "all well again" cluster_is_steady
}
