# Run in an empty directory that holds pki.cnf: makes what the tests of the judges look at.
exec 2>log
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
request() {
    key "$1"
    openssl req -new -config pki.cnf -key "$1.key" -subj "$2" -outform PEM -out "$1.req"
    openssl req -in "$1.req" -outform DER -out "$1.csr"
}
certify() { # NAME SECTION CA SERIAL
    openssl x509 -req -in "$1.req" -CA "$3.pem" -CAkey "$3.key" -set_serial "$4" -days 30 \
        -extfile pki.cnf -extensions "$2" -out "$1.pem"
    openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
key root
openssl req -new -x509 -config pki.cnf -key root.key -subj '/C=NL/O=Example/CN=Root' -days 60 \
    -extensions root -out root.pem
openssl x509 -in root.pem -outform DER -out root.der
request issuing '/C=NL/O=Example/CN=Issuing'
certify issuing sub root 0x4a5b6c7d8e9fa0b1c2d3
request good '/C=NL/O=Example/CN=Someone'
certify good end issuing 0x5a5b6c7d8e9fa0b1c2d3
request revoked '/C=NL/O=Example/CN=Nobody'
certify revoked end issuing 0x6a5b6c7d8e9fa0b1c2d3
request careless '/CN=Careless'
certify careless careless issuing 7

: >index.txt
: >root-index.txt
echo 01 >crlnumber
echo 01 >root-crlnumber
openssl ca -config pki.cnf -valid good.pem
openssl ca -config pki.cnf -revoke revoked.pem -crl_reason keyCompromise
openssl ca -config pki.cnf -gencrl -out issuing.crl.pem
openssl ca -config pki.cnf -name root_ca -gencrl -out root.crl.pem
sed '/^crlnumber/d; /^crl_extensions/d' pki.cnf >bare.cnf
openssl ca -config bare.cnf -gencrl -out bare.crl.pem
for crl in issuing root bare; do openssl crl -in $crl.crl.pem -outform DER -out $crl.crl; done

answer() { # NAME OUTPUT SIGNER MORE...
    certificate=$1 output=$2 signer=$3
    shift 3
    openssl ocsp -issuer issuing.pem -cert "$certificate.pem" -no_nonce -reqout request
    openssl ocsp -index index.txt -CA issuing.pem -rsigner "$signer.pem" -rkey "$signer.key" \
        -reqin request -respout "$output.ocsp" "$@"
}
answer good good issuing -ndays 1
answer revoked revoked issuing -ndays 1
answer careless careless issuing -ndays 1
answer good foreign root -ndays 1
# The program `faketime` fails where a process of the same id left its semaphore behind.
export FAKETIME=-2d LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1'
openssl ocsp -index index.txt -CA issuing.pem -rsigner issuing.pem -rkey issuing.key \
    -reqin request -respout stale.ocsp -nmin 5
