#!/usr/bin/env bash
# Measures this tree and another revision in turns: bench-compare.sh REVISION
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:?usage: make bench-compare BASE=REVISION}
tree=target/bench-base/tree
git worktree remove --force "$tree" 2>/dev/null || true
git worktree add --detach "$tree" "$base"
trap 'git worktree remove --force "$tree"' EXIT

cargo build --locked --profile dist --workspace --bins
CARGO_TARGET_DIR=target/bench-base cargo build --locked --profile dist --workspace --bins \
    --manifest-path "$tree/Cargo.toml"
target/dist/bench compare --base "$PWD/target/bench-base/dist" --head "$PWD/target/dist" \
    --out target/bench/compare
