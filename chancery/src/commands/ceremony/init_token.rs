//! `ceremony init-token` and `tokens`.

use std::path::PathBuf;

use hsm::{TokenDescription, admin};

use super::token;
use crate::{failure::Failure, output::Output, table};

/// Initialise a token and set both PINs
///
/// Takes the first token of the module that is not initialised yet; never touches another.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery ceremony init-token --module /usr/lib/softhsm/libsofthsm2.so --label root \\
      --so-pin-file root.so-pin --pin-file root.pin")]
pub(crate) struct Args {
    /// The PKCS#11 module
    #[arg(long, value_name = "FILE")]
    module: PathBuf,
    /// The token's label, by which daemons find it
    #[arg(long)]
    label: String,
    /// File with the security officer's PIN, mode 0600
    #[arg(long, value_name = "FILE")]
    so_pin_file: PathBuf,
    /// File with the user PIN, mode 0600
    #[arg(long, value_name = "FILE")]
    pin_file: PathBuf,
}

/// List the tokens of a PKCS#11 module
#[derive(Debug, clap::Args)]
pub(crate) struct TokensArgs {
    /// The PKCS#11 module
    #[arg(long, value_name = "FILE")]
    module: PathBuf,
}

pub(super) fn run(args: &Args, output: Output) -> Result<(), Failure> {
    let description = admin::init_token(
        &token::absolute(&args.module)?,
        &args.label,
        &token::absolute(&args.so_pin_file)?,
        &token::absolute(&args.pin_file)?,
    )
    .map_err(|error| token::failed(&error))?;
    output.show(&json(&description), |_| {
        table::members(&[
            ("label", Some(description.label.clone())),
            ("serial", Some(description.serial.clone())),
            ("model", Some(description.model.clone())),
            ("manufacturer", Some(description.manufacturer.clone())),
        ])
    })
}

pub(super) fn tokens(args: &TokensArgs, output: Output) -> Result<(), Failure> {
    let tokens =
        admin::tokens(&token::absolute(&args.module)?).map_err(|error| token::failed(&error))?;
    let described: Vec<_> = tokens.iter().map(json).collect();
    output.show(&described, |_| {
        let rows: Vec<_> = tokens
            .iter()
            .map(|token| {
                [
                    token.label.clone(),
                    token.serial.clone(),
                    token.model.clone(),
                    token.manufacturer.clone(),
                ]
            })
            .collect();
        table::columns(["LABEL", "SERIAL", "MODEL", "MANUFACTURER"], &rows)
    })
}

fn json(token: &TokenDescription) -> serde_json::Value {
    serde_json::json!({
        "label": token.label,
        "serial": token.serial,
        "model": token.model,
        "manufacturer": token.manufacturer,
    })
}
