//! Making an answer: prepare, sign, complete.

use bytes::Bytes;
use ocsp::{CertStatus, PreparedResponse, SingleStatus};
use pki::time::{SharedClock, Timestamp};

use super::{
    NeverIssued, SigningFault, Validity,
    query::{Query, Subject},
};
use crate::{authority::Delegation, keys::Choice, metrics};

/// Turns queries into signed responses.
#[derive(Debug)]
pub(super) struct Signing {
    clock: SharedClock,
    never_issued: NeverIssued,
}

/// A signed response.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) der: Bytes,
    pub(super) validity: Validity,
}

impl Signing {
    pub(super) fn new(clock: SharedClock, never_issued: NeverIssued) -> Self {
        Self {
            clock,
            never_issued,
        }
    }

    /// Signs an answer to all of `query`; with `nonce` it is for this client alone.
    pub(super) async fn sign(
        &self,
        query: &Query<'_>,
        nonce: Option<&[u8]>,
        choice: &Choice,
    ) -> Result<Signed, SigningFault> {
        let Choice { signer, delegation } = choice;
        let produced_at = self.clock.now();
        let validity = validity_of(query, delegation, produced_at);
        let single = |subject: &Subject<'_>| self.single(query, subject, validity, produced_at);
        let prepared = PreparedResponse::new(
            query.subjects.iter().map(single),
            signer.public_key().key_id(),
            produced_at,
            nonce,
            signer.algorithm(),
        );
        let (tbs, awaiting) = prepared.map_err(broken)?.release();
        let signature = signer.sign(tbs).await.inspect_err(|fault| {
            metrics::signing_failed();
            tracing::warn!(%fault, issuer = %query.authority.name, "no signature");
        })?;
        metrics::signed();
        let der = awaiting
            .complete(&signature, &delegation.certificate)
            .map_err(broken)?;
        Ok(Signed {
            der: der.into(),
            validity,
        })
    }

    fn single(
        &self,
        query: &Query<'_>,
        subject: &Subject<'_>,
        validity: Validity,
        produced_at: Timestamp,
    ) -> SingleStatus {
        let expired = subject
            .record
            .is_some_and(|record| record.not_after < produced_at);
        let archive_cutoff = expired.then(|| produced_at.checked_sub(query.terms.archive).ok());
        SingleStatus {
            cert_id: subject.cert_id.clone(),
            status: match subject.status() {
                // A revocation by a clock that runs ahead must not lie in the future here.
                CertStatus::Revoked { at, reason } => CertStatus::Revoked {
                    at: at.min(produced_at),
                    reason,
                },
                CertStatus::Unknown if self.never_issued == NeverIssued::Revoked => {
                    CertStatus::NeverIssued
                }
                status @ (CertStatus::Good | CertStatus::Unknown | CertStatus::NeverIssued) => {
                    status
                }
            },
            this_update: validity.this_update,
            next_update: validity.next_update,
            archive_cutoff: archive_cutoff.flatten(),
        }
    }
}

/// thisUpdate is when the status was last known to be right (RFC 6960 section 2.4): when the
/// feed was heard, or when the newest revocation in the answer took effect. An answer is worth
/// nothing after its signer's certificate expired.
fn validity_of(query: &Query<'_>, delegation: &Delegation, produced_at: Timestamp) -> Validity {
    let this_update = query.known_at.max(query.revoked_at()).min(produced_at);
    let next_update = this_update
        .checked_add(query.terms.validity)
        .unwrap_or(Timestamp::MAX)
        .min(delegation.certificate.not_after());
    Validity {
        this_update,
        next_update,
    }
}

fn broken(error: impl std::error::Error) -> SigningFault {
    tracing::error!(%error, "an answer could not be made");
    SigningFault::Broken
}
