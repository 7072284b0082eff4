//! Which token, which key, and what went wrong with it.

use std::path::{Path, PathBuf};

use hsm::{CkaId, HsmError, SigningKey, Token, TokenConfig, TokenSelector};
use pki::SignatureAlgorithm;

use crate::{failure::Failure, files};

/// Where the token is: in a file, or argument by argument.
#[derive(Debug, clap::Args)]
pub(super) struct TokenArgs {
    /// File that says where the token is: `module`, `token_label` or `token_serial`, `pin_file`; TOML
    #[arg(long, value_name = "FILE", conflicts_with_all = ["module", "token_label", "token_serial", "pin_file"], required_unless_present = "module")]
    token: Option<PathBuf>,
    /// Instead of --token: the PKCS#11 module
    #[arg(long, value_name = "FILE", requires = "pin_file")]
    module: Option<PathBuf>,
    /// Instead of --token: the token's label
    #[arg(long, value_name = "LABEL", requires = "module", required_unless_present_any = ["token", "token_serial"], conflicts_with = "token_serial")]
    token_label: Option<String>,
    /// Instead of --token: the token's serial number
    #[arg(long, value_name = "SERIAL", requires = "module")]
    token_serial: Option<String>,
    /// Instead of --token: file with the user PIN, mode 0600
    #[arg(long, value_name = "FILE", requires = "module")]
    pin_file: Option<PathBuf>,
}

/// A key in a token.
#[derive(Debug, clap::Args)]
pub(super) struct KeyArgs {
    #[command(flatten)]
    pub(super) token: TokenArgs,
    /// Id of the key in the token (`CKA_ID`), hexadecimal
    #[arg(long, value_name = "HEX")]
    id: CkaId,
    /// How it signs, such as ecdsa-sha384 or rsa-pss-sha256; what is usual for the key when absent
    #[arg(long, value_name = "ALGORITHM")]
    signature_algorithm: Option<SignatureAlgorithm>,
}

impl TokenArgs {
    /// Finds the token and logs in.
    pub(super) async fn open(&self) -> Result<Token, Failure> {
        let config = self.config()?;
        let faults = config.faults("token");
        if !faults.is_empty() {
            return Err(Failure::config("the token is described wrongly").faults(faults));
        }
        Token::open(&config).await.map_err(|error| failed(&error))
    }

    fn config(&self) -> Result<TokenConfig, Failure> {
        if let Some(path) = &self.token {
            let text = files::read_text(path, "the token file").map_err(Failure::into_config)?;
            return toml::from_str(&text).map_err(|error| {
                Failure::config("the token file is malformed")
                    .in_file(path)
                    .because(&error)
            });
        }
        let selector = match (&self.token_label, &self.token_serial) {
            (Some(label), _) => TokenSelector::Label(label.clone()),
            (None, Some(serial)) => TokenSelector::Serial(serial.clone()),
            (None, None) => return Err(Failure::usage("name --token-label or --token-serial")),
        };
        match (&self.module, &self.pin_file) {
            (Some(module), Some(pin_file)) => Ok(TokenConfig::new(
                absolute(module)?,
                selector,
                absolute(pin_file)?,
            )),
            _ => Err(Failure::usage("name --token, or --module and --pin-file")),
        }
    }
}

impl KeyArgs {
    /// Finds the key, which proves that it can sign and cannot leave the token.
    pub(super) async fn open(&self) -> Result<SigningKey, Failure> {
        let token = self.token.open().await?;
        let algorithm = if let Some(algorithm) = self.signature_algorithm {
            algorithm
        } else {
            let key = token
                .public_key(&self.id)
                .await
                .map_err(|error| failed(&error))?;
            SignatureAlgorithm::default_for(&key.algorithm())
        };
        token
            .signing_key(&self.id, algorithm)
            .await
            .map_err(|error| failed(&error))
    }
}

/// Signs with the key in the token.
pub(super) async fn sign(
    key: &SigningKey,
    message: impl AsRef<[u8]> + Send + 'static,
) -> Result<Vec<u8>, Failure> {
    key.sign(message).await.map_err(|error| {
        Failure::unreachable("the token does not sign")
            .rule(error.code())
            .because(&error)
    })
}

/// The token said no.
pub(super) fn failed(error: &HsmError) -> Failure {
    Failure::unreachable("the token cannot be used")
        .rule(error.code())
        .because(error)
}

/// Relative paths are the user's, not the token file's.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| {
        Failure::input("the path is malformed")
            .in_file(path)
            .because(&error)
    })
}
