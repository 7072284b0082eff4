//! Writes DER from parts that are DER already, so that signed bytes are composed and never
//! decoded and encoded again.

use der::{Encode, Header, Length, Tag, TagNumber};
use pki::SignatureAlgorithm;

/// Encodes `tag` around the concatenation of `parts`.
pub(crate) fn tlv(tag: Tag, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    let length = parts.iter().try_fold(Length::ZERO, |sum, part| {
        sum + Length::try_from(part.len())?
    })?;
    let mut encoded = Vec::with_capacity(usize::try_from(length.for_tlv(tag)?)?);
    Header::new(tag, length).encode_to_vec(&mut encoded)?;
    for part in parts {
        encoded.extend_from_slice(part);
    }
    Ok(encoded)
}

/// Encodes a SEQUENCE of `parts`.
pub(crate) fn sequence(parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    tlv(Tag::Sequence, parts)
}

/// Encodes `parts` in the constructed context-specific tag `number`.
pub(crate) fn context(number: u32, parts: &[&[u8]]) -> der::Result<Vec<u8>> {
    tlv(TagNumber(number).context_specific(true), parts)
}

/// Encodes `SIGNED { … }`: the to-be-signed bytes as they are, the algorithm, the signature
/// (RFC 5280 section 4.1.1).
pub(crate) fn signed(
    tbs_der: &[u8],
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) -> der::Result<Vec<u8>> {
    let signature = tlv(Tag::BitString, &[&[0], signature])?;
    sequence(&[tbs_der, &algorithm.identifier_der(), &signature])
}
