//! Recording abandonments, revocations and acceptances.

use std::collections::HashSet;

use api::CertificateState;
use async_trait::async_trait;
use audit::{AuditEvent, EventKind};
use feed::Status;
use jiff::Timestamp;
use pki::{Fingerprint, RevocationReason};
use uuid::Uuid;

use super::{
    intent_rows::{bind, go_on_with, tbs_digest},
    record::CertificateRecord,
    record_intent::serial_exists,
    record_issued::Recorded,
    status::{
        Abandonment, Acceptance, Replacement, Revocation, RevocationRefusal, StatusChange,
        StatusChanged,
    },
};
use crate::{
    Store, StoreError,
    batch::Batch,
    engine::{Statement, to_word},
    rows,
    writer::Operation,
};

/// The ground that stands in the record of an abandoned serial number.
const ABANDONED: &str = "abandoned";

impl Store {
    /// Gives up a serial number whose signing was begun; `None` if it is not in state `signing`.
    /// The number counts as revoked from then on. Its request goes on with the replacement, or
    /// fails.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_abandoned(
        &self,
        abandonment: Abandonment,
    ) -> Result<Option<StatusChanged>, StoreError> {
        self.writes().submit(abandonment).await
    }

    /// Changes a certificate's status. In force when this returns: the sequence number is what
    /// responders must acknowledge.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_revocation(
        &self,
        revocation: Revocation,
    ) -> Result<Result<StatusChanged, RevocationRefusal>, StoreError> {
        self.writes().submit(revocation).await
    }

    /// Records acceptances, of each certificate the first; answers how many were new. The event is
    /// recorded if there are any.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn record_acceptances(
        &self,
        acceptances: Vec<Acceptance>,
        event: AuditEvent,
    ) -> Result<u64, StoreError> {
        self.writes()
            .submit_unhurried(RecordAcceptances { acceptances, event })
            .await
    }
}

#[async_trait]
impl Operation for Abandonment {
    type Answer = Option<StatusChanged>;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let Some(recorded) = Recorded::find(batch, self.serial).await? else {
            return Ok(None);
        };
        if recorded.certificate.state != CertificateState::Signing {
            return Ok(None);
        }
        if let Some(replacement) = &self.replacement
            && serial_exists(batch, replacement.serial).await?
        {
            return Err(StoreError::IntentMismatch {
                serial: replacement.serial.to_string(),
            });
        }
        let change = Change {
            state: CertificateState::Abandoned,
            in_force: Some(InForce {
                reason: RevocationReason::Unspecified,
                ground: ABANDONED,
                request_id: self.event.request_id,
                requested_at: self.event.at,
                approved_at: self.event.at,
                invalidity_date: None,
            }),
        };
        let at = batch.now();
        let changed = change
            .apply(batch, &recorded, Status::Abandoned { at })
            .await?;
        batch.audit(self.event.clone())?;
        match &self.replacement {
            Some(replacement) => replacement.apply(batch, &recorded.certificate).await?,
            None => release_binding(batch, &recorded.certificate).await?,
        }
        Ok(Some(changed))
    }
}

impl Replacement {
    /// Goes on with another serial number; everything else is as in the first intent.
    async fn apply(
        &self,
        batch: &mut Batch<'_>,
        given_up: &CertificateRecord,
    ) -> Result<(), StoreError> {
        let insert = Statement::new(
            "INSERT INTO certificates (serial, issuer, request_id, ra, order_id, \
             subscriber_hash, profile, state, not_before, not_after, spki_hash, subject_hash, \
             binding, predecessor, policy_digest, shard, tbs_der, tbs_digest, recorded_at) \
             SELECT $1, issuer, request_id, ra, order_id, subscriber_hash, profile, $2, $3, $4, \
             spki_hash, subject_hash, binding, predecessor, policy_digest, $5, $6, $7, $8 \
             FROM certificates WHERE serial = $9",
        )
        .bind(self.serial)
        .bind(to_word(&CertificateState::Signing)?)
        .bind(self.not_before)
        .bind(self.not_after)
        .bind(self.shard)
        .bind(self.tbs_der.as_slice())
        .bind(tbs_digest(&self.tbs_der).as_slice())
        .bind(batch.now())
        .bind(given_up.serial);
        batch.execute(insert).await?;
        go_on_with(batch, given_up.request_id, self.serial).await?;
        if let Some(binding) = &given_up.binding {
            let claim = (binding.as_str(), given_up.profile.as_str());
            bind(batch, claim, self.serial, self.not_after).await?;
        }
        batch.audit(self.event.clone())
    }
}

#[async_trait]
impl Operation for Revocation {
    type Answer = Result<StatusChanged, RevocationRefusal>;
    /// A peer is not known any more by a certificate that is revoked.
    const CHANGES_PEERS: bool = true;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Answer, StoreError> {
        let Some(recorded) = Recorded::find(batch, self.serial).await? else {
            return Ok(Err(RevocationRefusal::NotFound));
        };
        if let Some(refusal) = refuse(recorded.certificate.state, self.change) {
            return Ok(Err(refusal));
        }
        let (change, status) = self.change_at(batch.now());
        let changed = change.apply(batch, &recorded, status).await?;
        if matches!(self.change, StatusChange::Revoke { .. }) {
            release_binding(batch, &recorded.certificate).await?;
        }
        batch.audit(self.event.clone())?;
        if matches!(self.change, StatusChange::Revoke { .. }) {
            self.unpin(batch, &recorded.certificate).await?;
        }
        Ok(Ok(changed))
    }
}

fn refuse(state: CertificateState, change: StatusChange) -> Option<RevocationRefusal> {
    match (state, change) {
        (CertificateState::Signing, _) => Some(RevocationRefusal::NotIssued),
        (CertificateState::Revoked | CertificateState::Abandoned, _) => {
            Some(RevocationRefusal::AlreadyRevoked)
        }
        (CertificateState::OnHold, StatusChange::Hold) => Some(RevocationRefusal::AlreadyOnHold),
        (CertificateState::Issued, StatusChange::Release) => Some(RevocationRefusal::NotOnHold),
        (CertificateState::Issued, StatusChange::Revoke { .. } | StatusChange::Hold)
        | (CertificateState::OnHold, StatusChange::Revoke { .. } | StatusChange::Release) => None,
    }
}

impl Revocation {
    /// A peer is not known any more by a certificate that is revoked.
    async fn unpin(
        &self,
        batch: &mut Batch<'_>,
        certificate: &CertificateRecord,
    ) -> Result<(), StoreError> {
        let Some(der) = &certificate.certificate_der else {
            return Ok(());
        };
        let fingerprint = Fingerprint::of(der);
        let update = Statement::new(
            "UPDATE peer_certificates SET retired_at = $1 \
             WHERE fingerprint = $2 AND retired_at IS NULL",
        );
        let update = update.bind(batch.now()).bind(fingerprint);
        if batch.execute(update).await? == 0 {
            return Ok(());
        }
        let mut event = self.event.clone();
        event.kind = EventKind::FingerprintRetired;
        event.details = [].into();
        batch.audit(event.with("fingerprint", fingerprint))
    }

    fn change_at(&self, at: Timestamp) -> (Change<'_>, Status) {
        let in_force = |reason, invalidity_date| {
            Some(InForce {
                reason,
                ground: self.ground.as_str(),
                request_id: self.event.request_id,
                requested_at: self.requested_at,
                approved_at: self.approved_at,
                invalidity_date,
            })
        };
        match self.change {
            StatusChange::Revoke {
                reason,
                invalidity_date,
            } => (
                Change {
                    state: CertificateState::Revoked,
                    in_force: in_force(reason, invalidity_date),
                },
                Status::Revoked {
                    at,
                    reason: published(reason),
                    invalidity_date,
                },
            ),
            StatusChange::Hold => (
                Change {
                    state: CertificateState::OnHold,
                    in_force: in_force(RevocationReason::CertificateHold, None),
                },
                Status::Hold { at },
            ),
            StatusChange::Release => (
                Change {
                    state: CertificateState::Issued,
                    in_force: None,
                },
                Status::Good,
            ),
        }
    }
}

/// The reason as published: `unspecified` is left out (RFC 5280 section 5.3.1).
pub(crate) fn published(reason: RevocationReason) -> Option<RevocationReason> {
    (reason != RevocationReason::Unspecified).then_some(reason)
}

/// The new status of a certificate.
struct Change<'a> {
    state: CertificateState,
    /// What is in force; nothing after a release.
    in_force: Option<InForce<'a>>,
}

struct InForce<'a> {
    reason: RevocationReason,
    ground: &'a str,
    request_id: Option<Uuid>,
    requested_at: Timestamp,
    approved_at: Timestamp,
    invalidity_date: Option<Timestamp>,
}

impl Change<'_> {
    async fn apply(
        &self,
        batch: &mut Batch<'_>,
        recorded: &Recorded,
        status: Status,
    ) -> Result<StatusChanged, StoreError> {
        let announced = recorded.announce(batch, status)?;
        let in_force = self.in_force.as_ref();
        let update = Statement::new(
            "UPDATE certificates SET state = $1, reason = $2, ground = $3, requested_at = $4, \
             approved_at = $5, change_request = $6, effective_at = $7, invalidity_date = $8, \
             on_crl = $9, feed_seq = $10, changed_at = $11 WHERE serial = $12",
        )
        .bind(to_word(&self.state)?)
        .bind(in_force.map(|it| it.reason))
        .bind(in_force.map(|it| it.ground))
        .bind(in_force.map(|it| it.requested_at))
        .bind(in_force.map(|it| it.approved_at))
        .bind(in_force.and_then(|it| it.request_id))
        .bind(in_force.map(|_| batch.now()))
        .bind(in_force.and_then(|it| it.invalidity_date))
        .bind(in_force.is_some())
        .bind(announced)
        .bind(batch.now())
        .bind(recorded.certificate.serial);
        batch.write(vec![update]).await?;
        Ok(StatusChanged {
            sequence: batch.feed_head(),
            effective_at: batch.now(),
        })
    }
}

/// Lets another certificate have the binding, if this one still has it.
async fn release_binding(
    batch: &mut Batch<'_>,
    certificate: &CertificateRecord,
) -> Result<(), StoreError> {
    let Some(binding) = &certificate.binding else {
        return Ok(());
    };
    let delete =
        Statement::new("DELETE FROM bindings WHERE binding = $1 AND profile = $2 AND serial = $3");
    let delete = delete
        .bind(binding)
        .bind(&certificate.profile)
        .bind(certificate.serial);
    batch.write(vec![delete]).await
}

struct RecordAcceptances {
    acceptances: Vec<Acceptance>,
    event: AuditEvent,
}

#[async_trait]
impl Operation for RecordAcceptances {
    type Answer = u64;

    async fn apply(&self, batch: &mut Batch<'_>) -> Result<u64, StoreError> {
        let row = |acceptance: &Acceptance| {
            let basis = to_word(&acceptance.basis)?;
            Ok::<_, StoreError>([acceptance.at.into(), basis.into(), acceptance.serial.into()])
        };
        let mut seen = HashSet::new();
        let first = self.acceptances.iter().filter(|it| seen.insert(it.serial));
        let accepted: Result<_, _> = first.map(row).collect();
        let many =
            |rows: &str| format!("WITH accepted (at, basis, serial) AS ({rows}) {ACCEPT_MANY}");
        let updates = rows::changes(batch.kind(), accepted?, ACCEPT, many);
        let mut new = 0;
        for update in updates {
            new += batch.execute(update).await?;
        }
        if new > 0 {
            batch.audit(self.event.clone())?;
        }
        Ok(new)
    }
}

/// The first acceptance of a certificate counts.
const ACCEPT: &str = "UPDATE certificates SET accepted_at = ?, acceptance = ? \
    WHERE serial = ? AND accepted_at IS NULL AND certificate_der IS NOT NULL";
const ACCEPT_MANY: &str = "UPDATE certificates SET accepted_at = a.at, acceptance = a.basis \
    FROM accepted a WHERE certificates.serial = a.serial \
    AND certificates.accepted_at IS NULL AND certificates.certificate_der IS NOT NULL";
