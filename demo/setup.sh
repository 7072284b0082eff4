#!/usr/bin/env bash
# Makes tokens, keys, a root CA, two issuing CAs, a management CA and the configuration of all
# daemons in demo/run. Each command is one that a person could type; docs/setting-up.md explains them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

[ -n "$MODULE" ] || { echo "SoftHSM2 is not installed: make prerequisites" >&2; exit 1; }
rm -rf "$RUN"
umask 077
mkdir -p "$RUN"/{root,ca/policy,ca/backup,ocsp,crl/public,officer,ra}

chapter "Tokens: one for the offline root, one for the issuing CAs, one for the OCSP responder"
make_token() {
    local process=$1 label=$2
    mkdir -p "$RUN/$process/tokens"
    sed "s|@TOKENS@|$RUN/$process/tokens|" "$root/softhsm-config/softhsm2.conf.in" >"$RUN/$process/softhsm2.conf"
    openssl rand -hex 8 >"$RUN/$process/$label.pin"
    openssl rand -hex 8 >"$RUN/$process/$label.so-pin"
    with_token "$process" chancery ceremony init-token --module "$MODULE" --label "$label" \
        --so-pin-file "$RUN/$process/$label.so-pin" --pin-file "$RUN/$process/$label.pin"
    printf 'module = "%s"\ntoken_label = "%s"\npin_file = "%s"\n' \
        "$MODULE" "$label" "$RUN/$process/$label.pin" >"$RUN/$process/token.toml"
}
make_token root root
make_token ca issuing
make_token ocsp ocsp

chapter "Policies: the CPS of each CA, with the URLs of this demonstration"
for policy in esign internal management; do
    sed -e "s|^repository = .*|repository = \"http://$HOST:$CRL_PORT\"|" \
        -e "s|^ocsp = .*|ocsp = \"http://$HOST:$OCSP_PORT\"|" \
        -e "s|^after_revocation = .*|after_revocation = \"1s\"|" \
        -e "${POLICY_EDIT:-}" \
        "$root/policy/$policy.toml" >"$RUN/ca/policy/$policy.toml"
    [ ! -d "$root/policy/agreements" ] || cp -r "$root/policy/agreements" "$RUN/ca/policy/"
    run chancery policy check "$RUN/ca/policy/$policy.toml"
done

chapter "Ceremony: the root, its key in its own token, used offline"
with_token root chancery ceremony generate-key --token "$RUN/root/token.toml" --id 01 \
    --label root --algorithm ec-p384
with_token root chancery ceremony root --token "$RUN/root/token.toml" --id 01 \
    --policy "$RUN/ca/policy/esign.toml" --subject 'C=CN,O=Example Certification Services,CN=Example Root CA' \
    --out "$RUN/root/root.pem"

chapter "Ceremony: two issuing CAs below the root"
issuing_ca() {
    local name=$1 id=$2 policy=$3 algorithm=$4 subject=$5
    with_token ca chancery ceremony generate-key --token "$RUN/ca/token.toml" --id "$id" \
        --label "$name" --algorithm "$algorithm"
    with_token ca chancery ceremony csr --token "$RUN/ca/token.toml" --id "$id" \
        --subject "$subject" --out "$RUN/ca/$name.csr"
    with_token root chancery ceremony sign-ca --token "$RUN/root/token.toml" --id 01 \
        --certificate "$RUN/root/root.pem" --policy "$RUN/ca/policy/$policy.toml" \
        --csr "$RUN/ca/$name.csr" --out "$RUN/ca/$name.pem"
}
issuing_ca esign-ca 01 esign "${ESIGN_CA_ALGORITHM:-ec-p256}" \
    'C=CN,O=Example Certification Services,CN=Example E-Sign CA'
issuing_ca internal-ca 02 internal "${INTERNAL_CA_ALGORITHM:-rsa-3072}" \
    'C=CN,O=Example Certification Services,CN=Example Internal CA'

chapter "Ceremony: the management CA, which certifies TLS, RA, officer and follower keys"
with_token ca chancery ceremony generate-key --token "$RUN/ca/token.toml" --id 03 \
    --label management --algorithm ec-p256
with_token ca chancery ceremony root --token "$RUN/ca/token.toml" --id 03 --name management \
    --policy "$RUN/ca/policy/management.toml" --path-len 0 \
    --subject 'O=Example Certification Services,CN=Example Management CA' --out "$RUN/ca/management.pem"

chapter "The key that signs receipts of revocations; bootstrap certifies it"
with_token ca chancery ceremony generate-key --token "$RUN/ca/token.toml" --id 04 \
    --label receipts --algorithm ec-p256

chapter "Ceremony: the root's CRL"
with_token root chancery ceremony root-crl --token "$RUN/root/token.toml" --id 01 \
    --certificate "$RUN/root/root.pem" --number 1 --next-update 180d --out "$RUN/root/root.crl"

chapter "TLS keys of the server, the first officer, an RA and the two followers"
cp "$RUN/root/root.pem" "$RUN/ca/root.pem"
for peer in officer ra ocsp crl; do cp "$RUN/ca/management.pem" "$RUN/$peer/"; done
run chancery key new --key-out "$RUN/ca/server.key" --csr-out "$RUN/ca/server.csr" --cn localhost --dns localhost --ip "$HOST"
run chancery key new --key-out "$RUN/officer/officer-1.key" --csr-out "$RUN/officer/officer-1.csr" --cn officer-1
run chancery key new --key-out "$RUN/ra/ra-1.key" --csr-out "$RUN/ra/ra-1.csr" --cn ra-1
run chancery key new --key-out "$RUN/ocsp/ocsp-1.key" --csr-out "$RUN/ocsp/ocsp-1.csr" --cn ocsp-1
run chancery key new --key-out "$RUN/crl/crl-1.key" --csr-out "$RUN/crl/crl-1.csr" --cn crl-1
with_token ocsp chancery ceremony generate-key --token "$RUN/ocsp/token.toml" --id 01 \
    --label ocsp-1 --algorithm ec-p256 --out "$RUN/ocsp/ocsp-1.pub"

chapter "Configuration, database and the first officer"
fill_in "$root/demo/config/ca-daemon.toml" >"$RUN/ca/ca-daemon.toml"
fill_in "$root/demo/config/ocsp-responder.toml" >"$RUN/ocsp/ocsp-responder.toml"
fill_in "$root/demo/config/crl-publisher.toml" >"$RUN/crl/crl-publisher.toml"
fill_in "$root/demo/config/client.toml" | sed 's|@NAME@|officer-1|' >"$RUN/officer/officer.toml"
fill_in "$root/demo/config/client.toml" | sed 's|@NAME@|ra-1|' >"$RUN/ra/ra.toml"
run ca-daemon --config "$RUN/ca/ca-daemon.toml" check-config
with_token ca ca-daemon --config "$RUN/ca/ca-daemon.toml" migrate
with_token ca ca-daemon --config "$RUN/ca/ca-daemon.toml" bootstrap \
    --server-csr "$RUN/ca/server.csr" --server-out "$RUN/ca/server.pem" \
    --officer officer-1 --officer-csr "$RUN/officer/officer-1.csr" --officer-out "$RUN/officer/officer-1.pem"
