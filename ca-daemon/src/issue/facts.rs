//! The facts that the policy decides on, read before it is asked.

use jiff::{SignedDuration, Timestamp};
use pki::{Certificate, PublicKey, key_check};
use policy::{CertificateStatus, Facts, IssuerFacts, KeyFacts, PredecessorFacts, RaFacts};
use store::{CertificateRecord, FactsQuery, HeldRequest, Peer, StoredFacts};

use super::Submission;
use crate::authority::{Authority, Ca};
use crate::certified;
use crate::http::problem::NotDone;
use crate::subject::binding_text;

/// What the facts are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// What the RA sent.
    pub submission: &'a Submission,
    /// The key to certify.
    pub public_key: &'a PublicKey,
    /// The profile.
    pub profile: &'a str,
    /// The certificate to be renewed or replaced.
    pub predecessor: Option<&'a CertificateRecord>,
}

/// What is known.
#[derive(Debug)]
pub(crate) struct Known {
    /// The facts, with a key that is certified for nobody else.
    pub facts: Facts,
    /// SHA-256 that names the subject for which the key is certified.
    pub certified_for: Option<[u8; 32]>,
    /// The request that has the idempotency key already.
    pub held: Option<HeldRequest>,
}

/// Reads what is known about the RA, the key, the binding and the predecessor.
pub(crate) async fn read(
    authority: &Authority,
    ca: &Ca,
    ra: &Peer,
    asked: &Asked<'_>,
) -> Result<Known, NotDone> {
    let Asked {
        submission,
        public_key,
        profile,
        predecessor,
    } = *asked;
    let now = authority.clock.now();
    let spki_hash = public_key.hash();
    let query = FactsQuery {
        ra: Some(ra.name.clone()),
        idempotency_key: Some(submission.idempotency_key.clone()),
        spki_hash,
        profile: profile.to_owned(),
        binding: binding_text(&submission.statement),
        predecessor: submission.predecessor,
        day: day(now),
        now,
    };
    let stored = authority.store.issuance_facts(query).await?;
    let issuer = ca.issuer.certificate();
    let facts = Facts {
        ra: ra_facts(ra, &stored),
        issuer: IssuerFacts {
            not_before: issuer.not_before(),
            not_after: issuer.not_after(),
        },
        key: KeyFacts {
            weaknesses: key_check::weaknesses(public_key, &authority.weak_keys),
            blocked: stored.key_blocked,
            is_ca_key: stored.key_is_ca_key || authority.is_ca_key(&spki_hash),
            certified_for_other_subject: false,
        },
        predecessor: predecessor.map(predecessor_facts).transpose()?,
        binding_taken: stored.binding_taken,
    };
    Ok(Known {
        facts,
        certified_for: stored.key_certified_for,
        held: stored.held,
    })
}

/// The day of a time, counted from 1970-01-01 (UTC): the span of a quota.
pub(crate) fn day(at: Timestamp) -> i64 {
    at.as_second().div_euclid(86_400)
}

fn ra_facts(ra: &Peer, stored: &StoredFacts) -> RaFacts {
    RaFacts {
        name: ra.name.clone(),
        profiles: ra.profiles.clone(),
        subject_kinds: ra.subject_kinds.iter().copied().collect(),
        max_validity: ra
            .max_validity_days
            .map(|days| SignedDuration::from_hours(i64::from(days) * 24)),
        quota_left: ra
            .daily_quota
            .map(|quota| quota.saturating_sub(stored.quota_used)),
    }
}

fn predecessor_facts(record: &CertificateRecord) -> Result<PredecessorFacts, NotDone> {
    let der = record.certificate_der.as_deref().unwrap_or_default();
    let certificate = Certificate::parse(der)?;
    let status = match &record.revocation {
        None => CertificateStatus::Good,
        Some(revocation) if revocation.reason == pki::RevocationReason::CertificateHold => {
            CertificateStatus::Hold
        }
        Some(_) => CertificateStatus::Revoked,
    };
    Ok(PredecessorFacts {
        profile: record.profile.clone(),
        issuer: record.issuer.clone(),
        not_before: record.not_before,
        not_after: record.not_after,
        status,
        spki_hash: record.spki_hash,
        subject: certified::subject(&certificate)?,
        subject_alt_names: certified::subject_alt_names(&certificate)?,
    })
}
