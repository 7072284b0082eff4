//! `key`: private keys in files, for TLS clients, servers and subscribers.

use std::path::PathBuf;

use serde::Serialize;

use crate::{
    commands::subject::Names, failure::Failure, files, output::Output, software_key::SoftwareKey,
    table, values::KeyType,
};

/// Private keys in files
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a private key and its CSR
    New(NewArgs),
    /// Make a CSR for a private key in a file
    Csr(CsrArgs),
}

/// Make a private key and its CSR
///
/// For the TLS keys of servers, RAs, officers and followers, and for subscribers. CA keys are made
/// in the HSM: see `chancery ceremony`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  chancery key new --key-out ra.key --csr-out ra.csr --cn ra-platform
  chancery key new --algorithm rsa-3072 --key-out tls.key --csr-out tls.csr \\
      --cn ca.example.com --dns ca.example.com --ip 127.0.0.1")]
pub(crate) struct NewArgs {
    /// Type of the key
    #[arg(long, value_enum, default_value = "ec-p256", value_name = "TYPE")]
    algorithm: KeyType,
    /// The private key, PKCS#8 PEM, mode 0600; never overwrites a file
    #[arg(long, value_name = "FILE")]
    key_out: PathBuf,
    /// The CSR, PEM
    #[arg(long, value_name = "FILE")]
    csr_out: PathBuf,
    #[command(flatten)]
    names: Names,
}

/// Make a CSR for a private key in a file
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  chancery key csr --key ra.key --csr-out ra.csr --cn ra-platform")]
pub(crate) struct CsrArgs {
    /// The private key, PKCS#8 PEM
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The CSR, PEM
    #[arg(long, value_name = "FILE")]
    csr_out: PathBuf,
    #[command(flatten)]
    names: Names,
}

#[derive(Serialize)]
struct Made {
    key: PathBuf,
    csr: PathBuf,
    algorithm: String,
    spki_sha256: String,
}

pub(super) fn run(command: Command, output: Output) -> Result<(), Failure> {
    match command {
        Command::New(args) => {
            files::check_new(&args.key_out)?;
            files::check_directory(&args.csr_out)?;
            let key = SoftwareKey::generate(args.algorithm)?;
            let csr = request(&key, &args.names)?;
            key.write(&args.key_out)?;
            written(&key, args.key_out, &csr, args.csr_out, output)
        }
        Command::Csr(args) => {
            let key = SoftwareKey::read(&args.key)?;
            let csr = request(&key, &args.names)?;
            written(&key, args.key, &csr, args.csr_out, output)
        }
    }
}

fn request(key: &SoftwareKey, names: &Names) -> Result<String, Failure> {
    key.certification_request(names.subject()?.as_ref(), &names.alt_names()?)
}

fn written(
    key: &SoftwareKey,
    key_path: PathBuf,
    csr: &str,
    csr_path: PathBuf,
    output: Output,
) -> Result<(), Failure> {
    files::write(&csr_path, csr.as_bytes())?;
    let made = Made {
        key: key_path,
        csr: csr_path,
        algorithm: key.public_key().algorithm().to_string(),
        spki_sha256: key.public_key().hash().to_string(),
    };
    output.show(&made, |made| {
        table::members(&[
            ("private key", Some(made.key.display().to_string())),
            ("CSR", Some(made.csr.display().to_string())),
            ("algorithm", Some(made.algorithm.clone())),
            ("SPKI SHA-256", Some(made.spki_sha256.clone())),
        ])
    })
}
