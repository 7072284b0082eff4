//! The keys that answers are signed with, and which of them signs an answer.

use std::sync::Arc;

use arc_swap::ArcSwap;
use ocsp::PreferredAlgorithm;
use pki::{SpkiHash, time::Timestamp};

use crate::{
    answer::AnswerSigner,
    authority::{Authority, Delegation},
};

/// The keys in the order of the configuration; readers never wait. A key stands twice if it signs
/// with two algorithms.
#[derive(Debug)]
pub struct Keys {
    current: ArcSwap<Vec<HeldKey>>,
}

/// One key with one algorithm.
#[derive(Debug, Clone)]
struct HeldKey {
    signer: Arc<dyn AnswerSigner>,
    hash: SpkiHash,
}

/// What signs an answer.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The key.
    pub signer: Arc<dyn AnswerSigner>,
    /// The certificate that lets it answer.
    pub delegation: Arc<Delegation>,
}

/// The moment that a key is chosen for.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// Certificates must be valid now.
    pub now: Timestamp,
    /// What came later than this is used only if there is nothing else.
    pub settled: Timestamp,
}

impl Keys {
    /// Signs with these, the first that can.
    pub fn new(signers: Vec<Arc<dyn AnswerSigner>>) -> Self {
        Self {
            current: ArcSwap::from_pointee(held(signers)),
        }
    }

    /// Signs with others from now on.
    pub fn replace(&self, signers: Vec<Arc<dyn AnswerSigner>>) {
        self.current.store(Arc::new(held(signers)));
    }

    /// The public halves.
    pub fn hashes(&self) -> Vec<SpkiHash> {
        self.current.load().iter().map(|key| key.hash).collect()
    }

    /// The key for an answer about a certificate of `authority`: the first that the client prefers,
    /// or else the first of all (RFC 6960 section 4.4.7.2); of its certificates the newest.
    pub fn choose(
        &self,
        authority: &Authority,
        preferred: &[PreferredAlgorithm],
        moment: Moment,
    ) -> Option<Choice> {
        let keys = self.current.load();
        let choices: Vec<Choice> = keys
            .iter()
            .filter_map(|key| {
                let delegation = authority.delegation(key.hash, moment)?;
                Some(Choice {
                    signer: Arc::clone(&key.signer),
                    delegation: Arc::clone(delegation),
                })
            })
            .collect();
        let wanted = preferred.iter().find_map(|preferred| {
            let fits = |choice: &&Choice| {
                let signer = &choice.signer;
                preferred.fits(signer.algorithm(), signer.public_key())
            };
            choices.iter().find(fits).cloned()
        });
        wanted.or_else(|| choices.into_iter().next())
    }
}

fn held(signers: Vec<Arc<dyn AnswerSigner>>) -> Vec<HeldKey> {
    let held = |signer: Arc<dyn AnswerSigner>| HeldKey {
        hash: signer.public_key().hash(),
        signer,
    };
    signers.into_iter().map(held).collect()
}
