#!/usr/bin/env bash
# Measures this tree and another revision in turns: bench-compare.sh REVISION [OPTION ...]
# Options are those of `bench compare`, such as --only issuing --rounds 5 --load 3.
# The other revision's daemons are set up by the scripts of this tree.
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:?usage: make bench-compare BASE=REVISION [COMPARE="--only issuing --rounds 5"]}
shift
tree=target/bench-base/tree
git worktree remove --force "$tree" 2>/dev/null || true
git worktree add --detach "$tree" "$base"
trap 'git worktree remove --force "$tree"' EXIT

cargo build --locked --profile dist --workspace --bins
CARGO_TARGET_DIR=target/bench-base cargo build --locked --profile dist --workspace --bins \
    --manifest-path "$tree/Cargo.toml"
target/dist/bench compare --base "$PWD/target/bench-base/dist" --head "$PWD/target/dist" \
    --out target/bench/compare "$@"
