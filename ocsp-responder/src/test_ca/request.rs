//! Requests, octet by octet.

use ocsp::IssuerHashes;
use pki::SignatureAlgorithm;

use super::{TestCa, serial};

impl TestCa {
    /// A CertID about one of the CA's certificates, DER.
    pub(crate) fn cert_id(&self, hash: TestHash, last: u8) -> Vec<u8> {
        let certificate = self.issuer.certificate();
        let hashes = IssuerHashes::of(certificate.subject_der(), certificate.public_key());
        let (algorithm, name, key): (&[u8], &[u8], &[u8]) = match hash {
            TestHash::Sha1Bare => (SHA_1_BARE, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha1Odd => (SHA_1_ODD, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha1 => (SHA_1, &hashes.name_sha1, &hashes.key_sha1),
            TestHash::Sha256 => (SHA_256, &hashes.name_sha256, &hashes.key_sha256),
        };
        let parts = [
            algorithm.to_vec(),
            tlv(0x04, name),
            tlv(0x04, key),
            tlv(0x02, serial(last).as_bytes()),
        ];
        tlv(0x30, &parts.concat())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TestHash {
    Sha1,
    /// Without parameters.
    Sha1Bare,
    /// With parameters of its own.
    Sha1Odd,
    Sha256,
}

const SHA_1: &[u8] = &[
    0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00,
];
const SHA_1_BARE: &[u8] = b"\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a";
const SHA_1_ODD: &[u8] = b"\x30\x0a\x06\x05\x2b\x0e\x03\x02\x1a\x04\x01\x07";
const SHA_256: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00,
];
/// `id-pkix-ocsp-pref-sig-algs`.
const PREFERRED: &[u8] = b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x08";
/// `id-pkix-ocsp-nonce`.
const NONCE: &[u8] = &[
    0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02,
];

/// The same from a client that prefers these signature algorithms.
pub(crate) fn request_preferring(
    cert_ids: &[Vec<u8>],
    preferred: &[SignatureAlgorithm],
) -> Vec<u8> {
    let listed: Vec<u8> = preferred
        .iter()
        .flat_map(|algorithm| tlv(0x30, &algorithm.identifier_der()))
        .collect();
    let extension = [PREFERRED.to_vec(), tlv(0x04, &tlv(0x30, &listed))].concat();
    encode(cert_ids, Some(&tlv(0x30, &extension)))
}

/// An `OCSPRequest` about `cert_ids`, DER.
pub(crate) fn request(cert_ids: &[Vec<u8>], nonce: Option<&[u8]>) -> Vec<u8> {
    let nonce = nonce.map(|nonce| {
        let value = tlv(0x04, &tlv(0x04, nonce));
        tlv(0x30, &[NONCE.to_vec(), value].concat())
    });
    encode(cert_ids, nonce.as_deref())
}

fn encode(cert_ids: &[Vec<u8>], extension: Option<&[u8]>) -> Vec<u8> {
    let requests: Vec<u8> = cert_ids.iter().flat_map(|id| tlv(0x30, id)).collect();
    let mut tbs = tlv(0x30, &requests);
    if let Some(extension) = extension {
        tbs.extend(tlv(0xa2, &tlv(0x30, extension)));
    }
    tlv(0x30, &tlv(0x30, &tbs))
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    match content.len() {
        length @ 0..=0x7f => der.push(u8::try_from(length).unwrap()),
        length => {
            der.push(0x82);
            der.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    // Two octets of length where one is enough is not DER.
    if let [_, 0x82, 0x00, short, ..] = der[..] {
        der.splice(1..4, [0x81, short]);
    }
    der.extend(content);
    der
}
