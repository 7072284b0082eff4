//! `ceremony check`: a CA certificate against the key in the token and the chain above it.

use std::path::{Path, PathBuf};

use issuance::Issuer;
use pki::{Certificate, IssuerName};

use super::token::KeyArgs;
use crate::{commands::show, failure::Failure, files, output::Output};

/// Check that a CA certificate, ours or from a corporate root, belongs to a key in a token
///
/// ca-daemon checks the same when it starts; here it is found out at the ceremony.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony check --token esign.toml --id 01 --certificate esign-ca.pem \\
      --chain corporate-root.pem")]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// The CA certificate, PEM
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// The certificates above it, issuer first, root last, PEM
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    let certificate = files::read_certificate(&args.certificate)?;
    let key = args.key.open().await?;
    let name: IssuerName = "ca"
        .parse()
        .map_err(|error| Failure::internal("the placeholder name is malformed").because(&error))?;
    Issuer::new(name, certificate.clone(), key.public_key(), key.algorithm()).map_err(|error| {
        Failure::refused("this certificate is of no use to the key")
            .in_file(&args.certificate)
            .rule(error.code())
            .because(&error)
    })?;
    if let Some(path) = &args.chain {
        check_chain(&certificate, path)?;
    }
    output.show(&show::ca_json(&certificate), |_| {
        show::ca(&certificate, &args.certificate)
    })
}

fn check_chain(certificate: &Certificate, path: &Path) -> Result<(), Failure> {
    let text = files::read_text(path, "the chain")?;
    let above = Certificate::parse_pem_chain(&text).map_err(|error| {
        Failure::input("the chain is malformed")
            .in_file(path)
            .because(&error)
    })?;
    let mut below = certificate;
    for issuer in &above {
        below.verify_issued_by(issuer).map_err(|error| {
            Failure::refused(format!(
                "{} was not issued by {}",
                below.subject_display(),
                issuer.subject_display()
            ))
            .in_file(path)
            .because(&error)
        })?;
        below = issuer;
    }
    if below.issuer_der() != below.subject_der() {
        return Err(Failure::refused("the chain does not end in a root").in_file(path));
    }
    Ok(())
}
