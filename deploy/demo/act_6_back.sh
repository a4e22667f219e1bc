# Act 6: the operator's way back. A hold keeps Quorate from moving by itself, even when the standby
# that serves is convicted; the operator's own failback is done all the same.

act_back() {
    local mark node
    title "Act 6  Back: a hold, then the operator's failback of the first service"
    mark=$(journal_mark)
    node=$(follower first)
    bot_set support-primary '{"mode": "healthy"}'
    await 10 "the primary is well again" votes_are support-line primary "$(votes_expected UP)"
    operator "$node" hold support-line --for 10m --reason "watching the standby" || true
    bot_set support-standby '{"mode": "error500"}'
    say "and now the standby, which serves, answers 500"
    await 20 "the standby is convicted" service_is support-line '.condition == "convicted"'
    votes_print support-line
    explain_print support-line
    expect 6 "the standby that serves, on hold" convicted \
        "$(leader_tells /v1/services/support-line .condition)"
    expect 6 "explain: against a move stands" on-hold \
        "$(leader_tells /v1/services/support-line/explain .detail.code)"
    expect 6 "explain: earliest" "in 9 min" "$(leader_tells /v1/services/support-line/explain \
        '"in \(.earliest_ms / 60000 | floor) min"')"
    expect 6 "PATCHes at the API, by itself" 0 "$(journal_count "$mark")"
    operator "$node" failback support-line --reason "the primary is well" || true
    await 20 "switched back and verified" service_is support-line \
        '.move.cause == "operator" and .move.state == "DONE"'
    journal_print support-line "$mark"
    expect 6 "the move" "operator, standby to primary, DONE" "$(leader_tells \
        /v1/services/support-line '.move | "\(.cause), \(.from) to \(.to), \(.state)"')"
    expect 6 "PATCHes applied" 2 "$(journal_count "$mark" 'select(.applied)')"
    expect 6 "... pauses" 1 "$(journal_moved support-line "$mark" paused)"
    expect 6 "... switches" 1 "$(journal_moved support-line "$mark" primary)"
    expect 6 "the route at the API" primary "$(plan_state support-line)"
    bot_set support-standby '{"mode": "healthy"}'
    operator "$node" release support-line || true
    expect 6 "the hold after the release" none \
        "$(leader_tells /v1/services/support-line 'if .hold then "on" else "none" end')"
}
