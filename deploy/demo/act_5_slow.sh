# Act 5: the second service's primary is slow. Its route is paused to drain, the leader is killed meanwhile, and
# another node finishes the move. Then the killed one comes back.

another_leads() {
    local leading
    leading=$(leader)
    [[ -n $leading && $leading != "$1" ]]
}

# Equal ledgers at one index have one hash, and the leader hears all three.
ledgers_agree() {
    local node word first=''
    for node in "${node_names[@]}"; do
        word=$(node_tells "$node" /v1/status '.ledger | "\(.applied) \(.hash)"')
        [[ $word == [0-9]* && $word == "${first:=$word}" ]] || return 1
    done
    [[ $(leader_tells /v1/status .quorum.live) == "${#node_names[@]}" ]]
}

# The order of the terms in which the API got the pause and the switch.
terms_tell() {
    journal_writes callback-line "$1" 'select(.applied)' | jq --slurp --raw-output '
        if length == 2 and .[0].term < .[1].term then "later than the pause'\''s"
        else map(.term | tostring) | join(", ") end'
}

act_slow() {
    local mark killed
    title "Act 5  Slow: the second service's primary takes too long, and the leader dies during the drain"
    mark=$(journal_mark)
    bot_set callback-primary '{"mode": "slow", "ms": 450}'
    await 20 "paused and draining" service_is callback-line '.move.state == "DRAINING"'
    votes_print callback-line
    explain_print callback-line
    killed=$(leader)
    say "${bold}kill -9${plain} of $killed, which leads"
    child_kill "$killed"
    await 15 "another leader" another_leads "$killed"
    say "$(leader) leads now"
    explain_print callback-line
    await 25 "switched and verified" service_is callback-line '.move.state == "DONE"'
    votes_print callback-line
    journal_print callback-line "$mark"
    expect 5 "the move" "conviction, SLOW, DONE" "$(leader_tells /v1/services/callback-line \
        '.move | "\(.cause), \(.severity), \(.state)"')"
    expect 5 "leader killed in the drain; another leads" yes "$(another_leads "$killed" && echo yes || echo no)"
    expect 5 "PATCHes applied" 2 "$(journal_count "$mark" 'select(.applied)')"
    expect 5 "... pauses" 1 "$(journal_moved callback-line "$mark" paused)"
    expect 5 "... switches" 1 "$(journal_moved callback-line "$mark" standby)"
    expect 5 "the switch's term" "later than the pause's" "$(terms_tell "$mark")"
    expect 5 "the route at the API" standby "$(plan_state callback-line)"
    node_start "$killed"
    say "$killed is started again on its own folder"
    await 20 "$killed has caught up" ledgers_agree
    expect 5 "ledger hashes after its return" equal "$(ledgers_agree && echo equal || echo differ)"
}
