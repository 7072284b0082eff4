//! One logged-in session with the key handles that were found on it.

use std::collections::HashMap;

use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;
use cryptoki::slot::Slot;

use crate::{CkaId, HsmError, connector, key};

/// A session on the token; used by one thread at a time and dropped after any error.
pub(crate) struct Connection {
    generation: u64,
    slot: Slot,
    session: Session,
    /// Handles stay good as long as the session and the login do.
    private_keys: HashMap<CkaId, ObjectHandle>,
}

impl Connection {
    pub(crate) fn new(generation: u64, slot: Slot, session: Session) -> Self {
        Self {
            generation,
            slot,
            session,
            private_keys: HashMap::new(),
        }
    }

    /// Which life of the module the session belongs to.
    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn slot(&self) -> Slot {
        self.slot
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The handle of the only private key with that identifier.
    pub(crate) fn private_key(&mut self, id: &CkaId) -> Result<ObjectHandle, HsmError> {
        if let Some(handle) = self.private_keys.get(id) {
            return Ok(*handle);
        }
        let handle = key::find_private(&self.session, id)?;
        self.private_keys.insert(id.clone(), handle);
        Ok(handle)
    }

    /// Closes the session, given the module's present generation.
    pub(crate) fn close(self, generation: u64) {
        connector::close((self.generation, self.session), generation);
    }
}
