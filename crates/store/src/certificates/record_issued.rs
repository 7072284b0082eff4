//! Recording an issued certificate: step 8 of issuing.

use api::{CertificateState, RequestState};
use async_trait::async_trait;
use audit::AuditEvent;
use feed::{IssuerKind, Status};
use issuance::IssuedCertificate;
use pki::SerialNumber;

use super::{
    record::{CERTIFICATE_COLUMNS, CertificateRecord},
    record_intent::tbs_digest,
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Statement, to_word},
    writer::Operation,
};

impl Store {
    /// Records an issued certificate; answers the feed's sequence number that covers it. Durable
    /// when this returns: only then may the RA hear of it. Recording the same certificate again
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
    ) -> Result<u64, StoreError> {
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
    type Answer = u64;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<u64, StoreError> {
        let mismatch = || StoreError::IntentMismatch {
            serial: self.serial.to_string(),
        };
        let recorded = Recorded::find(batch, self.serial)
            .await?
            .ok_or_else(mismatch)?;
        if recorded.tbs_digest != self.tbs_digest {
            return Err(mismatch());
        }
        let certificate = &recorded.certificate;
        if certificate.certificate_der.as_ref() == Some(&self.certificate_der) {
            return Ok(certificate.sequence);
        }
        if certificate.state != CertificateState::Signing {
            return Err(mismatch());
        }
        let sequence = recorded.announce(batch, Status::Good)?;
        self.update(batch, certificate, sequence).await?;
        batch.audit(self.event.clone())?;
        Ok(batch.feed_head())
    }
}

impl RecordIssued {
    async fn update(
        &self,
        batch: &mut Batch<'_>,
        certificate: &CertificateRecord,
        sequence: u64,
    ) -> Result<(), StoreError> {
        // The certificate holds the TBSCertificate from here on.
        let update = Statement::new(
            "UPDATE certificates SET state = $1, certificate_der = $2, tbs_der = NULL, \
             issued_at = $3, feed_seq = $4 WHERE serial = $5",
        )
        .bind(to_word(&CertificateState::Issued)?)
        .bind(self.certificate_der.as_slice())
        .bind(batch.now())
        .bind(sequence)
        .bind(self.serial);
        batch.execute(update).await?;
        let request = Statement::new("UPDATE requests SET state = $1 WHERE request_id = $2")
            .bind(to_word(&RequestState::Issued)?)
            .bind(certificate.request_id);
        batch.execute(request).await.map(drop)
    }
}

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
        let query = Statement::assembled(format!(
            "SELECT {CERTIFICATE_COLUMNS}, c.tbs_digest, i.kind AS issuer_kind \
             FROM certificates c JOIN issuers i ON i.name = c.issuer WHERE c.serial = $1"
        ));
        let Some(row) = batch.first(query.bind(serial)).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            certificate: CertificateRecord::from_row(&row)?,
            issuer_kind: row.word("issuer_kind")?,
            tbs_digest: row.get("tbs_digest")?,
        }))
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
