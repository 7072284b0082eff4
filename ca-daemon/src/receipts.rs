//! Signed receipts of revocations: what the records say, under a signature of a key of its own.
//!
//! The key is never a CA's. Whoever holds a receipt needs the management CA's certificate and
//! nothing else of ours to believe it.

mod certificate;
mod contents;

use std::sync::Arc;
use std::time::Duration;

use api::{RECEIPT_TYPE, RevocationReceipt};
use audit::{Actor, AuditEvent, EventKind};
use hsm::SigningKey;
use jws::{SignedJson, Unsigned};
use moka::sync::Cache;
use pki::Certificate;
use sha2::{Digest, Sha256};
use store::CertificateRecord;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

pub use self::certificate::{ensure_certified, keep_certified};
use crate::authority::Authority;
use crate::http::problem::NotDone;
use crate::refusal::{Refusal, RefusalKind};

/// Receipts that are kept, to be given again as long as there is nothing new to say.
const KEPT: u64 = 1024;

/// How long a request waits for its turn at the token.
const WAIT: Duration = Duration::from_secs(5);

/// The key that signs receipts, and what it signed last.
pub struct ReceiptSigner {
    key: SigningKey,
    /// One signature at a time: receipts never crowd certificates out of the token's queue.
    turn: Semaphore,
    signed: Cache<[u8; 32], Arc<SignedJson>>,
}

impl ReceiptSigner {
    /// A signer with a key that was proved usable.
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            turn: Semaphore::new(1),
            signed: Cache::new(KEPT),
        }
    }
}

/// Gives the receipt of the revocation or hold of a certificate: the one that was given before if
/// there is nothing new to say.
///
/// # Errors
/// `certificate-not-revoked`, `receipts-not-configured`, `receipt-certificate-missing`,
/// `receipts-busy`, or a failure of token or database.
pub async fn receipt(
    authority: &Arc<Authority>,
    actor: Actor,
    request_id: Uuid,
    record: &CertificateRecord,
) -> Result<Arc<SignedJson>, NotDone> {
    let signer = authority.receipts.as_ref().ok_or_else(not_configured)?;
    let contents = contents::of(authority, record).await?;
    let now = authority.clock.now();
    let current = certificate::current(authority, signer, now).await?;
    let certificate = current.ok_or_else(|| unavailable("receipt-certificate-missing"))?;
    let digest = digest(&contents, &certificate)?;
    if let Some(signed) = signer.signed.get(&digest) {
        return Ok(signed);
    }
    let job = Job {
        contents,
        certificate,
        digest,
        actor,
        request_id,
    };
    // What was signed is audited, whether or not the client still listens.
    authority
        .tracked("receipt", job.run(Arc::clone(authority)))
        .await
}

/// A receipt that is to be signed.
struct Job {
    contents: RevocationReceipt,
    certificate: Certificate,
    digest: [u8; 32],
    actor: Actor,
    request_id: Uuid,
}

impl Job {
    async fn run(mut self, authority: Arc<Authority>) -> Result<Arc<SignedJson>, NotDone> {
        let signer = authority.receipts.as_ref().ok_or_else(not_configured)?;
        let turn = timeout(WAIT, signer.turn.acquire()).await;
        let _turn = turn.map_err(|_| unavailable("receipts-busy"))??;
        // Somebody else may have asked for the same meanwhile.
        if let Some(signed) = signer.signed.get(&self.digest) {
            return Ok(signed);
        }
        self.contents.signed_at = authority.clock.now();
        let made = Arc::new(self.sign(&authority, signer).await?);
        authority.store.record_audit(vec![self.event()]).await?;
        metrics::counter!("ca_receipts_signed_total").increment(1);
        signer.signed.insert(self.digest, Arc::clone(&made));
        Ok(made)
    }

    async fn sign(
        &self,
        authority: &Authority,
        signer: &ReceiptSigner,
    ) -> Result<SignedJson, NotDone> {
        let mut chain = vec![self.certificate.clone()];
        if let Some(ca) = authority.management_ca() {
            chain.push(ca.issuer.certificate().clone());
            chain.extend(ca.chain.iter().cloned());
        }
        let payload = serde_json::to_vec(&self.contents)?;
        let jws = Unsigned::new(RECEIPT_TYPE, signer.key.algorithm(), &chain, &payload)?;
        let signature = signer.key.sign(jws.signing_input()).await;
        let signature = signature.map_err(|error| {
            tracing::warn!(error = %error, "the token did not sign a receipt");
            unavailable("hsm-unavailable")
        })?;
        Ok(jws.complete(&signature)?)
    }

    fn event(&self) -> AuditEvent {
        let contents = &self.contents;
        AuditEvent::new(
            contents.signed_at,
            EventKind::ReceiptSigned,
            self.actor.clone(),
        )
        .issuer(&contents.issuer)
        .serial(contents.serial)
        .request(self.request_id)
        .with("sequence", contents.sequence)
        .with("complete", contents.complete)
        .with("signer", self.certificate.serial())
    }
}

/// What a receipt says, and who says it, but for the time of the signature.
fn digest(contents: &RevocationReceipt, certificate: &Certificate) -> Result<[u8; 32], NotDone> {
    let mut hash = Sha256::new();
    hash.update(certificate.fingerprint().as_bytes());
    hash.update(serde_json::to_vec(contents)?);
    Ok(hash.finalize().into())
}

fn not_configured() -> NotDone {
    let refusal = Refusal::new(RefusalKind::Conflict, "receipts-not-configured");
    NotDone::Refused(
        refusal.with_detail("this CA signs no receipts: ca-daemon.toml has no [receipts]"),
    )
}

fn unavailable(code: &'static str) -> NotDone {
    NotDone::Refused(Refusal::new(RefusalKind::Unavailable, code))
}
