//! Writes DER from parts that are DER already, so that signed bytes are composed and never
//! decoded and encoded again.

use bytes::Bytes;
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

/// As [`signed`], with the to-be-signed bytes at the end of a buffer that has room in front of them.
pub(crate) fn signed_in_place(
    buffer: Vec<u8>,
    start: usize,
    algorithm: SignatureAlgorithm,
    signature: &[u8],
) -> der::Result<Bytes> {
    let mut signed = Fronted::new(buffer, start);
    signed.append(&algorithm.identifier_der());
    signed.append(&tlv(Tag::BitString, &[&[0], signature])?);
    signed.wrap(Tag::Sequence)?;
    let (buffer, start) = signed.into_parts();
    Ok(Bytes::from(buffer).slice(start..))
}

/// Tag, and a length of up to four octets.
pub(crate) const LONGEST_HEADER: usize = 6;

/// DER that grows at both ends of one buffer: behind, and into the room in front of it.
#[derive(Debug)]
pub(crate) struct Fronted {
    buffer: Vec<u8>,
    start: usize,
}

impl Fronted {
    /// The DER in `buffer` from `start` on; what stands before it is room.
    pub(crate) fn new(buffer: Vec<u8>, start: usize) -> Self {
        Self { buffer, start }
    }

    /// Adds behind.
    pub(crate) fn append(&mut self, part: &[u8]) {
        self.buffer.extend_from_slice(part);
    }

    /// Makes room behind.
    pub(crate) fn reserve(&mut self, octets: usize) {
        self.buffer.reserve(octets);
    }

    /// Adds in front.
    ///
    /// # Errors
    /// There is no room for it.
    pub(crate) fn prepend(&mut self, part: &[u8]) -> der::Result<()> {
        let full = || der::Error::from(der::ErrorKind::Overlength);
        let start = self.start.checked_sub(part.len()).ok_or_else(full)?;
        let room = self.buffer.get_mut(start..self.start);
        room.ok_or_else(full)?.copy_from_slice(part);
        self.start = start;
        Ok(())
    }

    /// Puts the header of `tag` in front of all there is.
    ///
    /// # Errors
    /// There is no room for it, or DER's `Length` cannot say the length.
    pub(crate) fn wrap(&mut self, tag: Tag) -> der::Result<()> {
        let length = self.buffer.len().saturating_sub(self.start);
        let header = Header::new(tag, Length::try_from(length)?).to_der()?;
        self.prepend(&header)
    }

    /// The buffer, and where the DER in it begins.
    pub(crate) fn into_parts(self) -> (Vec<u8>, usize) {
        (self.buffer, self.start)
    }
}
