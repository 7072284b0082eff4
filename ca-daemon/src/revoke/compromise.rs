//! A compromised key: blocked for ever, and with it every certificate that has it.

use api::CertificateState;
use audit::{AuditEvent, Detail, EventKind, Outcome};
use pki::SpkiHash;
use store::{Abandonment, CertificateRecord, Revocation, StatusChanged};

use crate::authority::Authority;
use crate::http::problem::NotDone;

/// A key that was compromised is never certified again (C-18). Blocked first, so that no
/// certificate of it can be made while the others are being revoked.
pub(super) async fn block_key(
    authority: &Authority,
    key: SpkiHash,
    revocation: &Revocation,
) -> Result<(), NotDone> {
    let actor = revocation.event.actor.clone();
    let event = AuditEvent::new(authority.clock.now(), EventKind::KeyBlocked, actor)
        .serial(revocation.serial)
        .with("spki_sha256", Detail::word(key.to_string()));
    authority
        .store
        .block_key(key, "keyCompromise", event)
        .await?;
    Ok(())
}

/// Revokes every other certificate of a compromised key: whoever has the key can use them all
/// (BR 4.9.1.1). One that is being signed is given up, so that it is never handed out. Answers the
/// last change, which followers must have to have all of them.
pub(super) async fn revoke_key(
    authority: &Authority,
    key: SpkiHash,
    revocation: &Revocation,
    mut last: StatusChanged,
) -> Result<StatusChanged, NotDone> {
    for _ in 0..ROUNDS {
        let mut signing = false;
        for other in authority.store.certificates_of_key(&key).await? {
            let changed = if other.state == CertificateState::Signing {
                // Looked at again: it may have been issued, or go on under another serial number.
                signing = true;
                give_up(authority, &other, revocation).await?
            } else {
                revoke_other(authority, &other, revocation).await?
            };
            last = changed.unwrap_or(last);
        }
        if !signing {
            break;
        }
    }
    Ok(last)
}

async fn revoke_other(
    authority: &Authority,
    other: &CertificateRecord,
    revocation: &Revocation,
) -> Result<Option<StatusChanged>, NotDone> {
    let mut of_other = Revocation {
        serial: other.serial,
        ..revocation.clone()
    };
    of_other.event.serial = Some(other.serial);
    of_other.event.issuer = Some(other.issuer.clone());
    // A refusal says that somebody else was faster.
    Ok(authority.store.record_revocation(of_other).await?.ok())
}

async fn give_up(
    authority: &Authority,
    other: &CertificateRecord,
    revocation: &Revocation,
) -> Result<Option<StatusChanged>, NotDone> {
    let actor = revocation.event.actor.clone();
    let event = AuditEvent::new(authority.clock.now(), EventKind::Abandoned, actor)
        .issuer(&other.issuer)
        .serial(other.serial)
        .request(other.request_id)
        .outcome(Outcome::failed("key-compromised"));
    let abandonment = Abandonment {
        serial: other.serial,
        replacement: None,
        event,
    };
    Ok(authority.store.record_abandoned(abandonment).await?)
}

/// How often the certificates of a compromised key are looked for. The key is blocked before, so
/// that only what was being signed can add to them: at most once for each of its attempts.
const ROUNDS: usize = 8;
