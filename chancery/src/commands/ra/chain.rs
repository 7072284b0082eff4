//! `ra chain`: the CA certificates above an issuing CA.

use std::path::PathBuf;

use api::{ChainBody, routes};

use crate::{
    client::{Call, Client, fill},
    failure::Failure,
    files,
};

/// Fetch the CA certificates above an issuing CA
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery --config ra.toml ra chain --issuer esign-ca --out chain.pem")]
pub(crate) struct Args {
    /// Name of the issuing CA
    #[arg(long, value_name = "NAME")]
    issuer: pki::IssuerName,
    /// Write the certificates, issuer first, root last, PEM
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: Args, client: &Client) -> Result<(), Failure> {
    let path = fill(routes::CHAIN, &[args.issuer.as_str()]);
    let chain: ChainBody = client.ask(Call::read(path)).await?;
    let blocks: Vec<_> = chain.chain.iter().map(|pem| pem.trim_end()).collect();
    let pem = blocks.join("\n") + "\n";
    match &args.out {
        Some(path) => {
            files::write(path, pem.as_bytes())?;
            client.output().show(&chain, |chain| {
                format!(
                    "{} certificates written to {}",
                    chain.chain.len(),
                    path.display()
                )
            })
        }
        None => client.output().show(&chain, |_| pem),
    }
}
