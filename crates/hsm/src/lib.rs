//! Keys in a PKCS#11 token: finding it, logging in, generating keys, signing, recovering.
//!
//! A [`Token`] owns a few worker threads, each with one session, behind a bounded queue with a
//! deadline for every call. A [`SigningKey`] is a proof: the key exists once under its `CKA_ID`,
//! cannot leave the token, and its public half verified a signature of its private half.
//!
//! In scope: PKCS#11 sessions, logins, objects and mechanisms; mapping of `CKR_` codes to what may
//! be done about them; the X.509 form of signatures. Out of scope: what is signed and whether it
//! may be (see `issuance`, `policy`), certificates, audit.
//!
//! This is the only crate that names `cryptoki`. That library logs each mechanism it does not know
//! as an error; filter the target `cryptoki` in the log configuration.

pub mod admin;
mod cka_id;
mod config;
mod connection;
mod connector;
mod error;
mod key;
mod key_generation;
mod mechanism;
mod module;
mod pin;
mod pool;
mod public_key;
mod queue;
mod return_code;
mod signing_key;
mod token;
mod worker;

pub use cka_id::{CkaId, CkaIdError};
pub use config::{TokenConfig, TokenSelector};
pub use error::{HsmError, PinFault};
pub use key::{KeyDescription, KeySpec};
pub use return_code::{ErrorClass, classify};
pub use signing_key::{SignError, SignErrorKind, SigningKey};
pub use token::{Token, TokenDescription, TokenHealth};
