//! `ceremony generate-key`: a key pair in a token.

use std::path::PathBuf;

use hsm::{CkaId, KeySpec};

use super::token::{self, TokenArgs};
use crate::{failure::Failure, files, output::Output, table, values::KeyType};

/// Make a key in a token; it can never leave it
///
/// Refuses an id that the token has already.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony generate-key --token esign.toml --id 01 --label esign-ca \\
      --algorithm ec-p256 --out esign-ca.pub")]
pub(crate) struct Args {
    #[command(flatten)]
    token: TokenArgs,
    /// Id of the new key in the token (`CKA_ID`), hexadecimal: how daemons find it
    #[arg(long, value_name = "HEX")]
    id: CkaId,
    /// A name for people
    #[arg(long)]
    label: String,
    /// Type of the key
    #[arg(long, value_enum, default_value = "ec-p256", value_name = "TYPE")]
    algorithm: KeyType,
    /// The public key, PEM (SubjectPublicKeyInfo)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) async fn run(args: Args, output: Output) -> Result<(), Failure> {
    if let Some(path) = &args.out {
        files::check_directory(path)?;
    }
    let token = args.token.open().await?;
    let spec = KeySpec {
        algorithm: args.algorithm.algorithm(),
        id: args.id.clone(),
        label: args.label.clone(),
    };
    let progress = output.progress("the token makes the key");
    let made = token.generate_key_pair(&spec).await;
    drop(progress);
    let public_key = made.map_err(|error| token::failed(&error))?;
    if let Some(path) = &args.out {
        files::write(
            path,
            pki::pem::encode("PUBLIC KEY", public_key.spki_der()).as_bytes(),
        )?;
    }
    let answer = serde_json::json!({
        "token": token.description().label,
        "token_serial": token.description().serial,
        "id": args.id.to_string(),
        "label": args.label,
        "algorithm": public_key.algorithm().to_string(),
        "spki_sha256": public_key.hash().to_string(),
        "key_id": public_key.key_id().to_string(),
    });
    output.show(&answer, |_| {
        table::members(&[
            ("token", Some(token.description().label.clone())),
            ("id", Some(args.id.to_string())),
            ("label", Some(args.label.clone())),
            ("algorithm", Some(public_key.algorithm().to_string())),
            ("SPKI SHA-256", Some(public_key.hash().to_string())),
            ("key id", Some(public_key.key_id().to_string())),
        ])
    })
}
