//! Extensions, decoded.

use der::{Decode, Encode, asn1::Any};
use x509_cert::ext::Extension;

use crate::strict_der;

/// Decodes contents of an extnValue that must be the one DER encoding of what they say; defaults
/// that are written out are refused, too.
pub(crate) fn decode_exactly<T>(value: &[u8]) -> Option<T>
where
    T: for<'a> Decode<'a> + Encode,
{
    strict_der::check(value).ok()?;
    let decoded = T::from_der(value).ok()?;
    (decoded.to_der().ok()? == value).then_some(decoded)
}

/// As [`decode_exactly`], for a value that x509-cert has left undecoded.
pub(crate) fn decode_any_exactly<T>(value: &Any) -> Option<T>
where
    T: for<'a> Decode<'a> + Encode,
{
    decode_exactly(&value.to_der().ok()?)
}

/// Whether a type of extension stands twice (RFC 5280 §4.2 forbids it).
pub(crate) fn has_duplicate(extensions: &[Extension]) -> bool {
    extensions.iter().enumerate().any(|(index, extension)| {
        extensions
            .iter()
            .take(index)
            .any(|earlier| earlier.extn_id == extension.extn_id)
    })
}
