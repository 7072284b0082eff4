//! What must be known about earlier certificates: read before the policy decides, enforced again
//! with the intent.

use pki::{SerialNumber, SpkiHash};

use super::{
    query::{FactsQuery, StoredFacts},
    record::CertificateRecord,
};
use crate::{
    Store, StoreError,
    engine::{Row, Statement},
};

/// Whom and what the facts are about.
pub(super) struct About<'a> {
    pub(super) ra: Option<&'a str>,
    pub(super) day: Option<i64>,
    pub(super) spki_hash: SpkiHash,
    pub(super) subject_hash: [u8; 32],
    pub(super) profile: &'a str,
    pub(super) binding: Option<&'a str>,
    /// The certificate that may hand its binding over.
    pub(super) predecessor: Option<SerialNumber>,
    pub(super) now: jiff::Timestamp,
}

/// The facts, as the database gives them.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Facts {
    pub(super) blocked: bool,
    pub(super) ca_key: bool,
    pub(super) other_subject: bool,
    pub(super) binding_taken: bool,
    pub(super) used: u64,
}

/// One look-up by primary key or index for each fact.
pub(super) fn facts(about: &About<'_>) -> Statement {
    let predecessor = about
        .predecessor
        .map_or_else(Vec::new, |serial| serial.as_bytes().to_vec());
    Statement::new(
        "SELECT EXISTS (SELECT 1 FROM blocked_keys WHERE spki_hash = $1) AS blocked, \
         EXISTS (SELECT 1 FROM issuers WHERE spki_hash = $1) AS ca_key, \
         EXISTS (SELECT 1 FROM certified_keys WHERE spki_hash = $1 AND subject_hash <> $2) \
             AS other_subject, \
         EXISTS (SELECT 1 FROM bindings WHERE binding = $3 AND profile = $4 AND until >= $5 \
             AND serial <> $6) AS binding_taken, \
         COALESCE((SELECT used FROM quotas WHERE ra = $7 AND day = $8), 0) AS used",
    )
    .bind(about.spki_hash)
    .bind(about.subject_hash)
    .bind(about.binding)
    .bind(about.profile)
    .bind(about.now)
    .bind(predecessor)
    .bind(about.ra)
    .bind(about.day)
}

impl Facts {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            blocked: row.get("blocked")?,
            ca_key: row.get("ca_key")?,
            other_subject: row.get("other_subject")?,
            binding_taken: row.get("binding_taken")?,
            used: row.get("used")?,
        })
    }
}

impl Store {
    /// Reads what the policy must know about earlier certificates.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn issuance_facts(&self, query: &FactsQuery) -> Result<StoredFacts, StoreError> {
        let about = About {
            ra: query.ra.as_deref(),
            day: Some(query.day),
            spki_hash: query.spki_hash,
            subject_hash: query.subject_hash,
            profile: &query.profile,
            binding: query.binding.as_deref(),
            predecessor: query.predecessor,
            now: query.now,
        };
        let row = self.reads().first(facts(&about)).await?;
        let facts = Facts::from_row(&row.ok_or(StoreError::Corrupt { what: "facts" })?)?;
        Ok(StoredFacts {
            key_blocked: facts.blocked,
            key_is_ca_key: facts.ca_key,
            key_certified_for_other_subject: facts.other_subject,
            binding_taken: facts.binding_taken,
            quota_used: facts.used,
            predecessor: self.predecessor(query.predecessor).await?,
        })
    }

    async fn predecessor(
        &self,
        serial: Option<SerialNumber>,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        match serial {
            None => Ok(None),
            Some(serial) => self.certificate(serial).await,
        }
    }
}
