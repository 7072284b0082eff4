#!/usr/bin/env bash
# The whole story: set up, start, enrol, verify, renew, replace, revoke; then stop everything.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib.sh"

stop() {
    local code=$?
    "$here/down.sh"
    [ "$code" = 0 ] || echo "the demonstration failed; logs are in ${RUN#"$root"/}/*/log" >&2
}
trap stop EXIT

"$here/down.sh"
"$here/setup.sh"
"$here/start.sh"
"$here/story.sh"
chapter "Done: everything above was real, and everything is stopped now"
