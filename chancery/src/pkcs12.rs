//! PKCS#12 files (RFC 7292), encrypted with PBES2: AES-256 and HMAC-SHA-256.

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey,
    PrivateKeyChain,
};

use crate::{failure::Failure, software_key::SoftwareKey};

/// Packs a private key, its certificate and the CA certificates above it.
pub(crate) fn encode(
    key: &SoftwareKey,
    certificate: &str,
    chain: &[String],
    password: &str,
) -> Result<Vec<u8>, Failure> {
    let leaf = parsed(certificate)?;
    if leaf.public_key().spki_der() != key.public_key().spki_der() {
        return Err(
            Failure::refused("the private key is not that of the certificate")
                .remedy("name the right one with --key"),
        );
    }
    let mut certificates = vec![repacked(leaf.der())?];
    for pem in chain {
        certificates.push(repacked(parsed(pem)?.der())?);
    }
    let private_key = PrivateKey::from_der(key.pkcs8_der()).map_err(unpackable)?;
    let local_key_id = leaf.fingerprint().as_bytes().to_vec();
    let entry = PrivateKeyChain::new(local_key_id, private_key, certificates);
    let mut store = KeyStore::new();
    store.add_entry(
        &leaf.serial().to_string(),
        KeyStoreEntry::PrivateKeyChain(entry),
    );
    store
        .writer(password)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .encryption_iterations(ITERATIONS)
        .mac_algorithm(MacAlgorithm::HmacSha256)
        .mac_iterations(ITERATIONS)
        .write()
        .map_err(unpackable)
}

fn parsed(pem: &str) -> Result<pki::Certificate, Failure> {
    pki::Certificate::parse_pem(pem).map_err(|error| {
        Failure::internal("the CA's answer has a malformed certificate").because(&error)
    })
}

fn repacked(der: &[u8]) -> Result<Certificate, Failure> {
    Certificate::from_der(der).map_err(unpackable)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn unpackable(error: p12_keystore::error::Error) -> Failure {
    Failure::internal("the PKCS#12 file cannot be made").because(&error)
}

/// Slows down guessing the password; OWASP's figure for PBKDF2 with HMAC-SHA-256.
const ITERATIONS: u32 = 600_000;
