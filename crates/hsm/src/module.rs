//! A loaded PKCS#11 module. `C_Initialize` belongs to the process, so each module is loaded once
//! and shared by all tokens that stand on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use crate::{HsmError, TokenSelector};

/// A module that is initialised in this process.
#[derive(Debug)]
pub(crate) struct Module {
    path: PathBuf,
    context: Pkcs11,
    /// Held for reading during every call, for writing while the module is reinitialised.
    state: RwLock<State>,
    /// Serial numbers of tokens that have refused a PIN, with what they said; for good.
    refusals: Mutex<BTreeMap<String, HsmError>>,
}

/// Which life of the module this is; sessions and handles of an earlier one are dead.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) generation: u64,
    reinitialised_at: Option<Instant>,
}

impl Module {
    /// The module at `path`, loaded and initialised on first use.
    ///
    /// # Errors
    /// [`HsmError::Module`] when it cannot be loaded or initialised.
    pub(crate) fn load(path: &Path) -> Result<Arc<Self>, HsmError> {
        let mut modules = MODULES.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = modules.iter().find(|module| module.path == path) {
            return Ok(Arc::clone(module));
        }
        let failed = |source| HsmError::Module {
            path: path.to_owned(),
            source: Arc::new(source),
        };
        let context = Pkcs11::new(path).map_err(failed)?;
        initialise(&context).map_err(failed)?;
        let module = Arc::new(Self {
            path: path.to_owned(),
            context,
            state: RwLock::new(State {
                generation: 0,
                reinitialised_at: None,
            }),
            refusals: Mutex::default(),
        });
        modules.push(Arc::clone(&module));
        Ok(module)
    }

    /// The binding to the module.
    pub(crate) fn context(&self) -> &Pkcs11 {
        &self.context
    }

    /// Enters the module: while the guard lives it is not finalized.
    pub(crate) fn enter(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The slot where the token is now, and what the token says of itself.
    ///
    /// # Errors
    /// [`HsmError::TokenMissing`] or [`HsmError::TokenAmbiguous`] unless exactly one answers.
    pub(crate) fn find(&self, token: &TokenSelector) -> Result<(Slot, TokenInfo), HsmError> {
        let mut found = self
            .tokens()?
            .into_iter()
            .filter(|(_, token_info)| match token {
                TokenSelector::Label(label) => token_info.label() == label,
                TokenSelector::Serial(serial) => token_info.serial_number() == serial,
            });
        let missing = || HsmError::TokenMissing {
            token: token.clone(),
        };
        let first = found.next().ok_or_else(missing)?;
        match found.next() {
            None => Ok(first),
            Some(_) => Err(HsmError::TokenAmbiguous {
                token: token.clone(),
            }),
        }
    }

    /// What the token said when it refused a PIN in this process. Until a restart it is not given
    /// another: the next try may be the one that locks it.
    pub(crate) fn refusal(&self, serial: &str) -> Option<HsmError> {
        self.refusals().get(serial).cloned()
    }

    /// Remembers that the token refused a PIN.
    pub(crate) fn remember_refusal(&self, serial: &str, refusal: HsmError) {
        self.refusals().insert(serial.to_owned(), refusal);
    }

    fn refusals(&self) -> MutexGuard<'_, BTreeMap<String, HsmError>> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All initialised tokens with their slots.
    pub(crate) fn tokens(&self) -> Result<Vec<(Slot, TokenInfo)>, HsmError> {
        let mut tokens = Vec::new();
        for slot in self.context.get_slots_with_token()? {
            match self.context.get_token_info(slot) {
                Ok(token) if token.token_initialized() => tokens.push((slot, token)),
                Ok(_) => {}
                // One broken reader must not hide the tokens in the others.
                Err(error) => tracing::warn!(slot = slot.id(), %error, "token cannot be read"),
            }
        }
        Ok(tokens)
    }

    /// Finalizes and initialises the module, unless somebody else has since `seen`, a call is
    /// under way, or it was done a moment ago. Says whether the module has a new life.
    pub(crate) fn reinitialise(&self, seen: u64) -> bool {
        // A call that hangs in the module holds the guard for ever: never wait for it.
        let Ok(mut state) = self.state.try_write() else {
            return false;
        };
        if state.generation != seen {
            return true;
        }
        let recent = |at: Instant| at.elapsed() < REINITIALISE_EVERY;
        if state.reinitialised_at.is_some_and(recent) {
            return false;
        }
        tracing::warn!(module = %self.path.display(), "reinitialising the PKCS#11 module");
        metrics::counter!("hsm_reinitialisations_total").increment(1);
        state.generation += 1;
        state.reinitialised_at = Some(Instant::now());
        if let Err(error) = self.context.clone().finalize() {
            tracing::warn!(%error, "the PKCS#11 module cannot be finalized");
        }
        if let Err(error) = initialise(&self.context) {
            tracing::error!(%error, "the PKCS#11 module cannot be initialised");
        }
        true
    }
}

fn initialise(context: &Pkcs11) -> Result<(), Error> {
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        other => other,
    }
}

static MODULES: Mutex<Vec<Arc<Module>>> = Mutex::new(Vec::new());
/// Reinitialising ends all sessions of all tokens of the module: never in a tight loop.
const REINITIALISE_EVERY: Duration = Duration::from_secs(5);
