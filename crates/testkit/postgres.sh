#!/bin/sh
# Starts a throw-away PostgreSQL server for a test run, and ends it with the run.
#
#   postgres.sh start DIR BINARIES PORT USER PASSWORD
#   postgres.sh watch DIR BINARIES RUNNER_PID [SERVER_USER]
set -eu
umask 077
mode=$1 directory=$2 binaries=$3

start() {
    mkdir "$directory"
    trap '[ -e "$directory/started" ] || rm -rf "$directory"' EXIT
    printf '%s' "$3" >"$directory/password"
    "$binaries/initdb" --pgdata "$directory/cluster" --username "$2" --pwfile "$directory/password" \
        --auth-local trust --auth-host scram-sha-256 --encoding UTF8 --locale C --no-sync >/dev/null
    cat >>"$directory/cluster/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $1
unix_socket_directories = '$directory'
max_connections = 200
shared_buffers = 32MB
fsync = off
full_page_writes = off
CONF
    "$binaries/pg_ctl" start --pgdata "$directory/cluster" --log "$directory/log" --wait >/dev/null
    : >"$directory/started"
}

# Runs as the user of the tests, who may remove the lock file.
watch() {
    while [ -d "/proc/$1" ]; do sleep 1; done
    stop="'$binaries/pg_ctl' stop --pgdata '$directory/cluster' --mode immediate"
    if [ $# -eq 2 ]; then
        cd /
        runuser -u "$2" -- sh -c "$stop" || true
    else
        sh -c "$stop" || true
    fi
    rm -rf "$directory" "$directory.lock"
}

shift 3
"$mode" "$@"
