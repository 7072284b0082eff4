//! The CAs of this daemon: certificate, key and policy of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use audit::AuditEvent;
use hsm::SigningKey;
use issuance::Issuer;
use pki::key_check::WeakKeyList;
use pki::time::SharedClock;
use pki::{Certificate, IssuerName, SerialNumber, SpkiHash};
use policy::{Policy, Profile};
use service::lifecycle::Lifecycle;
use store::Store;

use tokio::sync::{Mutex, Semaphore, oneshot};

use crate::http::problem::NotDone;
use crate::leadership::Leadership;
use crate::receipts::ReceiptSigner;
use crate::refusal::{Refusal, RefusalKind};
use feed::server::Acknowledged;

/// Signed before a halted key may sign again; nothing that a CA signs begins with these octets.
const PROBE: &[u8] = b"chancery: proof that a halted key signs well again";

/// Everything that issuing and revoking need.
pub struct Authority {
    /// The CAs by name; the management CA is one of them.
    pub issuers: BTreeMap<IssuerName, Arc<Ca>>,
    /// Name of the management CA among them.
    pub management: IssuerName,
    /// The records.
    pub store: Store,
    /// The time.
    pub clock: SharedClock,
    /// Tracks work that a client that hangs up must not stop.
    pub lifecycle: Lifecycle,
    /// Keys that are known to be weak.
    pub weak_keys: WeakKeyList,
    /// What signs receipts of revocations, if this CA gives any.
    pub receipts: Option<ReceiptSigner>,
    /// Which follower has confirmed what.
    pub acknowledgements: Acknowledged,
    /// Held while a policy is put in force or taken up: what one may say depends on the others.
    pub policies_turn: Mutex<()>,
    /// Whether this daemon, of several on the database, makes CRLs and responder certificates.
    pub leadership: Leadership,
}

/// One CA: certificate and key that were proved to belong together, and its policy in force.
pub struct Ca {
    /// Certificate, name and signature algorithm.
    pub issuer: Issuer,
    /// Its key in the token.
    pub key: SigningKey,
    /// Certificates above it, issuer first, root last.
    pub chain: Vec<Certificate>,
    /// The policy in force; replaced as a whole on reload.
    pub policy: ArcSwap<Policy>,
    /// Where the policy was read, and is read again on reload.
    pub policy_path: std::path::PathBuf,
    /// Certificates that may be on their way to the token at once, shared by the CAs of a token: what
    /// would not find room in its queue is refused before anything is recorded.
    pub places: Arc<Semaphore>,
    /// Held by a list from taking its number to the moment of its entries.
    pub numbering: Mutex<()>,
    /// Set when a token returned a signature that does not verify, here or at another daemon: this key
    /// signs no more.
    halted: AtomicBool,
    /// Set when it issues no more certificates; its lists and responders go on.
    retired: AtomicBool,
    /// Set when it is retired, all its certificates have ended and its last lists were made.
    ended: AtomicBool,
    /// Halted here and not on record yet.
    unrecorded: AtomicBool,
}

impl Ca {
    /// A CA in working order.
    pub fn new(
        issuer: Issuer,
        key: SigningKey,
        chain: Vec<Certificate>,
        policy: Policy,
        policy_path: std::path::PathBuf,
    ) -> Self {
        Self {
            issuer,
            key,
            chain,
            policy: ArcSwap::from_pointee(policy),
            policy_path,
            places: Arc::new(Semaphore::new(1)),
            numbering: Mutex::new(()),
            halted: AtomicBool::new(false),
            retired: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            unrecorded: AtomicBool::new(false),
        }
    }

    /// Its name.
    pub fn name(&self) -> &IssuerName {
        self.issuer.name()
    }

    /// Stops the key after a signature that does not verify, at once and here;
    /// [`Authority::halt`] does it for every daemon.
    fn halt(&self) {
        self.unrecorded.store(true, Ordering::SeqCst);
        self.set_halted(true);
    }

    /// Takes over what is on record, unless this daemon knows worse.
    pub fn take_up_halt(&self, halted: bool) {
        if halted || !self.unrecorded.load(Ordering::SeqCst) {
            self.set_halted(halted);
        }
    }

    fn set_halted(&self, halted: bool) {
        if self.halted.swap(halted, Ordering::SeqCst) != halted {
            tracing::error!(issuer = %self.name(), halted, "the CA's key was stopped or resumed");
        }
        let gauge = metrics::gauge!("ca_key_halted", "issuer" => self.name().to_string());
        gauge.set(if halted { 1.0 } else { 0.0 });
    }

    /// Takes over whether it is on record as retired, which it stays.
    pub fn take_up_retirement(&self, retired: bool) {
        if self.retired.swap(retired, Ordering::SeqCst) != retired {
            tracing::info!(issuer = %self.name(), retired, "the CA issues no more certificates");
        }
    }

    /// Notes that nothing of a retired CA has to be answered for any more.
    pub fn end(&self) {
        if !self.ended.swap(true, Ordering::SeqCst) {
            tracing::info!(issuer = %self.name(), "retired, and all its certificates have ended: it makes no more lists");
        }
        metrics::gauge!("ca_issuer_ended", "issuer" => self.name().to_string()).set(1.0);
    }

    /// Whether nothing of it has to be answered for any more.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }

    /// Whether it issues no more certificates.
    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::SeqCst)
    }

    /// Whether the key was stopped.
    pub fn is_halted(&self) -> bool {
        self.halted.load(Ordering::SeqCst)
    }

    /// The certificate and those above it, PEM, root last.
    pub fn chain_pem(&self) -> Vec<String> {
        std::iter::once(self.issuer.certificate())
            .chain(&self.chain)
            .map(Certificate::to_pem)
            .collect()
    }
}

impl Authority {
    /// The CA that serves a profile to RAs; never the management CA, and a retired one only if no
    /// other took its place.
    pub fn ca_for_profile(&self, profile: &str) -> Option<Arc<Ca>> {
        let serving = || {
            self.issuing()
                .filter(|ca| ca.policy.load().profile(profile).is_some())
        };
        let active = serving().find(|ca| !ca.is_retired());
        active.or_else(|| serving().next()).map(Arc::clone)
    }

    /// The CAs that serve RAs.
    pub fn issuing(&self) -> impl Iterator<Item = &Arc<Ca>> {
        self.issuers
            .iter()
            .filter(|(name, _)| **name != self.management)
            .map(|(_, ca)| ca)
    }

    /// A CA by name.
    pub fn ca(&self, name: &IssuerName) -> Option<&Arc<Ca>> {
        self.issuers.get(name)
    }

    /// The management CA.
    pub fn management_ca(&self) -> Option<&Arc<Ca>> {
        self.issuers.get(&self.management)
    }

    /// Halts a CA's key after a signature that does not verify: here at once, and in every other
    /// daemon on the database. Only an officer lets it sign again.
    ///
    /// # Errors
    /// The database failed; the key is halted here all the same.
    pub async fn halt(&self, ca: &Ca, event: AuditEvent) -> Result<(), NotDone> {
        ca.halt();
        let recorded = self.store.halt_issuer(ca.name(), event).await?;
        recorded.map_err(|refusal| anyhow::anyhow!("{}: {refusal}", ca.name()))?;
        ca.unrecorded.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Lets a halted key sign again, once it has made a signature that verifies.
    ///
    /// # Errors
    /// The token does not sign, or what it signs does not verify; or the database failed.
    pub async fn resume(&self, ca: &Ca, event: AuditEvent) -> Result<(), NotDone> {
        let signed = ca.key.sign(Arc::from(PROBE)).await;
        let signature = signed.map_err(|_| {
            NotDone::Refused(Refusal::new(RefusalKind::Unavailable, "hsm-unavailable"))
        })?;
        let key = ca.key.public_key();
        if key.verify(ca.key.algorithm(), PROBE, &signature).is_err() {
            return Err(NotDone::Refused(
                Refusal::new(RefusalKind::Conflict, "key-still-faulty")
                    .with_detail("the key signed a probe, and the signature does not verify"),
            ));
        }
        let recorded = self.store.resume_issuer(ca.name(), event).await?;
        recorded.map_err(|refusal| anyhow::anyhow!("{}: {refusal}", ca.name()))?;
        ca.unrecorded.store(false, Ordering::SeqCst);
        ca.set_halted(false);
        Ok(())
    }

    /// A serial number that was never used: day number and 16 octets of the operating system's
    /// generator.
    pub fn new_serial(&self) -> SerialNumber {
        SerialNumber::generate(self.clock.now(), &mut rand::rng())
    }

    /// Runs work to its end even when the client that waits for it hangs up or the daemon is told to
    /// stop.
    ///
    /// # Errors
    /// The work's own; or the work was lost in the hard stop of the daemon.
    pub async fn tracked<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, NotDone>> + Send + 'static,
    ) -> Result<T, NotDone> {
        let (done, outcome) = oneshot::channel();
        self.lifecycle.background(name, async move {
            // Nobody may be waiting any more; the work is recorded all the same.
            let _heard = done.send(work.await).is_ok();
        });
        outcome.await?
    }

    /// The followers out of `expected` that have not acknowledged `sequence`, also those that
    /// another daemon on the same database has heard of.
    pub async fn pending(&self, expected: &[String], sequence: u64) -> Vec<String> {
        let pending = self.acknowledgements.pending(expected, sequence);
        if pending.is_empty() {
            return pending;
        }
        match self.store.acknowledgements().await {
            Ok(recorded) => {
                for entry in recorded {
                    self.acknowledgements
                        .advance(&entry.follower, entry.sequence);
                }
            }
            // What was not heard counts as pending.
            Err(error) => tracing::warn!(error = %error, "cannot read acknowledgements"),
        }
        self.acknowledgements.pending(expected, sequence)
    }

    /// Whether a key is one of the CAs' own (C-18).
    pub fn is_ca_key(&self, hash: &SpkiHash) -> bool {
        self.issuers
            .values()
            .any(|ca| ca.key.public_key().hash() == *hash)
    }

    /// Names of all profiles that RAs may be allowed to use.
    pub fn profile_names(&self) -> Vec<String> {
        self.issuing()
            .filter(|ca| !ca.is_retired())
            .flat_map(|ca| {
                ca.policy
                    .load()
                    .profiles()
                    .map(|profile: &Profile| profile.name().to_owned())
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}
