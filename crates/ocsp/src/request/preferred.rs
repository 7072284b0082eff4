//! The signature algorithms that a client prefers (RFC 6960 section 4.4.7.1).
//!
//! ```text
//! PreferredSignatureAlgorithms ::= SEQUENCE OF PreferredSignatureAlgorithm
//!
//! PreferredSignatureAlgorithm ::= SEQUENCE {
//!    sigIdentifier        AlgorithmIdentifier,
//!    pubKeyAlgIdentifier  SMIMECapability OPTIONAL }
//! ```

use der_07::{
    Decode, Encode,
    asn1::{Any, ObjectIdentifier},
};
use pki::{PublicKey, SignatureAlgorithm};
use x509_cert_02::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_ocsp::ext::PreferredSignatureAlgorithm;

/// A signature that the client can verify: an algorithm, perhaps with keys of one kind only.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PreferredAlgorithm {
    /// How to sign.
    pub signature: SignatureAlgorithm,
    key: Option<KeyKind>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct KeyKind {
    algorithm: ObjectIdentifier,
    /// DER of what stands beside the algorithm, such as the curve.
    parameters: Option<Vec<u8>>,
}

impl PreferredAlgorithm {
    /// Any key with this algorithm.
    pub fn new(signature: SignatureAlgorithm) -> Self {
        Self {
            signature,
            key: None,
        }
    }

    /// Whether a signature by `key` with `algorithm` is what the client asks for.
    pub fn fits(&self, algorithm: SignatureAlgorithm, key: &PublicKey) -> bool {
        self.signature == algorithm && self.key.as_ref().is_none_or(|kind| kind.is_of(key))
    }
}

impl KeyKind {
    /// Parameters that the client leaves out are any.
    fn is_of(&self, key: &PublicKey) -> bool {
        let Ok(spki) = SubjectPublicKeyInfoOwned::from_der(key.spki_der()) else {
            return false;
        };
        let parameters = spki.algorithm.parameters.map(|any| any.to_der());
        self.algorithm == spki.algorithm.oid
            && self
                .parameters
                .as_ref()
                .is_none_or(|wanted| matches!(&parameters, Some(Ok(found)) if found == wanted))
    }
}

/// Reads the extension's value; algorithms that are not known here are left out.
pub(super) fn parse(value: &[u8]) -> der_07::Result<Vec<PreferredAlgorithm>> {
    let listed = Vec::<PreferredSignatureAlgorithm>::from_der(value)?;
    let mut preferred = Vec::new();
    for algorithm in listed {
        let key = algorithm.cert_identifier.map(key_kind).transpose()?;
        if let Some(signature) = signature(algorithm.sig_identifier)? {
            preferred.push(PreferredAlgorithm { signature, key });
        }
    }
    Ok(preferred)
}

fn key_kind(identifier: AlgorithmIdentifierOwned) -> der_07::Result<KeyKind> {
    Ok(KeyKind {
        algorithm: identifier.oid,
        parameters: identifier.parameters.map(|any| any.to_der()).transpose()?,
    })
}

/// Clients leave out the NULL of the RSA algorithms.
fn signature(
    mut identifier: AlgorithmIdentifierOwned,
) -> der_07::Result<Option<SignatureAlgorithm>> {
    let exact = SignatureAlgorithm::from_identifier_der(&identifier.to_der()?);
    if exact.is_some() || identifier.parameters.is_some() {
        return Ok(exact);
    }
    identifier.parameters = Some(Any::null());
    Ok(SignatureAlgorithm::from_identifier_der(
        &identifier.to_der()?,
    ))
}
