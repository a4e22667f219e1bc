#!/bin/bash
# Proves that the swarms can fail: each mutation of mutants/list.txt must be found by its swarm.
# Usage: mutants.sh [NAME...]   all of them, or the named ones; prints a table, 1 where one is missed
#        mutants.sh --check     only that each mutation's text still stands once in its file
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/mutants/run.py" "$@"
