#!/bin/bash
# Installs the Debian packages that a build needs, and with "tests" those of the tests as well.
# Says nothing and changes nothing where all of them are installed.
#
#     deploy/packages.sh          what the build and the demo need
#     deploy/packages.sh tests    ... and what tests/run.sh needs
set -euo pipefail

packages=(
    gcc libc6-dev cmake ninja-build pkg-config
    libuv1-dev libzmq3-dev libmsgpack-dev libcurl4-openssl-dev libcjson-dev libmicrohttpd-dev
    libsodium-dev libyaml-dev libsqlite3-dev libhiredis-dev
    ca-certificates curl jq openssl
)
test_packages=(
    clang git iproute2 libclang-rt-dev libcmocka-dev nftables nodejs procps
    python3 python3-jsonschema python3-msgpack python3-yaml redis-server
)

# A nodejs from elsewhere brings its npm along, and Debian's does not go beside it.
command -v npm >/dev/null || test_packages+=(npm)

die() {
    echo "packages.sh: $*" >&2
    exit 1
}

missing_packages() {
    local installed name
    installed=" $(dpkg-query --show --showformat '${Package}=${db:Status-Status} ' "$@" 2>/dev/null || true)"
    for name in "$@"; do
        [[ $installed == *" $name=installed "* ]] || echo "$name"
    done
}

# apt-get talks only where it fails.
quietly_as_root() {
    local output
    if ! output=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" </dev/null 2>&1); then
        echo "$output" >&2
        die "failed: $*"
    fi
}

case $# in
0) ;;
1)
    [[ $1 == tests ]] || die "unknown argument '$1'; the only one is 'tests'"
    packages+=("${test_packages[@]}")
    ;;
*) die "too many arguments" ;;
esac

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
    die "this is no Debian; install the equivalents of: ${packages[*]}"

mapfile -t missing < <(missing_packages "${packages[@]}")
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null ||
        die "not root and no sudo; as root, run: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi

echo "Installing ${#missing[@]} packages: ${missing[*]}" >&2
apt_options=(-qq -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120)
quietly_as_root apt-get "${apt_options[@]}" update
quietly_as_root apt-get "${apt_options[@]}" --yes --no-install-recommends install "${missing[@]}"
