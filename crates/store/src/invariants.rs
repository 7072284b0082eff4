//! What must hold of a database at any moment.

use audit::ChainHash;

use crate::{
    AuditRecord, Store, StoreError,
    engine::{Connection, Statement},
};

/// Rules that hold of a database, each with a query for rows that break it.
const RULES: &[(&str, &str)] = &[
    (
        "a certificate is issued only after its signing was audited",
        "SELECT serial AS offender FROM certificates c WHERE NOT EXISTS \
         (SELECT 1 FROM audit_log a WHERE a.serial = c.serial AND a.kind = 'signing')",
    ),
    (
        "signing is audited before anything else about a certificate",
        "SELECT s.serial AS offender FROM audit_log s JOIN audit_log i ON i.serial = s.serial \
         WHERE s.kind = 'signing' AND i.seq < s.seq AND i.kind IN ('issued', 'abandoned')",
    ),
    (
        "an issued certificate is audited as issued",
        "SELECT serial AS offender FROM certificates c WHERE certificate_der IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM audit_log a \
                         WHERE a.serial = c.serial AND a.kind = 'issued')",
    ),
    (
        "an abandoned serial number never has a certificate",
        "SELECT serial AS offender FROM certificates \
         WHERE state = 'abandoned' AND certificate_der IS NOT NULL",
    ),
    (
        "the bytes to be signed are kept until the certificate holds them",
        "SELECT serial AS offender FROM certificates \
         WHERE (tbs_der IS NULL) <> (certificate_der IS NOT NULL)",
    ),
    (
        "a certificate's last feed entry is a latest one",
        "SELECT c.serial AS offender FROM certificates c WHERE c.feed_seq > 0 AND NOT EXISTS \
         (SELECT 1 FROM feed f WHERE f.seq = c.feed_seq AND f.latest)",
    ),
    (
        "a certificate of a public issuer is on the feed once its fate is known",
        "SELECT c.serial AS offender FROM certificates c JOIN issuers i ON i.name = c.issuer \
         WHERE c.state <> 'signing' AND (c.feed_seq = 0) <> (i.kind = 'management')",
    ),
    (
        "whatever is revoked, on hold or abandoned stands on the next list until its end",
        "SELECT c.serial AS offender FROM certificates c \
         WHERE c.state IN ('revoked', 'on-hold', 'abandoned') AND NOT c.on_crl \
         AND (c.not_after >= (SELECT COALESCE(MAX(l.this_update), 0) FROM crls l \
                              WHERE l.issuer = c.issuer AND l.scope = 'full') \
              OR (c.shard IS NOT NULL AND c.not_after >= \
                  (SELECT COALESCE(MAX(l.this_update), 0) FROM crls l \
                   WHERE l.issuer = c.issuer AND l.scope = 'shard-' || c.shard)))",
    ),
    (
        "nothing else stands on the next list",
        "SELECT serial AS offender FROM certificates WHERE on_crl AND state IN ('signing', 'issued')",
    ),
    (
        "a later list has a higher number and is not older",
        "SELECT a.sha256 AS offender FROM crls a JOIN crls b \
         ON b.issuer = a.issuer AND b.scope = a.scope AND b.number > a.number \
         WHERE b.this_update < a.this_update",
    ),
    (
        "no list has a number that was not taken",
        "SELECT c.sha256 AS offender FROM crls c JOIN crl_numbers n \
         ON n.issuer = c.issuer \
         AND n.scope = CASE c.scope WHEN 'delta' THEN 'full' ELSE c.scope END \
         WHERE c.number > n.last",
    ),
    (
        "the last list of each kind has all its octets",
        "SELECT c.sha256 AS offender FROM crl_scopes s JOIN crls c \
         ON c.issuer = s.issuer AND c.scope = s.scope AND c.number = s.last \
         WHERE c.size <> (SELECT COALESCE(SUM(length(o.octets)), 0) FROM crl_octets o \
         WHERE o.issuer = c.issuer AND o.scope = c.scope AND o.number = c.number)",
    ),
    (
        "a request has the certificate that it came to",
        "SELECT r.request_id AS offender FROM requests r \
         LEFT JOIN certificates c ON c.serial = r.serial \
         WHERE c.request_id IS NULL OR c.request_id <> r.request_id",
    ),
    (
        "a key is certified for one subject",
        "SELECT a.serial AS offender FROM certificates a \
         JOIN certificates b ON b.spki_hash = a.spki_hash \
         WHERE a.subject_hash <> b.subject_hash",
    ),
];

/// A rule that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum InvariantError {
    /// A row breaks a rule.
    #[error("broken: {rule} (row {offender})")]
    Broken {
        /// The rule.
        rule: &'static str,
        /// The key of a row that breaks it, hexadecimal.
        offender: String,
    },
    /// A sequence of numbers has a gap.
    #[error("the sequence numbers of the {log} have a gap")]
    Gap {
        /// Which sequence.
        log: &'static str,
    },
    /// The hash chain over the audit log does not verify.
    #[error("the audit chain does not verify at event {sequence}")]
    Chain {
        /// The first event that does not fit.
        sequence: u64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Checks what must hold of the database at any moment, from one state of it. Reads every row:
    /// for tests, and for an operator who restored a copy.
    ///
    /// # Errors
    /// [`InvariantError`] for the first rule that does not hold.
    pub async fn check_invariants(&self) -> Result<(), InvariantError> {
        let mut connection = self.reader().await?;
        connection.begin_reading().await.map_err(StoreError::from)?;
        let outcome = check(&mut connection).await;
        connection.roll_back().await.map_err(StoreError::from)?;
        connection.close().await.map_err(StoreError::from)?;
        outcome
    }
}

async fn check(connection: &mut Connection) -> Result<(), InvariantError> {
    for (rule, query) in RULES {
        let first = format!("{query} LIMIT 1");
        let row = connection
            .first(Statement::assembled(first))
            .await
            .map_err(StoreError::from)?;
        if let Some(row) = row {
            let offender: Vec<u8> = row.get("offender")?;
            return Err(InvariantError::Broken {
                rule,
                offender: hex::encode(offender),
            });
        }
    }
    let gaps = Statement::new(
        "SELECT COUNT(*) <> COALESCE(MAX(seq), 0) AS feed, \
         (SELECT COUNT(*) <> COALESCE(MAX(seq), 0) FROM audit_log) AS audit FROM feed",
    );
    if let Some(row) = connection.first(gaps).await.map_err(StoreError::from)? {
        for (log, column) in [("feed", "feed"), ("audit log", "audit")] {
            if row.get::<bool>(column)? {
                return Err(InvariantError::Gap { log });
            }
        }
    }
    check_chain(connection).await
}

async fn check_chain(connection: &mut Connection) -> Result<(), InvariantError> {
    const PAGE: u32 = 10_000;
    let (mut last, mut chain) = (0_u64, ChainHash::START);
    loop {
        let query = Statement::new(
            "SELECT seq, event, chain FROM audit_log WHERE seq > $1 ORDER BY seq LIMIT $2",
        );
        let rows = connection
            .all(query.bind(last).bind(PAGE))
            .await
            .map_err(StoreError::from)?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in &rows {
            let record = AuditRecord::from_row(row)?;
            chain = chain.next(record.sequence, &record.canonical);
            last = record.sequence;
            if chain != record.chain {
                return Err(InvariantError::Chain { sequence: last });
            }
        }
    }
}
