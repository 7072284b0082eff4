//! The OCSP key on the token.

use std::sync::Arc;

use hsm::{HsmError, SigningKey, Token};
use pki::SignatureAlgorithm;

use crate::config::Config;

/// Logs in to the token and proves that the key signs.
///
/// # Errors
/// What the token says.
pub async fn open(config: &Config) -> Result<(Token, Arc<SigningKey>), HsmError> {
    let token = Token::open(&config.token).await?;
    let id = &config.key.id;
    let algorithm = match config.key.algorithm {
        Some(algorithm) => algorithm,
        None => SignatureAlgorithm::default_for(&token.public_key(id).await?.algorithm()),
    };
    let key = token.signing_key(id, algorithm).await?;
    Ok((token, Arc::new(key)))
}

/// The public key in PEM, for an officer to register.
///
/// # Errors
/// What the token says.
pub async fn public_key_pem(config: &Config) -> Result<String, HsmError> {
    let (token, key) = open(config).await?;
    let pem = pki::pem::encode("PUBLIC KEY", key.public_key().spki_der());
    token.close().await;
    Ok(pem)
}
