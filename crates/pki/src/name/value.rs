//! Values of attributes: the string types they are written in, and rules of single types.

use der::{Tag, Tagged, asn1::Any};

use super::{
    AttributeType,
    attribute::StringType,
    rules::{Fault, is_printable},
};

/// The value as it stands in the DER of a name.
pub(super) fn write(attribute: AttributeType, text: &str) -> der::Result<Any> {
    let tag = match attribute.string_type() {
        StringType::Printable => Tag::PrintableString,
        StringType::Ia5 => Tag::Ia5String,
        StringType::Utf8 => Tag::Utf8String,
    };
    Any::new(tag, text.as_bytes())
}

/// The text of a value that others have written. A PrintableString may stand for a UTF8String.
pub(super) fn read(attribute: AttributeType, value: &Any) -> Option<String> {
    let suitable = match attribute.string_type() {
        StringType::Printable => value.tag() == Tag::PrintableString,
        StringType::Ia5 => value.tag() == Tag::Ia5String,
        StringType::Utf8 => matches!(value.tag(), Tag::Utf8String | Tag::PrintableString),
    };
    let text = str::from_utf8(value.value()).ok()?;
    suitable.then(|| text.to_owned())
}

/// The rule of this very type that the text breaks.
pub(super) fn fault(attribute: AttributeType, text: &str) -> Option<Fault> {
    if attribute == AttributeType::CountryName {
        let is_code = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_uppercase());
        return (!is_code).then(|| ("country-code", "must be two capital letters".into()));
    }
    match attribute.string_type() {
        StringType::Printable if !text.bytes().all(is_printable) => {
            Some(("name-not-printable", "must be a PrintableString".into()))
        }
        StringType::Ia5 if !text.is_ascii() => Some(("name-not-ascii", "must be ASCII".into())),
        StringType::Printable | StringType::Ia5 | StringType::Utf8 => None,
    }
}
