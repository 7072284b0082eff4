//! One step: what is done to a certificate, and what came of it.

use std::sync::Arc;

use audit::EventKind;
use ca_daemon::issue::{by_the_ca, certify};
use issuance::PreparedCertificate;
use pki::time::Timestamp;
use pki::{RevocationReason, SerialNumber};
use store::{Abandonment, Intent, Replacement, Revocation, StatusChange};
use uuid::Uuid;

use crate::authority::{REPOSITORY, TestAuthority, why};
use crate::model::{Model, Shown};

/// What is to be done.
#[derive(Debug, Clone, Copy)]
pub enum Operation {
    Issue {
        not_after: Timestamp,
    },
    /// Signing begins and does not end; the request goes on with another serial number, or fails.
    Abandon {
        not_after: Timestamp,
        replaced: bool,
    },
    Change {
        serial: SerialNumber,
        change: StatusChange,
    },
}

/// What came of it: for the model.
#[derive(Debug)]
pub enum Outcome {
    Issued {
        serial: SerialNumber,
        not_after: Timestamp,
        shard: Option<u16>,
    },
    Changed {
        serial: SerialNumber,
        bad: Option<Shown>,
        sequence: u64,
    },
}

impl Operation {
    /// Carries it out as ca-daemon does.
    pub async fn run(self, at: &TestAuthority) -> Vec<Outcome> {
        match self {
            Self::Issue { not_after } => vec![issue(at, not_after).await],
            Self::Abandon {
                not_after,
                replaced,
            } => abandon(at, not_after, replaced).await,
            Self::Change { serial, change } => vec![apply(at, serial, change).await],
        }
    }
}

impl Outcome {
    pub fn tell(&self, model: &mut Model) {
        match *self {
            Self::Issued {
                serial,
                not_after,
                shard,
            } => model.add(serial, not_after, shard),
            Self::Changed {
                serial,
                bad,
                sequence,
            } => model.change(serial, bad, sequence),
        }
    }

    pub fn is_new(&self) -> bool {
        matches!(self, Self::Issued { .. })
    }

    pub fn serial(&self) -> SerialNumber {
        match self {
            Self::Issued { serial, .. } | Self::Changed { serial, .. } => *serial,
        }
    }
}

async fn issue(at: &TestAuthority, not_after: Timestamp) -> Outcome {
    let order = at.order(at.plan(not_after));
    let issued = certify(Arc::clone(&at.authority), Arc::clone(&at.ca), order).await;
    let issued = issued
        .unwrap_or_else(|not_done| panic!("{}", why(&not_done)))
        .issued;
    Outcome::Issued {
        serial: issued.serial(),
        not_after,
        shard: shard_named_in(issued.der()),
    }
}

async fn apply(at: &TestAuthority, serial: SerialNumber, change: StatusChange) -> Outcome {
    let kind = match change {
        StatusChange::Revoke { .. } => EventKind::Revoked,
        StatusChange::Hold => EventKind::Held,
        StatusChange::Release => EventKind::Released,
    };
    let revocation = Revocation {
        serial,
        change,
        ground: "walk".to_owned(),
        requested_at: at.now(),
        approved_at: at.now(),
        event: at.event(kind).serial(serial),
    };
    let store = &at.authority.store;
    let changed = store.record_revocation(revocation).await.unwrap().unwrap();
    let since = changed.effective_at.as_second();
    let bad = match change {
        StatusChange::Revoke {
            reason,
            invalidity_date,
        } => Some(Shown {
            since,
            // RFC 5280 section 5.3.1: unspecified is told by absence.
            reason: (reason != RevocationReason::Unspecified).then_some(reason),
            invalidity_date: invalidity_date.map(Timestamp::as_second),
        }),
        StatusChange::Hold => Some(Shown {
            since,
            reason: Some(RevocationReason::CertificateHold),
            invalidity_date: None,
        }),
        StatusChange::Release => None,
    };
    Outcome::Changed {
        serial,
        bad,
        sequence: changed.sequence,
    }
}

async fn abandon(at: &TestAuthority, not_after: Timestamp, replaced: bool) -> Vec<Outcome> {
    let store = &at.authority.store;
    let prepared = prepare(at, not_after);
    let (serial, shard) = (prepared.serial(), shard_named_in(prepared.tbs_der()));
    let intent = intent(at, &prepared, not_after);
    store.record_intent(intent).await.unwrap().unwrap();
    let next = replaced.then(|| prepare(at, not_after));
    let abandonment = Abandonment {
        serial,
        replacement: next.as_ref().map(|next| replacement(at, next, not_after)),
        event: at.event(EventKind::Abandoned).serial(serial),
    };
    let changed = store.record_abandoned(abandonment).await.unwrap().unwrap();
    let mut outcomes = vec![
        Outcome::Issued {
            serial,
            not_after,
            shard,
        },
        Outcome::Changed {
            serial,
            bad: Some(Shown {
                since: changed.effective_at.as_second(),
                reason: None,
                invalidity_date: None,
            }),
            sequence: changed.sequence,
        },
    ];
    if let Some(next) = next {
        outcomes.push(complete(at, next, not_after).await);
    }
    outcomes
}

/// The request goes on: signed and recorded under the second serial number.
async fn complete(at: &TestAuthority, next: PreparedCertificate, not_after: Timestamp) -> Outcome {
    let serial = next.serial();
    let (tbs_der, awaiting) = next.release();
    let signature = at.ca.key.sign(tbs_der).await.unwrap();
    let issued = awaiting.complete(&signature).unwrap();
    let event = at.event(EventKind::Issued).serial(serial);
    let store = &at.authority.store;
    store.record_issued(&issued, event).await.unwrap();
    Outcome::Issued {
        serial,
        not_after,
        shard: shard_named_in(issued.der()),
    }
}

fn prepare(at: &TestAuthority, not_after: Timestamp) -> PreparedCertificate {
    let order = at.order(at.plan(not_after));
    let serial = at.authority.new_serial();
    PreparedCertificate::new(&at.ca.issuer, serial, &order.public_key, &order.plan).unwrap()
}

fn intent(at: &TestAuthority, prepared: &PreparedCertificate, not_after: Timestamp) -> Intent {
    let plan = at.plan(not_after);
    let order = at.order(plan);
    Intent {
        request: by_the_ca(Uuid::from_u128(rand::random()), "issue", at.now()),
        serial: prepared.serial(),
        issuer: at.ca.name().clone(),
        profile: order.plan.profile.clone(),
        not_before: order.plan.not_before,
        not_after,
        shard: order.plan.shard(prepared.serial()),
        spki_hash: order.public_key.hash(),
        subject_hash: order.subject_hash,
        subscriber_ref: None,
        binding: None,
        predecessor: None,
        tbs_der: prepared.tbs_der().to_vec(),
        policy_digest: order.policy_digest,
        statement: None,
        quota: None,
        event: at.event(EventKind::Signing).serial(prepared.serial()),
    }
}

fn replacement(
    at: &TestAuthority,
    next: &PreparedCertificate,
    not_after: Timestamp,
) -> Replacement {
    let plan = at.plan(not_after);
    Replacement {
        serial: next.serial(),
        not_before: plan.not_before,
        not_after,
        shard: plan.shard(next.serial()),
        tbs_der: next.tbs_der().to_vec(),
        event: at.event(EventKind::Signing).serial(next.serial()),
    }
}

/// The shard that a certificate names as its distribution point, found as a relying party would
/// see it and not as any column has it.
fn shard_named_in(der: &[u8]) -> Option<u16> {
    let text: String = der.iter().map(|octet| char::from(*octet)).collect();
    let base = format!("{REPOSITORY}/crl/");
    let (_, after) = text.split_once(&base).expect("a distribution point");
    let (path, _) = after.split_once(".crl").expect("a list's name");
    let (_, shard) = path.split_once("/shard-")?;
    Some(shard.parse().expect("a number"))
}
