# Expected and seen: nothing is assumed, each value is read from the journal, a bot or a node.

results=()

# expect ACT WHAT EXPECTED SEEN; EXPECTED may hold a * for what differs from run to run.
expect() {
    local verdict=ok colour=$green
    # shellcheck disable=SC2053
    if [[ $4 != $3 ]]; then
        verdict=DIFFERS
        colour=$red
    fi
    results+=("$1|$2|$3|$4|$verdict")
    say "${colour}${verdict}${plain}  $2: $4"
}

results_agree() {
    [[ $(printf '%s\n' "${results[@]}") != *'|DIFFERS'* ]]
}

results_print() {
    local row act what expected seen verdict colour columns='%-3s %-42s %-42s %-42s'
    elapsed
    title "Expected and seen, after $REPLY s"
    printf "%s$columns%s\n" "$dim" act what expected seen "$plain"
    for row in "${results[@]}"; do
        IFS='|' read -r act what expected seen verdict <<<"$row"
        colour=$green
        [[ $verdict == ok ]] || colour=$red
        printf "$columns %s%s%s\n" "$act" "$what" "$expected" "$seen" "$colour" "$verdict" "$plain"
    done
    echo
    if results_agree; then
        echo "${green}All ${#results[@]} as expected.${plain}"
    else
        echo "${red}Not all as expected.${plain}"
    fi
}
