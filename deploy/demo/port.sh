# Ports on 127.0.0.1, found free by trying, from a random place on. Below 32768: from there on the
# system takes them for outgoing connections.

readonly port_first=11000 port_last=32000

# What the configuration's template and the acts look up, a port by the name it was taken for.
declare -A fact
port_next=$((port_first + RANDOM % 15000))

port_is_free() {
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# port_take NAME...: a free port for each, kept as fact[NAME].
port_take() {
    local name
    for name in "$@"; do
        until port_is_free "$port_next"; do
            port_next=$((port_next + 1))
        done
        ((port_next <= port_last)) || die "no free port up to $port_last"
        fact[$name]=$port_next
        port_next=$((port_next + 1))
    done
}

# address NAME: "127.0.0.1:PORT" of a port taken before.
address() {
    echo "127.0.0.1:${fact[$1]}"
}
