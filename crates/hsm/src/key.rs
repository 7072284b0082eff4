//! Keys as they stand on the token: which there are, and whether they can leave it.

use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use pki::KeyAlgorithm;

use crate::{CkaId, HsmError, public_key};

/// A key pair to be generated.
#[derive(Debug, Clone)]
pub struct KeySpec {
    /// Kind and size.
    pub algorithm: KeyAlgorithm,
    /// The identifier of both halves; nothing on the token may have it yet.
    pub id: CkaId,
    /// A name for people; the daemon never looks keys up by it.
    pub label: String,
}

/// A private key as the token describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the token's own attributes, one by one"
)]
pub struct KeyDescription {
    /// `CKA_ID`; empty when the key has none.
    pub id: Vec<u8>,
    /// `CKA_LABEL`.
    pub label: String,
    /// Kind and size; `None` for a kind that is not supported or cannot be read.
    pub algorithm: Option<KeyAlgorithm>,
    /// `CKA_SENSITIVE`: its value cannot be read in plain text.
    pub sensitive: bool,
    /// `CKA_ALWAYS_SENSITIVE`: it never could.
    pub always_sensitive: bool,
    /// `CKA_EXTRACTABLE`: it can leave the token wrapped.
    pub extractable: bool,
    /// `CKA_NEVER_EXTRACTABLE`: it never could. False for ever on a key restored from a backup.
    pub never_extractable: bool,
    /// `CKA_LOCAL`: generated on the token.
    pub local: bool,
}

/// Whether any object, public or private, has that identifier.
pub(crate) fn exists(session: &Session, id: &CkaId) -> Result<bool, HsmError> {
    let template = [
        Attribute::Token(true),
        Attribute::Id(id.as_bytes().to_vec()),
    ];
    Ok(!session.find_objects(&template)?.is_empty())
}

/// The only private key with that identifier.
pub(crate) fn find_private(session: &Session, id: &CkaId) -> Result<ObjectHandle, HsmError> {
    let template = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Token(true),
        Attribute::Id(id.as_bytes().to_vec()),
    ];
    match session.find_objects(&template)?.as_slice() {
        [handle] => Ok(*handle),
        [] => Err(HsmError::KeyMissing { id: id.clone() }),
        [_, _, ..] => Err(HsmError::KeyAmbiguous { id: id.clone() }),
    }
}

/// Refuses a private key that could leave the token.
pub(crate) fn check_confined(session: &Session, id: &CkaId) -> Result<(), HsmError> {
    let description = describe(session, find_private(session, id)?)?;
    if description.sensitive && !description.extractable {
        Ok(())
    } else {
        Err(HsmError::KeyExposed { id: id.clone() })
    }
}

/// All private keys on the token.
pub(crate) fn describe_all(session: &Session) -> Result<Vec<KeyDescription>, HsmError> {
    let template = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Token(true),
    ];
    let handles = session.find_objects(&template)?;
    let mut keys = handles
        .into_iter()
        .map(|handle| describe(session, handle))
        .collect::<Result<Vec<_>, _>>()?;
    keys.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(keys)
}

/// An attribute that the token leaves out is taken at its worst: extractable, not sensitive.
fn describe(session: &Session, handle: ObjectHandle) -> Result<KeyDescription, HsmError> {
    let mut description = KeyDescription {
        id: Vec::new(),
        label: String::new(),
        algorithm: None,
        sensitive: false,
        always_sensitive: false,
        extractable: true,
        never_extractable: false,
        local: false,
    };
    for attribute in session.get_attributes(handle, &DESCRIBED)? {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "the answer holds only attributes that were asked for"
        )]
        match attribute {
            Attribute::Id(id) => description.id = id,
            Attribute::Label(label) => {
                description.label = String::from_utf8_lossy(&label).into_owned();
            }
            Attribute::Sensitive(value) => description.sensitive = value,
            Attribute::AlwaysSensitive(value) => description.always_sensitive = value,
            Attribute::Extractable(value) => description.extractable = value,
            Attribute::NeverExtractable(value) => description.never_extractable = value,
            Attribute::Local(value) => description.local = value,
            _ => {}
        }
    }
    if let Ok(id) = CkaId::new(description.id.as_slice()) {
        description.algorithm = public_key::read(session, &id)
            .ok()
            .map(|key| key.algorithm());
    }
    Ok(description)
}

const DESCRIBED: [AttributeType; 7] = [
    AttributeType::Id,
    AttributeType::Label,
    AttributeType::Sensitive,
    AttributeType::AlwaysSensitive,
    AttributeType::Extractable,
    AttributeType::NeverExtractable,
    AttributeType::Local,
];
