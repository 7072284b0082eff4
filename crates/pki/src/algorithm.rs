//! Algorithms of keys and of signatures.

mod identifier;
mod key;
mod signature;

pub use self::{key::KeyAlgorithm, signature::SignatureAlgorithm};

/// The text does not name an algorithm that is supported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown algorithm {name:?}")]
pub struct UnknownAlgorithm {
    /// The text.
    pub name: String,
}

#[cfg(test)]
mod tests;
