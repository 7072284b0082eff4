#!/usr/bin/env bash
# Puts a backup of scripts/backup.sh back. ca-daemon must be stopped; `ca-daemon restored` comes next.
#   scripts/restore.sh BACKUP DATABASE TOKENS
# BACKUP    directory that backup.sh made
# DATABASE  the SQLite file, which must not exist, or the postgres:// URL of an empty database
# TOKENS    SoftHSM2's token directory, which must be empty or not exist, or -
# Files get the owner of the directory that they are put into.
set -euo pipefail
umask 077

[ $# -eq 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64; }
backup=$1 database=$2 tokens=$3
refuse() { echo "restore.sh: $1" >&2; exit 73; }

(cd "$backup" && sha256sum --check --quiet SHA256SUMS)
if [ "$tokens" != - ]; then
    [ -z "$(ls -A "$tokens" 2>/dev/null)" ] || refuse "$tokens is not empty"
fi
case $database in
postgres://* | postgresql://*)
    pg_restore --exit-on-error --single-transaction --no-owner --dbname="$database" "$backup/ca.dump"
    ;;
*)
    for file in "$database" "$database-wal" "$database-shm"; do
        [ ! -e "$file" ] || refuse "$file exists: move it away first"
    done
    cp "$backup/ca.db" "$database.part"
    chown --reference="$(dirname "$database")" "$database.part"
    sync "$database.part"
    mv "$database.part" "$database"
    ;;
esac
if [ "$tokens" != - ]; then
    mkdir -p "$tokens"
    tar --extract --file="$backup/tokens.tar" --directory="$tokens" --no-same-owner
    chown --recursive --reference="$(dirname "$tokens")" "$tokens"
fi
sync
echo "restored from $backup"
echo "before ca-daemon starts: ca-daemon --config /etc/chancery/ca-daemon.toml restored"
