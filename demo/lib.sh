# Shared by the scripts of this folder; to be sourced. Where everything is, and how it is told.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${RUN:=$root/demo/run}"                # everything that the demo makes
: "${ENV_FILE:=$root/demo/env}"           # shell variables for other clients
: "${BIN:=${CARGO_TARGET_DIR:-$root/target}/debug}"
: "${HOST:=127.0.0.1}"
: "${API_PORT:=18443}" "${FEED_PORT:=18444}" "${OCSP_PORT:=18080}" "${CRL_PORT:=18081}"
: "${CA_OPERATIONS_PORT:=19443}" "${OCSP_OPERATIONS_PORT:=19080}" "${CRL_OPERATIONS_PORT:=19081}"
: "${DATABASE_URL:=sqlite://$RUN/ca/ca.db}"
: "${MODULE:=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2>/dev/null | head -n 1)}"
export PATH="$BIN:$PATH"

bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
[ -t 1 ] || bold='' dim='' plain=''

# A chapter of the story.
chapter() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Prints a command as a person could type it, then runs it.
run() {
    local shown
    shown=$(printf '%q ' "$@")
    printf '%s$ %s%s\n' "$dim" "${shown//$root\//}" "$plain"
    "$@"
}

# The same for a command that must fail: its exit code is part of the story.
run_refused() {
    if run "$@"; then
        echo "this should have been refused" >&2
        exit 1
    fi
}

# A command in the environment of one process: its token and nothing else.
with_token() {
    local process=$1
    shift
    run env "SOFTHSM2_CONF=$RUN/$process/softhsm2.conf" "$@"
}

# Waits until an address answers as expected, for a minute at most.
wait_until() {
    local what=$1 tries=0
    shift
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ "$tries" -ge 600 ]; then
            echo "waited a minute for: $what" >&2
            tail -n 20 "$RUN"/*/log >&2 || true
            exit 1
        fi
        read -r -t 0.1 <> <(:) || true
    done
}

# Whether a daemon is ready, by its operations port.
is_ready() { curl --silent --fail --max-time 2 "http://$HOST:$1/readyz"; }

# Fills a configuration or policy in from its template.
fill_in() {
    sed -e "s|@RUN@|$RUN|g" -e "s|@ROOT@|$root|g" -e "s|@MODULE@|$MODULE|g" -e "s|@HOST@|$HOST|g" \
        -e "s|@API_PORT@|$API_PORT|g" -e "s|@FEED_PORT@|$FEED_PORT|g" \
        -e "s|@OCSP_PORT@|$OCSP_PORT|g" -e "s|@CRL_PORT@|$CRL_PORT|g" \
        -e "s|@CA_OPERATIONS_PORT@|$CA_OPERATIONS_PORT|g" \
        -e "s|@OCSP_OPERATIONS_PORT@|$OCSP_OPERATIONS_PORT|g" \
        -e "s|@CRL_OPERATIONS_PORT@|$CRL_OPERATIONS_PORT|g" \
        -e "s|@DATABASE_URL@|$DATABASE_URL|g" \
        -e "s|@ALLOW_ROOT@|$([ "$(id -u)" = 0 ] && echo true || echo false)|g" "$1"
}
