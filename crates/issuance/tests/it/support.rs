//! Software keys, a small hierarchy, and OpenSSL as a judge.

use std::{
    io::{Seek, Write},
    process::Command,
};

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair},
};
use issuance::{IssuedCertificate, Issuer, PreparedCertificate};
use jiff::Timestamp;
use pki::{
    AttributeType, DistinguishedName, IssuerName, PublicKey, SerialNumber, SignatureAlgorithm,
    SubjectAltName,
};
use policy::{
    BasicConstraintsPlan, CertificatePlan, CrlDistributionPoint, KeyUsage, PolicyIdentifier,
};
use testkit::judges::Chain;

/// 2026-11-24, in seconds since 1970: within all validities here.
pub(crate) const AT: i64 = 1_795_500_000;

/// All algorithms, each with the kind of key it is used with here.
pub(crate) const ALGORITHMS: [SignatureAlgorithm; 10] = [
    SignatureAlgorithm::RsaPkcs1Sha256,
    SignatureAlgorithm::RsaPkcs1Sha384,
    SignatureAlgorithm::RsaPkcs1Sha512,
    SignatureAlgorithm::RsaPssSha256,
    SignatureAlgorithm::RsaPssSha384,
    SignatureAlgorithm::RsaPssSha512,
    SignatureAlgorithm::EcdsaSha256,
    SignatureAlgorithm::EcdsaSha384,
    SignatureAlgorithm::EcdsaSha512,
    SignatureAlgorithm::Ed25519,
];

/// A private key in memory, in the place of one in an HSM.
pub(crate) struct SoftwareKey {
    pair: Pair,
    public_key: PublicKey,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SoftwareKey {
    /// A key that fits `algorithm`; RSA keys are always the same one.
    pub(crate) fn for_algorithm(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaSha256 => {
                Self::ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)
            }
            SignatureAlgorithm::EcdsaSha384 => {
                Self::ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING)
            }
            SignatureAlgorithm::EcdsaSha512 => {
                Self::ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING)
            }
            SignatureAlgorithm::Ed25519 => {
                Self::from_pair(Pair::Ed25519(Ed25519KeyPair::generate().unwrap()))
            }
            SignatureAlgorithm::RsaPkcs1Sha256
            | SignatureAlgorithm::RsaPkcs1Sha384
            | SignatureAlgorithm::RsaPkcs1Sha512
            | SignatureAlgorithm::RsaPssSha256
            | SignatureAlgorithm::RsaPssSha384
            | SignatureAlgorithm::RsaPssSha512 => Self::rsa(),
        }
    }

    /// The RSA key of the fixtures.
    pub(crate) fn rsa() -> Self {
        let pkcs8 = include_bytes!("keys/rsa-3072.pk8");
        Self::from_pair(Pair::Rsa(RsaKeyPair::from_pkcs8(pkcs8).unwrap()))
    }

    /// An Ed25519 key that depends on `seed` alone.
    pub(crate) fn ed25519(seed: u8) -> Self {
        Self::from_pair(Pair::Ed25519(
            Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap(),
        ))
    }

    fn ecdsa(algorithm: &'static signature::EcdsaSigningAlgorithm) -> Self {
        Self::from_pair(Pair::Ecdsa(EcdsaKeyPair::generate(algorithm).unwrap()))
    }

    fn from_pair(pair: Pair) -> Self {
        let spki: PublicKeyX509Der<'_> = match &pair {
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap(),
            Pair::Ecdsa(pair) => pair.public_key().as_der().unwrap(),
            Pair::Ed25519(pair) => pair.public_key().as_der().unwrap(),
        };
        let public_key = PublicKey::parse(spki.as_ref()).unwrap();
        Self { pair, public_key }
    }

    pub(crate) fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Signs as `SigningKey::sign` of an HSM does.
    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Pair::Ecdsa(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(rsa_encoding(algorithm), &random, message, &mut signature)
                    .unwrap();
                signature
            }
        }
    }
}

fn rsa_encoding(algorithm: SignatureAlgorithm) -> &'static dyn RsaEncoding {
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 => &signature::RSA_PKCS1_SHA256,
        SignatureAlgorithm::RsaPkcs1Sha384 => &signature::RSA_PKCS1_SHA384,
        SignatureAlgorithm::RsaPkcs1Sha512 => &signature::RSA_PKCS1_SHA512,
        SignatureAlgorithm::RsaPssSha256 => &signature::RSA_PSS_SHA256,
        SignatureAlgorithm::RsaPssSha384 => &signature::RSA_PSS_SHA384,
        SignatureAlgorithm::RsaPssSha512 => &signature::RSA_PSS_SHA512,
        SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::Ed25519 => panic!("{algorithm} is not an RSA algorithm"),
    }
}

/// A self-signed CA with its key.
pub(crate) struct TestCa {
    pub(crate) key: SoftwareKey,
    pub(crate) issuer: Issuer,
}

impl TestCa {
    pub(crate) fn root(algorithm: SignatureAlgorithm) -> Self {
        Self::root_with(SoftwareKey::for_algorithm(algorithm), algorithm)
    }

    /// A root of which every byte is fixed.
    pub(crate) fn fixed() -> Self {
        Self::root_with(SoftwareKey::ed25519(7), SignatureAlgorithm::Ed25519)
    }

    pub(crate) fn root_with(key: SoftwareKey, algorithm: SignatureAlgorithm) -> Self {
        let prepared = PreparedCertificate::self_signed(
            issuer_name(),
            serial(1),
            key.public_key(),
            algorithm,
            &ca_plan(None),
        )
        .unwrap();
        let root = sign(prepared, &key);
        let issuer = Issuer::new(
            issuer_name(),
            root.certificate().clone(),
            key.public_key(),
            algorithm,
        )
        .unwrap();
        Self { key, issuer }
    }

    /// Issues an end-entity certificate for a fixed key.
    pub(crate) fn leaf(&self, serial: SerialNumber) -> IssuedCertificate {
        self.issue(serial, &SoftwareKey::ed25519(8), &leaf_plan())
    }

    pub(crate) fn issue(
        &self,
        serial: SerialNumber,
        key: &SoftwareKey,
        plan: &CertificatePlan,
    ) -> IssuedCertificate {
        let prepared =
            PreparedCertificate::new(&self.issuer, serial, key.public_key(), plan).unwrap();
        sign(prepared, &self.key)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.key.sign(self.issuer.algorithm(), message)
    }

    /// The certificate, DER.
    pub(crate) fn der(&self) -> &[u8] {
        self.issuer.certificate().der()
    }

    /// A chain of this root and `end`, judged at a moment in both validities.
    pub(crate) fn chain<'a>(&'a self, end: &'a [u8]) -> Chain<'a> {
        Chain {
            root: self.der(),
            end,
            at: Some(AT),
            ..Chain::default()
        }
    }
}

pub(crate) fn sign(prepared: PreparedCertificate, key: &SoftwareKey) -> IssuedCertificate {
    let algorithm = prepared.algorithm();
    let (message, awaiting) = prepared.release();
    awaiting.complete(&key.sign(algorithm, &message)).unwrap()
}

pub(crate) fn issuer_name() -> IssuerName {
    "esign-ca".parse().unwrap()
}

pub(crate) fn serial(last: u8) -> SerialNumber {
    SerialNumber::from_bytes(&[0x0a, 0xd0, 0x51, 0x6e, 0x1d, 0xc4, 0x90, 0x22, 0x37, last]).unwrap()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn name(attributes: &[(AttributeType, &str)]) -> DistinguishedName {
    let attributes = attributes
        .iter()
        .map(|(kind, value)| (*kind, (*value).to_owned()));
    DistinguishedName::new(attributes.collect()).unwrap()
}

/// The plan of a CA certificate: a root, or below one.
pub(crate) fn ca_plan(path_len: Option<u8>) -> CertificatePlan {
    CertificatePlan {
        profile: "root".to_owned(),
        subject: name(&[
            (AttributeType::CountryName, "CN"),
            (AttributeType::OrganizationName, "测试认证有限公司"),
            (AttributeType::CommonName, "Test Root"),
        ]),
        subject_alt_names: Vec::new(),
        not_before: time("2026-01-01T00:00:00Z"),
        not_after: time("2046-01-01T00:00:00Z"),
        basic_constraints: BasicConstraintsPlan::Ca { path_len },
        key_usage: [KeyUsage::KeyCertSign, KeyUsage::CrlSign]
            .into_iter()
            .collect(),
        extended_key_usage: Vec::new(),
        policies: Vec::new(),
        crl_distribution_point: None,
        ocsp_uri: None,
        ca_issuers_uri: None,
        no_rev_avail: false,
        ocsp_no_check: false,
    }
}

/// The plan of an end-entity certificate with everything in it.
pub(crate) fn leaf_plan() -> CertificatePlan {
    CertificatePlan {
        profile: "tls-server".to_owned(),
        subject: name(&[
            (AttributeType::CountryName, "CN"),
            (AttributeType::CommonName, "印章.example.com"),
        ]),
        subject_alt_names: vec![
            SubjectAltName::new_dns("www.example.com").unwrap(),
            SubjectAltName::new_email("seal@example.com").unwrap(),
        ],
        not_before: time("2026-11-22T00:00:00Z"),
        not_after: time("2027-05-01T23:59:59Z"),
        basic_constraints: BasicConstraintsPlan::EndEntity,
        key_usage: [KeyUsage::DigitalSignature].into_iter().collect(),
        extended_key_usage: vec!["1.3.6.1.5.5.7.3.1".parse().unwrap()],
        policies: vec![PolicyIdentifier {
            oid: "2.23.140.1.2.2".parse().unwrap(),
            cps_uri: Some("http://pki.example.com/cps/esign-ca.html".to_owned()),
        }],
        crl_distribution_point: Some(CrlDistributionPoint::new(
            "http://pki.example.com",
            &"esign-ca".parse().unwrap(),
            0,
        )),
        ocsp_uri: Some("http://pki.example.com/ocsp".to_owned()),
        ca_issuers_uri: Some("http://pki.example.com/ca/esign-ca.cer".to_owned()),
        no_rev_avail: false,
        ocsp_no_check: false,
    }
}

pub(crate) const CRL_URL: &str = "http://pki.example.com/crl/esign-ca.crl";

/// Runs OpenSSL on `der` as standard input and returns what it prints, for questions that no
/// judge of `testkit` answers.
pub(crate) fn openssl(arguments: &str, der: &[u8]) -> String {
    let mut input = tempfile::tempfile().unwrap();
    input.write_all(der).unwrap();
    input.rewind().unwrap();
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .stdin(input)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
