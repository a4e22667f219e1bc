#!/bin/bash
# Shows Quorate at work on this machine alone: installs what it needs, builds, starts three nodes
# and a lab that stands in for the platform, the bots and the network, and plays six acts. What it
# claims is read from the routing API's journal, the bots and the nodes.
set -euo pipefail

usage() {
    cat <<'TEXT'
Usage: deploy/demo.sh [OPTION]

  --keep       leave the cluster up after the last act, until Ctrl-C
  -h, --help   show this

Exit code: 0 all acts as expected, 1 some not, 2 wrong usage, 3 something did not come up.
NO_COLOR=1 switches colours off.

Examples:
  deploy/demo.sh
  deploy/demo.sh --keep
TEXT
}

keep=false
while (($# > 0)); do
    case $1 in
    --keep) keep=true ;;
    -h | --help)
        usage
        exit 0
        ;;
    *)
        echo "demo.sh: unknown option '$1'; see deploy/demo.sh --help" >&2
        exit 2
        ;;
    esac
    shift
done

cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly parts=(
    say wait child port build lab journal configuration node vote result ending
    act_1_steady act_2_congested act_3_cut act_4_down act_5_slow act_6_back
)
for part in "${parts[@]}"; do
    # shellcheck source=/dev/null
    source "deploy/demo/$part.sh"
done

ending_prepare
build_programs
folder=$(mktemp -d "${TMPDIR:-/tmp}/quorate-demo.XXXXXX")
say_clock_start
title "The stage: a routing API, four bots, three references, three nodes in three zones"
lab_start
configuration_write
nodes_start
cluster_init

act_steady
act_congested
act_cut
act_down
act_slow
act_back

results_print
if [[ $keep == true ]]; then
    keep_up
fi
results_agree
