//! The key that answers are signed with.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use pki::{PublicKey, SignatureAlgorithm};
use tokio::sync::{Notify, Semaphore};

use super::SoftwareKey;
use crate::answer::{AnswerSigner, SigningFault};

/// The responder's key, with a hand on it: counts, waits, fails.
pub(crate) struct TestSigner {
    key: SoftwareKey,
    signatures: AtomicUsize,
    fault: Mutex<Option<SigningFault>>,
    permits: Semaphore,
    begun: Notify,
    dawdling: AtomicBool,
}

impl TestSigner {
    pub(crate) fn new() -> Arc<Self> {
        Self::numbered(200)
    }

    /// With a key that depends on its number alone.
    pub(crate) fn numbered(number: u8) -> Arc<Self> {
        Arc::new(Self {
            key: SoftwareKey::new(number),
            signatures: AtomicUsize::new(0),
            fault: Mutex::new(None),
            permits: Semaphore::new(Semaphore::MAX_PERMITS),
            begun: Notify::new(),
            dawdling: AtomicBool::new(false),
        })
    }

    /// How many signatures were made.
    pub(crate) fn signatures(&self) -> usize {
        self.signatures.load(Ordering::SeqCst)
    }

    /// Lets signatures fail, or work again.
    pub(crate) fn fail(&self, fault: Option<SigningFault>) {
        *self.fault.lock().unwrap() = fault;
    }

    /// Lets signatures take their time, each another one.
    pub(crate) fn dawdle(&self) {
        self.dawdling.store(true, Ordering::SeqCst);
    }

    /// Lets signatures wait until [`TestSigner::release`].
    pub(crate) fn hold(&self) {
        self.permits.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Lets `count` signatures through.
    pub(crate) fn release(&self, count: usize) {
        self.permits.add_permits(count);
    }

    /// Waits until a signature has been asked for.
    pub(crate) async fn begun(&self) {
        self.begun.notified().await;
    }
}

impl std::fmt::Debug for TestSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TestSigner")
    }
}

#[async_trait]
impl AnswerSigner for TestSigner {
    fn public_key(&self) -> &PublicKey {
        &self.key.public_key
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::Ed25519
    }

    async fn sign(&self, message: Arc<[u8]>) -> Result<Vec<u8>, SigningFault> {
        self.begun.notify_one();
        self.permits.acquire().await.unwrap().forget();
        if let Some(fault) = *self.fault.lock().unwrap() {
            return Err(fault);
        }
        let before = self.signatures.fetch_add(1, Ordering::SeqCst);
        if self.dawdling.load(Ordering::SeqCst) {
            for _ in 0..before * 7 % 61 {
                tokio::task::yield_now().await;
            }
        }
        Ok(self.key.sign(&message))
    }
}
