//! What must be known about earlier requests and certificates: read before the policy decides,
//! enforced again with the intent.

use jiff::Timestamp;
use pki::{IssuerName, SerialNumber, SpkiHash};
use uuid::Uuid;

use super::{
    query::{FactsQuery, HeldRequest, StoredFacts},
    record::request_state,
};
use crate::{
    StoreError,
    engine::{Kind, Row, Statement, Value},
    rows,
};

/// Whom and what the facts are about.
pub(super) struct About<'a> {
    pub(super) ra: Option<&'a str>,
    pub(super) idempotency_key: Option<&'a str>,
    pub(super) day: Option<i64>,
    pub(super) spki_hash: SpkiHash,
    pub(super) profile: &'a str,
    pub(super) binding: Option<&'a str>,
    /// The certificate that may hand its binding over.
    pub(super) predecessor: Option<SerialNumber>,
    pub(super) now: Timestamp,
    /// The issuer and the serial number, once they are chosen.
    pub(super) certificate: Option<(&'a IssuerName, SerialNumber)>,
}

/// The facts, as the database gives them.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) stored: StoredFacts,
    pub(super) issuer: IssuerNow,
}

/// What only a transaction knows for certain of an issuer.
#[derive(Debug)]
pub(super) struct IssuerNow {
    pub(super) policy_digest: Option<[u8; 32]>,
    pub(super) halted: bool,
    pub(super) retired: bool,
    pub(super) serial_taken: bool,
}

const ASKED: &str = "asked (n, ra, idempotency_key, day, spki_hash, profile, binding, predecessor, \
    at, issuer, serial)";

/// One look-up by primary key or index for each fact. What stands in brackets has at most one row,
/// which keeps a planner without statistics from hashing a whole table.
const FACTS: &str = "SELECT a.n, r.request_id, r.body_digest, \
    (SELECT x.state FROM certificates x WHERE x.serial = r.serial) AS certificate_state, \
    (SELECT x.subject_hash FROM certificates x WHERE x.spki_hash = a.spki_hash LIMIT 1) \
        AS certified_for, \
    (SELECT 1 FROM blocked_keys x WHERE x.spki_hash = a.spki_hash) IS NOT NULL AS blocked, \
    (SELECT 1 FROM issuers x WHERE x.spki_hash = a.spki_hash LIMIT 1) IS NOT NULL AS ca_key, \
    (SELECT 1 FROM bindings x WHERE x.binding = a.binding AND x.profile = a.profile \
        AND x.until >= a.at AND x.serial <> a.predecessor) IS NOT NULL AS binding_taken, \
    COALESCE((SELECT x.used FROM quotas x WHERE x.ra = a.ra AND x.day = a.day), 0) AS used, \
    i.policy_digest, i.halted_at IS NOT NULL AS halted, i.retired_at IS NOT NULL AS retired, \
    (SELECT 1 FROM certificates x WHERE x.serial = a.serial) IS NOT NULL AS serial_taken \
    FROM asked a \
    LEFT JOIN requests r ON r.ra = a.ra AND r.idempotency_key = a.idempotency_key \
    LEFT JOIN issuers i ON i.name = a.issuer";

/// Asks for facts. The rows come in any order: [`place`] tells whose they are.
pub(super) fn facts(kind: Kind, about: &[About<'_>]) -> Vec<Statement> {
    let rows = about.iter().zip(0_i64..).map(About::row).collect();
    rows::statements(kind, rows, |rows| {
        format!("WITH {ASKED} AS ({rows}) {FACTS}")
    })
}

/// Which of those asked about a row belongs to.
pub(super) fn place(row: &Row) -> Result<usize, StoreError> {
    let place: u32 = row.get("n")?;
    usize::try_from(place).map_err(|_| StoreError::Corrupt { what: "n" })
}

impl<'a> About<'a> {
    /// What a question asks before a certificate is prepared.
    pub(super) fn of(query: &'a FactsQuery) -> Self {
        Self {
            ra: query.ra.as_deref(),
            idempotency_key: query.idempotency_key.as_deref(),
            day: Some(query.day),
            spki_hash: query.spki_hash,
            profile: &query.profile,
            binding: query.binding.as_deref(),
            predecessor: query.predecessor,
            now: query.now,
            certificate: None,
        }
    }

    fn row((about, number): (&Self, i64)) -> [Value; 11] {
        let predecessor = about.predecessor;
        [
            number.into(),
            about.ra.into(),
            about.idempotency_key.into(),
            about.day.into(),
            about.spki_hash.into(),
            about.profile.into(),
            about.binding.into(),
            predecessor
                .map_or_else(Vec::new, |serial| serial.as_bytes().to_vec())
                .into(),
            about.now.into(),
            about.certificate.map(|(issuer, _)| issuer).into(),
            about.certificate.map(|(_, serial)| serial).into(),
        ]
    }
}

impl HeldRequest {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            request_id: row.get("request_id")?,
            body_digest: row.get("body_digest")?,
            state: request_state(row.word("certificate_state")?),
        })
    }
}

impl Facts {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let held: Option<Uuid> = row.optional("request_id")?;
        let held = held.map(|_| HeldRequest::from_row(row));
        Ok(Self {
            stored: StoredFacts {
                held: held.transpose()?,
                key_blocked: row.get("blocked")?,
                key_is_ca_key: row.get("ca_key")?,
                key_certified_for: row.optional("certified_for")?,
                binding_taken: row.get("binding_taken")?,
                quota_used: row.get("used")?,
            },
            issuer: IssuerNow {
                policy_digest: row.optional("policy_digest")?,
                halted: row.get("halted")?,
                retired: row.get("retired")?,
                serial_taken: row.get("serial_taken")?,
            },
        })
    }
}
