//! What the tests share: opening the token, making keys, and a view of it beside the crate's own.

use std::sync::Arc;
use std::time::Duration;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use hsm::{CkaId, KeySpec, SigningKey, Token, TokenConfig, TokenSelector};
use pki::{KeyAlgorithm, SignatureAlgorithm};
use testkit::TestToken;

pub(crate) fn config(token: &TestToken) -> TokenConfig {
    let selector = TokenSelector::Serial(token.serial().to_owned());
    TokenConfig {
        // A busy machine must not fail tests that are about something else.
        deadline: Duration::from_mins(1),
        ..TokenConfig::new(token.module(), selector, token.pin_file())
    }
}

pub(crate) async fn open(token: &TestToken) -> Token {
    Token::open(&config(token)).await.unwrap()
}

pub(crate) fn id(text: &str) -> CkaId {
    text.parse().unwrap()
}

pub(crate) fn spec(algorithm: KeyAlgorithm, id: &CkaId) -> KeySpec {
    KeySpec {
        algorithm,
        id: id.clone(),
        label: format!("{algorithm} key"),
    }
}

/// A fresh P-256 key, ready to sign.
pub(crate) async fn p256(token: &Token, key_id: &str) -> SigningKey {
    let key_id = id(key_id);
    let spec = spec(KeyAlgorithm::EcP256, &key_id);
    token.generate_key_pair(&spec).await.unwrap();
    token
        .signing_key(&key_id, SignatureAlgorithm::EcdsaSha256)
        .await
        .unwrap()
}

pub(crate) fn message() -> Arc<[u8]> {
    Arc::from(&b"to be signed"[..])
}

/// Whether the key signs a message that its public half verifies.
pub(crate) async fn signs(key: &SigningKey) -> bool {
    let message = message();
    match key.sign(Arc::clone(&message)).await {
        Ok(signature) => key
            .public_key()
            .verify(key.algorithm(), &message, &signature)
            .is_ok(),
        Err(_) => false,
    }
}

/// The module as another program in this process would use it. It is initialised already once a
/// [`Token`] is open.
pub(crate) fn module(token: &TestToken) -> Pkcs11 {
    let module = Pkcs11::new(token.module()).unwrap();
    let _ = module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    module
}

/// A read-write session; logged in, because the process is or now becomes so.
pub(crate) fn session(token: &TestToken) -> Session {
    let module = module(token);
    let slots = module.get_slots_with_initialized_token().unwrap();
    let has_serial = |slot: &cryptoki::slot::Slot| {
        module.get_token_info(*slot).unwrap().serial_number() == token.serial()
    };
    let slot = slots.into_iter().find(has_serial).unwrap();
    let session = module.open_rw_session(slot).unwrap();
    let pin = std::fs::read_to_string(token.pin_file()).unwrap();
    let _ = session.login(UserType::User, Some(&AuthPin::from(pin.trim_end())));
    session
}
