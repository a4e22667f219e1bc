# Act 1: all is well, and nothing is written.

primary_was_probed() {
    (($(bot_state support-primary .requests) >= $1))
}

act_steady() {
    local mark probes
    title "Act 1  Steady: three nodes look at both sides of two services"
    mark=$(journal_mark)
    probes=$(bot_state support-primary .requests)
    await 10 "two more rounds of all nodes" primary_was_probed $((probes + 6))
    await 10 "UP from all about both sides" cluster_is_steady
    votes_print support-line
    explain_print support-line
    journal_print support-line "$mark"
    expect 1 "votes on the primary" "$(votes_expected UP)" "$(votes_of support-line primary)"
    expect 1 "votes on the standby" "$(votes_expected UP)" "$(votes_of support-line standby)"
    expect 1 "PATCHes at the API" 0 "$(journal_all_writes "$mark")"
}
