//! A private key on the token that was proved usable, and the signatures it makes.

use std::sync::Arc;

use pki::{PublicKey, SignatureAlgorithm};

use crate::mechanism::SigningPlan;
use crate::pool::Pool;
use crate::{CkaId, HsmError, key, public_key};

/// A key that signs with one algorithm. Cheap to clone; all clones share the token's queue.
#[derive(Clone)]
pub struct SigningKey {
    pool: Arc<Pool>,
    id: CkaId,
    public_key: PublicKey,
    algorithm: SignatureAlgorithm,
    plan: SigningPlan,
}

impl SigningKey {
    /// Looks the key up and proves it: confined to the token, fit for the algorithm, and its
    /// public half verifies a signature of its private half.
    pub(crate) async fn open(
        pool: Arc<Pool>,
        id: &CkaId,
        algorithm: SignatureAlgorithm,
    ) -> Result<Self, HsmError> {
        let wanted = id.clone();
        let public_key = pool
            .call(move |connection| {
                key::check_confined(connection.session(), &wanted)?;
                public_key::read(connection.session(), &wanted)
            })
            .await?;
        let plan = SigningPlan::new(algorithm, public_key.algorithm())?;
        let key = Self {
            pool,
            id: id.clone(),
            public_key,
            algorithm,
            plan,
        };
        let signature = key.make_signature(Arc::from(PROBE)).await?;
        key.public_key
            .verify(algorithm, PROBE, &signature)
            .map_err(|_| HsmError::KeyMismatch { id: id.clone() })?;
        Ok(key)
    }

    /// The public half, as the token offers it.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The algorithm of all signatures of this value.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The key's identifier on the token.
    pub fn id(&self) -> &CkaId {
        &self.id
    }

    /// Signs a message and gives the signature in X.509's form: DER for ECDSA, the octets
    /// themselves for RSA and Ed25519. The caller verifies it.
    ///
    /// # Errors
    /// A [`SignError`] with what the caller may do about it. After [`SignErrorKind::Deadline`] the
    /// token may still make the signature; it is discarded then and never given to anyone.
    pub async fn sign(
        &self,
        message: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<Vec<u8>, SignError> {
        self.make_signature(message).await.map_err(SignError::from)
    }

    async fn make_signature(
        &self,
        message: impl AsRef<[u8]> + Send + 'static,
    ) -> Result<Vec<u8>, HsmError> {
        let id = self.id.clone();
        let plan = self.plan;
        self.pool
            .call(move |connection| {
                let key = connection.private_key(&id)?;
                plan.sign(connection.session(), key, message.as_ref())
            })
            .await
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Why there is no signature.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the token made no signature ({})", .kind.code())]
pub struct SignError {
    kind: SignErrorKind,
    #[source]
    source: HsmError,
}

/// What a caller may do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignErrorKind {
    /// Too many calls are waiting; the token has not seen this one. Shed load.
    QueueFull,
    /// No answer in time. If the token had begun, treat the message as possibly signed.
    Deadline,
    /// The token is away or was replaced; it may come back.
    Unavailable,
    /// It will not work before a person has changed something.
    Permanent,
}

impl SignErrorKind {
    /// A stable name for problem documents, metrics and audit.
    pub const fn code(self) -> &'static str {
        match self {
            Self::QueueFull => "hsm-queue-full",
            Self::Deadline => "hsm-deadline",
            Self::Unavailable => "hsm-unavailable",
            Self::Permanent => "hsm-permanent",
        }
    }
}

impl SignError {
    /// What a caller may do about it.
    pub fn kind(&self) -> SignErrorKind {
        self.kind
    }

    /// The kind's stable name.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// Whether the token was asked to sign at all; if not, nothing can have been signed.
    pub fn reached_token(&self) -> bool {
        !matches!(
            self.source,
            HsmError::QueueFull | HsmError::Stopped | HsmError::Deadline { started: false }
        )
    }

    /// The cause.
    pub fn cause(&self) -> &HsmError {
        &self.source
    }
}

impl From<HsmError> for SignError {
    fn from(source: HsmError) -> Self {
        let kind = if matches!(source, HsmError::QueueFull) {
            SignErrorKind::QueueFull
        } else if matches!(source, HsmError::Deadline { .. }) {
            SignErrorKind::Deadline
        } else if source.is_permanent() && !matches!(source, HsmError::KeyMissing { .. }) {
            SignErrorKind::Permanent
        } else {
            // A key that is missing was there when this value was made: its token is away.
            SignErrorKind::Unavailable
        };
        Self { kind, source }
    }
}

/// Signed once at start; no certificate, CRL or OCSP response begins with these octets.
const PROBE: &[u8] = b"chancery: proof of possession of a token key";
