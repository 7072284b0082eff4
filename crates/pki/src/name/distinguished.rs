//! Distinguished names.

use std::{
    fmt::{self, Display},
    hash::{Hash, Hasher},
};

use der::{Decode, Encode};
use x509_cert::{
    attr::AttributeTypeAndValue,
    name::{Name, RdnSequence, RelativeDistinguishedName},
};

use super::{AttributeType, NameError, display, rules, value};

/// More attributes than any subject needs.
const MAX_ATTRIBUTES: usize = 32;

/// A distinguished name: a sequence of attributes, each an RDN by itself, in the order of the DER.
///
/// Every value is in Unicode normalization form C, within its upper bound in characters, without
/// NUL, control, direction-changing or invisible characters and without blanks at its edges.
/// Equality compares types, values and their order, not string types.
#[derive(Debug, Clone)]
pub struct DistinguishedName {
    attributes: Vec<(AttributeType, String)>,
    x509: Name,
    der: Vec<u8>,
}

impl DistinguishedName {
    /// Takes the attributes of a name, at least one.
    ///
    /// # Errors
    /// All rules that the name breaks.
    pub fn new(attributes: Vec<(AttributeType, String)>) -> Result<Self, Vec<NameError>> {
        let mut faults: Vec<NameError> = attributes
            .iter()
            .flat_map(|(attribute, text)| attribute_faults(*attribute, text))
            .collect();
        if attributes.is_empty() {
            faults.push(NameError::new("subject", "name-empty", "must not be empty"));
        }
        if attributes.len() > MAX_ATTRIBUTES {
            faults.push(NameError::new(
                "subject",
                "name-too-long",
                "has too many attributes",
            ));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let unencodable = |_| {
            vec![NameError::new(
                "subject",
                "name-unencodable",
                "cannot be written as DER",
            )]
        };
        let x509 = encode(&attributes).map_err(unencodable)?;
        let der = x509.to_der().map_err(unencodable)?;
        Ok(Self {
            attributes,
            x509,
            der,
        })
    }

    /// Reads a name that others have written: UTF8String or PrintableString, `IA5String` where the
    /// type of the attribute wants it, one attribute in each RDN.
    ///
    /// # Errors
    /// All rules that the name breaks.
    pub fn from_x509(name: &Name) -> Result<Self, Vec<NameError>> {
        let mut attributes = Vec::new();
        let mut faults = Vec::new();
        for rdn in name.iter_rdn() {
            match read_rdn(rdn) {
                Ok(attribute) => attributes.push(attribute),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() {
            return Self::new(attributes);
        }
        // What could be read is judged too, so that all faults come at once.
        if let Err(more) = Self::new(attributes) {
            faults.extend(
                more.into_iter()
                    .filter(|fault| fault.attribute != "subject"),
            );
        }
        Err(faults)
    }

    /// The attributes, in the order of the DER.
    pub fn attributes(&self) -> &[(AttributeType, String)] {
        &self.attributes
    }

    /// The first value of this type.
    pub fn get(&self, attribute: AttributeType) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(found, _)| *found == attribute)
            .map(|(_, value)| value.as_str())
    }

    /// The name as x509-cert holds it: PrintableString for `countryName`, `serialNumber` and
    /// `dnQualifier`, `IA5String` for `emailAddress` and `domainComponent`, UTF8String for the rest.
    pub fn to_x509(&self) -> Name {
        self.x509.clone()
    }

    /// The name in DER.
    pub fn to_der(&self) -> Vec<u8> {
        self.der.clone()
    }
}

fn attribute_faults(attribute: AttributeType, text: &str) -> Vec<NameError> {
    let mut faults = rules::faults(text, attribute.upper_bound());
    if !text.is_empty() {
        faults.extend(value::fault(attribute, text));
    }
    faults
        .into_iter()
        .map(|(code, detail)| NameError::new(attribute.as_str(), code, detail))
        .collect()
}

fn encode(attributes: &[(AttributeType, String)]) -> der::Result<Name> {
    let mut sequence = RdnSequence::default();
    for (attribute, text) in attributes {
        let value = value::write(*attribute, text)?;
        let attribute = AttributeTypeAndValue {
            oid: attribute.oid(),
            value,
        };
        sequence.push(RelativeDistinguishedName::try_from(vec![attribute])?);
    }
    Name::from_der(&sequence.to_der()?)
}

fn read_rdn(rdn: &RelativeDistinguishedName) -> Result<(AttributeType, String), NameError> {
    let mut attributes = rdn.iter();
    let (Some(first), None) = (attributes.next(), attributes.next()) else {
        return Err(NameError::new(
            "subject",
            "name-multi-valued",
            "must have one attribute in each relative distinguished name",
        ));
    };
    let Some(attribute) = AttributeType::from_oid(&first.oid) else {
        return Err(NameError::new(
            first.oid.to_string(),
            "name-attribute-unknown",
            "is not a type that is supported",
        ));
    };
    let text = value::read(attribute, &first.value).ok_or_else(|| {
        NameError::new(
            attribute.as_str(),
            "name-string-type",
            "has an unsuitable string type",
        )
    })?;
    Ok((attribute, text))
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.attributes == other.attributes
    }
}

impl Eq for DistinguishedName {}

impl Hash for DistinguishedName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.attributes.hash(state);
    }
}

/// The form of RFC 4514: the last attribute first, types by their short names where they have one.
impl Display for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display::rfc_4514(&self.attributes, f)
    }
}
