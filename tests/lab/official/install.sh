#!/bin/bash
# Installs the pinned client library into a folder of the build, once for each lock file.
# Usage: install.sh FOLDER
set -euo pipefail
source_folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1"
cd "$1"

command -v node >/dev/null && command -v npm >/dev/null || {
    echo "install.sh: node and npm are missing; deploy/packages.sh tests installs them" >&2
    exit 1
}
# The stamp is the lock file of what was installed to its end.
if cmp --silent "$source_folder/package-lock.json" installed.json; then
    exit 0
fi
rm -rf node_modules installed.json
cp "$source_folder/package.json" "$source_folder/package-lock.json" .
npm ci --ignore-scripts --omit=dev --no-audit --no-fund
cp package-lock.json installed.json
