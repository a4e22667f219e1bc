# Act 1: all is well, and nothing is written.

primary_was_probed() {
    (($(bot_state support-primary .requests) >= $1))
}

act_steady() {
    local mark probes wanted
    wanted=$(votes_expected UP)
    title "Act 1  Steady: three nodes look at both sides of two services"
    mark=$(journal_mark)
    probes=$(bot_state support-primary .requests)
    await 10 "two more rounds of all nodes" primary_was_probed $((probes + 6))
    votes_print support-line
    explain_print support-line
    journal_print support-line "$mark"
    await 10 "UP of the primary from all" votes_are support-line primary "$wanted"
    expect 1 "votes on the primary" "$wanted" "$votes_seen"
    await 10 "UP of the standby from all" votes_are support-line standby "$wanted"
    expect 1 "votes on the standby" "$wanted" "$votes_seen"
    expect 1 "PATCHes at the API" 0 "$(journal_count "$mark")"
}
