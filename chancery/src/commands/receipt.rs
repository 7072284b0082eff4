//! `receipt`: signed receipts of revocations, fetched and verified.

mod verify;
mod words;

use std::path::PathBuf;

use api::RevocationReceipt;
use jws::{SignedJson, Verified};
use pki::SerialNumber;

use crate::{
    client::{Call, Client},
    failure::Failure,
    files,
    output::Output,
};

/// Signed receipts of revocations
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Verify a receipt, offline, and explain what it says
    Verify(verify::Args),
}

pub(super) fn run(command: Command, output: Output) -> Result<(), Failure> {
    let Command::Verify(args) = command;
    verify::run(&args, output)
}

/// Which receipt, and where to.
#[derive(Debug, clap::Args)]
pub(crate) struct FetchArgs {
    /// Serial number, hexadecimal
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: SerialNumber,
    /// Write the receipt, a JSON Web Signature in flattened JSON
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Fetches a receipt, and keeps it if asked to; shows what it says, or with `--json` the receipt.
pub(crate) async fn fetch(client: &Client, path: String, args: &FetchArgs) -> Result<(), Failure> {
    if let Some(out) = &args.out {
        files::check_directory(out)?;
    }
    let signed: SignedJson = client.ask(Call::read(path)).await?;
    let (_, receipt) = open(&signed)?;
    if let Some(out) = &args.out {
        let text = serde_json::to_string(&signed)
            .map_err(|error| Failure::internal("the receipt has no JSON").because(&error))?;
        files::write(out, format!("{text}\n").as_bytes())?;
    }
    let output = client.output();
    output.show(&signed, |_| words::receipt(&receipt))?;
    output.note(match &args.out {
        Some(_) => {
            "whoever has the management CA's certificate can verify it: chancery receipt verify"
        }
        None => "keep it with --out FILE",
    });
    Ok(())
}

/// Verifies the signature under the certificate that the receipt names, and reads what was signed.
/// Whose certificate that is remains to be checked.
fn open(signed: &SignedJson) -> Result<(Verified, RevocationReceipt), Failure> {
    let refused = |what: &str| Failure::refused(format!("this is no good receipt: {what}"));
    let verified = signed.verify().map_err(|error| {
        refused("its signature is not good")
            .rule("RFC 7515 section 5.2")
            .because(&error)
    })?;
    if verified.typ != api::RECEIPT_TYPE {
        let typ = &verified.typ;
        return Err(refused(&format!("it is signed as something else, {typ:?}")));
    }
    let receipt: RevocationReceipt =
        serde_json::from_slice(&verified.payload).map_err(|error| {
            refused("what is signed cannot be read")
                .because(&error)
                .remedy("a newer version of this program may know the format")
        })?;
    if receipt.format != api::RECEIPT_FORMAT {
        let format = receipt.format;
        return Err(refused(&format!("format {format} is not known"))
            .remedy("use a newer version of this program"));
    }
    Ok((verified, receipt))
}
