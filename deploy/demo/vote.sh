# What the nodes say of the bots.

# A node's own last vote, from its own API: no other node can know it better.
readonly own_vote='.node as $self | .votes[] | select(.node == $self and .heard)'

# vote_of NODE SERVICE SIDE: UP, SLOW, DOWN or CANNOT_TELL; empty where it has none.
vote_of() {
    node_tells "$1" "/v1/services/$2/explain" "$own_vote | .$3.value"
}

# votes_of SERVICE SIDE: "fra UP, dub UP, iad DOWN".
votes_of() {
    local node line=''
    for node in "${node_names[@]}"; do
        line+="${line:+, }$node $(vote_of "$node" "$1" "$2")"
    done
    echo "$line"
}

# votes_are SERVICE SIDE LINE: keeps what it saw, so that what was waited for is what is shown.
votes_are() {
    votes_seen=$(votes_of "$1" "$2")
    [[ $votes_seen == "$3" ]]
}

# votes_expected VALUE [NODE OTHER-VALUE]: the same line as it should be.
votes_expected() {
    local node line=''
    for node in "${node_names[@]}"; do
        if [[ $node == "${2:-}" ]]; then
            line+="${line:+, }$node $3"
        else
            line+="${line:+, }$node $1"
        fi
    done
    echo "$line"
}

# The side that is not UP has the reason worth reading.
vote_row() {
    node_tells "$1" "/v1/services/$2/explain" "$own_vote"' |
        (if .primary.value != "UP" then .primary else .standby end) as $worse |
        [.node, .primary.value, .standby.value,
         if $worse.value == "UP" then "-" else $worse.reason end] | @tsv'
}

# votes_print SERVICE: node | primary | standby | reason.
votes_print() {
    local node row primary standby reason
    say "what the nodes say of $1:"
    printf '         %s%-6s %-12s %-12s %s%s\n' "$dim" node primary standby reason "$plain"
    for node in "${node_names[@]}"; do
        row=$(vote_row "$node" "$1")
        IFS=$'\t' read -r _ primary standby reason <<<"${row:-$node	-	-	is not running}"
        printf '         %-6s %-12s %-12s %s\n' "$node" "$primary" "$standby" "$reason"
    done
}

# inquiry_newest SERVICE: the number of its newest inquiry, open or closed; 0 where there was none.
inquiry_newest() {
    local newest
    newest=$(leader_tells "/v1/services/$1" '[.inquiry.index, .ballots[][].inquiry] | max // 0')
    echo "${newest:-0}"
}

# explain_print SERVICE: why it does not move now, and when it could at the earliest, as the leader
# says.
explain_print() {
    local leading
    leading=$(leader)
    # Its last part, the table of votes, is what votes_print shows from each node itself.
    operator "${leading:-${node_names[0]}}" explain "$1" | sed '/NODE  *ZONE/,$d'
}
