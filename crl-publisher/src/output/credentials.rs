//! The credentials of the object store: in files, read again when they change, wiped after use.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use object_store::{CredentialProvider, aws::AwsCredential};
use service::fs::{SecretError, read_secret};
use tokio::sync::Mutex;
use zeroize::{Zeroize as _, Zeroizing};

/// Gives the object store's client what stands in two files.
#[derive(Debug)]
pub(super) struct CredentialFiles {
    access_key_id: PathBuf,
    secret_access_key: PathBuf,
    current: Mutex<Current>,
}

/// What was read last. The client borrows it for one request at a time.
#[derive(Debug)]
struct Current(Arc<AwsCredential>);

/// Why there are no credentials; never shows what is in the files.
#[derive(Debug, thiserror::Error)]
pub(super) enum CredentialError {
    #[error(transparent)]
    File(#[from] SecretError),
    #[error("{} is not text", .0.display())]
    NotText(PathBuf),
    #[error("the reading task died")]
    Died(#[from] tokio::task::JoinError),
}

impl CredentialFiles {
    /// Reads both files for the first time.
    pub(super) fn open(
        access_key_id: PathBuf,
        secret_access_key: PathBuf,
    ) -> Result<Self, CredentialError> {
        let first = read(&access_key_id, &secret_access_key)?;
        Ok(Self {
            access_key_id,
            secret_access_key,
            current: Mutex::new(first),
        })
    }

    async fn read(&self) -> Result<Arc<AwsCredential>, CredentialError> {
        let files = (self.access_key_id.clone(), self.secret_access_key.clone());
        let found = tokio::task::spawn_blocking(move || read(&files.0, &files.1)).await??;
        let mut current = self.current.lock().await;
        if *found.0 != *current.0 {
            *current = found;
        }
        Ok(Arc::clone(&current.0))
    }
}

#[async_trait]
impl CredentialProvider for CredentialFiles {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let failed = |error: CredentialError| object_store::Error::Generic {
            store: "credentials",
            source: Box::new(error),
        };
        self.read().await.map_err(failed)
    }
}

impl Drop for Current {
    fn drop(&mut self) {
        if let Some(credential) = Arc::get_mut(&mut self.0) {
            credential.secret_key.zeroize();
            credential.key_id.zeroize();
        }
    }
}

fn read(id: &PathBuf, secret: &PathBuf) -> Result<Current, CredentialError> {
    let text = |path: &PathBuf| {
        let octets: Zeroizing<Vec<u8>> = read_secret(path)?;
        let text = std::str::from_utf8(&octets).map(str::to_owned);
        text.map_err(|_| CredentialError::NotText(path.clone()))
    };
    Ok(Current(Arc::new(AwsCredential {
        key_id: text(id)?,
        secret_key: text(secret)?,
        token: None,
    })))
}
