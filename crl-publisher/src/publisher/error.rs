//! Why something is not published.

use feed::FollowError;
use pki::CertificateError;
use store::StoreError;

use crate::{gate::Refusal, ledger::LedgerError, output::OutputError};

/// Why something is not published.
#[derive(Debug, thiserror::Error)]
pub enum NotPublished {
    /// The list could not be fetched.
    #[error("the list cannot be fetched")]
    Fetch(#[source] FollowError),
    /// The gate refused a list.
    #[error("the gate refused the list")]
    Refused(#[from] Refusal),
    /// The copy was begun anew while the list was checked.
    #[error("the copy was begun anew")]
    StartedOver,
    /// A CA certificate cannot be read.
    #[error("the CA certificate cannot be read")]
    Certificate(#[source] CertificateError),
    /// A name that stands for one key is to stand for another.
    #[error("the issuer's certificate has another key than the published one")]
    OtherKey,
    /// A document whose path or media type is not among those that are published.
    #[error("{name} is no document for publication")]
    Document {
        /// Its path.
        name: String,
    },
    /// An output failed.
    #[error("the {output} cannot be used")]
    Output {
        /// Which kind.
        output: &'static str,
        /// Why.
        #[source]
        source: OutputError,
    },
    /// The ledger failed: without it, nothing is published.
    #[error("the ledger cannot be written")]
    Ledger(#[from] LedgerError),
    /// The copy failed.
    #[error("the copy failed")]
    Copy(#[from] StoreError),
    /// The task that checked died.
    #[error("the checking task died")]
    Died(#[from] tokio::task::JoinError),
}

impl NotPublished {
    /// A stable slug for logs and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fetch(error) => error.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::StartedOver => "feed-started-over",
            Self::Certificate(_) => "issuer-certificate-unreadable",
            Self::OtherKey => "issuer-key-changed",
            Self::Document { .. } => "document-refused",
            Self::Output { source, .. } => source.code(),
            Self::Ledger(_) => "ledger-unusable",
            Self::Copy(_) => "copy-unusable",
            Self::Died(_) => "check-died",
        }
    }

    /// Whether only the list is gone, because a newer one took its place.
    pub(super) fn is_superseded(&self) -> bool {
        matches!(self, Self::Fetch(FollowError::Refused { status: 404, .. }))
    }
}
