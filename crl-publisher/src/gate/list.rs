//! A list whose signature is good.

use std::{ops::Deref, sync::Arc};

use bytes::Bytes;
use issuance::crl_reader::CrlView;
use pki::{Certificate, CrlNumber};
use sha2::{Digest as _, Sha256};

use super::{Agreed, Contents, Refusal, contents::Signed};

/// What may be a list, with its digest: to take that of a million entries twice costs as much as to
/// verify their signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Octets {
    /// DER, if it is a list.
    pub der: Bytes,
    /// SHA-256 of it.
    pub digest: [u8; 32],
}

impl From<Bytes> for Octets {
    fn from(der: Bytes) -> Self {
        let digest = Sha256::digest(&der).into();
        Self { der, digest }
    }
}

/// A list whose signature is good, with what is known of it. Clones share its octets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    contents: Contents,
    /// The place in the feed at which its entries were read, if that is known.
    pub as_of: Option<u64>,
    /// What its entries were found to be, if they were compared with the copy that is there now.
    pub agreed: Option<Arc<Agreed>>,
}

impl List {
    /// Reads a list and verifies that `issuer` signed it: all that can be asked of a list that was
    /// published before.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(octets: Octets, issuer: &Certificate) -> Result<Self, Refusal> {
        let contents = Contents::read(octets)?;
        let signed = contents.verify_issued_by(issuer)?;
        Ok(Self::new(contents, signed))
    }

    pub(super) const fn new(contents: Contents, _: Signed) -> Self {
        Self {
            contents,
            as_of: None,
            agreed: None,
        }
    }

    /// The number of a list that `issuer` signed; none if it is nothing of the kind.
    pub fn number_of(der: &[u8], issuer: &Certificate) -> Option<CrlNumber> {
        let view = CrlView::parse(der).ok()?;
        view.verify_issued_by(issuer).ok()?;
        Some(view.number())
    }
}

impl Deref for List {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.contents
    }
}

#[cfg(test)]
impl std::ops::DerefMut for List {
    /// Tests forge.
    fn deref_mut(&mut self) -> &mut Contents {
        &mut self.contents
    }
}
