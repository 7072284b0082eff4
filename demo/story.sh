#!/usr/bin/env bash
# The story: an RA's and a relying party's day with real parts. Needs a CA that demo/start.sh started.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ENV_FILE"
work=$RUN/story
rm -rf "$work"
mkdir -p "$work"
cd "$work"

ra() { run chancery --config "$RA_CONFIG" ra "$@"; }
# The answer of `openssl ocsp` stands in its text, not in its exit code.
ocsp_says() {
    local expected=$1 certificate=$2 issuer=$3
    run openssl ocsp -issuer "$issuer" -cert "$certificate" -url "$OCSP_URL" \
        -CAfile "$ROOT_CERT" -verify_other "$issuer" 2>&1 | tee ocsp.txt
    grep -q '^Response verify OK' ocsp.txt
    grep -q "^$certificate: $expected" ocsp.txt
}
serial_of() { openssl x509 -in "$1" -noout -serial | cut -d= -f2 | tr A-F a-f; }

# What an RA states about a subscriber: verified names, the evidence by digest, and consent.
yesterday=$(date -u -d '1 day ago' +%Y-%m-%dT%H:%M:%SZ)
agreement=$(openssl dgst -sha256 -r "$root/policy/agreements/subscriber-2026-1.md" | cut -d' ' -f1)
evidence() {
    local separator='' kind
    for kind in "$@"; do
        printf '%s{"kind":"%s","digest_sha256":"%s","collected_at":"%s","verified_by":"ra-1","method":"database","passed":true}' \
            "$separator" "$kind" "$(printf '%s' "$kind" | openssl dgst -sha256 -r | cut -d' ' -f1)" "$yesterday"
        separator=,
    done
}
consent() {
    printf '{"agreement_version":"2026-1","agreement_sha256":"%s","method":"click","at":"%s","purposes":["certificate_issuance","third_party_verification"]}' \
        "$agreement" "$yesterday"
}
cat >zhang.json <<END
{
  "subject_kind": "individual",
  "subject": {"countryName": "CN", "surname": "张", "givenName": "三", "commonName": "张三", "serialNumber": "U-2026-000123"},
  "subscriber_ref": "U-2026-000123",
  "evidence": [$(evidence name id_number mobile)],
  "consent": $(consent)
}
END
cat >company.json <<END
{
  "subject_kind": "organization",
  "subject": {"countryName": "CN", "organizationName": "示例科技有限公司", "organizationIdentifier": "NTRCN-91350100M000100Y43", "commonName": "示例科技有限公司"},
  "subscriber_ref": "O-2026-000007",
  "evidence": [$(evidence org_name uscc legal_rep_id corp_bank_account)],
  "consent": $(consent)
}
END

chapter "Four subscribers make keys and CSRs with openssl: P-256, RSA-3072, P-384, Ed25519"
run openssl ecparam -name prime256v1 -genkey -noout -out zhang.key
run openssl req -new -key zhang.key -subj / -out zhang.csr
run openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out company.key
run openssl req -new -key company.key -subj / -out company.csr
run openssl ecparam -name secp384r1 -genkey -noout -out www.key
run openssl req -new -key www.key -subj /CN=www.example.com -addext subjectAltName=DNS:www.example.com -out www.csr
run openssl genpkey -algorithm ED25519 -out sensor.key
run openssl req -new -key sensor.key -subj /CN=sensor-17 -out sensor.csr

chapter "The RA enrols them over HTTPS with its client certificate"
ra profiles
ra enroll --profile esign-individual --csr zhang.csr --statement zhang.json --order-id order-1 \
    --validity 20d --out zhang.pem --full-chain zhang-chain.pem
ra enroll --profile esign-organization --csr company.csr --statement company.json --order-id order-2 \
    --out company.pem --full-chain company-chain.pem
ra enroll --profile tls-server --csr www.csr --order-id order-3 --out www.pem --full-chain www-chain.pem
ra enroll --profile device --csr sensor.csr --order-id order-4 --out sensor.pem --full-chain sensor-chain.pem

chapter "A request that breaks rules is refused with every rule it breaks, and nothing is signed"
sed -e 's/"countryName": "CN"/"countryName": "FR"/' -e 's/"kind":"mobile"/"kind":"name"/' zhang.json >wrong.json
run_refused chancery --config "$RA_CONFIG" ra enroll --profile esign-individual --csr zhang.csr \
    --statement wrong.json --out wrong.pem

chapter "A relying party verifies the chains"
for who in zhang company www sensor; do
    run openssl verify -x509_strict -CAfile "$ROOT_CERT" -untrusted "$who-chain.pem" "$who.pem"
done

chapter "openssl ocsp says good"
internal=$RUN/ca/internal-ca.pem
ocsp_says good zhang.pem "$ISSUING_CERT"
ocsp_says good company.pem "$ISSUING_CERT"
ocsp_says good www.pem "$internal"
ocsp_says good sensor.pem "$internal"

chapter "Renew: the same key, within 30 days of expiry"
ra renew --serial "$(serial_of zhang.pem)" --statement zhang.json --out zhang-renewed.pem
run openssl verify -x509_strict -CAfile "$ROOT_CERT" -untrusted zhang-chain.pem zhang-renewed.pem
ocsp_says good zhang-renewed.pem "$ISSUING_CERT"

chapter "Replace: a new key, identity verified again; the old certificate stays until it is revoked"
run openssl ecparam -name prime256v1 -genkey -noout -out zhang-new.key
run openssl req -new -key zhang-new.key -subj / -out zhang-new.csr
ra replace --serial "$(serial_of zhang.pem)" --csr zhang-new.csr --statement zhang.json --out zhang-new.pem
run openssl verify -x509_strict -CAfile "$ROOT_CERT" -untrusted zhang-chain.pem zhang-new.pem
ocsp_says good zhang-new.pem "$ISSUING_CERT"

chapter "Revoke: when the command returns, every responder answers revoked"
ra revoke --serial "$(serial_of zhang.pem)" --ground sub.key_lost_or_leaked
ocsp_says revoked zhang.pem "$ISSUING_CERT"
ra revoke --serial "$(serial_of www.pem)" --ground sub.key_lost_or_leaked
ocsp_says revoked www.pem "$internal"

chapter "The CRLs follow; openssl verify -crl_check_all says revoked"
fetch_crls() {
    local name
    for name in root esign-ca internal-ca; do
        curl --silent --fail "$CRL_URL/crl/$name.crl" | openssl crl -inform DER -out "$name.crl"
    done
}
on_crl() {
    fetch_crls
    openssl crl -in "$1" -noout -text | tr A-F a-f | grep -q "$(serial_of "$2")"
}
wait_until "the CRL of esign-ca has it" on_crl esign-ca.crl zhang.pem
wait_until "the CRL of internal-ca has it" on_crl internal-ca.crl www.pem
run openssl verify -crl_check_all -CRLfile root.crl -CRLfile esign-ca.crl -CAfile "$ROOT_CERT" \
    -untrusted zhang-chain.pem zhang-new.pem
run_refused openssl verify -crl_check_all -CRLfile root.crl -CRLfile esign-ca.crl -CAfile "$ROOT_CERT" \
    -untrusted zhang-chain.pem zhang.pem
run_refused openssl verify -crl_check_all -CRLfile root.crl -CRLfile internal-ca.crl -CAfile "$ROOT_CERT" \
    -untrusted www-chain.pem www.pem

chapter "Without ca-daemon the public services go on"
run kill -TERM "$(cat "$RUN/ca/pid")"
wait_until "ca-daemon has ended" test ! -e "/proc/$(cat "$RUN/ca/pid")/exe"
ocsp_says revoked zhang.pem "$ISSUING_CERT"
ocsp_says good sensor.pem "$internal"
run curl --silent --fail --head "$CRL_URL/crl/esign-ca.crl"
