//! Where the octets of announced lists come from.

use async_trait::async_trait;
use bytes::Bytes;
use feed::{AnnouncedList, FollowError, Lists};

/// Gives the octets of announced lists.
#[async_trait]
pub trait ListSource: std::fmt::Debug + Send + Sync {
    /// The DER of a list, exactly as it was announced.
    ///
    /// # Errors
    /// [`FollowError`].
    async fn fetch(&self, list: &AnnouncedList) -> Result<Bytes, FollowError>;
}

#[async_trait]
impl ListSource for Lists {
    async fn fetch(&self, list: &AnnouncedList) -> Result<Bytes, FollowError> {
        Lists::fetch(self, list).await.map(Bytes::from)
    }
}
