//! The public half of a key pair, from the attributes that tokens offer to a
//! `SubjectPublicKeyInfo`.

use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use der::Encode;
use der::asn1::{BitStringRef, OctetStringRef, UintRef};
use der::{Any, Decode};
use pkcs1::RsaPublicKey;
use pki::PublicKey;
use spki::{AlgorithmIdentifierOwned, ObjectIdentifier, SubjectPublicKeyInfo};

use crate::key_generation::{ED25519_OID, EDWARDS25519_NAME, SECP256R1, SECP384R1, SECP521R1};
use crate::{CkaId, HsmError, key};

/// Reads the public key that stands under an identifier.
///
/// The public object is asked first; tokens that keep none offer an RSA private key's public
/// values, or `CKA_PUBLIC_KEY_INFO`.
///
/// # Errors
/// [`HsmError::KeyMissing`] without a private key, [`HsmError::KeyUnusable`] when no object
/// offers a public key of a supported kind.
pub(crate) fn read(session: &Session, id: &CkaId) -> Result<PublicKey, HsmError> {
    let private = key::find_private(session, id)?;
    let mut fault = "the token offers no public key";
    for handle in find_public(session, id)?.into_iter().chain([private]) {
        match Attributes::read(session, handle)?.public_key() {
            Ok(key) => return Ok(key),
            Err(found) => fault = found,
        }
    }
    Err(HsmError::KeyUnusable {
        id: id.clone(),
        fault,
    })
}

fn find_public(session: &Session, id: &CkaId) -> Result<Option<ObjectHandle>, HsmError> {
    let template = [
        Attribute::Class(ObjectClass::PUBLIC_KEY),
        Attribute::Token(true),
        Attribute::Id(id.as_bytes().to_vec()),
    ];
    match session.find_objects(&template)?.as_slice() {
        [] => Ok(None),
        [handle] => Ok(Some(*handle)),
        [_, _, ..] => Err(HsmError::KeyAmbiguous { id: id.clone() }),
    }
}

#[derive(Default)]
struct Attributes {
    kind: Option<KeyType>,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    parameters: Vec<u8>,
    point: Vec<u8>,
    info: Vec<u8>,
}

impl Attributes {
    fn read(session: &Session, handle: ObjectHandle) -> Result<Self, HsmError> {
        let mut read = Self::default();
        for attribute in session.get_attributes(handle, &READ)? {
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "the answer holds only attributes that were asked for"
            )]
            match attribute {
                Attribute::KeyType(kind) => read.kind = Some(kind),
                Attribute::Modulus(value) => read.modulus = value,
                Attribute::PublicExponent(value) => read.exponent = value,
                Attribute::EcParams(value) => read.parameters = value,
                Attribute::EcPoint(value) => read.point = value,
                Attribute::PublicKeyInfo(value) => read.info = value,
                _ => {}
            }
        }
        Ok(read)
    }

    fn public_key(&self) -> Result<PublicKey, &'static str> {
        let spki = match self.kind {
            Some(KeyType::RSA) if !self.modulus.is_empty() && !self.exponent.is_empty() => {
                rsa_spki(&self.modulus, &self.exponent)
            }
            Some(KeyType::EC | KeyType::EC_EDWARDS) if !self.point.is_empty() => {
                ec_spki(&self.parameters, &self.point)
            }
            Some(KeyType::RSA | KeyType::EC | KeyType::EC_EDWARDS) if !self.info.is_empty() => {
                Ok(self.info.clone())
            }
            Some(KeyType::RSA | KeyType::EC | KeyType::EC_EDWARDS) => {
                Err("the token offers no public key")
            }
            _ => Err("this kind of key is not supported"),
        }?;
        PublicKey::parse(&spki).map_err(|_| "its public key is malformed or not supported")
    }
}

fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, &'static str> {
    let encode = || {
        let key = RsaPublicKey {
            modulus: UintRef::new(modulus)?,
            public_exponent: UintRef::new(exponent)?,
        };
        encode_spki(RSA_ENCRYPTION, Some(Any::null()), &key.to_der()?)
    };
    encode().map_err(|_: der::Error| MALFORMED)
}

fn ec_spki(parameters: &[u8], point: &[u8]) -> Result<Vec<u8>, &'static str> {
    let (algorithm, curve, length) = match parameters {
        SECP256R1 => (EC_PUBLIC_KEY, Some(SECP256R1), 65),
        SECP384R1 => (EC_PUBLIC_KEY, Some(SECP384R1), 97),
        SECP521R1 => (EC_PUBLIC_KEY, Some(SECP521R1), 133),
        ED25519_OID | EDWARDS25519_NAME => (ED25519, None, 32),
        _ => return Err("its curve is not supported"),
    };
    // The standard wants an OCTET STRING around the point, some tokens leave it out; both begin
    // with 04, so the length tells.
    let bare = if point.len() == length {
        point
    } else {
        let wrapped: &OctetStringRef = Decode::from_der(point).map_err(|_| MALFORMED)?;
        wrapped.as_bytes()
    };
    let encode = || {
        let curve = curve.map(Any::from_der).transpose()?;
        encode_spki(algorithm, curve, bare)
    };
    encode().map_err(|_: der::Error| MALFORMED)
}

fn encode_spki(
    oid: ObjectIdentifier,
    parameters: Option<Any>,
    key: &[u8],
) -> Result<Vec<u8>, der::Error> {
    let spki = SubjectPublicKeyInfo {
        algorithm: AlgorithmIdentifierOwned { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key)?,
    };
    spki.to_der()
}

const READ: [AttributeType; 6] = [
    AttributeType::KeyType,
    AttributeType::Modulus,
    AttributeType::PublicExponent,
    AttributeType::EcParams,
    AttributeType::EcPoint,
    AttributeType::PublicKeyInfo,
];
const MALFORMED: &str = "its public key is malformed";
/// RFC 8017 appendix A.1.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 section 2.1.1.
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
