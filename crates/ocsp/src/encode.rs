//! Writes DER from parts that are DER already, so that signed bytes and `CertIDs` stay as they are.

use der_07::{Encode, Header, Length, Tag, TagNumber};

/// Encodes `tag` around the concatenation of `parts`.
pub(crate) fn tlv(tag: Tag, parts: &[&[u8]]) -> der_07::Result<Vec<u8>> {
    let length = parts.iter().try_fold(Length::ZERO, |sum, part| {
        sum + Length::try_from(part.len())?
    })?;
    let header = Header::new(tag, length)?;
    let mut encoded = Vec::with_capacity(usize::try_from((header.encoded_len()? + length)?)?);
    header.encode_to_vec(&mut encoded)?;
    for part in parts {
        encoded.extend_from_slice(part);
    }
    Ok(encoded)
}

/// Encodes a SEQUENCE of `parts`.
pub(crate) fn sequence(parts: &[&[u8]]) -> der_07::Result<Vec<u8>> {
    tlv(Tag::Sequence, parts)
}

/// Encodes `parts` in the constructed context-specific tag `number`.
pub(crate) fn context(number: TagNumber, parts: &[&[u8]]) -> der_07::Result<Vec<u8>> {
    tlv(
        Tag::ContextSpecific {
            constructed: true,
            number,
        },
        parts,
    )
}
