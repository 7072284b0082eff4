//! Values of attributes: the string types they are written in, and rules of single types.

use der::{Tag, Tagged, asn1::Any};

use super::{AttributeType, rules::Fault};

/// The string type that we write (RFC 5280 §4.1.2.4 and appendix A.1).
pub(super) const fn tag(attribute: AttributeType) -> Tag {
    match attribute {
        AttributeType::CountryName | AttributeType::SerialNumber | AttributeType::DnQualifier => {
            Tag::PrintableString
        }
        AttributeType::EmailAddress | AttributeType::DomainComponent => Tag::Ia5String,
        _ => Tag::Utf8String,
    }
}

/// The rule of this very type that the text breaks.
pub(super) fn fault(attribute: AttributeType, text: &str) -> Option<Fault> {
    if attribute == AttributeType::CountryName {
        let is_code = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase());
        return (!is_code).then(|| ("country-code", "must be two capital letters".into()));
    }
    match tag(attribute) {
        Tag::PrintableString if !text.bytes().all(is_printable) => {
            Some(("name-not-printable", "must be a PrintableString".into()))
        }
        Tag::Ia5String if !text.is_ascii() => Some(("name-not-ascii", "must be ASCII".into())),
        _ => None,
    }
}

/// The text of a value that others have written.
pub(super) fn read(attribute: AttributeType, value: &Any) -> Option<String> {
    let suitable = match value.tag() {
        Tag::PrintableString => tag(attribute) != Tag::Ia5String,
        Tag::Utf8String => tag(attribute) == Tag::Utf8String,
        other => other == tag(attribute),
    };
    let text = str::from_utf8(value.value()).ok()?;
    suitable.then(|| text.to_owned())
}

fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&octet)
}
