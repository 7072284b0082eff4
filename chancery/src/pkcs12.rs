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

#[cfg(test)]
mod tests {
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;
    use crate::values::KeyType;

    fn openssl(directory: &TempDir, arguments: &[&str]) -> std::process::Output {
        let program = Command::new("openssl")
            .args(arguments)
            .current_dir(directory.path())
            .output();
        program.expect("openssl starts")
    }

    /// A key with a certificate of its own that openssl made.
    fn self_signed(directory: &TempDir, key_type: KeyType) -> (SoftwareKey, String) {
        let key = SoftwareKey::generate(key_type).unwrap();
        let path = directory.path().join("a.key");
        key.write(&path).unwrap();
        let made = openssl(
            directory,
            &[
                "req", "-x509", "-key", "a.key", "-out", "a.pem", "-subj", "/CN=a", "-days", "9",
            ],
        );
        assert!(made.status.success(), "{made:?}");
        let pem = std::fs::read_to_string(directory.path().join("a.pem")).unwrap();
        std::fs::remove_file(path).unwrap();
        (key, pem)
    }

    #[test]
    fn openssl_unpacks_key_and_certificate_with_the_password_alone() {
        for key_type in [KeyType::EcP256, KeyType::Ed25519, KeyType::Rsa3072] {
            let directory = TempDir::new().unwrap();
            let (key, pem) = self_signed(&directory, key_type);
            let p12 = encode(&key, &pem, &[], "correct horse").unwrap();
            std::fs::write(directory.path().join("a.p12"), p12).unwrap();
            let unpack = |password: &str| {
                let password = format!("pass:{password}");
                let arguments = ["pkcs12", "-in", "a.p12", "-nodes", "-passin", &password];
                openssl(&directory, &arguments)
            };
            let unpacked = unpack("correct horse");
            assert!(unpacked.status.success(), "{unpacked:?}");
            let text = String::from_utf8(unpacked.stdout).unwrap();
            assert!(text.contains("BEGIN PRIVATE KEY") && text.contains("BEGIN CERTIFICATE"));
            assert!(!unpack("wrong").status.success());
        }
    }

    #[test]
    fn a_key_that_is_not_the_certificates_is_refused() {
        let directory = TempDir::new().unwrap();
        let (_, pem) = self_signed(&directory, KeyType::EcP256);
        let other = SoftwareKey::generate(KeyType::EcP256).unwrap();
        let refused = encode(&other, &pem, &[], "x").unwrap_err();
        assert_eq!(refused.exit_code(), crate::failure::REFUSED);
    }
}
