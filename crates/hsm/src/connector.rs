//! Logging in to one token and opening sessions on it.
//!
//! A login belongs to the process and the token, not to a session, and ends with the last session:
//! a keeper session, used for nothing else, holds it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;

use crate::connection::Connection;
use crate::module::Module;
use crate::{HsmError, TokenSelector};

/// Opens logged-in sessions on one token.
pub(crate) struct Connector {
    module: Arc<Module>,
    token: TokenSelector,
    pin: AuthPin,
    login: Mutex<Login>,
}

struct Login {
    /// The session that keeps the login, and the module's life it belongs to.
    keeper: Option<(u64, Session)>,
    /// Set for good when the token refuses the PIN: the same PIN is never sent twice.
    refusal: Option<HsmError>,
}

impl Connector {
    pub(crate) fn new(module: Arc<Module>, token: TokenSelector, pin: AuthPin) -> Self {
        let login = Mutex::new(Login {
            keeper: None,
            refusal: None,
        });
        Self {
            module,
            token,
            pin,
            login,
        }
    }

    pub(crate) fn module(&self) -> &Module {
        &self.module
    }

    /// What the token says of itself now.
    pub(crate) fn token_info(&self) -> Result<TokenInfo, HsmError> {
        Ok(self.module.find(&self.token)?.1)
    }

    /// Whether the token has refused the PIN.
    pub(crate) fn pin_refused(&self) -> bool {
        self.login().refusal.is_some()
    }

    /// Opens a session that may use private keys. The caller holds the module's guard, whose
    /// generation it passes.
    ///
    /// # Errors
    /// The token is missing, refuses the PIN or the session.
    pub(crate) fn connect(&self, generation: u64) -> Result<Connection, HsmError> {
        let (slot, token_info) = self.module.find(&self.token)?;
        self.log_in(generation, slot, &token_info)?;
        let mut session = self.module.context().open_ro_session(slot)?;
        // SoftHSM hides private keys from a session that is not logged in, instead of saying so.
        if !is_logged_in(&session)? {
            drop(session);
            self.forget_login(generation);
            self.log_in(generation, slot, &token_info)?;
            session = self.module.context().open_ro_session(slot)?;
        }
        Ok(Connection::new(generation, slot, session))
    }

    /// Forgets the login after the token has said that there is none.
    pub(crate) fn forget_login(&self, generation: u64) {
        let keeper = self.login().keeper.take();
        if let Some(keeper) = keeper {
            close(keeper, generation);
        }
    }

    fn log_in(&self, generation: u64, slot: Slot, token: &TokenInfo) -> Result<(), HsmError> {
        let mut login = self.login();
        if let Some(refusal) = &login.refusal {
            return Err(refusal.clone());
        }
        match login.keeper.take() {
            Some(keeper) if keeper.0 == generation => {
                login.keeper = Some(keeper);
                return Ok(());
            }
            Some(stale) => close(stale, generation),
            None => {}
        }
        check_pin_counter(token)?;
        let keeper = self.module.context().open_ro_session(slot)?;
        match keeper.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                login.keeper = Some((generation, keeper));
                Ok(())
            }
            Err(error) => {
                let error = refusal(error);
                if matches!(error, HsmError::PinRefused | HsmError::PinLocked) {
                    tracing::error!(token = %self.token, code = error.code(), "login refused");
                    login.refusal = Some(error.clone());
                }
                Err(error)
            }
        }
    }

    fn login(&self) -> MutexGuard<'_, Login> {
        self.login.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Connector {
    fn drop(&mut self) {
        let generation = self.module.enter().generation;
        self.forget_login(generation);
    }
}

/// Closes a session of the module's present life. After a reinitialisation the handle of an older
/// session may already name a new one, so that session is forgotten instead.
pub(crate) fn close((born, session): (u64, Session), generation: u64) {
    if born == generation {
        drop(session);
    } else {
        std::mem::forget(session);
    }
}

fn is_logged_in(session: &Session) -> Result<bool, HsmError> {
    Ok(match session.get_session_info()?.session_state() {
        SessionState::RoUser | SessionState::RwUser => true,
        SessionState::RoPublic | SessionState::RwPublic | SessionState::RwSecurityOfficer => false,
    })
}

/// The last try belongs to a person: a stale PIN in a file must not lock the token.
fn check_pin_counter(token: &TokenInfo) -> Result<(), HsmError> {
    if token.user_pin_locked() {
        return Err(HsmError::PinLocked);
    }
    if token.user_pin_final_try() {
        return Err(HsmError::PinFinalTry);
    }
    if token.user_pin_count_low() {
        tracing::warn!(
            token = token.label(),
            "a wrong PIN was given since the last login"
        );
    }
    Ok(())
}

fn refusal(error: Error) -> HsmError {
    match error {
        Error::Pkcs11(RvError::PinLocked, _) => HsmError::PinLocked,
        Error::Pkcs11(
            RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::UserPinNotInitialized,
            _,
        ) => HsmError::PinRefused,
        other => other.into(),
    }
}
