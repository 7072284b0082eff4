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
    /// The session that keeps the login, and the module's life it belongs to. Held locked while
    /// logging in, so that one thread at a time sends the PIN.
    keeper: Mutex<Option<(u64, Session)>>,
}

impl Connector {
    pub(crate) fn new(module: Arc<Module>, token: TokenSelector, pin: AuthPin) -> Self {
        Self {
            module,
            token,
            pin,
            keeper: Mutex::new(None),
        }
    }

    pub(crate) fn module(&self) -> &Module {
        &self.module
    }

    /// What the token says of itself now.
    pub(crate) fn token_info(&self) -> Result<TokenInfo, HsmError> {
        Ok(self.module.find(&self.token)?.1)
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
        let keeper = self.keeper().take();
        if let Some(keeper) = keeper {
            close(keeper, generation);
        }
    }

    fn log_in(&self, generation: u64, slot: Slot, token: &TokenInfo) -> Result<(), HsmError> {
        let mut keeper = self.keeper();
        match keeper.take() {
            Some(present) if present.0 == generation => {
                *keeper = Some(present);
                return Ok(());
            }
            Some(stale) => close(stale, generation),
            None => {}
        }
        if let Some(refusal) = self.module.refusal(token.serial_number()) {
            return Err(refusal);
        }
        check_pin_counter(token)?;
        let session = self.module.context().open_ro_session(slot)?;
        match session.login(UserType::User, Some(&self.pin)) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {
                *keeper = Some((generation, session));
                Ok(())
            }
            Err(error) => {
                let error = refusal(error);
                if matches!(error, HsmError::PinRefused | HsmError::PinLocked) {
                    tracing::error!(token = %self.token, code = error.code(), "login refused");
                    self.module
                        .remember_refusal(token.serial_number(), error.clone());
                }
                Err(error)
            }
        }
    }

    fn keeper(&self) -> MutexGuard<'_, Option<(u64, Session)>> {
        self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
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
    let Error::Pkcs11(code, _) = error else {
        return error.into();
    };
    if code == RvError::PinLocked {
        return HsmError::PinLocked;
    }
    let refused = matches!(
        code,
        RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinExpired
            | RvError::UserPinNotInitialized
    );
    if refused {
        HsmError::PinRefused
    } else {
        error.into()
    }
}
