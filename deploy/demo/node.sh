# The three nodes: starting them, asking them, and the operator's commands.

node_start() {
    child_start "$1" "$quorate" run --node "$1" --config "$config"
}

# node_page NODE PATH: a page of the node's API.
node_page() {
    curl --silent --max-time 2 --header "@$folder/read-header" "http://$(address "$1.api")$2"
}

# node_tells NODE PATH FILTER [JQ-ARGUMENT...]: the page through jq; empty where nothing is said.
node_tells() {
    local node=$1 path=$2 filter=$3
    shift 3
    node_page "$node" "$path" | jq --raw-output "$@" "$filter" 2>/dev/null || true
}

node_answers() {
    child_lives "$1" || die "node $1 ended at once" "$(child_log "$1")"
    [[ $(node_tells "$1" /healthz .healthy) == true ]]
}

nodes_start() {
    local node
    for node in "${node_names[@]}"; do
        node_start "$node"
    done
    for node in "${node_names[@]}"; do
        poll 10 node_answers "$node" ||
            die "node $node does not answer within 10 s" "$(child_log "$node")"
    done
    say "the nodes are up: ${node_names[*]}, each with its own key, folder and uplink"
}

# The node that leads, as it says itself; empty where none does.
leader() {
    local node
    for node in "${node_names[@]}"; do
        if [[ $(node_tells "$node" /v1/leader .self) == true ]]; then
            echo "$node"
            return
        fi
    done
}

# follower first|last: one that does not lead.
follower() {
    local leading node found=''
    leading=$(leader)
    for node in "${node_names[@]}"; do
        if [[ $node != "$leading" && ($1 == last || -z $found) ]]; then
            found=$node
        fi
    done
    echo "$found"
}

# leader_tells PATH FILTER [JQ-ARGUMENT...]
leader_tells() {
    local leading
    leading=$(leader)
    [[ -z $leading ]] || node_tells "$leading" "$@"
}

# service_is SERVICE FILTER: whether the leader's page of the service satisfies the filter.
service_is() {
    [[ $(leader_tells "/v1/services/$1" "$2") == true ]]
}

# The words as they would be typed.
quoted() {
    local word line=''
    for word in "$@"; do
        [[ $word != *' '* ]] || word="\"$word\""
        line+="${line:+ }$word"
    done
    echo "$line"
}

# operator NODE WORD...: a command as a person would type it on that node, shown with its answer.
operator() {
    local node=$1
    shift
    say "${bold}quorate $(quoted "$@")${plain} ${dim}(on $node)${plain}"
    QUORATE_CONFIG=$config QUORATE_NODE=$node "$quorate" "$@" 2>&1 | indent
}

cluster_is_steady() {
    local node service
    for service in "${services[@]}"; do
        service_is "$service" '.condition == "steady" and .route == "primary"' || return 1
        for node in "${node_names[@]}"; do
            [[ $(vote_of "$node" "$service" primary) == UP ]] || return 1
            [[ $(vote_of "$node" "$service" standby) == UP ]] || return 1
        done
    done
}

cluster_init() {
    operator "${node_names[0]}" init || die "quorate init failed" "$(child_log "${node_names[0]}")"
    poll 20 cluster_is_steady ||
        die "no leader with three nodes saying UP within 20 s" "$(child_log "${node_names[0]}")"
    say "$(leader) leads"
}
