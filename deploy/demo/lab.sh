# The world around the nodes: the routing API's stand-in, the bots, the references, and for each
# node an uplink (a chaos proxy) that all of its traffic goes through, in and out.

readonly node_names=(fra dub iad)
readonly services=(support-line callback-line)
readonly bots=(support-primary support-standby callback-primary callback-standby
    reference-1 reference-2 reference-3)
readonly targets=("${bots[@]}" sim) # what a node reaches besides its peers

# control NAME PATH [JSON]: a program's control port.
control() {
    local url
    url=http://$(address "$1.control")/$2
    if (($# > 2)); then
        curl --silent --show-error --fail-with-body --max-time 5 --data "$3" "$url"
    else
        curl --silent --show-error --fail-with-body --max-time 5 "$url"
    fi
}

bot_set() {
    control "$1" mode "$2" >/dev/null || die "$1 did not take $2" "$(child_log "$1")"
}

# bot_state NAME FILTER: what the bot says of itself, through jq.
bot_state() {
    control "$1" state | jq --raw-output "$2"
}

# uplink_set NODE JSON: for all that goes through it, or for one target by its "listen".
uplink_set() {
    control "uplink-$1" set "$2" >/dev/null ||
        die "uplink-$1 did not take $2" "$(child_log "uplink-$1")"
}

bot_start() {
    port_take "$1" "$1.control"
    child_start "$1" "$lab_programs/bot" --name "$1" --port "${fact[$1]}" \
        --control-port "${fact[$1.control]}"
}

# Peers reach a node through its uplink, too: what comes in is as congested as what goes out.
uplink_ports() {
    local node=$1 target peer
    port_take "$node.votes" "$node.raft" "$node.api"
    port_take "$node.in.votes" "$node.in.raft" "uplink-$node.control"
    for target in "${targets[@]}"; do
        port_take "$node.to.$target"
    done
    for peer in "${node_names[@]}"; do
        [[ $peer == "$node" ]] || port_take "$node.to.$peer.votes" "$node.to.$peer.raft"
    done
}

uplink_start() {
    local node=$1 target peer kind
    local pairs=()
    for target in "${targets[@]}"; do
        pairs+=(--listen "${fact[$node.to.$target]}" --to "$(address "$target")")
    done
    for kind in votes raft; do
        pairs+=(--listen "${fact[$node.in.$kind]}" --to "$(address "$node.$kind")")
        for peer in "${node_names[@]}"; do
            [[ $peer != "$node" ]] || continue
            pairs+=(--listen "${fact[$node.to.$peer.$kind]}" --to "$(address "$peer.in.$kind")")
        done
    done
    child_start "uplink-$node" "$lab_programs/chaos" "${pairs[@]}" \
        --control-port "${fact[uplink-$node.control]}"
}

lab_start() {
    local name
    port_take sim
    child_start sim "$lab_programs/genesys-sim" --port "${fact[sim]}" \
        --journal "$folder/journal.jsonl"
    for name in "${bots[@]}"; do
        bot_start "$name"
    done
    for name in "${node_names[@]}"; do
        uplink_ports "$name"
    done
    for name in "${node_names[@]}"; do
        uplink_start "$name"
    done
    child_require_ready sim "${bots[@]}" "${node_names[@]/#/uplink-}"
    say "the lab is up: routing API at http://$(address sim), its journal in $folder/journal.jsonl"
}
