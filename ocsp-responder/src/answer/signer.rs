//! The key that answers are signed with.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use hsm::{SignErrorKind, SigningKey};
use ocsp::ResponseStatus;
use pki::{PublicKey, SignatureAlgorithm};

/// Signs answers: the key on the token, or in tests that key with a fault in front of it.
#[async_trait]
pub trait AnswerSigner: Debug + Send + Sync {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The algorithm of every signature.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs `message` and gives the signature in the form that X.509 wants.
    async fn sign(&self, message: Arc<[u8]>) -> Result<Vec<u8>, SigningFault>;
}

/// Why there is no signed answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningFault {
    /// The token is busy or away; it may be better soon.
    #[error("the token cannot sign now")]
    Busy,
    /// The token or the answer is broken; it will not get better by itself.
    #[error("the answer cannot be signed")]
    Broken,
}

impl SigningFault {
    /// What to tell the client.
    pub fn status(self) -> ResponseStatus {
        match self {
            Self::Busy => ResponseStatus::TryLater,
            Self::Broken => ResponseStatus::InternalError,
        }
    }
}

#[async_trait]
impl AnswerSigner for SigningKey {
    fn public_key(&self) -> &PublicKey {
        Self::public_key(self)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        Self::algorithm(self)
    }

    async fn sign(&self, message: Arc<[u8]>) -> Result<Vec<u8>, SigningFault> {
        Self::sign(self, message)
            .await
            .map_err(|error| match error.kind() {
                SignErrorKind::QueueFull | SignErrorKind::Deadline | SignErrorKind::Unavailable => {
                    SigningFault::Busy
                }
                SignErrorKind::Permanent => SigningFault::Broken,
            })
    }
}
