//! One token, logged in: generating keys, looking them up, and how it is.

use std::sync::Arc;
use std::time::Duration;

use cryptoki::slot::TokenInfo;
use pki::{PublicKey, SignatureAlgorithm};

use crate::connector::Connector;
use crate::module::Module;
use crate::pool::Pool;
use crate::worker::Repeat;
use crate::{
    CkaId, HsmError, KeyDescription, KeySpec, SigningKey, TokenConfig, key, key_generation, pin,
    public_key,
};

/// A token that this process is logged in to. Cheap to clone; the login ends with the last clone
/// and the last [`SigningKey`].
#[derive(Clone)]
pub struct Token {
    pool: Arc<Pool>,
    description: Arc<TokenDescription>,
}

/// What a token says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDescription {
    /// Its label.
    pub label: String,
    /// The manufacturer's serial number.
    pub serial: String,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
}

/// How a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the token's own flags, one by one"
)]
pub struct TokenHealth {
    /// The token answered on a logged-in session.
    pub reachable: bool,
    /// The code of the error it met otherwise.
    pub fault: Option<&'static str>,
    /// The token refused the PIN; nothing works before a restart with the right one.
    pub pin_refused: bool,
    /// A wrong PIN was given, by whomever, since the last login (`CKF_USER_PIN_COUNT_LOW`).
    pub pin_count_low: bool,
    /// One more wrong PIN locks the token (`CKF_USER_PIN_FINAL_TRY`).
    pub pin_final_try: bool,
    /// The user PIN is locked (`CKF_USER_PIN_LOCKED`).
    pub pin_locked: bool,
    /// Calls that wait for a session.
    pub waiting: usize,
    /// Sessions in use.
    pub busy: usize,
    /// Results discarded because they came after the deadline.
    pub late_results: u64,
    /// Calls made again after an error.
    pub recoveries: u64,
}

impl Token {
    /// Loads the module, finds the token, logs in and starts the workers. PKCS#11 logs processes
    /// in, not callers: while this process is logged in to the token already, the PIN is not
    /// looked at.
    ///
    /// # Errors
    /// The module, the PIN file, the token or the login is at fault. After
    /// [`HsmError::PinRefused`] do not call again with the same PIN.
    pub async fn open(config: &TokenConfig) -> Result<Self, HsmError> {
        let config = config.clone();
        let deadline = config.deadline.max(SHORTEST_OPENING);
        let opening = tokio::task::spawn_blocking(move || Self::open_blocking(&config));
        match tokio::time::timeout(deadline, opening).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(HsmError::Stopped),
            Err(_) => Err(HsmError::Deadline { started: true }),
        }
    }

    fn open_blocking(config: &TokenConfig) -> Result<Self, HsmError> {
        let pin = pin::read(&config.pin_file)?;
        let module = Module::load(&config.module)?;
        let connector = Connector::new(module, config.token.clone(), pin);
        let description = TokenDescription::from(&connector.token_info()?);
        let state = connector.module().enter();
        connector.connect(state.generation)?.close(state.generation);
        drop(state);
        let connector = Arc::new(connector);
        let pool = Pool::start(connector, config.sessions, config.queue, config.deadline)?;
        Ok(Self {
            pool: Arc::new(pool),
            description: Arc::new(description),
        })
    }

    /// Generates a key pair that signs, cannot leave the token, and stays on it.
    ///
    /// # Errors
    /// [`HsmError::KeyExists`] when the identifier is taken, and what the token says. After any
    /// other error look with [`Self::keys`] whether the pair was made: it is never tried twice.
    pub async fn generate_key_pair(&self, spec: &KeySpec) -> Result<PublicKey, HsmError> {
        let pool = Arc::clone(&self.pool);
        let spec = spec.clone();
        self.pool
            .call_within(GENERATION_DEADLINE, Repeat::Never, move |connection| {
                let context = pool.connector().module().context();
                let session = context.open_rw_session(connection.slot())?;
                key_generation::generate(&session, &spec)
            })
            .await
    }

    /// The public half of the pair with that identifier.
    ///
    /// # Errors
    /// [`HsmError::KeyMissing`], [`HsmError::KeyAmbiguous`], [`HsmError::KeyUnusable`], and what
    /// the token says.
    pub async fn public_key(&self, id: &CkaId) -> Result<PublicKey, HsmError> {
        let id = id.clone();
        self.pool
            .call(move |connection| public_key::read(connection.session(), &id))
            .await
    }

    /// The key with that identifier, proved: it cannot leave the token, it fits the algorithm,
    /// and its public half verified a signature of its private half.
    ///
    /// # Errors
    /// As [`Self::public_key`], and [`HsmError::KeyExposed`], [`HsmError::AlgorithmMismatch`],
    /// [`HsmError::KeyMismatch`].
    pub async fn signing_key(
        &self,
        id: &CkaId,
        algorithm: SignatureAlgorithm,
    ) -> Result<SigningKey, HsmError> {
        SigningKey::open(Arc::clone(&self.pool), id, algorithm).await
    }

    /// All private keys on the token, by identifier.
    ///
    /// # Errors
    /// What the token says.
    pub async fn keys(&self) -> Result<Vec<KeyDescription>, HsmError> {
        self.pool
            .call(|connection| key::describe_all(connection.session()))
            .await
    }

    /// Asks the token how it is, on one of the workers' sessions.
    pub async fn health(&self) -> TokenHealth {
        let pool = Arc::clone(&self.pool);
        let answer = self
            .pool
            .call(move |connection| {
                connection.session().get_session_info()?;
                pool.connector().token_info()
            })
            .await;
        let serial = &self.description.serial;
        let flag = |read: fn(&TokenInfo) -> bool| answer.as_ref().is_ok_and(read);
        TokenHealth {
            reachable: answer.is_ok(),
            fault: answer.as_ref().err().map(HsmError::code),
            pin_refused: self.pool.connector().module().refusal(serial).is_some(),
            pin_count_low: flag(TokenInfo::user_pin_count_low),
            pin_final_try: flag(TokenInfo::user_pin_final_try),
            pin_locked: flag(TokenInfo::user_pin_locked),
            waiting: self.pool.waiting(),
            busy: self.pool.busy(),
            late_results: self.pool.late_results(),
            recoveries: self.pool.recoveries(),
        }
    }

    /// Lets the calls under way end, within the deadline, and closes the sessions. All clones and
    /// signing keys of this token answer with [`HsmError::Stopped`] from now on. Modules dislike
    /// it when a process ends in the middle of a call.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// What the token said of itself when it was opened.
    pub fn description(&self) -> &TokenDescription {
        &self.description
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Token").field(&self.description).finish()
    }
}

impl From<&TokenInfo> for TokenDescription {
    fn from(token: &TokenInfo) -> Self {
        Self {
            label: token.label().to_owned(),
            serial: token.serial_number().to_owned(),
            manufacturer: token.manufacturer_id().to_owned(),
            model: token.model().to_owned(),
        }
    }
}

/// Loading a vendor's module may mean connecting to a device.
const SHORTEST_OPENING: Duration = Duration::from_secs(30);
/// A device may search long for the primes of a large RSA key.
const GENERATION_DEADLINE: Duration = Duration::from_mins(5);
