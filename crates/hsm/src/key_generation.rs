//! Generating a key pair on the token.

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::Session;
use pki::{KeyAlgorithm, PublicKey};

use crate::{HsmError, KeySpec, key, public_key};

/// Generates the pair on a read-write session and reads back what the token made.
///
/// # Errors
/// [`HsmError::KeyExists`] when anything has that identifier already; [`HsmError::KeyExposed`]
/// when the token did not heed the template; what the token says otherwise.
pub(crate) fn generate(session: &Session, spec: &KeySpec) -> Result<PublicKey, HsmError> {
    if key::exists(session, &spec.id)? {
        return Err(HsmError::KeyExists {
            id: spec.id.clone(),
        });
    }
    let mut attempts = parameters(spec.algorithm).into_iter();
    let mut outcome = Ok(());
    for parameters in &mut attempts {
        outcome = generate_with(session, spec, &parameters);
        if !matches!(&outcome, Err(error) if is_refused_parameter(error)) {
            break;
        }
    }
    outcome?;
    key::check_confined(session, &spec.id)?;
    public_key::read(session, &spec.id)
}

fn generate_with(session: &Session, spec: &KeySpec, kind: &[Attribute]) -> Result<(), Error> {
    let mechanism = match spec.algorithm {
        KeyAlgorithm::Rsa { .. } => Mechanism::RsaPkcsKeyPairGen,
        KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521 => {
            Mechanism::EccKeyPairGen
        }
        KeyAlgorithm::Ed25519 => Mechanism::EccEdwardsKeyPairGen,
    };
    let mut public = shared(spec);
    public.extend([Attribute::Private(false), Attribute::Verify(true)]);
    public.extend_from_slice(kind);
    let mut private = shared(spec);
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ]);
    if matches!(spec.algorithm, KeyAlgorithm::Rsa { .. }) {
        // A key that signs certificates must not answer decryption requests as well.
        public.extend([Attribute::Encrypt(false), Attribute::Wrap(false)]);
        private.extend([Attribute::Decrypt(false), Attribute::Unwrap(false)]);
    }
    session
        .generate_key_pair(&mechanism, &public, &private)
        .map(|_| ())
}

fn shared(spec: &KeySpec) -> Vec<Attribute> {
    vec![
        Attribute::Token(true),
        Attribute::Id(spec.id.as_bytes().to_vec()),
        Attribute::Label(spec.label.as_bytes().to_vec()),
    ]
}

/// The attributes that say which kind of key, in the spellings that tokens understand.
fn parameters(algorithm: KeyAlgorithm) -> Vec<Vec<Attribute>> {
    let curve = |der: &[u8]| vec![Attribute::EcParams(der.to_vec())];
    match algorithm {
        KeyAlgorithm::Rsa { bits } => vec![vec![
            Attribute::ModulusBits(u64::from(bits).into()),
            Attribute::PublicExponent(RSA_EXPONENT.to_vec()),
        ]],
        KeyAlgorithm::EcP256 => vec![curve(SECP256R1)],
        KeyAlgorithm::EcP384 => vec![curve(SECP384R1)],
        KeyAlgorithm::EcP521 => vec![curve(SECP521R1)],
        // PKCS#11 3.0 section 2.3.5 took the name, 3.1 the identifier.
        KeyAlgorithm::Ed25519 => vec![curve(EDWARDS25519_NAME), curve(ED25519_OID)],
    }
}

fn is_refused_parameter(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::AttributeValueInvalid
                | RvError::CurveNotSupported
                | RvError::DomainParamsInvalid
                | RvError::TemplateInconsistent,
            _
        )
    )
}

/// 65537.
const RSA_EXPONENT: [u8; 3] = [1, 0, 1];
// DER of the named curves, RFC 5480 section 2.1.1.1 and RFC 8410 section 3.
pub(crate) const SECP256R1: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
pub(crate) const SECP384R1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x22";
pub(crate) const SECP521R1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x23";
pub(crate) const ED25519_OID: &[u8] = b"\x06\x03\x2b\x65\x70";
pub(crate) const EDWARDS25519_NAME: &[u8] = b"\x13\x0cedwards25519";
