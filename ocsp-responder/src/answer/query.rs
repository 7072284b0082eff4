//! A request together with what is known about the certificates it names.

use std::sync::Arc;

use feed::IssuerKind;
use ocsp::{CertId, CertIdHash, CertStatus, PreferredAlgorithm, ResponseStatus};
use pki::time::Timestamp;

use crate::{
    authority::{Authorities, Authority},
    freshness::LastWord,
    index::{Record, Standing, StatusIndex},
    metrics::Outcome,
    terms::IssuerTerms,
};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// At least one.
    pub(super) cert_ids: &'a [CertId],
    pub(super) nonce: Option<&'a [u8]>,
    /// Best first.
    pub(super) preferred: &'a [PreferredAlgorithm],
}

/// What an answer rests on.
#[derive(Debug)]
pub(super) struct Query<'a> {
    pub(super) authority: Arc<Authority>,
    pub(super) terms: IssuerTerms,
    /// In the order of the request; at least one.
    pub(super) subjects: Vec<Subject<'a>>,
    pub(super) nonce: Option<&'a [u8]>,
    pub(super) preferred: &'a [PreferredAlgorithm],
    /// The moment for which the records are known to be right: thisUpdate.
    pub(super) known_at: Timestamp,
}

/// One certificate asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) cert_id: &'a CertId,
    pub(super) record: Option<Record>,
}

impl<'a> Query<'a> {
    /// Finds issuer and records. One signature can speak for one issuer only, so a request about
    /// certificates of several, ours or not, is not answered; neither is one while the issuer's
    /// policy is not known, or the feed was silent for longer than that allows.
    pub(super) fn new(
        question: Question<'a>,
        word: LastWord,
        authorities: &Authorities,
        index: &StatusIndex,
    ) -> Result<Self, ResponseStatus> {
        let mut authority: Option<Arc<Authority>> = None;
        let mut subjects = Vec::with_capacity(question.cert_ids.len());
        for cert_id in question.cert_ids {
            if !has_plain_algorithm(cert_id) {
                return Err(ResponseStatus::MalformedRequest);
            }
            let found = served(authorities, cert_id)?;
            if authority
                .as_ref()
                .is_some_and(|first| first.name != found.name)
            {
                return Err(ResponseStatus::Unauthorized);
            }
            let record = index.lookup(&found.name, &cert_id.serial);
            subjects.push(Subject { cert_id, record });
            authority = Some(found);
        }
        let authority = authority.ok_or(ResponseStatus::MalformedRequest)?;
        let terms = authority.terms.ok_or(ResponseStatus::TryLater)?;
        let known_at = word.within(terms.max_staleness).map_err(|stale| {
            tracing::debug!(%stale, issuer = %authority.name, "not answering");
            ResponseStatus::TryLater
        })?;
        Ok(Self {
            authority,
            terms,
            subjects,
            nonce: question.nonce,
            preferred: question.preferred,
            known_at,
        })
    }

    /// Whether one of the serial numbers was never given out.
    pub(super) fn has_unknown(&self) -> bool {
        self.subjects.iter().any(|subject| subject.record.is_none())
    }

    /// The certificate, if there is only one and it is known.
    pub(super) fn only_known(&self) -> Option<Record> {
        match self.subjects.as_slice() {
            [subject] => subject.record,
            _ => None,
        }
    }

    /// What the answer says, for metrics.
    pub(super) fn outcome(&self) -> Outcome {
        match self.subjects.as_slice() {
            [subject] => match subject.status() {
                CertStatus::Good => Outcome::Good,
                CertStatus::Revoked { .. } => Outcome::Revoked,
                CertStatus::Unknown | CertStatus::NeverIssued => Outcome::Unknown,
            },
            _ => Outcome::Several,
        }
    }

    /// When the newest revocation took effect; the beginning of time if there is none.
    pub(super) fn revoked_at(&self) -> Timestamp {
        let standings = self.subjects.iter().filter_map(|subject| subject.record);
        let revocations = standings.filter_map(|record| match record.standing {
            Standing::Revoked { at, .. } => Some(at),
            Standing::Good => None,
        });
        revocations.max().unwrap_or(Timestamp::MIN)
    }

    /// Whether one of the certificates expired too long ago to be answered for.
    pub(super) fn is_archived(&self, now: Timestamp) -> bool {
        let mut records = self.subjects.iter().filter_map(|subject| subject.record);
        records.any(|record| self.archived_at(record) < now)
    }

    /// After when a certificate is no longer answered for.
    pub(super) fn archived_at(&self, record: Record) -> Timestamp {
        let end = record.not_after.checked_add(self.terms.archive);
        end.unwrap_or(Timestamp::MAX)
    }

    /// Whether the records are still what the index says.
    pub(super) fn still_holds(&self, index: &StatusIndex) -> bool {
        self.subjects.iter().all(|subject| {
            index.lookup(&self.authority.name, &subject.cert_id.serial) == subject.record
        })
    }
}

/// The issuer, if this process is registered for it. For whom it is, is not known before the first
/// certificate has come: then an issuer for subscribers may yet turn out to be one.
fn served(authorities: &Authorities, cert_id: &CertId) -> Result<Arc<Authority>, ResponseStatus> {
    let found = authorities.find(cert_id);
    let found = found.ok_or(ResponseStatus::Unauthorized)?;
    if found.is_delegated() {
        Ok(found)
    } else if found.kind == IssuerKind::Issuing && !authorities.has_delegations() {
        Err(ResponseStatus::TryLater)
    } else {
        Err(ResponseStatus::Unauthorized)
    }
}

/// Whether the hash algorithm has no parameters or NULL, as RFC 5754 section 2 has it. An answer
/// repeats the CertID octet for octet: with free parameters a stranger could ask for the same
/// status in ever new ways, each to be signed.
fn has_plain_algorithm(cert_id: &CertId) -> bool {
    // The length of a CertID takes one octet or two.
    let ([0x30, 0x81, _, content @ ..] | [0x30, _, content @ ..]) = cert_id.raw.as_slice() else {
        return false;
    };
    let plain: [&[u8]; 2] = match cert_id.hash {
        CertIdHash::Sha1 => [
            b"\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00",
            b"\x30\x07\x06\x05\x2b\x0e\x03\x02\x1a",
        ],
        CertIdHash::Sha256 => [
            b"\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00",
            b"\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01",
        ],
    };
    plain.iter().any(|algorithm| content.starts_with(algorithm))
}

impl Subject<'_> {
    /// The status to sign: never good without a record.
    pub(super) fn status(&self) -> CertStatus {
        match self.record.map(|record| record.standing) {
            None => CertStatus::Unknown,
            Some(Standing::Good) => CertStatus::Good,
            Some(Standing::Revoked { at, reason }) => CertStatus::Revoked { at, reason },
        }
    }
}
