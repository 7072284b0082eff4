# Run in an empty directory: a CA, responders good and bad, and the statuses that OpenSSL's own
# responder tells from. Everything is made by OpenSSL.
exec 2>log
cat >pki.cnf <<'END'
[req]
distinguished_name = dn
prompt = no
[dn]
C = NL
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid:always
[checked]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
[purposeless]
keyUsage = critical,digitalSignature
noCheck = ignored
[other_purpose]
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
noCheck = ignored
END
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() {
    key "$1"
    openssl req -new -x509 -config pki.cnf -key "$1.key" -subj "/CN=$1" -days 60 -extensions ca \
        -out "$1.pem"
    openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}
responder() { # NAME SECTION CA DAYS
    key "$1"
    openssl req -new -config pki.cnf -key "$1.key" -subj "/CN=$1" -out "$1.req"
    openssl x509 -req -in "$1.req" -CA "$3.pem" -CAkey "$3.key" -set_serial "0x4${#1}" -days "$4" \
        -extfile pki.cnf -extensions "$2" -out "$1.pem"
}
authority ca
authority other
responder good responder ca 30
responder checked checked ca 30
responder purposeless purposeless ca 30
responder misused other_purpose ca 30
responder foreign responder other 30
# The program `faketime` fails where a process of the same id left its semaphore behind.
at_that_time() { FAKETIME=-40d LD_PRELOAD='/usr/$LIB/faketime/libfaketime.so.1' "$@"; }
key expired
openssl req -new -config pki.cnf -key expired.key -subj /CN=expired -out expired.req
at_that_time openssl x509 -req -in expired.req -CA ca.pem -CAkey ca.key -set_serial 0x4f \
    -days 30 -extfile pki.cnf -extensions responder -out expired.pem

# A certificate that is good, one that is revoked, one on hold; a fourth was never issued.
{
    printf 'V\t450101000000Z\t\t8001\tunknown\t/CN=a\n'
    printf 'R\t450101000000Z\t250101120000Z,keyCompromise\t8002\tunknown\t/CN=b\n'
    printf 'R\t450101000000Z\t250101120000Z,certificateHold\t8003\tunknown\t/CN=c\n'
} >index.txt
