//! Look-up of requests and certificates.

use api::CertificateState;
use pki::{SerialNumber, SpkiHash};
use uuid::Uuid;

use super::query::HeldRequest;
use super::record::{CERTIFICATE_COLUMNS, CertificateRecord, RequestRecord, Unfinished};
use crate::{
    Store, StoreError,
    engine::{Statement, to_word},
};

impl Store {
    /// Looks up a certificate.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificate(
        &self,
        serial: SerialNumber,
    ) -> Result<Option<CertificateRecord>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {CERTIFICATE_COLUMNS} FROM certificates c WHERE c.serial = $1"
        ));
        let row = self.reads().first(query.bind(serial)).await?;
        row.as_ref().map(CertificateRecord::from_row).transpose()
    }

    /// The certificates of a key that are in force or may come to be: issued, on hold, or being
    /// signed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn certificates_of_key(
        &self,
        spki_hash: &SpkiHash,
    ) -> Result<Vec<CertificateRecord>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {CERTIFICATE_COLUMNS} FROM certificates c \
             WHERE c.spki_hash = $1 AND c.state IN ($2, $3, $4) ORDER BY c.serial"
        ))
        .bind(spki_hash.as_bytes().as_slice())
        .bind(to_word(&CertificateState::Issued)?)
        .bind(to_word(&CertificateState::OnHold)?)
        .bind(to_word(&CertificateState::Signing)?);
        let rows = self.reads().all(query).await?;
        rows.iter().map(CertificateRecord::from_row).collect()
    }

    /// The feed's last sequence number about any certificate of a key; 0 if there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_change_of_key(&self, spki_hash: &SpkiHash) -> Result<u64, StoreError> {
        let query = Statement::new(
            "SELECT COALESCE(MAX(feed_seq), 0) AS seq FROM certificates WHERE spki_hash = $1",
        );
        let row = self.reads().first(query.bind(*spki_hash)).await?;
        row.map_or(Ok(0), |row| row.get("seq"))
    }

    /// Looks up a request.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn request(&self, request_id: Uuid) -> Result<Option<RequestRecord>, StoreError> {
        let query = Statement::new(
            "SELECT r.*, (SELECT c.state FROM certificates c WHERE c.serial = r.serial) \
             AS certificate_state FROM requests r WHERE r.request_id = $1",
        );
        let row = self.reads().first(query.bind(request_id)).await?;
        row.as_ref().map(RequestRecord::from_row).transpose()
    }

    /// Looks up the request that holds an RA's idempotency key.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn held_request(
        &self,
        ra: &str,
        idempotency_key: &str,
    ) -> Result<Option<HeldRequest>, StoreError> {
        let query = Statement::new(
            "SELECT r.request_id, r.body_digest, \
             (SELECT c.state FROM certificates c WHERE c.serial = r.serial) AS certificate_state \
             FROM requests r WHERE r.ra = $1 AND r.idempotency_key = $2",
        );
        let row = self
            .reads()
            .first(query.bind(ra).bind(idempotency_key))
            .await?;
        row.as_ref().map(HeldRequest::from_row).transpose()
    }

    /// The RA's statement, JSON: personal data.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn statement(&self, request_id: Uuid) -> Result<Option<String>, StoreError> {
        let query = Statement::new("SELECT statement FROM statements WHERE request_id = $1");
        let row = self.reads().first(query.bind(request_id)).await?;
        row.map(|row| row.get("statement")).transpose()
    }

    /// Certificates whose signing was begun and has not ended: after a crash, those to be
    /// abandoned. With several daemons on one database, some may be another daemon's present work.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn unfinished(&self) -> Result<Vec<Unfinished>, StoreError> {
        let query = Statement::assembled(format!(
            "SELECT {CERTIFICATE_COLUMNS}, c.tbs_der FROM certificates c \
             WHERE c.state = $1 AND c.state <> 'issued' ORDER BY c.serial"
        ));
        let rows = self
            .reads()
            .all(query.bind(to_word(&CertificateState::Signing)?))
            .await?;
        rows.iter()
            .map(|row| {
                let certificate = CertificateRecord::from_row(row)?;
                Ok(Unfinished {
                    certificate,
                    tbs_der: row.get("tbs_der")?,
                })
            })
            .collect()
    }
}
