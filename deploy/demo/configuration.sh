# Keys, tokens and the one configuration file of the three nodes, filled in from quorate.yaml.

# The pairs of a node's connect_to: everything that it dials goes to its uplink instead.
connect_to_pairs() {
    local node=$1 target peer kind pairs=()
    for target in "${targets[@]}"; do
        pairs+=("\"$(address "$target")\": \"$(address "$node.to.$target")\"")
    done
    for peer in "${node_names[@]}"; do
        [[ $peer != "$node" ]] || continue
        for kind in votes raft; do
            pairs+=("\"$(address "$peer.$kind")\": \"$(address "$node.to.$peer.$kind")\"")
        done
    done
    local IFS=,
    echo "${pairs[*]}"
}

template_fill() {
    local text name
    text=$(<"$1")
    while [[ $text =~ @([a-z0-9_.-]+)@ ]]; do
        name=${BASH_REMATCH[1]}
        text=${text//"@$name@"/${fact[$name]}}
    done
    printf '%s\n' "$text"
}

secret_make() {
    (umask 077 && openssl rand -hex 24 >"$1")
}

configuration_write() {
    local node
    config=$folder/quorate.yaml
    fact[folder]=$folder
    for node in "${node_names[@]}"; do
        mkdir "$folder/$node"
        fact[$node.key]=$("$quorate" keygen --out "$folder/$node.key" |
            grep -o 'ed25519:[A-Za-z0-9+/=]*') || die "quorate keygen made no key for $node"
        fact[$node.connect_to]=$(connect_to_pairs "$node")
    done
    (umask 077 && echo demo-secret >"$folder/client-secret")
    secret_make "$folder/read-token"
    secret_make "$folder/write-token"
    printf 'Authorization: Bearer %s\n' "$(<"$folder/read-token")" >"$folder/read-header"
    template_fill deploy/demo/quorate.yaml >"$config"
    "$quorate" check "$config" >"$folder/check.log" 2>&1 ||
        die "quorate check refuses $config" "$folder/check.log"
    say "one configuration for three nodes, keys and tokens: $config"
}
