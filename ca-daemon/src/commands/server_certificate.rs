//! `certify-server`: when the TLS server certificate has expired and no officer can connect.

use std::path::PathBuf;

use clap::Args;

use super::bootstrap::write_server_certificate;
use super::offline_authority;
use crate::config::CaConfig;
use crate::policies;

/// Arguments.
#[derive(Debug, Args)]
pub struct CertifyServer {
    /// CSR of the TLS server key, PEM.
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,
    /// Where to write the certificate with its chain.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl CertifyServer {
    /// Runs the command.
    ///
    /// # Errors
    /// The CSR is refused, or something cannot be opened.
    pub async fn run(self, config: &CaConfig) -> anyhow::Result<()> {
        let authority = offline_authority(config).await?;
        policies::take_up(&authority).await?;
        write_server_certificate(&authority, &self.csr, &self.out).await?;
        authority.store.close().await;
        Ok(())
    }
}
