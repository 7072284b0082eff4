//! What is assembled here is good in the eyes of jwcrypto, and changed octets are not, for every
//! kind of key. Keys, certificates and signatures are OpenSSL's.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "what a test stands on works or ends it"
)]

use std::path::Path;
use std::process::Command;

use jws::{JwsError, SignedJson, Unsigned};
use pki::{Certificate, SignatureAlgorithm};
use tempfile::TempDir;
use testkit::judges::JwCrypto;

const TYP: &str = "vnd.example.test+jws";
const PAYLOAD: &[u8] = br#"{"serial":"0a1b"}"#;

/// A key with a certificate of its own.
struct Signer {
    directory: TempDir,
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
}

impl Signer {
    fn new(genpkey: &[&str], algorithm: SignatureAlgorithm) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let genpkey = [&["genpkey", "-quiet", "-out", "key.pem"], genpkey].concat();
        openssl(directory.path(), &genpkey);
        openssl(
            directory.path(),
            &[
                "req",
                "-x509",
                "-new",
                "-key",
                "key.pem",
                "-subj",
                "/CN=signer",
                "-out",
                "cert.pem",
            ],
        );
        let pem = std::fs::read_to_string(directory.path().join("cert.pem")).unwrap();
        Self {
            certificate: Certificate::parse_pem(&pem).unwrap(),
            algorithm,
            directory,
        }
    }

    /// A signature in X.509 form.
    fn signature(&self, message: &[u8]) -> Vec<u8> {
        let at = self.directory.path();
        std::fs::write(at.join("message"), message).unwrap();
        let sign = [
            "pkeyutl",
            "-sign",
            "-rawin",
            "-inkey",
            "key.pem",
            "-in",
            "message",
            "-out",
            "signature",
        ];
        let more: &[&str] = match self.algorithm {
            SignatureAlgorithm::Ed25519 => &[],
            SignatureAlgorithm::EcdsaSha384 => &["-digest", "sha384"],
            SignatureAlgorithm::EcdsaSha512 => &["-digest", "sha512"],
            SignatureAlgorithm::RsaPssSha256 => &[
                "-digest",
                "sha256",
                "-pkeyopt",
                "rsa_padding_mode:pss",
                "-pkeyopt",
                "rsa_pss_saltlen:32",
            ],
            _ => &["-digest", "sha256"],
        };
        openssl(at, &[&sign, more].concat());
        std::fs::read(at.join("signature")).unwrap()
    }

    fn sign(&self) -> SignedJson {
        let chain = [self.certificate.clone()];
        let unsigned = Unsigned::new(TYP, self.algorithm, &chain, PAYLOAD).unwrap();
        let signature = self.signature(&unsigned.signing_input());
        unsigned.complete(&signature).unwrap()
    }
}

fn openssl(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("openssl");
    let output = command
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
}

fn curve(name: &str) -> Vec<String> {
    let option = format!("ec_paramgen_curve:{name}");
    ["-algorithm", "EC", "-pkeyopt", &option]
        .map(str::to_owned)
        .to_vec()
}

fn judge(genpkey: &[&str], algorithm: SignatureAlgorithm, name: &str) {
    let signer = Signer::new(genpkey, algorithm);
    let jws = signer.sign();
    let verified = jws.verify().unwrap();
    assert_eq!(verified.payload, PAYLOAD);
    assert_eq!(verified.chain, std::slice::from_ref(&signer.certificate));
    assert_eq!(
        (verified.algorithm.as_str(), verified.typ.as_str()),
        (name, TYP)
    );
    let json = serde_json::to_string(&jws).unwrap();
    assert_eq!(JwCrypto::verify(&json).unwrap().as_bytes(), PAYLOAD);

    for part in ["payload", "signature"] {
        let spoilt = spoil(&jws, part);
        assert!(spoilt.verify().is_err(), "{name}: {part}");
        let json = serde_json::to_string(&spoilt).unwrap();
        JwCrypto::verify(&json).unwrap_err();
    }
}

/// One character of a part changed: still base64url.
fn spoil(jws: &SignedJson, part: &str) -> SignedJson {
    let mut json = serde_json::to_value(jws).unwrap();
    let mut text: Vec<u8> = json[part].as_str().unwrap().as_bytes().to_vec();
    let middle = text.len() / 2;
    text[middle] = if text[middle] == b'A' { b'B' } else { b'A' };
    json[part] = String::from_utf8(text).unwrap().into();
    serde_json::from_value(json).unwrap()
}

#[test]
fn es256() {
    let curve = curve("P-256");
    let curve: Vec<_> = curve.iter().map(String::as_str).collect();
    judge(&curve, SignatureAlgorithm::EcdsaSha256, "ES256");
}

#[test]
fn es384() {
    let curve = curve("P-384");
    let curve: Vec<_> = curve.iter().map(String::as_str).collect();
    judge(&curve, SignatureAlgorithm::EcdsaSha384, "ES384");
}

#[test]
fn es512() {
    let curve = curve("P-521");
    let curve: Vec<_> = curve.iter().map(String::as_str).collect();
    judge(&curve, SignatureAlgorithm::EcdsaSha512, "ES512");
}

#[test]
fn rs256_and_ps256() {
    let rsa = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];
    judge(&rsa, SignatureAlgorithm::RsaPkcs1Sha256, "RS256");
    judge(&rsa, SignatureAlgorithm::RsaPssSha256, "PS256");
}

#[test]
fn eddsa() {
    judge(
        &["-algorithm", "ED25519"],
        SignatureAlgorithm::Ed25519,
        "EdDSA",
    );
}

#[test]
fn a_signature_of_another_key_is_not_taken() {
    let ed25519 = ["-algorithm", "ED25519"];
    let (one, other) = (
        Signer::new(&ed25519, SignatureAlgorithm::Ed25519),
        Signer::new(&ed25519, SignatureAlgorithm::Ed25519),
    );
    let chain = [one.certificate.clone()];
    let unsigned = Unsigned::new(TYP, one.algorithm, &chain, PAYLOAD).unwrap();
    let signature = other.signature(&unsigned.signing_input());
    assert_eq!(unsigned.complete(&signature), Err(JwsError::Signature));
}

/// The header says what it is, and no more: neither an algorithm of another key nor `none`, nor a
/// member that would change the meaning.
#[test]
fn headers_of_others_are_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let signer = Signer::new(&["-algorithm", "ED25519"], SignatureAlgorithm::Ed25519);
    let jws = signer.sign();
    let header = URL_SAFE_NO_PAD.decode(&jws.protected).unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header).unwrap();
    for (member, value) in [
        ("alg", "none"),
        ("alg", "ES256"),
        ("alg", "HS256"),
        ("crit", "b64"),
        ("b64", "false"),
        ("jku", "https://example.com/keys"),
    ] {
        let mut header = header.clone();
        header[member] = value.into();
        let protected = URL_SAFE_NO_PAD.encode(header.to_string());
        let input = format!("{protected}.{}", jws.payload);
        let signature = URL_SAFE_NO_PAD.encode(signer.signature(input.as_bytes()));
        let other = SignedJson {
            protected,
            signature,
            payload: jws.payload.clone(),
        };
        assert!(other.verify().is_err(), "{member}: {value}");
    }
    let padded = SignedJson {
        signature: format!("{}=", jws.signature),
        ..jws
    };
    let part = "signature";
    assert_eq!(padded.verify(), Err(JwsError::Encoding { part }));
}
