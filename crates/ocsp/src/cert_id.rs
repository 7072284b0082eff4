//! `CertIDs`: which certificate a client asks about, and whether its issuer is ours.

use pki::{PublicKey, SerialNumber};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The certificate a client asks about (RFC 6960 section 4.1.1).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CertId {
    /// The hash that both issuer hashes were made with.
    pub hash: CertIdHash,
    /// Hash of the issuer's name, DER.
    pub issuer_name_hash: Vec<u8>,
    /// Hash of the issuer's public key, without tag, length and unused bits.
    pub issuer_key_hash: Vec<u8>,
    /// Serial number of the certificate.
    pub serial: SerialNumber,
    /// The CertID byte for byte as it came; a response repeats it.
    pub raw: Vec<u8>,
}

/// The hash algorithms in `CertIDs` that are answered (RFC 9919 section 3.1.1).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CertIdHash {
    /// SHA-1, as clients of RFC 5019 send.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// The hashes by which clients name an issuer.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct IssuerHashes {
    /// SHA-1 of the issuer's name.
    pub name_sha1: [u8; 20],
    /// SHA-1 of the issuer's key.
    pub key_sha1: [u8; 20],
    /// SHA-256 of the issuer's name.
    pub name_sha256: [u8; 32],
    /// SHA-256 of the issuer's key.
    pub key_sha256: [u8; 32],
}

impl IssuerHashes {
    /// Hashes the subject of a CA certificate, DER, and its public key.
    pub fn of(subject_der: &[u8], public_key: &PublicKey) -> Self {
        let key = public_key.subject_public_key();
        Self {
            name_sha1: Sha1::digest(subject_der).into(),
            key_sha1: Sha1::digest(key).into(),
            name_sha256: Sha256::digest(subject_der).into(),
            key_sha256: Sha256::digest(key).into(),
        }
    }

    /// Whether `cert_id` asks about a certificate of this issuer.
    pub fn matches(&self, cert_id: &CertId) -> bool {
        let (name, key): (&[u8], &[u8]) = match cert_id.hash {
            CertIdHash::Sha1 => (&self.name_sha1, &self.key_sha1),
            CertIdHash::Sha256 => (&self.name_sha256, &self.key_sha256),
        };
        cert_id.issuer_name_hash == name && cert_id.issuer_key_hash == key
    }
}
