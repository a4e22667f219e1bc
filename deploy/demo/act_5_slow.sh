# Act 5: the second service's primary is slow. Its route is paused to drain, the leader is killed
# meanwhile, and another node finishes the move. Then the killed one comes back.

# Somebody leads who is not the given node; keeps who.
leads_without() {
    heir=$(leader)
    [[ -n $heir && $heir != "${1:-}" ]]
}

# Equal ledgers at one index have one hash, and the leader hears all three.
ledgers_agree() {
    local node word first=''
    for node in "${node_names[@]}"; do
        word=$(node_tells "$node" /v1/status '.ledger | "\(.applied) \(.hash)"')
        [[ $word == [0-9]* && $word == "${first:=$word}" ]] || return 1
    done
    [[ $(leader_tells /v1/status .quorum.live) == 3 ]]
}

# The applied PATCHes and the kill in the order of their times; uses act_slow's mark and killed_ms.
order_seen() {
    {
        journal_writes callback-line "$mark" 'select(.applied) | "\(.wall_ms) \(.state_after)"'
        echo "$killed_ms kill"
    } | sort -n | cut -d ' ' -f 2 | paste -s -d ,
}

# The terms of the applied PATCHes' leaders, counted from the first; uses act_slow's mark.
terms_seen() {
    local term first=''
    while IFS= read -r term; do
        if ((term > ${first:=$term})); then echo later; else echo first; fi
    done < <(journal_writes callback-line "$mark" 'select(.applied) | .term') | paste -s -d ,
}

act_slow() {
    local mark killed killed_ms heir agreed=no
    title "Act 5  Slow: the second service's primary is slow, and the leader dies during the drain"
    mark=$(journal_mark)
    bot_set callback-primary '{"mode": "slow", "ms": 450}'
    await 20 "paused and draining" service_is callback-line '.move.state == "DRAINING"'
    votes_print callback-line
    explain_print callback-line
    poll 10 leads_without || die "no node leads" "$(child_log "${node_names[0]}")"
    killed=$heir
    say "${bold}kill -9${plain} of $killed, which leads"
    wall_ms
    killed_ms=$REPLY
    child_kill "$killed"
    await 15 "another leader" leads_without "$killed"
    say "${heir:-nobody} leads now"
    explain_print callback-line
    await 25 "switched and verified" service_is callback-line '.move.state == "DONE"'
    votes_print callback-line
    journal_print callback-line "$mark"
    expect 5 "the move" "conviction, SLOW, DONE" \
        "$(leader_tells /v1/services/callback-line '.move | "\(.cause), \(.severity), \(.state)"')"
    expect 5 "PATCHes applied, and the kill" "paused,kill,standby" "$(order_seen)"
    expect 5 "... their X-Quorate-Terms" "first,later" "$(terms_seen)"
    expect 5 "... pauses" 1 "$(journal_moved callback-line "$mark" paused)"
    expect 5 "... switches" 1 "$(journal_moved callback-line "$mark" standby)"
    expect 5 "the route at the API" standby "$(plan_state callback-line)"
    node_start "$killed"
    say "$killed is started again on its own folder"
    if poll 20 ledgers_agree; then agreed=yes; fi
    expect 5 "$killed's ledger equals the others'" yes "$agreed"
}
