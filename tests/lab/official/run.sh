#!/bin/bash
# Runs the cases, each with a simulator of its own, and fails where one of them fails.
# Usage: run.sh FOLDER-OF-THE-CLIENT GENESYS-SIM [CASE...]
set -euo pipefail
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
client=$1
export GENESYS_SIM=$2 NODE_PATH=$client/node_modules
shift 2
if [[ ! -e $client/installed.json ]]; then
    echo "run.sh: SKIPPED: the client is not installed" >&2
    exit 77
fi

# The client looks for a configuration at home.
HOME=$(mktemp -d)
export HOME
trap 'rm -rf "$HOME"' EXIT

cases=("$@")
((${#cases[@]} > 0)) || cases=("$source_folder"/cases/*.js)
failed=0
for case in "${cases[@]}"; do
    node "$case" || failed=1
done
exit "$failed"
