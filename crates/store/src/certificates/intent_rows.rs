//! The rows that an intent makes.

use api::CertificateState;
use jiff::Timestamp;
use pki::SerialNumber;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::intent::Intent;
use crate::{
    StoreError,
    batch::Batch,
    engine::{Statement, Value, to_word},
};

pub(super) const REQUESTS: &str = "requests (request_id, ra, idempotency_key, operation, body_digest, \
    order_id, serial, received_at)";
pub(super) const STATEMENTS: &str = "statements (request_id, statement, recorded_at)";
pub(super) const CERTIFICATES: &str = "certificates (serial, issuer, request_id, ra, order_id, \
    subscriber_hash, profile, state, not_before, not_after, shard, spki_hash, subject_hash, \
    binding, predecessor, policy_digest, tbs_der, tbs_digest, recorded_at)";
pub(super) const BINDINGS: &str = "bindings (binding, profile, serial, until)";
pub(super) const HAND_OVER: &str = "ON CONFLICT (binding, profile) \
    DO UPDATE SET serial = excluded.serial, until = excluded.until";
pub(super) const QUOTAS: &str = "quotas (ra, day, used)";
pub(super) const ADD_UP: &str =
    "ON CONFLICT (ra, day) DO UPDATE SET used = quotas.used + excluded.used";

impl Intent {
    pub(super) fn request_row(&self) -> [Value; 8] {
        let request = &self.request;
        [
            request.request_id.into(),
            request.ra.as_deref().into(),
            request.idempotency_key.as_deref().into(),
            request.operation.as_str().into(),
            request.body_digest.into(),
            request.order_id.as_deref().into(),
            self.serial.into(),
            request.received_at.into(),
        ]
    }

    pub(super) fn statement_row(&self, now: Timestamp) -> Option<[Value; 3]> {
        let statement = self.statement.as_deref()?;
        Some([self.request.request_id.into(), statement.into(), now.into()])
    }

    pub(super) fn certificate_row(&self, now: Timestamp) -> Result<[Value; 19], StoreError> {
        let subscriber = self.subscriber_ref.as_ref().map(|reference| {
            subscriber_hash(self.request.ra.as_deref().unwrap_or_default(), reference)
        });
        Ok([
            self.serial.into(),
            (&self.issuer).into(),
            self.request.request_id.into(),
            self.request.ra.as_deref().into(),
            self.request.order_id.as_deref().into(),
            subscriber.into(),
            self.profile.as_str().into(),
            to_word(&CertificateState::Signing)?.into(),
            self.not_before.into(),
            self.not_after.into(),
            self.shard.into(),
            self.spki_hash.into(),
            self.subject_hash.into(),
            self.binding.as_deref().into(),
            self.predecessor.into(),
            self.policy_digest.into(),
            self.tbs_der.as_slice().into(),
            tbs_digest(&self.tbs_der).into(),
            now.into(),
        ])
    }

    pub(super) fn binding_row(&self) -> Option<[Value; 4]> {
        let binding = self.binding.as_deref()?;
        Some([
            binding.into(),
            self.profile.as_str().into(),
            self.serial.into(),
            self.not_after.into(),
        ])
    }
}

/// Has a request go on with another serial number.
pub(super) async fn go_on_with(
    batch: &mut Batch<'_>,
    request_id: Uuid,
    serial: SerialNumber,
) -> Result<(), StoreError> {
    let update = Statement::new("UPDATE requests SET serial = $1 WHERE request_id = $2");
    let update = update.bind(serial).bind(request_id);
    batch.write(vec![update]).await
}

/// Gives a binding to a certificate. Whether it is free has been checked.
pub(super) async fn bind(
    batch: &mut Batch<'_>,
    (binding, profile): (&str, &str),
    serial: SerialNumber,
    until: Timestamp,
) -> Result<(), StoreError> {
    let row = [binding.into(), profile.into(), serial.into(), until.into()];
    let insert = batch.inserts(BINDINGS, HAND_OVER, vec![row]);
    batch.write(insert).await
}

/// By what a subscriber is found without his reference being kept: a hash over the RA's name and
/// the reference.
pub(super) fn subscriber_hash(ra: &str, reference: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(ra.as_bytes());
    // Names of peers hold no NUL, so that no two pairs run together.
    hash.update([0]);
    hash.update(reference.as_bytes());
    hash.finalize().into()
}

/// SHA-256 of a TBSCertificate.
pub(super) fn tbs_digest(tbs_der: &[u8]) -> [u8; 32] {
    Sha256::digest(tbs_der).into()
}
