# Run after pki.sh: a full list that names its delta, the delta, and shards, made by OpenSSL.
exec 2>>log
cat >>pki.cnf <<'END'
[full_ext]
authorityKeyIdentifier = keyid:always
freshestCRL = URI:http://pki.example.com/issuing/delta.crl
[delta_ext]
authorityKeyIdentifier = keyid:always
2.5.29.27 = critical,DER:020110
[shard1_ext]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@point1
[shard2_ext]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@point2
[point1]
fullname = URI:http://pki.example.com/issuing/shard-1.crl
onlyuser = TRUE
[point2]
fullname = URI:http://pki.example.com/issuing/shard-2.crl
onlyuser = TRUE
[sharded]
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
crlDistributionPoints = URI:http://pki.example.com/issuing/shard-1.crl
certificatePolicies = 1.3.6.1.4.1.55555.1
END
for name in held fresh; do
    request $name "/CN=$name"
    certify $name end issuing "0x7a5b6c7d8e9fa0b1c2${#name}0"
done
for name in sharded shard_revoked; do
    request $name "/CN=$name"
    certify $name sharded issuing "0x7b5b6c7d8e9fa0b1c2${#name}0"
done

list() { # NAME NUMBER EXTENSIONS: a list of what was revoked in the index NAME
    echo "$2" >crlnumber
    sed "s/^database = index.txt/database = $1.index/" pki.cnf >"$1.cnf"
    openssl ca -config "$1.cnf" -gencrl -crlexts "$3" -out "$1.crl.pem"
    openssl crl -in "$1.crl.pem" -outform DER -out "$1.crl"
}
revoke() { # INDEX NAME REASON
    touch "$1.index"
    sed "s/^database = index.txt/database = $1.index/" pki.cnf >"$1.cnf"
    openssl ca -config "$1.cnf" -revoke "$2.pem" -crl_reason "$3"
}
revoke full revoked keyCompromise
revoke full held certificateHold
revoke delta fresh superseded
revoke delta held removeFromCRL
revoke shard1 shard_revoked keyCompromise
: >shard2.index
list full 10 full_ext
list delta 11 delta_ext
list shard1 01 shard1_ext
list shard2 01 shard2_ext
