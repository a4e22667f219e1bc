# What people read: lines with the time since the start, titles, errors; colours on a terminal.

if [[ -t 1 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
    bold='' dim='' red='' green='' yellow='' plain=''
fi

# Milliseconds since the epoch, into REPLY: no process is started for it.
wall_ms() {
    local now=${EPOCHREALTIME/[.,]/}
    REPLY=$((now / 1000))
}

say_clock_start() {
    wall_ms
    clock_start_ms=$REPLY
}

# Seconds with a tenth since the start, into REPLY.
elapsed() {
    wall_ms
    local ms=$((REPLY - clock_start_ms))
    printf -v REPLY '%d.%d' $((ms / 1000)) $((ms % 1000 / 100))
}

title() {
    printf '\n%s%s%s\n' "$bold" "$*" "$plain"
}

say() {
    elapsed
    printf '%s%5s s%s  %s\n' "$dim" "$REPLY" "$plain" "$*"
}

warn() {
    elapsed
    printf '%s%5s s  %s%s\n' "$yellow" "$REPLY" "$*" "$plain"
}

# Shows what comes on the standard input under the last line.
indent() {
    local line
    while IFS= read -r line; do
        printf '%s         %s%s\n' "$dim" "$line" "$plain"
    done
}

# What did not come up ends the demo; the log's tail says more than a message could.
die() {
    local why=$1 log=${2:-}
    printf '%sdemo.sh: %s%s\n' "$red" "$why" "$plain" >&2
    if [[ -s $log ]]; then
        echo "the end of $log:" >&2
        tail -n 20 "$log" | sed 's/^/    /' >&2
    fi
    exit 3
}
