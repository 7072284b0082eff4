//! Private keys in files: TLS clients and servers, and subscribers who want them so.

use std::path::Path;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    },
};
use pki::{DistinguishedName, PublicKey, SubjectAltName};
use zeroize::Zeroizing;

use crate::{certification_request, failure::Failure, files, values::KeyType};

/// A private key in memory, with its public half.
pub(crate) struct SoftwareKey {
    pkcs8_der: Zeroizing<Vec<u8>>,
    signer: Signer,
    public_key: PublicKey,
}

enum Signer {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SoftwareKey {
    /// Makes a key.
    pub(crate) fn generate(key_type: KeyType) -> Result<Self, Failure> {
        let pkcs8_der = match key_type {
            KeyType::EcP256 => ecdsa_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyType::EcP384 => ecdsa_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING),
            // Version 1: OpenSSL 3.0 does not read the public key that version 2 adds (RFC 5958).
            KeyType::Ed25519 => {
                Ed25519KeyPair::generate().and_then(|key| Ok(secret(key.to_pkcs8v1()?.as_ref())))
            }
            KeyType::Rsa3072 => rsa_pkcs8(KeySize::Rsa3072),
            KeyType::Rsa4096 => rsa_pkcs8(KeySize::Rsa4096),
        };
        let pkcs8_der = pkcs8_der
            .map_err(|error| Failure::internal("the key cannot be made").because(&error))?;
        Self::parse(pkcs8_der)
            .ok_or_else(|| Failure::internal("the key that was made cannot be used"))
    }

    /// Reads a key, PKCS#8 PEM.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let unusable = || {
            Failure::input("this is no private key in PKCS#8 PEM")
                .in_file(path)
                .rule("RSA, ECDSA on P-256 or P-384, Ed25519 (RFC 5958)")
                .remedy("convert it with `openssl pkcs8 -topk8 -nocrypt`")
        };
        let bytes = files::read_secret(path, "the private key")?;
        let text = std::str::from_utf8(&bytes).map_err(|_| unusable())?;
        let der = pki::pem::decode(PEM_LABEL, text).map_err(|_| unusable())?;
        Self::parse(Zeroizing::new(der)).ok_or_else(unusable)
    }

    /// Writes the key to a new file that its owner alone may read.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let pem = Zeroizing::new(pki::pem::encode(PEM_LABEL, &self.pkcs8_der));
        files::write_new_secret(path, pem.as_bytes())
    }

    /// The public half.
    pub(crate) const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The private key, PKCS#8 DER.
    pub(crate) fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8_der
    }

    /// A certification request for the key, PEM; without a subject where there is none.
    pub(crate) fn certification_request(
        &self,
        subject: Option<&DistinguishedName>,
        alt_names: &[SubjectAltName],
    ) -> Result<String, Failure> {
        certification_request::pem(subject, alt_names, &self.public_key, |message| {
            self.signer.sign(message).ok()
        })
    }

    fn parse(pkcs8_der: Zeroizing<Vec<u8>>) -> Option<Self> {
        let signer = Signer::parse(&pkcs8_der)?;
        let public_key = PublicKey::parse(&signer.spki_der()?).ok()?;
        Some(Self {
            pkcs8_der,
            signer,
            public_key,
        })
    }
}

impl Signer {
    fn parse(pkcs8_der: &[u8]) -> Option<Self> {
        let ecdsa = |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, pkcs8_der).ok();
        RsaKeyPair::from_pkcs8(pkcs8_der)
            .ok()
            .map(Self::Rsa)
            .or_else(|| ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Self::Ecdsa))
            .or_else(|| ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING).map(Self::Ecdsa))
            .or_else(|| {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8_der)
                    .ok()
                    .map(Self::Ed25519)
            })
    }

    fn spki_der(&self) -> Option<Vec<u8>> {
        let der = match self {
            Self::Rsa(key) => key.public_key().as_der().ok()?.as_ref().to_vec(),
            Self::Ecdsa(key) => key.public_key().as_der().ok()?.as_ref().to_vec(),
            Self::Ed25519(key) => key.public_key().as_der().ok()?.as_ref().to_vec(),
        };
        Some(der)
    }

    /// Signs as [`pki::SignatureAlgorithm::default_for`] says.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::Unspecified> {
        let rng = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(key) => Ok(key.sign(&rng, message)?.as_ref().to_vec()),
            Self::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
        }
    }
}

type Made = Result<Zeroizing<Vec<u8>>, aws_lc_rs::error::Unspecified>;

fn ecdsa_pkcs8(algorithm: &'static aws_lc_rs::signature::EcdsaSigningAlgorithm) -> Made {
    let key = EcdsaKeyPair::generate(algorithm)?;
    Ok(secret(key.to_pkcs8v1()?.as_ref()))
}

fn rsa_pkcs8(size: KeySize) -> Made {
    let key = RsaKeyPair::generate(size)?;
    let der: Pkcs8V1Der<'_> = key.as_der()?;
    Ok(secret(der.as_ref()))
}

fn secret(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

const PEM_LABEL: &str = "PRIVATE KEY";
