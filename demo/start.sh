#!/usr/bin/env bash
# Starts ca-daemon, has the officer register the RA and the followers, starts the followers, and
# writes demo/env.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
umask 077

start() {
    local process=$1 binary=$2 port=$3
    printf '%s$ %s --config %s run &%s\n' "$dim" "$binary" "${RUN#"$root"/}/$process/$binary.toml" "$plain"
    SOFTHSM2_CONF="$RUN/$process/softhsm2.conf" nohup \
        "$binary" --config "$RUN/$process/$binary.toml" run >"$RUN/$process/log" 2>&1 </dev/null &
    echo $! >"$RUN/$process/pid"
    wait_until "$binary is ready" is_ready "$port"
}
officer() { run chancery --config "$RUN/officer/officer.toml" officer "$@"; }

chapter "ca-daemon"
start ca ca-daemon "$CA_OPERATIONS_PORT"

chapter "The officer registers an RA, an OCSP responder with its key, and a CRL publisher"
officer register --name ra-1 --role ra --agreement-ref demo \
    --profile esign-individual --profile esign-organization \
    --profile tls-server --profile tls-client --profile device \
    --csr "$RUN/ra/ra-1.csr" --out "$RUN/ra/ra-1.pem"
officer register --name ocsp-1 --role responder --csr "$RUN/ocsp/ocsp-1.csr" --out "$RUN/ocsp/ocsp-1.pem"
officer register --name crl-1 --role publisher --csr "$RUN/crl/crl-1.csr" --out "$RUN/crl/crl-1.pem"
officer register-responder --name ocsp-1 --public-key "$RUN/ocsp/ocsp-1.pub" \
    --issuer esign-ca --issuer internal-ca
officer import-crl --issuer root --crl "$RUN/root/root.crl"

chapter "ocsp-responder and crl-publisher"
start ocsp ocsp-responder "$OCSP_OPERATIONS_PORT"
start crl crl-publisher "$CRL_OPERATIONS_PORT"
for file in crl/root.crl crl/esign-ca.crl crl/internal-ca.crl ca/root.cer ca/esign-ca.cer cps/esign-ca.html; do
    wait_until "$file is published" curl --silent --fail "http://$HOST:$CRL_PORT/$file"
done

cat >"$ENV_FILE" <<END
CA_URL=https://$HOST:$API_PORT
OCSP_URL=http://$HOST:$OCSP_PORT
CRL_URL=http://$HOST:$CRL_PORT
RA_CERT=$RUN/ra/ra-1.pem
RA_KEY=$RUN/ra/ra-1.key
TLS_CA=$RUN/ra/management.pem
ROOT_CERT=$RUN/root/root.pem
ISSUING_CERT=$RUN/ca/esign-ca.pem
RA_CONFIG=$RUN/ra/ra.toml
OFFICER_CONFIG=$RUN/officer/officer.toml
END
