#!/usr/bin/env bash
# Sets a CA up and leaves its daemons running; `make down` stops them.
set -euo pipefail
here=$(dirname "$0")
. "$here/lib.sh"

"$here/down.sh"
"$here/setup.sh"
"$here/start.sh"
chapter "Running"
cat <<END
Shell variables for other clients are in ${ENV_FILE#"$root"/}:   . ${ENV_FILE#"$root"/}
A first certificate:
  ${BIN#"$root"/}/chancery --config ${RUN#"$root"/}/ra/ra.toml ra enroll --profile tls-server \\
      --cn www.example.com --dns www.example.com --key-out www.key --out www.pem
Logs are in ${RUN#"$root"/}/*/log.   Stop with: make down
END
