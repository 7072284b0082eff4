#!/bin/sh
# Makes and destroys SoftHSM2 tokens for tests and demonstrations.
#
#   token.sh make DIR LABEL PIN_FILE SO_PIN_FILE   prints the token's serial number
#   token.sh destroy DIR                           removes its tokens, not the PIN files
#
# A PIN file that does not exist is written with a random PIN. softhsm2-util takes PINs as
# arguments, where other users of the machine can see them for a moment: not for keys that matter.
set -eu
umask 077

usage() {
    sed -n '2,5s/^# \{0,1\}//p' "$0" >&2
    exit 64
}

fail() {
    echo "token.sh: $*" >&2
    exit 70
}

make_pin() {
    [ -e "$1" ] || od -An -N8 -tx8 /dev/urandom | tr -d ' ' >"$1"
}

make_token() {
    directory=$1 label=$2 pin_file=$3 so_pin_file=$4
    command -v softhsm2-util >/dev/null || fail "softhsm2-util is not installed"
    mkdir -p "$directory/tokens"
    directory=$(cd "$directory" && pwd)
    SOFTHSM2_CONF=$directory/softhsm2.conf
    export SOFTHSM2_CONF
    [ -e "$SOFTHSM2_CONF" ] ||
        sed "s|@TOKENS@|$directory/tokens|" "$(dirname "$0")/softhsm2.conf.in" >"$SOFTHSM2_CONF"
    [ -z "$(serial_of "$label")" ] || fail "a token with label $label exists already"
    make_pin "$pin_file"
    make_pin "$so_pin_file"
    softhsm2-util --init-token --free --label "$label" \
        --pin "$(cat "$pin_file")" --so-pin "$(cat "$so_pin_file")" >/dev/null ||
        fail "softhsm2-util could not make the token"
    serial_of "$label"
}

serial_of() {
    softhsm2-util --show-slots | awk -v label="$1" '
        $1 == "Serial" { serial = $3 }
        $1 == "Label:" { sub(/^ *Label: */, ""); sub(/ *$/, ""); if ($0 == label) print serial }'
}

destroy_tokens() {
    [ -e "$1" ] || return 0
    # Only what make_token made is removed.
    [ -f "$1/softhsm2.conf" ] && [ -d "$1/tokens" ] || fail "$1 holds no test tokens"
    rm -rf "$1/tokens" "$1/softhsm2.conf"
    rmdir "$1" 2>/dev/null || true
}

case ${1-} in
make) [ $# -eq 5 ] || usage; make_token "$2" "$3" "$4" "$5" ;;
destroy) [ $# -eq 2 ] || usage; destroy_tokens "$2" ;;
*) usage ;;
esac
