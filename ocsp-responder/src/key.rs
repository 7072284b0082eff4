//! The OCSP keys on the token.

use std::sync::Arc;

use hsm::{CkaId, HsmError, SigningKey, Token};
use pki::SignatureAlgorithm;

use crate::{
    answer::AnswerSigner,
    config::{Config, KeyConfig},
};

/// Logs in to the token and proves that the keys sign.
///
/// # Errors
/// What the token says.
pub async fn open(config: &Config) -> Result<(Token, Vec<Arc<dyn AnswerSigner>>), HsmError> {
    let token = Token::open(&config.token).await?;
    let signers = signers(&token, &config.keys).await?;
    Ok((token, signers))
}

/// Takes the keys of a token and proves that they sign.
///
/// # Errors
/// What the token says.
pub async fn signers(
    token: &Token,
    keys: &[KeyConfig],
) -> Result<Vec<Arc<dyn AnswerSigner>>, HsmError> {
    let mut signers: Vec<Arc<dyn AnswerSigner>> = Vec::with_capacity(keys.len());
    for key in keys {
        signers.push(Arc::new(signer(token, key).await?));
    }
    Ok(signers)
}

async fn signer(token: &Token, key: &KeyConfig) -> Result<SigningKey, HsmError> {
    let algorithm = match key.algorithm {
        Some(algorithm) => algorithm,
        None => SignatureAlgorithm::default_for(&token.public_key(&key.id).await?.algorithm()),
    };
    token.signing_key(&key.id, algorithm).await
}

/// The public keys in PEM, one after the other, or the one with this id: for an officer to register.
///
/// # Errors
/// What the token says.
pub async fn public_keys_pem(config: &Config, only: Option<&CkaId>) -> Result<String, HsmError> {
    let token = Token::open(&config.token).await?;
    let ids: Vec<&CkaId> = match only {
        Some(id) => vec![id],
        None => config.keys.iter().map(|key| &key.id).collect(),
    };
    let mut pem = String::new();
    for id in ids {
        let key = token.public_key(id).await?;
        pem.push_str(&pki::pem::encode("PUBLIC KEY", key.spki_der()));
    }
    token.close().await;
    Ok(pem)
}
