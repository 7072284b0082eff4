#!/usr/bin/env bash
# Stops the daemons: followers first, so that nobody is left asking. Each is told to end and waited for.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

stop() {
    local pid_file=$1 pid
    [ -e "$pid_file" ] || return 0
    pid=$(cat "$pid_file")
    if kill -TERM "$pid" 2>/dev/null; then
        wait_until "process $pid has ended" not_running "$pid"
    fi
    rm -f "$pid_file"
}
# A zombie has ended: somebody else has to take note of it.
not_running() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"; }

for process in crl ocsp ca; do
    stop "$RUN/$process/pid"
done
rm -f "$ENV_FILE"
