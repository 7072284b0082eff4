#!/usr/bin/env bash
# Licences, sources and advisories of the dependencies.
# With cargo-deny: everything, advisories as far as their database can be reached. Without: the
# licences and sources of the lock file, by the same lists of deny.toml.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v cargo-deny >/dev/null; then
    cargo deny --offline --locked check bans licenses sources
    cargo deny --locked check advisories || echo "advisories: the database cannot be reached" >&2
    exit 0
fi

cargo metadata --format-version 1 --locked | python3 scripts/check_dependencies.py deny.toml
