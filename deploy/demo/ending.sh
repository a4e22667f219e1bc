# The end, however it comes: the demo's own processes go, and with them the folder, unless something
# differed or failed.

ending_prepare() {
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    trap ending_clean EXIT
}

ending_clean() {
    local code=$?
    trap '' INT TERM HUP
    children_stop
    if [[ -n ${folder:-} ]]; then
        case $code in
        0 | 130 | 143) rm -rf "$folder" ;;
        *) echo "demo.sh: logs, journal and configuration are in $folder" >&2 ;;
        esac
    fi
}

keep_wait() {
    local nothing
    # Reads from a pipe that nobody writes to: bash hears signals meanwhile.
    exec {nothing}<> <(:)
    while true; do
        read -r -u "$nothing" || true
    done
}

keep_up() {
    local node
    trap 'if results_agree; then exit 0; else exit 1; fi' INT TERM HUP
    title "The cluster stays up until Ctrl-C"
    for node in "${node_names[@]}"; do
        echo "$node   http://$(address "$node.api")   log $(child_log "$node")"
    done
    cat <<TEXT
tokens          $folder/read-token and $folder/write-token
configuration   $config
routing API     http://$(address sim)   journal $folder/journal.jsonl

Try:
  export QUORATE_CONFIG=$config QUORATE_NODE=fra
  $PWD/$quorate status
  $PWD/$quorate explain support-line
  $PWD/$quorate failover support-line --reason "trying it" --wait
  curl -d '{"mode":"error500"}' http://$(address support-primary.control)/mode
TEXT
    keep_wait
}
