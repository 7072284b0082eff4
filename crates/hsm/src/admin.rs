//! What a key ceremony does to a module before there is a token to log in to. These functions
//! block.

use std::path::Path;

use cryptoki::session::UserType;
use cryptoki::slot::Slot;

use crate::config::LABEL_OCTETS;
use crate::module::Module;
use crate::{HsmError, TokenDescription, TokenSelector, pin};

/// A slot of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotDescription {
    /// The slot's number; it may change when tokens come and go.
    pub number: u64,
    /// The token in it; `None` while that is not initialised.
    pub token: Option<TokenDescription>,
}

/// All slots that hold a token.
///
/// # Errors
/// The module cannot be loaded, or what it says.
pub fn slots(module: &Path) -> Result<Vec<SlotDescription>, HsmError> {
    let module = Module::load(module)?;
    let _state = module.enter();
    let mut slots = Vec::new();
    for slot in module.context().get_slots_with_token()? {
        let token = module.context().get_token_info(slot)?;
        slots.push(SlotDescription {
            number: slot.id(),
            token: token
                .token_initialized()
                .then(|| TokenDescription::from(&token)),
        });
    }
    Ok(slots)
}

/// All initialised tokens.
///
/// # Errors
/// The module cannot be loaded, or what it says.
pub fn tokens(module: &Path) -> Result<Vec<TokenDescription>, HsmError> {
    let slots = slots(module)?;
    Ok(slots.into_iter().filter_map(|slot| slot.token).collect())
}

/// Initialises the first token that is not initialised yet, and sets both PINs.
///
/// # Errors
/// [`HsmError::TokenExists`] when the label is taken (a label is how daemons find a token),
/// [`HsmError::NoFreeToken`], the PIN files' faults, and what the token says.
pub fn init_token(
    module: &Path,
    label: &str,
    so_pin_file: &Path,
    pin_file: &Path,
) -> Result<TokenDescription, HsmError> {
    if label.is_empty() || label.len() > LABEL_OCTETS {
        return Err(HsmError::LabelLength);
    }
    let so_pin = pin::read(so_pin_file)?;
    let user_pin = pin::read(pin_file)?;
    let module = Module::load(module)?;
    let _state = module.enter();
    if module
        .tokens()?
        .iter()
        .any(|(_, token)| token.label() == label)
    {
        return Err(HsmError::TokenExists {
            label: label.to_owned(),
        });
    }
    let slot = free_slot(&module)?.ok_or(HsmError::NoFreeToken)?;
    module.context().init_token(slot, &so_pin, label)?;
    // Initialising may move the token to another slot.
    let (slot, token) = module.find(&TokenSelector::Label(label.to_owned()))?;
    let session = module.context().open_rw_session(slot)?;
    session.login(UserType::So, Some(&so_pin))?;
    session.init_pin(&user_pin)?;
    session.logout()?;
    Ok(TokenDescription::from(&token))
}

fn free_slot(module: &Module) -> Result<Option<Slot>, HsmError> {
    for slot in module.context().get_slots_with_token()? {
        if !module.context().get_token_info(slot)?.token_initialized() {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}
