//! `ceremony csr`: a certification request for a CA key in a token.

use std::path::PathBuf;

use issuance::PreparedRequest;
use pki::DistinguishedName;

use super::{
    subject_text,
    token::{self, KeyArgs},
};
use crate::{failure::Failure, files, output::Output, table};

/// Make a CSR for a CA key in a token, for our own root or an existing corporate one
///
/// A corporate root signs it as it signs its other CAs: CA:TRUE, keyCertSign and cRLSign, path
/// length 0, the URLs of its own CRL and certificate. `chancery ceremony check` checks what comes
/// back.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony csr --token esign.toml --id 01 \\
      --subject 'C=CN,O=Example,CN=Example E-Sign CA' --out esign-ca.csr")]
pub(crate) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// Subject in the order of the certificate
    #[arg(long, value_parser = subject_text::parse)]
    subject: DistinguishedName,
    /// The CSR, PEM
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    files::check_directory(&args.out)?;
    let key = args.key.open().await?;
    let prepared = PreparedRequest::new(&args.subject, key.public_key(), key.algorithm(), &[])
        .map_err(|error| {
            Failure::refused("the CSR cannot be made")
                .rule(error.code())
                .because(&error)
        })?;
    let (message, awaiting) = prepared.release();
    let signature = token::sign(&key, message).await?;
    let der = awaiting
        .complete(&signature)
        .map_err(|error| Failure::internal("the token's signature is bad").because(&error))?;
    files::write(
        &args.out,
        pki::pem::encode("CERTIFICATE REQUEST", &der).as_bytes(),
    )?;
    let answer = serde_json::json!({
        "csr": args.out,
        "subject": args.subject.to_string(),
        "algorithm": key.public_key().algorithm().to_string(),
        "spki_sha256": key.public_key().hash().to_string(),
    });
    output.show(&answer, |_| {
        table::members(&[
            ("CSR", Some(args.out.display().to_string())),
            ("subject", Some(args.subject.to_string())),
            ("algorithm", Some(key.public_key().algorithm().to_string())),
            ("SPKI SHA-256", Some(key.public_key().hash().to_string())),
        ])
    })
}
