//! The octets of lists: entries only announce them.

use std::sync::Arc;

use pki::{CrlNumber, CrlScope, IssuerName};
use sha2::{Digest as _, Sha256};

use super::{FollowError, client::Client};
use crate::Event;

/// Fetches lists from the server that the follower follows; clones share its connections.
#[derive(Debug, Clone)]
pub struct Lists {
    client: Arc<Client>,
}

/// A list as its entry announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedList {
    /// Who signed it.
    pub issuer: IssuerName,
    /// What it covers.
    pub scope: CrlScope,
    /// CRLNumber.
    pub number: CrlNumber,
    /// How many octets its DER has.
    pub size: u64,
    /// SHA-256 of its DER.
    pub sha256: [u8; 32],
}

impl AnnouncedList {
    /// The list that an entry announces; `None` if it announces none.
    pub fn of(event: &Event) -> Option<Self> {
        let Event::Crl {
            issuer,
            scope,
            number,
            size,
            sha256,
            ..
        } = event
        else {
            return None;
        };
        Some(Self {
            issuer: issuer.clone(),
            scope: *scope,
            number: *number,
            size: *size,
            sha256: *sha256,
        })
    }
}

impl Lists {
    pub(super) fn new(client: Arc<Client>) -> Self {
        Self { client }
    }

    /// The DER of a list.
    ///
    /// # Errors
    /// [`FollowError::Refused`] with status 404 when the list is gone, because newer ones took its
    /// place; [`FollowError::OtherList`] when the octets are not those that were announced. The
    /// caller bounds [`AnnouncedList::size`].
    pub async fn fetch(&self, list: &AnnouncedList) -> Result<Vec<u8>, FollowError> {
        let AnnouncedList {
            issuer,
            scope,
            number,
            size,
            sha256,
        } = list;
        let most = usize::try_from(*size).map_err(|_| FollowError::OtherList)?;
        let path = format!("{issuer}/{scope}/{number}");
        // Each piece is hashed while the server sends the next one.
        let mut digest = Sha256::new();
        let taken = |piece: &[u8]| digest.update(piece);
        let der = self.client.crl(&path, most, taken).await?;
        if der.len() != most || digest.finalize().as_slice() != sha256 {
            return Err(FollowError::OtherList);
        }
        Ok(der)
    }
}
