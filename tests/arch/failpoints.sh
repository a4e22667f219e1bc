#!/bin/bash
# The ordinary program holds nothing of the failpoints; the test build does, so that this can fail.
# Usage: failpoints.sh QUORATE QUORATE-FAILPOINTS
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/report.sh"

# has PROGRAM: a symbol or a word of the failpoints stands in it.
has() {
    nm --defined-only "$1" | grep -q ' failpoint_' || grep -aq QUORATE_FAILPOINT "$1"
}

has "$2" || broken "$2: is built without its failpoints"
! has "$1" || broken "$1: holds failpoints"
finish
