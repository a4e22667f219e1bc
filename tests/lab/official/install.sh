#!/bin/bash
# Installs the pinned client library into a folder of the build, once for each lock file. Exits with 77,
# which ctest shows as skipped, where there is no way to the registry; anything else is a failure.
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
no_way='ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|CERT_|_CERT'
if ! npm ci --ignore-scripts --omit=dev --no-audit --no-fund --fetch-retries=1 >install.log 2>&1; then
    cat install.log >&2
    if grep -qE "code .*($no_way)" install.log; then
        echo "install.sh: SKIPPED: no way to the registry, so the official client was not tried" >&2
        exit 77
    fi
    exit 1
fi
cp package-lock.json installed.json
