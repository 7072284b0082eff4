#!/usr/bin/env bash
# Backs database and token of ca-daemon up as one consistent pair, while the daemon works. On its machine.
#   scripts/backup.sh DATABASE TOKENS OUT
# DATABASE  an officer's configuration: the officer asks the daemon for a copy of its SQLite database
#           (backup_directory in ca-daemon.toml); or a postgres:// URL (the password in ~/.pgpass)
# TOKENS    SoftHSM2's token directory, or - where the HSM has a backup of its own
# OUT       directory in which a new one is made, named by the time
# The database is copied first: a key that is made in between is then in the token and not in the
# database, which does no harm. The other way round a CA would lack its key.
set -euo pipefail
umask 077

[ $# -eq 3 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64; }
database=$1 tokens=$2
out=$3/chancery-$(date -u +%Y%m%dT%H%M%SZ)
mkdir -p "$3"
mkdir "$out.part"

case $database in
postgres://* | postgresql://*)
    # Without the epoch of its feed: a copy is taken into use by `ca-daemon restored`.
    pg_dump --format=custom --exclude-table-data=feed_epoch --file="$out.part/ca.dump" "$database"
    ;;
*)
    copy=$(chancery --config "$database" --json officer backup | sed -n 's/.*"path": *"\([^"]*\)".*/\1/p')
    cp "$copy" "$out.part/ca.db"
    rm "$copy"
    ;;
esac
if [ "$tokens" != - ]; then
    tar --create --file="$out.part/tokens.tar" --directory="$tokens" .
fi
(cd "$out.part" && sha256sum -- * >SHA256SUMS)
sync --file-system "$out.part"
mv "$out.part" "$out"
echo "$out"
