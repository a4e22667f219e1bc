# Act 4: the primary fails hard. Three ballots convict it; the leader announces, switches, verifies.

# incident_of SERVICE FILTER: its newest incident, as the leader's history tells it.
incident_of() {
    leader_tells /v1/incidents ".incidents | map(select(.service == \$service))[0] | $2" \
        --arg service "$1"
}

incident_is_closed() {
    [[ $(incident_of "$1" .closed_wall_ms) == [0-9]* ]]
}

# plan_state SERVICE: where the route points, as the API has it.
plan_state() {
    curl --silent --max-time 5 "http://$(address sim)/sim/plans" |
        jq --raw-output --arg plan "${plan_of[$1]}" '.. | objects | select(.id? == $plan) | .state'
}

# switch_seen FILTER: of the PATCH that was applied, as the API saw it; uses act_down's mark.
switch_seen() {
    journal_writes support-line "$mark" "select(.applied) | $1"
}

act_down() {
    local mark newest failed_ms move term
    title "Act 4  Down: the primary answers 500 to everybody"
    mark=$(journal_mark)
    newest=$(inquiry_newest support-line)
    wall_ms
    failed_ms=$REPLY
    bot_set support-primary '{"mode": "error500"}'
    await 10 "a complaint opens an inquiry" inquiry_was_opened support-line "$newest"
    explain_print support-line
    await 20 "switched and verified" service_is support-line '.move.state == "DONE"'
    await 5 "the incident is in the history" incident_is_closed support-line
    votes_print support-line
    explain_print support-line
    journal_print support-line "$mark"
    say "from the fault to the PATCH: $(switch_seen ".wall_ms - $failed_ms") ms"
    move=$(leader_tells /v1/services/support-line .move.id)
    term=$(leader_tells /v1/leader .term)
    expect 4 "the incident" "conviction, DOWN, primary to standby, DONE" \
        "$(incident_of support-line '"\(.verdict), \(.severity), \(.from) to \(.to), \(.outcome)"')"
    expect 4 "announced to the primary" degraded "$(bot_state support-primary .last_mode_header)"
    expect 4 "PATCHes applied" 1 "$(journal_count "$mark" 'select(.applied)')"
    expect 4 "... the change" "primary to standby" \
        "$(switch_seen '"\(.state_before) to \(.state_after)"')"
    expect 4 "... Idempotency-Key" "demo/$move.switch.*" \
        "$(switch_seen .key)"
    expect 4 "... X-Quorate-Term, the leader's" "$term" "$(switch_seen .term)"
    expect 4 "... version sent was the current one" true \
        "$(switch_seen '.version_sent + 1 == .version_after')"
    expect 4 "the route at the API" standby "$(plan_state support-line)"
}
