//! Recording an issued certificate: step 8 of issuing.

use std::{collections::HashMap, iter};

use api::CertificateState;
use async_trait::async_trait;
use audit::AuditEvent;
use feed::{IssuerKind, Status};
use issuance::IssuedCertificate;
use pki::SerialNumber;

use super::{
    intent_rows::tbs_digest,
    record::{CERTIFICATE_COLUMNS, CertificateRecord},
    rounds::{in_order, rounds},
};
use crate::{Store, StoreError, batch::Batch, engine::Row, rows, writer::Operation};

impl Store {
    /// Records an issued certificate; answers the record as it stands then. Durable when this
    /// returns: only then may the RA hear of it. Recording the same certificate again
    /// changes nothing.
    ///
    /// # Errors
    /// [`StoreError::IntentMismatch`] if there is no intent in state `signing` with exactly these
    /// bytes, for one because the serial number was abandoned; [`StoreError`] when the database
    /// fails.
    pub async fn record_issued(
        &self,
        issued: &IssuedCertificate,
        event: AuditEvent,
    ) -> Result<CertificateRecord, StoreError> {
        let operation = RecordIssued {
            serial: issued.serial(),
            tbs_digest: tbs_digest(issued.certificate().tbs_der()),
            certificate_der: issued.der().to_vec(),
            event,
        };
        self.writes().submit(operation).await
    }
}

/// What of an issued certificate is recorded.
#[derive(Debug)]
pub(crate) struct RecordIssued {
    pub(crate) serial: SerialNumber,
    pub(crate) tbs_digest: [u8; 32],
    pub(crate) certificate_der: Vec<u8>,
    pub(crate) event: AuditEvent,
}

#[async_trait]
impl Operation for RecordIssued {
    type Answer = CertificateRecord;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<CertificateRecord, StoreError> {
        let mut answers = Self::apply_all(&[self], batch).await?;
        answers.pop().ok_or_else(|| self.mismatch())
    }

    async fn apply_all(
        operations: &[&Self],
        batch: &mut Batch<'_>,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let mut answers = Vec::with_capacity(operations.len());
        for round in rounds(operations, |operation| vec![operation.serial]) {
            let serials = round.iter().map(|(_, operation)| operation.serial);
            let mut found = Recorded::find_all(batch, serials).await?;
            let mut changes = Vec::with_capacity(round.len());
            for (place, operation) in round {
                let recorded = found.remove(&operation.serial);
                let recorded = recorded.ok_or_else(|| operation.mismatch())?;
                answers.push((place, operation.issue(batch, recorded, &mut changes)?));
            }
            write(batch, &changes).await?;
        }
        Ok(in_order(answers))
    }
}

impl RecordIssued {
    fn mismatch(&self) -> StoreError {
        StoreError::IntentMismatch {
            serial: self.serial.to_string(),
        }
    }

    /// Announces and audits; gives the record as it stands when the changes are written.
    fn issue(
        &self,
        batch: &mut Batch<'_>,
        recorded: Recorded,
        changes: &mut Vec<Change>,
    ) -> Result<CertificateRecord, StoreError> {
        if recorded.tbs_digest != self.tbs_digest {
            return Err(self.mismatch());
        }
        if recorded.certificate.certificate_der.as_ref() == Some(&self.certificate_der) {
            return Ok(recorded.certificate);
        }
        if recorded.certificate.state != CertificateState::Signing {
            return Err(self.mismatch());
        }
        let sequence = recorded.announce(batch, Status::Good)?;
        batch.audit(self.event.clone())?;
        let certificate = CertificateRecord {
            state: CertificateState::Issued,
            certificate_der: Some(self.certificate_der.clone()),
            issued_at: Some(batch.now()),
            sequence,
            ..recorded.certificate
        };
        changes.push(Change {
            serial: self.serial,
            certificate_der: self.certificate_der.clone(),
            sequence,
        });
        Ok(certificate)
    }
}

/// What becomes of a row.
struct Change {
    serial: SerialNumber,
    certificate_der: Vec<u8>,
    sequence: u64,
}

async fn write(batch: &mut Batch<'_>, changes: &[Change]) -> Result<(), StoreError> {
    let now = batch.now();
    let row = |change: &Change| {
        [
            change.certificate_der.as_slice().into(),
            now.into(),
            change.sequence.into(),
            change.serial.into(),
        ]
    };
    let rows = changes.iter().map(row).collect();
    let many = |rows: &str| {
        format!(
            "{ISSUE_MANY} FROM ({rows}) AS i (der, at, seq, serial) \
             WHERE certificates.serial = i.serial"
        )
    };
    for update in rows::changes(batch.kind(), rows, ISSUE, many) {
        batch.write(vec![update]).await?;
    }
    Ok(())
}

/// The certificate holds the TBSCertificate from here on.
const ISSUE: &str = "UPDATE certificates SET state = 'issued', certificate_der = ?, \
    tbs_der = NULL, issued_at = ?, feed_seq = ? WHERE serial = ?";
const ISSUE_MANY: &str = "UPDATE certificates SET state = 'issued', certificate_der = i.der, \
    tbs_der = NULL, issued_at = i.at, feed_seq = i.seq";

/// A certificate's row as operations need it.
#[derive(Debug)]
pub(super) struct Recorded {
    pub(super) certificate: CertificateRecord,
    pub(super) issuer_kind: IssuerKind,
    pub(super) tbs_digest: [u8; 32],
}

impl Recorded {
    /// Looks the row up, inside the transaction.
    pub(super) async fn find(
        batch: &mut Batch<'_>,
        serial: SerialNumber,
    ) -> Result<Option<Self>, StoreError> {
        let mut found = Self::find_all(batch, iter::once(serial)).await?;
        Ok(found.remove(&serial))
    }

    /// Looks several rows up, inside the transaction.
    async fn find_all(
        batch: &mut Batch<'_>,
        serials: impl Iterator<Item = SerialNumber>,
    ) -> Result<HashMap<SerialNumber, Self>, StoreError> {
        let asked = serials.map(|serial| [serial.into()]).collect();
        let queries = rows::statements(batch.kind(), asked, |rows| {
            format!(
                "WITH asked (serial) AS ({rows}) \
                 SELECT {CERTIFICATE_COLUMNS}, c.tbs_digest, i.kind AS issuer_kind FROM asked a \
                 JOIN certificates c ON c.serial = a.serial JOIN issuers i ON i.name = c.issuer"
            )
        });
        let mut found = HashMap::new();
        for query in queries {
            for row in batch.all(query).await? {
                let recorded = Self::from_row(&row)?;
                found.insert(recorded.certificate.serial, recorded);
            }
        }
        Ok(found)
    }

    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            certificate: CertificateRecord::from_row(row)?,
            issuer_kind: row.word("issuer_kind")?,
            tbs_digest: row.get("tbs_digest")?,
        })
    }

    /// Puts the certificate's status on the feed; 0 if its issuer is not for followers.
    pub(super) fn announce(
        &self,
        batch: &mut Batch<'_>,
        status: Status,
    ) -> Result<u64, StoreError> {
        if self.issuer_kind == IssuerKind::Management {
            return Ok(0);
        }
        let CertificateRecord {
            issuer,
            serial,
            not_after,
            shard,
            sequence,
            ..
        } = &self.certificate;
        let certificate = (issuer.clone(), *serial, *not_after, *shard);
        batch.announce_certificate(certificate, status, *sequence)
    }
}
