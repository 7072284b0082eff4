#!/usr/bin/env bash
# Installs what is missing from Debian's (or Ubuntu's) packages.
#   scripts/install-prerequisites.sh build|test
# build: what `make demo` and `make up` need.  test: what `make test` needs as well.
set -euo pipefail

want=${1:-build}
cd "$(dirname "$0")/.."

packages=(build-essential ca-certificates curl openssl pkg-config python3 softhsm2)
if [ "$want" = test ]; then
    packages+=(faketime gnutls-bin opensc postgresql python3-venv sqlite3 valgrind)
fi

missing=()
for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
    echo "installing: ${missing[*]}"
    as_root=()
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    # The package starts a server of its own, which nothing here uses: the tests make their own.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

if ! command -v cargo >/dev/null; then
    echo "cargo is missing: install Rust with rustup (https://rustup.rs), then start again" >&2
    exit 1
fi

if [ "$want" = test ]; then
    if ! cargo nextest --version >/dev/null 2>&1; then
        cargo install --locked cargo-nextest
    fi
    if ! cmp --silent tests/requirements.txt .venv/requirements.txt; then
        python3 -m venv .venv
        .venv/bin/pip install --quiet --requirement tests/requirements.txt
        cp tests/requirements.txt .venv/
    fi
fi
